"""Takes the secrets out of the values of a plan before anything keeps them.

``before`` and ``after`` hold sensitive values in clear text; masks beside them say which they are
(https://developer.hashicorp.com/terraform/internals/json-format#change-representation). Providers do not mark all
of them, so keys and texts that look secret go too, and every copy of a value that was marked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.surrogates import paired
from riskcheck.nodes import MISSING
from riskcheck.redact import REDACTED, redact_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import MaybeValue, Value

UNKNOWN: Final = "${(known after apply)}"
"""Stands for what only the apply will tell."""
SENSITIVE: Final = "${(sensitive value)}"
SENSITIVE_CHANGED: Final = "${(sensitive value, changed)}"
"""Stands in ``after`` for a secret that is another one than in ``before``; of the secret it tells nothing."""

MARKS: Final = frozenset({UNKNOWN, SENSITIVE, SENSITIVE_CHANGED})

_SECRET_FIELDS: Final = frozenset(
    {
        "client_key",
        "custom_data",
        "kube_admin_config",
        "kube_admin_config_raw",
        "kube_config",
        "kube_config_raw",
        "master_user_secret",
        "user_data",
        "user_data_base64",
    }
)
"""Attributes whose names tell nothing and in which providers hand credentials out, or scripts with some."""

_SHORTEST_COPY: Final = 6
"""Characters from which a text that equals a sensitive one is taken for a copy of it."""
_DEEPEST: Final = 60


class TooDeepError(Exception):
    """Values are nested too deeply to be looked through."""


def masked(
    kind: str, before: object, after: object, before_mask: object, after_mask: object, unknown: object
) -> tuple[Value, Value]:
    """``before`` and ``after`` of a resource of `kind` without their secrets, with marks for what is unknown.

    Raises `TooDeepError`.
    """
    if before == after and before_mask == after_mask and not unknown:
        shown = _shown(kind, before, before_mask)
        return shown, shown
    secrets: set[str] = set()
    old = _marked(before, before_mask, secrets, 0)
    new = _marked(after, after_mask, secrets, 0)
    if secrets:
        old, new = _without_copies(old, secrets), _without_copies(new, secrets)
    was = redact_value((), kind, old)
    becomes = redact_value((), kind, new)
    assert was is not MISSING
    assert becomes is not MISSING
    settled = _settled(_plain(before), _plain(after), was, becomes)
    return _uniform(was), _uniform(_with_unknown(settled, unknown, 0))  # type: ignore[arg-type]  # neither is missing


def _shown(kind: str, value: object, mask: object) -> Value:
    secrets: set[str] = set()
    marked = _marked(value, mask, secrets, 0)
    shown = redact_value((), kind, _without_copies(marked, secrets) if secrets else marked)
    return _uniform(shown)  # type: ignore[arg-type]  # it is not missing


def paths_of(mask: object, path: tuple[str, ...] = ()) -> Iterator[str]:
    """The attributes that a mask marks, with dots into blocks and without numbers: ``ingress.cidr_blocks``."""
    if mask is True:
        yield ".".join(path)
    elif isinstance(mask, dict) and len(path) < _DEEPEST:
        for key, held in mask.items():
            yield from paths_of(held, (*path, paired(key)))
    elif isinstance(mask, list):
        for held in mask:
            yield from paths_of(held, path)


def _marked(value: object, mask: object, secrets: set[str], depth: int) -> Value:
    if depth > _DEEPEST:
        raise TooDeepError
    if mask is True:
        secrets.update(_texts(value))
        return None if value is None else SENSITIVE
    if isinstance(value, dict):
        below = mask if isinstance(mask, dict) else {}
        return {
            paired(key): (
                SENSITIVE
                if key in _SECRET_FIELDS and held
                else _marked(held, below.get(key), secrets, depth + 1)
            )
            for key, held in value.items()
        }
    if isinstance(value, list):
        masks = mask if isinstance(mask, list) else []
        return [
            _marked(held, masks[number] if number < len(masks) else None, secrets, depth + 1)
            for number, held in enumerate(value)
        ]
    return _plain(value)


def _plain(value: object) -> Value:
    return paired(value) if isinstance(value, str) else value  # type: ignore[return-value]  # JSON


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str) and len(value) >= _SHORTEST_COPY:
        yield paired(value)
    elif isinstance(value, dict):
        for held in value.values():
            yield from _texts(held)
    elif isinstance(value, list):
        for held in value:
            yield from _texts(held)


def _without_copies(value: Value, secrets: set[str]) -> Value:
    if isinstance(value, str):
        return SENSITIVE if value in secrets else value
    if isinstance(value, dict):
        return {key: _without_copies(held, secrets) for key, held in value.items()}
    if isinstance(value, list):
        return [_without_copies(held, secrets) for held in value]
    return value


def _settled(before: object, after: object, was: MaybeValue, becomes: MaybeValue) -> MaybeValue:
    """`becomes` with a mark where `before` and `after` differ in what is hidden of both."""
    if isinstance(becomes, str):
        hidden = becomes == SENSITIVE or REDACTED in becomes
        return SENSITIVE_CHANGED if hidden and becomes == was and before != after else becomes
    if isinstance(becomes, dict) and isinstance(after, dict):
        old = before if isinstance(before, dict) else {}
        shown = was if isinstance(was, dict) else {}
        raw = {paired(key): held for key, held in after.items()}
        return {
            key: _settled(old.get(key, MISSING), raw.get(key, MISSING), shown.get(key, MISSING), held)  # type: ignore[misc]
            for key, held in becomes.items()
        }
    if isinstance(becomes, list) and isinstance(after, list):
        olds = before if isinstance(before, list) else []
        shows = was if isinstance(was, list) else []
        return [
            _settled(_at(olds, number), _at(after, number), _at(shows, number), held)  # type: ignore[misc, arg-type]
            for number, held in enumerate(becomes)
        ]
    return becomes


def _at(items: list[object] | list[Value], number: int) -> object:
    return items[number] if number < len(items) else MISSING


def _with_unknown(value: MaybeValue, unknown: object, depth: int) -> MaybeValue:
    """`value` with a mark for each attribute that is unknown, which ``after`` leaves out. A list of false says
    that its items are known."""
    if depth > _DEEPEST:
        raise TooDeepError
    if unknown is True:
        return UNKNOWN
    if isinstance(unknown, dict) and (isinstance(value, dict) or value is MISSING or value is None):
        held = dict(value) if isinstance(value, dict) else {}
        for key, below in unknown.items():
            name = paired(key)
            found = _with_unknown(held.get(name, MISSING), below, depth + 1)
            if found is not MISSING:
                held[name] = found  # type: ignore[assignment]
        return held if held or isinstance(value, dict) else value
    if isinstance(unknown, list) and isinstance(value, list):
        return [
            _with_unknown(held, unknown[number] if number < len(unknown) else None, depth + 1)  # type: ignore[misc]
            for number, held in enumerate(value)
        ]
    return value


def _uniform(value: Value) -> Value:
    """`value` with one mark for all that is hidden."""
    if isinstance(value, str):
        return SENSITIVE if value == REDACTED else value
    if isinstance(value, dict):
        return {key: _uniform(held) for key, held in value.items()}
    if isinstance(value, list):
        return [_uniform(held) for held in value]
    return value
