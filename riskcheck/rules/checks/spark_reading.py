"""The Spark settings around a change, in base and head: what the checks of the Spark pack share.

A check is called for each place at which a property may have changed. It judges the settings as a whole and speaks
once, at the first property that differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.models import Change, Related, Resource, location_of
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.indexes import once
from riskcheck.spark.operator import CONNECT, KINDS
from riskcheck.spark.reading import all_settings, place_of, settings_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.nodes import KeyPath, Node
    from riskcheck.rules.context import CheckContext, ResourceView
    from riskcheck.spark.settings import Setting, Settings


class Pair(NamedTuple):
    """The settings that a change is part of, on both sides."""

    before: Settings
    after: Settings

    def setting(self, key: str) -> Setting | None:
        """What states `key` in head, or stated it in base."""
        return self.after.values.get(key) or self.before.values.get(key)

    def texts(self, key: str) -> tuple[str | None, str | None]:
        """What is stated for `key`, templates too; None where nothing is."""
        old, new = self.before.values.get(key), self.after.values.get(key)
        return (None if old is None else old.text, None if new is None else new.text)

    def differs(self, key: str) -> bool:
        old, new = self.texts(key)
        return old != new


def pair_of(change: Change, context: CheckContext) -> Pair | None:
    """None where one side has no such application, cluster or file: what comes or goes as a whole is no edit."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None or not change.path:
        return None
    place = place_of(after, change.path)
    if place is None:
        return None
    nodes = _node(context, before, place), _node(context, after, place)
    old = _settings(context.base, before, place, nodes[0])
    new = _settings(context.head, after, place, nodes[1])
    if after.kind == "ConfigMap":  # an entry that comes or goes is an edit of the object
        old = _empty(new) if old is None and nodes[0] is None and new is not None else old
        new = _empty(old) if new is None and nodes[1] is None and old is not None else new
    return None if old is None or new is None else Pair(old, new)


def _settings(side: ResourceView, resource: Resource, place: KeyPath, node: Node | None) -> Settings | None:
    """Made once a run: each of a thousand arguments may be a change, and each reads all of them."""
    name = ("spark settings", resource.key, place, id(node))
    return once(side, name, lambda: settings_at(resource, place, node))


def _empty(settings: Settings) -> Settings:
    return settings._replace(values={})


def speaks(change: Change, context: CheckContext, pair: Pair, keys: Iterable[str]) -> bool:
    """Whether a finding about `keys` hangs on `change`: it is the first of those that made one of them differ.

    What every application that uses a ConfigMap states itself makes no difference there.
    """
    after = change.resource_after
    if after is None:
        return False
    changes, users = context.changes_of(after), users_of(after, context)
    for key in keys:
        if pair.differs(key) and (not users or any(inherited(user, [key]) for user in users)):
            for setting in (pair.after.values.get(key), pair.before.values.get(key)):
                place = None if setting is None or setting.operator else _changed_at(setting, changes)
                if place is not None:
                    return place == change.path
    return False


def users_of(config: Resource, context: CheckContext) -> list[Resource]:
    """What names a ConfigMap, in the same environment and among what is read with it."""
    if config.kind != "ConfigMap":
        return []
    found = context.head.find(platform="kubernetes", environment=config.environment.name)
    return [one for one in found if any(named.target == config.address for named in one.references)]


def inherited(user: Resource, keys: list[str]) -> list[str]:
    """Those of `keys` that it does not state itself. What the operator fills in is stated: it hands it on like the
    rest, over the defaults."""
    own = [settings for settings in all_settings(user) if settings.scope == "application"]
    return [key for key in keys if not own or any(key not in settings.values for settings in own)]


def place_of_loss(pair: Pair, keys: Iterable[str]) -> Node | None:
    """Where the first of `keys` that differs was stated, if nothing but the operator's default is left of it."""
    key = next((key for key in keys if pair.differs(key)), "")
    old, new = pair.before.values.get(key), pair.after.values.get(key)
    return old.node if old is not None and not old.operator and new is not None and new.operator else None


def _changed_at(setting: Setting, changes: Iterable[Change]) -> KeyPath | None:
    """Where rules are shown the change of `setting`: at its path, or at the argument of its list that changed."""
    for one in changes:
        length = min(len(one.path), len(setting.path))
        if one.path[:length] == setting.path[:length] and one.path:
            return max(one.path, setting.path, key=len)
    return None


def _node(context: CheckContext, resource: Resource, place: KeyPath) -> Node | None:
    return context.node(resource, place) if place else resource.body


def related(role: str, settings: Iterable[Setting | None]) -> tuple[Related, ...]:
    """The places of those settings that some file states."""
    return tuple(
        Related(role, location_of(one.node))
        for one in settings
        if one is not None and not one.operator and not one.node.synthetic
    )


def shown(setting: Setting | None) -> str:
    """A value as messages print it."""
    return "unset" if setting is None else setting.text or '""'


def number(value: object, default: float) -> float:
    """A numeric option of a rule."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else default


def percent_less(before: float, after: float) -> int:
    """How much of `before` is gone, in whole percent, at least 1."""
    return max(1, round(100 * (before - after) / before))


def subject(change: Change, pair: Pair) -> str:
    """What the settings are of, as messages name it: ``application etl``, ``cluster main``."""
    resource = change.resource
    if resource.kind in KINDS:
        return f"{'server' if resource.kind == CONNECT else 'application'} {resource.name.rpartition('/')[2]}"
    if pair.after.scope == "defaults":
        return "applications with these defaults"
    if not pair.after.place and pair.after.scope in ("cluster", "pipeline"):
        return f"{pair.after.scope} {resource.name}"
    return pair.after.title
