"""One entry of ``resource_changes``: what would be done to one resource instance, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.surrogates import paired
from riskcheck.planfiles.masking import masked, paths_of
from riskcheck.planfiles.model import PlannedField, PlannedResource, PlannedState
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.models import Action

_MOST_PATHS: Final = 500
_STEP: Final = regex(r'module\.([\w-]+)(\[(?:\d+|"(?:[^"\\]|\\.)*")\])?\.?')
_ADDRESS: Final = regex(
    r'((?:module\.[\w-]+(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?\.)*)([A-Za-z_]\w*)\.([\w-]+)'
    r'(?:\[(\d+|"(?:[^"\\]|\\.)*")\])?'
)


def planned_of(entry: object, keep: Callable[[Action, object, object], bool]) -> PlannedResource | None:
    """What a plan says of one resource. None where it is not understood; without a state for a data source.

    keep: whether its values (``before``, ``after``) are taken along. Raises `TooDeepError`.
    """
    change = entry.get("change") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(change, dict):
        return None
    if entry.get("mode", "managed") != "managed":
        return PlannedResource("none")
    kind, name, actions = entry.get("type"), entry.get("name"), change.get("actions")
    if not isinstance(kind, str) or not isinstance(name, str) or not isinstance(actions, list):
        return None
    words = tuple(word for word in actions if isinstance(word, str))
    module = _module(entry.get("module_address"))
    action = _action(words)
    if action is None or module is None:
        return None
    index = entry.get("index")
    key = paired(index) if isinstance(index, str) else index if _is_number(index) else None
    before, after = change.get("before"), change.get("after")
    unknown = change.get("after_unknown")
    kind = paired(kind)
    old, new = (
        masked(
            kind,
            before,
            after,
            change.get("before_sensitive"),
            change.get("after_sensitive"),
            unknown,
        )
        if keep(action, before, after)
        else (None, None)
    )
    replacing = _replacing(change.get("replace_paths"))
    state = PlannedState(
        module=module,
        kind=kind,
        name=_name(module, paired(name), key),
        earlier=_earlier(entry.get("previous_address")),
        instance=key,
        actions=words,
        reason=_word(entry.get("action_reason")),
        before=old if isinstance(old, dict) else None,
        after=new if isinstance(new, dict) and after is not None else None,
        unknown=_paths(unknown),
        sensitive=tuple(
            dict.fromkeys((*_paths(change.get("before_sensitive")), *_paths(change.get("after_sensitive"))))
        ),
        replacing=replacing,
        importing=isinstance(change.get("importing"), dict),
        deposed=isinstance(entry.get("deposed"), str),
    )
    fields = _fields(before, after, unknown, replacing)
    return PlannedResource(action, tuple(fields), _is_forgotten(words), state)


def slot_of(planned: PlannedResource) -> str:
    """The address of a resource in the notation of `Resource.address`."""
    assert planned.state is not None
    return f"terraform:{planned.state.kind}.{planned.state.name}"


def _action(words: tuple[str, ...]) -> Action | None:
    """By what the actions hold, as the format asks for: their combinations may grow."""
    if not words:
        return None
    if "delete" in words:
        return "recreate" if "create" in words else "delete"
    if "create" in words:
        return "create"
    if "update" in words:
        return "update"
    if "forget" in words or set(words) <= {"no-op", "read", "open", "renew", "close"}:
        return "none"
    return "unknown"


def _is_forgotten(words: tuple[str, ...]) -> bool:
    return "forget" in words


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _word(value: object) -> str:
    return paired(value)[:100] if isinstance(value, str) else ""


def _module(address: object) -> tuple[str, ...] | None:
    """The calls that lead to a module, the first instance of a count like a single one."""
    if address is None or address == "":
        return ()
    if not isinstance(address, str):
        return None
    steps = [f"{name}{'' if key == '[0]' else key}" for name, key in _STEP.findall(paired(address))]
    return tuple(steps) if steps else None


def _name(module: tuple[str, ...], name: str, index: object) -> str:
    """As `Resource.name` has it: the first instance of a count is the block itself."""
    key = f'["{index}"]' if isinstance(index, str) else f"[{index}]" if index not in (None, 0) else ""
    return "".join(f"module.{step}." for step in module) + name + key


def _earlier(address: object) -> str | None:
    match = _ADDRESS.fullmatch(paired(address)) if isinstance(address, str) else None
    if match is None:
        return None
    above, _, name, key = match.groups()
    index = None if key is None else key[1:-1] if key.startswith('"') else int(key)
    return _name(_module(above) or (), name, index)


def _paths(mask: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(paths_of(mask)))[:_MOST_PATHS]


def _replacing(paths: object) -> tuple[str, ...]:
    """Attributes of ``replace_paths``, each a list of keys and numbers: ``network[0].name``."""
    found = []
    for path in paths if isinstance(paths, list) else ():
        if isinstance(path, list) and path:
            text = "".join(
                f"[{step}]" if _is_number(step) else f".{paired(step)}" if isinstance(step, str) else ""
                for step in path
            )
            found.append(text.removeprefix("."))
    return tuple(dict.fromkeys(found))[:_MOST_PATHS]


def _fields(
    before: object, after: object, unknown: object, replacing: tuple[str, ...]
) -> Iterator[PlannedField]:
    """What is not as it was, by its name alone; what asks for a new resource comes first."""
    forcing: Action = "recreate"
    for path in replacing:
        yield PlannedField(path, forcing)
    if not isinstance(before, dict) or not isinstance(after, dict):
        return
    told = {path.partition(".")[0].partition("[")[0] for path in replacing}
    open_ = unknown if isinstance(unknown, dict) else {}
    for key in sorted({*before, *after, *open_}):
        now_open = open_.get(key) is True
        if paired(key) not in told and (now_open or before.get(key) != after.get(key)):
            yield PlannedField(paired(key), "update")
