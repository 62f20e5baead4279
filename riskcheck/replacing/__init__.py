"""Attributes whose edit makes a Terraform provider, or CloudFormation, destroy a resource and create another one.

Each module beside this one is a table ``FORCES_NEW`` of one provider and area, loaded when a type of that
provider is asked for: resource type to its attributes, separated by blanks, with dots into blocks. A type stands
in one table only. All other attributes of a type that is listed are updated in place. An attribute may be marked:

``name``            any other value forces a new resource.
``name?``           the provider decides by what it finds there, or only a plan tells.
``name=old>new``    only from one value to another; ``*`` for any, ``unset`` for none.
``name-``           only where the value, or an item of it, goes.
``name~``           there is a default, or the provider keeps what it chose: only from one stated value to another.

A block that comes or goes with an attribute that forces a new resource does so too, since that attribute is set or
unset with it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.nodes import MISSING, Scalar, Sequence
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Sequence as SequenceOf

    from riskcheck.models import Change, Resource
    from riskcheck.nodes import KeyPath, MaybeValue, Value

Outcome: TypeAlias = Literal["recreate", "update", "unknown"]

_TABLES: Final[Mapping[str, SequenceOf[str]]] = {
    "AWS": ("cloudformation",),
    "aws": ("aws_network", "aws_state"),
    "azurerm": ("azurerm_network", "azurerm_state"),
    "databricks": ("databricks", "databricks_account"),
    "google": ("google_network", "google_state"),
}
"""First word of a resource type to the modules of its tables; ``AWS`` is that of types of CloudFormation."""

_CASED: Final = frozenset({"databricks_mlflow_model", "databricks_secret_scope", "databricks_model_serving"})
"""Types of the Databricks provider whose names tell case apart."""

_loaded: dict[str, dict[str, str]] = {}
_parsed: dict[str, Mapping[str, Mark]] = {}


class Mark(NamedTuple):
    """What a table says of one attribute. when: ``(before, after)`` as text, None for any edit."""

    certain: bool = True
    when: tuple[str, str] | None = None
    going: bool = False
    defaulted: bool = False


def is_known(kind: str) -> bool:
    """Whether it is known which attributes of a resource type force a new one."""
    return _text_of(kind) is not None


def attributes(kind: str) -> Mapping[str, Mark]:
    """The attributes of a resource type that may force a new one; none where the type is not known."""
    found = _parsed.get(kind)
    if found is None:
        text = _text_of(kind) or ""
        found = _parsed[kind] = dict(map(_mark, text.split()))
    return found


def forces_new(change: Change) -> bool:
    """Whether one change inside of a resource makes Terraform destroy it and create another one, where the values
    on both sides are known to differ: two expressions may come to the same."""
    return _by_table(change) == "recreate"


def outcome(change: Change) -> Outcome:
    """What one change inside of a resource of a known type makes Terraform do, as far as the values are known."""
    found = _by_table(change)
    open_ = any(isinstance(value, str) and "${" in value for value in (change.before, change.after))
    return "unknown" if found == "recreate" and open_ else found


def _by_table(change: Change) -> Outcome:
    if change.before in (None, MISSING) and change.after in (None, MISSING):
        return "update"
    marks = attributes(change.resource.kind)
    path = fields_of(change.path)
    if _is_ignored(path, change.resource_after):
        return "update"
    for depth in range(1, len(path) + 1):
        mark = marks.get(".".join(path[:depth]))
        if mark is not None:
            return _effect(mark, change)
    return _of_block(change, ".".join(path), marks)


def _is_ignored(path: tuple[str, ...], after: Resource | None) -> bool:
    """Whether ``lifecycle.ignore_changes`` of head makes Terraform leave an attribute as it is.

    https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#ignore_changes
    """
    held = None if after is None else after.body.at("lifecycle", "ignore_changes")
    items = held.items if isinstance(held, Sequence) else (held,)
    for item in items:
        name = item.raw.removeprefix("${").removesuffix("}") if isinstance(item, Scalar) else ""
        ignored = tuple(step.partition("[")[0] for step in name.split("."))
        if name == "all" or (name and '"' not in name and path[: len(ignored)] == ignored):
            return True
    return False


def _of_block(change: Change, path: str, marks: Mapping[str, Mark]) -> Outcome:
    """What a block does that comes or goes with the attributes that it states."""
    stated = [one for one in (change.before, change.after) if isinstance(one, dict | list)]
    if change.kind == "modified" or not stated:
        return "update"
    plain = (name.removeprefix(f"{path}.") for name, mark in marks.items() if _is_plain(mark, name, path))
    return "recreate" if any(_holds(one, name) for name in plain for one in stated) else "update"


def _is_plain(mark: Mark, name: str, path: str) -> bool:
    return name.startswith(f"{path}.") and mark == Mark()


def _holds(value: Value, name: str) -> bool:
    if isinstance(value, list):
        return any(_holds(item, name) for item in value)
    first, _, rest = name.partition(".")
    if not isinstance(value, dict) or value.get(first) in (None, "", False):
        return False
    return not rest or _holds(value[first], rest)


def fields_of(path: KeyPath) -> tuple[str, ...]:
    """The names on a path, without those of list items."""
    return tuple(step for step in path if not step.startswith("["))


def _effect(mark: Mark, change: Change) -> Outcome:
    before, after = change.before, change.after
    if mark.when is not None:
        asked = zip(mark.when, (before, after), strict=True)
        holds = all(wanted in ("*", _word(value)) for wanted, value in asked)
        return "update" if not holds else "recreate" if mark.certain else "unknown"
    if mark.going:
        return _of_going(before, after)
    if mark.defaulted and change.kind != "modified":
        return "unknown"
    if not mark.certain:
        return "unknown"
    return "recreate" if _differs(change.resource.kind, before, after) else "update"


def _of_going(before: MaybeValue, after: MaybeValue) -> Outcome:
    """What it does that a value, or items of one, may go."""
    if before in (None, MISSING, "", []):
        return "update"
    if _is_open(before) or _is_open(after):
        return "unknown"
    if isinstance(before, list) and isinstance(after, list):
        return "recreate" if any(item not in after for item in before) else "update"
    return "recreate"


def _is_open(value: MaybeValue) -> bool:
    """Whether an expression in it may come to anything."""
    items = value if isinstance(value, list) else [value]
    return any(isinstance(item, str) and "${" in item for item in items)


def _differs(kind: str, before: MaybeValue, after: MaybeValue) -> bool:
    """Spellings that a provider takes for the same (case, a trailing slash, ``/Workspace``) are no change."""
    if not isinstance(before, str) or not isinstance(after, str) or kind in _CASED:
        return True
    if kind.startswith("databricks_"):
        return _spelled(before) != _spelled(after)
    return before != after


def _spelled(text: str) -> str:
    return text.lower().rstrip("/").removeprefix("/workspace")


def _word(value: MaybeValue) -> str:
    if value is MISSING or value is None:
        return "unset"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _mark(text: str) -> tuple[str, Mark]:
    name, equals, values = text.partition("=")
    if equals:
        before, _, after = values.removesuffix("?").partition(">")
        return name, Mark(not values.endswith("?"), (before, after))
    if name.endswith("-"):
        return name[:-1], Mark(going=True)
    if name.endswith("~"):
        return name[:-1], Mark(defaulted=True)
    return name.removesuffix("?"), Mark(not name.endswith("?"))


def _text_of(kind: str) -> str | None:
    provider = kind.partition("::" if "::" in kind else "_")[0]
    tables = _loaded.get(provider)
    if tables is None:
        tables = _loaded[provider] = {}
        for name in _TABLES.get(provider, ()):
            tables.update(import_module(f"riskcheck.replacing.{name}").FORCES_NEW)
    return tables.get(kind)
