"""Formats of feature flags.

flagd: https://flagd.dev/reference/flag-definitions/, where the weights of ``fractional`` are relative to their sum.
LaunchDarkly: https://github.com/launchdarkly/node-server-sdk/blob/main/evaluate_flag.js, weights of 100,000, taken
relative to their sum too. Features with a ``state`` and the ``steps`` of a rollout, the last of which holds:
https://github.com/duckduckgo/privacy-configuration/blob/main/docs/incremental-rollout-implementation-guide.md.
Everything else: a number under a key that says percentage or rollout, weighted variants.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import plain_value
from riskcheck.nodes import Mapping, Scalar, Sequence
from riskcheck.progressive.flags import ENABLED, Flag, Segment, has_state
from riskcheck.progressive.values import Part, as_number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as MappingOf

    from riskcheck.nodes import Node, Value

_MOST_DEPTH: Final = 20


def flag_of(name: str, node: Node | None) -> tuple[Flag, ...]:
    """What the mapping `node` says as a flag: one, or one for each environment that it names; () for no flag."""
    if not isinstance(node, Mapping):
        return ()
    if isinstance(node.get("variants"), Mapping):
        return (_flagd(name, node),)
    if isinstance(node.get("variations"), Sequence):
        environments = node.get("environments")
        if isinstance(environments, Mapping):
            return tuple(
                _launchdarkly(f"{name} in {key.raw}", child, node)
                for key, child in environments.entries
                if isinstance(child, Mapping)
            )
        return (_launchdarkly(name, node, node),)
    found = _stateful(name, node) or _generic(name, node)
    return (found,) if found is not None else ()


def _part(node: Node | None) -> Part:
    return Part(node if isinstance(node, Mapping) else None, "yaml-1.2")


def _json(value: Value) -> str:
    import json

    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _values_of(variants: Mapping) -> dict[str, str]:
    """Variant name to value as JSON."""
    return {key.raw: _json(plain_value(child, "yaml-1.2")) for key, child in variants.entries}


def _named(values: MappingOf[str, str]) -> dict[str, str]:
    return {value: name for name, value in reversed(tuple(values.items()))}


def _flagd(name: str, node: Mapping) -> Flag:
    variants = node.get("variants")
    assert isinstance(variants, Mapping)
    values = _values_of(variants)
    default = values.get(_part(node).text("defaultVariant"))
    reader = _Targeting(values, default)
    segments = tuple(reader.read(node.get("targeting"), "", 0))
    active = _part(node).text("state") != "DISABLED"
    return Flag(name, active, segments, default, _named(values), node, reader.fractional)


class _Targeting:
    """Reads JsonLogic as far as it says who gets what."""

    def __init__(self, values: MappingOf[str, str], default: str | None) -> None:
        self._values = values
        self._default = default
        self.fractional = False

    def read(self, node: Node | None, who: str, depth: int) -> Iterator[Segment]:
        """The segments of one expression; the last one is everyone of `who` who is left."""
        if isinstance(node, Mapping) and len(node.entries) == 1 and depth < _MOST_DEPTH:
            key, argument = node.entries[0]
            items = argument.items if isinstance(argument, Sequence) else [argument]
            if key.raw == "if":
                yield from self._choice(items, who, depth)
                return
            if key.raw in ("fractional", "fractionalEvaluation"):
                yield Segment(who, self._fractions(items))
                return
        yield Segment(who, self._fixed(node))

    def _choice(self, items: list[Node], who: str, depth: int) -> Iterator[Segment]:
        """``[condition, then, condition, then, …, else]``."""
        for number in range(0, len(items) - 1, 2):
            condition = _json(plain_value(items[number], "yaml-1.2"))
            both = f"{who} and {condition}" if who else condition
            yield from self.read(items[number + 1], both, depth + 1)
        yield from self.read(items[-1] if len(items) % 2 else None, who, depth + 1)

    def _fractions(self, items: list[Node]) -> dict[str, float] | None:
        weights: dict[str, float] = {}
        for item in items:
            if not isinstance(item, Sequence):
                continue
            parts = [plain_value(part, "yaml-1.2") for part in item.items]
            value = self._values.get(_variant(parts[0])) if parts else None
            weight = as_number(parts[1]) if len(parts) > 1 else 1.0
            if value is None or weight is None or weight < 0:
                return None
            weights[value] = weights.get(value, 0.0) + weight
        self.fractional = True
        return _relative(weights)

    def _fixed(self, node: Node | None) -> dict[str, float] | None:
        plain = None if node is None else plain_value(node, "yaml-1.2")
        if plain is None or plain == {}:
            return None if self._default is None else {self._default: 1.0}
        value = self._values.get(_variant(plain)) if isinstance(plain, str | bool) else None
        return None if value is None else {value: 1.0}


def _variant(value: Value) -> str:
    """JsonLogic's true and false name the variants ``true`` and ``false``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _relative(weights: dict[str, float]) -> dict[str, float] | None:
    whole = sum(weights.values())
    return {value: weight / whole for value, weight in weights.items()} if whole > 0 else None


def _launchdarkly(name: str, node: Mapping, declared: Mapping) -> Flag:
    """`declared` has the variations; `node` has the rules: the same mapping, or that of one environment."""
    variations = declared.get("variations")
    assert isinstance(variations, Sequence)
    values = []
    names: dict[str, str] = {}
    for item in variations.items:
        wrapped = item.get("value") if isinstance(item, Mapping) else None
        value = _json(plain_value(wrapped if wrapped is not None else item, "yaml-1.2"))
        values.append(value)
        names.setdefault(value, _part(item).text("name") or value.strip('"'))
    off = _variation(_part(node).value("offVariation"), values)
    active = _part(node).flag("on") is not False
    segments = [
        Segment(_json(_clauses(rule)), _outcome(rule, values))
        for rule in _part(node).parts("rules")
        if active
    ]
    fall = node.get("fallthrough")
    rest = _outcome(_part(fall), values) if active else (None if off is None else {off: 1.0})
    fractional = isinstance(fall, Mapping) and fall.get("rollout") is not None
    return Flag(name, active, (*segments, Segment("", rest)), off, names, node, fractional)


def _clauses(rule: Part) -> Value:
    clauses = rule.at("clauses")
    return None if clauses is None else plain_value(clauses, "yaml-1.2")


def _variation(index: object, values: list[str]) -> str | None:
    known = isinstance(index, int) and not isinstance(index, bool) and 0 <= index < len(values)
    return values[index] if known and isinstance(index, int) else None


def _outcome(part: Part, values: list[str]) -> dict[str, float] | None:
    fixed = _variation(part.value("variation"), values)
    if fixed is not None:
        return {fixed: 1.0}
    weights: dict[str, float] = {}
    for item in part.parts("rollout", "variations"):
        value = _variation(item.value("variation"), values)
        weight = as_number(item.value("weight"))
        if value is None or weight is None or weight < 0:
            return None
        weights[value] = weights.get(value, 0.0) + weight
    return _relative(weights)


_PERCENT_KEYS: Final = (
    "percentage",
    "percent",
    "rollout",
    "rolloutpercentage",
    "rolloutpercent",
    "trafficpercentage",
    "exposure",
)
_LISTS: Final = ("variants", "variations", "allocations", "splits")
_BOUNDS: Final = ("minSupportedVersion", "maxSupportedVersion", "targets")
_ON, _OFF = '"on"', '"off"'


def _plain_key(key: str) -> str:
    return key.lower().replace("_", "").replace("-", "")


def _stateful(name: str, node: Mapping) -> Flag | None:
    """``state: enabled``, for all or for the share of the last step of its rollout. Versions and targets make it
    one for some only; which part of the people they are cannot be told."""
    if not has_state(node):
        return None
    part = _part(node)
    steps = list(part.parts("rollout", "steps"))
    share = 1.0
    if steps:
        stated = steps[-1].number("percent")
        if stated is None or not 0 <= stated <= 100:
            return None
        share = stated / 100
    shares = {_ON: share, _OFF: 1 - share} if part.text("state") == ENABLED else {_OFF: 1.0}
    bounds = [key for key in _BOUNDS if node.get(key) is not None]
    only = _json([[key, part.value(key)] for key in bounds]) if bounds else ""
    segments = (Segment(only, shares), Segment("", {_OFF: 1.0})) if bounds else (Segment("", shares),)
    names = {_ON: "on", _OFF: "off"}
    return Flag(name, True, segments, _OFF, names, node, fractional=bool(steps))


def _generic(name: str, node: Mapping) -> Flag | None:
    """A number under a key that says so, or a list of weighted variants."""
    enabled = _part(node).flag("enabled") is not False
    for key, child in node.entries:
        if _plain_key(key.raw) in _PERCENT_KEYS and isinstance(child, Scalar):
            share = _share(_plain_key(key.raw), child)
            if share is not None:
                shares = {_ON: share, _OFF: 1 - share} if enabled else {_OFF: 1.0}
                return _simple(name, enabled, shares, node)
    for field in _LISTS:
        weights: dict[str, float] = {}
        for item in _part(node).parts(field):
            weight = as_number(item.value("weight"))
            label = next(filter(None, (item.text(key) for key in ("name", "key", "value"))), "")
            if weight is None or weight < 0 or not label:
                return None
            weights[_json(label)] = weights.get(_json(label), 0.0) + weight
        shares = _relative(weights) or {}
        if len(shares) > 1:
            return _simple(name, enabled, shares if enabled else {_OFF: 1.0}, node)
    return None


def _simple(name: str, enabled: bool, shares: dict[str, float], node: Mapping) -> Flag:
    names = {value: value.strip('"') for value in (*shares, _OFF)}
    return Flag(name, enabled, (Segment("", shares),), _OFF, names, node, fractional=True)


def _share(key: str, node: Scalar) -> float | None:
    """0..1. A fraction is written with a decimal point and is at most 1; everything else counts hundredths."""
    text = node.raw.strip().removesuffix("%").strip()
    try:
        number = as_number(float(text))
    except ValueError:
        return None
    if number is None or not 0 <= number <= 100:
        return None
    fraction = "." in text and number <= 1 and "percent" not in key and "%" not in node.raw
    return number if fraction else number / 100
