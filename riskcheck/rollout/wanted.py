"""What production gets by one change, asked of the cells below: do they run it, and since when."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import plain_value
from riskcheck.keypaths import descend
from riskcheck.nodes import MISSING, KeyPath, MaybeValue, Node, Sequence, Value, escape_key, render_path
from riskcheck.phrases import listed
from riskcheck.placeholders import is_open
from riskcheck.records import NamedTuple
from riskcheck.redact import redact_value
from riskcheck.regexes import regex
from riskcheck.rollout import soak
from riskcheck.rollout.landing import NEVER, Landed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Resource
    from riskcheck.rollout.canary import CanaryFacts
    from riskcheck.rollout.landing import Landings
    from riskcheck.rollout.sought import Sought

_MOST_PATHS: Final = 3
"""Differing paths that are named."""

_HASHED: Final = regex(r"(.+)-[2456789bcdfghkmt]{10}")
"""https://github.com/kubernetes-sigs/kustomize/blob/kustomize/v5.5.0/api/hasher/hasher.go"""

_LAST_SECOND: Final = 253_402_300_799
"""The end of the year 9999, beyond which no date can be spelled."""


class Ran(NamedTuple):
    """What one lower cell proves. since: seconds since the epoch; None where it proves nothing. moved_on: it runs
    another value by now."""

    environment: str
    stage: str
    detail: str
    since: int | None = None
    moved_on: bool = False


def is_removal(change: Change) -> bool:
    return change.kind == "removed" and not change.path


class Wanted:
    """What production gets by one change, asked of the cells below."""

    def __init__(self, change: Change, facts: CanaryFacts) -> None:
        self._change = change
        self._facts = facts
        self._whole = change.kind in ("added", "removed") and not change.path
        self._value: MaybeValue = (
            change.after
            if change.kind == "moved"
            else MISSING
            if change.node_after is None
            else self._plain(change.node_after, change.resource)
        )
        value = "absent" if self._value is MISSING else json.dumps(self._value, sort_keys=True)
        self._question = (change.kind, *change.path, value)

    def _plain(self, node: Node, resource: Resource) -> Value:
        """The value of `node`. Of an object as a whole without its namespace: that is its place, and environments
        often have each their own."""
        value = plain_value(node, resource.reading)
        metadata = value.get("metadata") if isinstance(value, dict) else None
        if not self._whole or resource.platform != "kubernetes" or not isinstance(metadata, dict):
            return value
        assert isinstance(value, dict)
        kept = {key: one for key, one in metadata.items() if key != "namespace"}
        return {**value, "metadata": kept}

    def ran(self, sought: Sought, resource: Resource | None, landings: Landings | None) -> Ran:
        """Whether the cell runs it now, and since when. resource: as the cell has it. landings: of the branch that
        the cell runs, None without history."""
        name, stage = sought.environment.name, sought.environment.stage
        if isinstance(self._value, str) and sought.platform == "databricks" and is_open(self._value):
            told = (
                f"whether {name} runs this value is unknown: it holds a placeholder that is filled elsewhere"
            )
            return Ran(name, stage, told)
        if not self.holds(resource):
            return self._moved_on(sought, resource, landings)
        gone = is_removal(self._change)
        runs = "is without it" if gone else "has the same" if self._whole else "runs this value"
        if landings is None:
            return Ran(name, stage, f"{name} {runs}; since when is unknown without git history")
        need = soak.needed(resource or self._change.resource, sought.environment)
        landed = landings.lost(sought) if gone else landings.since(sought, self.holds, self._question, need)
        if landed.time is None and gone and landed.detail == NEVER:
            return Ran(name, stage, f"{name} never had it")
        if landed.time is None:
            return Ran(name, stage, f"{name} {runs}; since when is unknown: {landed.detail}")
        return self._soaked(sought, need, landed)

    def _soaked(self, sought: Sought, need: int, landed: Landed) -> Ran:
        name, stage = sought.environment.name, sought.environment.stage
        assert landed.time is not None
        age = self._facts.now - landed.time
        verb = "lost" if is_removal(self._change) else "got"
        if age < 0:
            at = stamp(landed.time)
            told = f"{name} {verb} it at {at}, in the future: some clock is ahead, so no soak counts"
            return Ran(name, stage, told)
        if age < need and landed.at_least:
            known = f"for {soak.spell(age)} at least; its history is too long to be read back further"
            return Ran(name, stage, f"{name} runs it {known}, and {soak.spell(need)} of soak are asked for")
        if age < need:
            short = f"{name} {verb} it {soak.spell(age)} ago; {soak.spell(need)} of soak are asked for"
            return Ran(name, stage, short)
        more = "at least " if landed.at_least else ""
        done = "has been without it" if is_removal(self._change) else "has run it"
        return Ran(name, stage, f"{name} {done} for {more}{soak.spell(age)}", landed.time)

    def _moved_on(self, sought: Sought, resource: Resource | None, landings: Landings | None) -> Ran:
        """Whether a cell that does not run it now has run it long enough before."""
        name, stage = sought.environment.name, sought.environment.stage
        if is_removal(self._change):
            return Ran(name, stage, f"{name} still has it")
        instead = self._instead(resource)
        if landings is None:
            return Ran(name, stage, f"{name} does not run this value{instead}")
        need = soak.needed(resource or self._change.resource, sought.environment)
        run = landings.earlier(sought, self._read, self._is_wanted, need)
        if run is None and self._whole and resource is not None:
            return Ran(name, stage, f"{name} has it with other values{instead}")
        if run is None:
            lately = "has never run" if landings.is_all_known(need) else "has not lately run"
            return Ran(name, stage, f"{name} {lately} this value{instead}")
        if isinstance(run, Landed):
            told = f"{name} does not run this value{instead}; whether it did is unknown: {run.detail}"
            return Ran(name, stage, told)
        ago = f"until {soak.spell(self._facts.now - run.end)} ago"
        length = run.end - run.start
        more = "at least " if run.at_least else ""
        ran = f"{name} ran it for {more}{soak.spell(length)}, {ago}"
        if run.went_back:
            return Ran(name, stage, f"{ran}, and went back to what it had before")
        if length < need or run.end > self._facts.now:
            return Ran(name, stage, f"{ran}; {soak.spell(need)} of soak are asked for")
        return Ran(name, stage, f"{ran}, and has moved on", run.start, moved_on=True)

    def _instead(self, resource: Resource | None) -> str:
        """What the cell has instead, in brackets."""
        change = self._change
        if resource is None:
            return f" ({change.resource.address} is not there)"
        if self._whole:
            return self._differing(resource)
        if change.kind == "moved":
            return f" ({resource.address} there)"
        node = self._node(resource)
        runs: MaybeValue = MISSING if node is None else plain_value(node, resource.reading)
        shown = redact_value(change.path, resource.kind, runs, node)
        return f" ({_there(shown, self._value)})"

    def _differing(self, resource: Resource) -> str:
        """The first paths at which the whole resource differs there."""
        there = self._plain(resource.body, resource)
        paths = sorted(_differences(there, self._value, ()))
        if not paths:
            return ""
        return f" ({listed(map(render_path, paths), _MOST_PATHS)})"

    def holds(self, resource: Resource | None) -> bool:
        """Whether production would get what `resource`, as a lower cell has or had it, is."""
        if is_removal(self._change):
            return resource is None
        return self._is_wanted(self._read(resource))

    def _read(self, resource: Resource | None) -> object:
        """What is compared: the value at the path of the change."""
        if resource is None:
            return None
        if self._change.kind == "moved":
            return resource.address
        node = self._node(resource)
        value: MaybeValue = MISSING if node is None else self._plain(node, resource)
        if value != self._value and (around := self._unnamed_among(resource)) is not None:
            # What stands at its place instead may be any other item.
            return plain_value(around, resource.reading)
        return (value,)

    def _is_wanted(self, read: object) -> bool:
        if self._change.kind == "moved" or not isinstance(read, tuple):
            return read == self._value and read is not None
        (runs,) = read
        # 1 and true are equal in Python.
        return (runs == self._value and isinstance(runs, bool) == isinstance(self._value, bool)) or (
            self._change.resource.platform == "kubernetes"
            and _generated(runs) == _generated(self._value) != ""
        )

    def _node(self, resource: Resource) -> Node | None:
        """The node at the path of the change. An item that only its place names may stand at another place."""
        around = self._unnamed_among(resource)
        for item in () if around is None else around.items:
            if plain_value(item, resource.reading) == self._value:
                return item
        keys = self._facts.natural_keys(resource)
        return descend(resource.body, self._change.path, keys, resource.reading)

    def _unnamed_among(self, resource: Resource) -> Sequence | None:
        """The list that the change is in, where only its place names the item."""
        path = self._change.path
        if not path or not path[-1].startswith("[") or not path[-1][1:-1].isdigit():
            return None
        around = descend(resource.body, path[:-1], self._facts.natural_keys(resource), resource.reading)
        return around if isinstance(around, Sequence) else None


def _differences(one: MaybeValue, other: MaybeValue, path: KeyPath) -> Iterator[KeyPath]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {*one, *other}:
            yield from _differences(one.get(key, MISSING), other.get(key, MISSING), (*path, escape_key(key)))
    elif one != other:
        yield path


def _generated(value: object) -> str:
    """A name that kustomize ends with a digest of what it names, without the digest; "" for any other value. What
    differs in the contents is a change of its own."""
    found = _HASHED.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found else ""


def _there(runs: MaybeValue, wanted: MaybeValue) -> str:
    """What the lower environment has instead."""
    if runs is MISSING:
        return "absent there"
    if wanted is MISSING:
        return "still set there"
    if isinstance(runs, dict | list):
        return "it differs there"
    text = str(runs).lower() if isinstance(runs, bool) else "null" if runs is None else str(runs)
    return f"{text if len(text) <= 40 else text[:37] + '…'} there"


def stamp(seconds: int) -> str:
    """UTC ISO-8601; what lies beyond the calendar is its last second."""
    return datetime.fromtimestamp(min(seconds, _LAST_SECOND), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
