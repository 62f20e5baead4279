"""The settings of one Spark application, cluster or file of defaults: one value a property, each with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.nodes import KeyPath, Node

Manager: TypeAlias = Literal["kubernetes", "databricks", "unknown"]
"""Who makes the containers. ``unknown``: the same settings may reach several (a file of defaults)."""

Language: TypeAlias = Literal["jvm", "python", "r", "unknown"]

Scope: TypeAlias = Literal["application", "cluster", "pipeline", "defaults"]
"""What the settings are of. ``defaults``: whatever is submitted with that file, and states the property nowhere
else, runs with them."""

MEMORY_LIMIT: Final = {"driver": "driver.memoryLimit", "executor": "executor.memoryLimit"}
"""Role to the name under which the limit of its container stands among the settings: no Spark property."""

_TEMPLATES: Final = ("${", "{{", "<%", "$(")


class Setting(NamedTuple):
    """One property. text: as written. path: of the value, inside the resource. operator: nothing states it, and the
    operator that submits the application fills it in; its node is then that of the application."""

    key: str
    text: str
    node: Node
    path: KeyPath
    operator: bool = False

    @property
    def is_known(self) -> bool:
        """Whether the text is the value, and no template that something fills later."""
        return not any(mark in self.text for mark in _TEMPLATES)


class Settings(NamedTuple):
    """What one application, cluster or file of defaults is told.

    place: path inside the resource under which they stand. values: property to what holds, precedence applied.
    title: as people call it, ``the application``, ``the cluster [main]``.
    """

    place: KeyPath
    values: dict[str, Setting]
    scope: Scope
    manager: Manager
    language: Language = "unknown"
    title: str = ""
    client: bool = False
    """The driver runs in a pod that is there already, whose size Spark does not set."""

    def text(self, key: str) -> str | None:
        """The value of `key`; None where it is not stated or is a template."""
        setting = self.values.get(key)
        return setting.text if setting is not None and setting.is_known else None

    def is_open(self, key: str) -> bool:
        """Whether `key` is stated and what it comes to is not known."""
        setting = self.values.get(key)
        return setting is not None and not setting.is_known

    def flag(self, key: str, default: bool | None = None) -> bool | None:
        """A boolean property; `default` where it is not stated, None where what is stated is no boolean."""
        if key not in self.values:
            return default
        text = (self.text(key) or "").strip().lower()
        return {"true": True, "false": False}.get(text)

    def whole(self, key: str) -> int | None:
        """A whole number that is not negative."""
        text = (self.text(key) or "").strip()
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None

    def bytes(self, key: str) -> int | None:
        from riskcheck.spark.sizes import bytes_of_key

        text = self.text(key)
        return None if text is None else bytes_of_key(key, text)

    def seconds(self, key: str) -> float | None:
        from riskcheck.spark.sizes import seconds_of_key

        text = self.text(key)
        return None if text is None else seconds_of_key(key, text)
