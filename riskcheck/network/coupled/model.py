"""What a file of ``rules/network/coupled/`` or of a repository's own sets says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.nodes import Value

Trigger: TypeAlias = Literal["created", "replaced", "removed"]
Requirement: TypeAlias = Literal["required", "expected", "advisory", "lookup"]
Demand: TypeAlias = Literal["always", "declared", "siblings"]


class Condition(NamedTuple):
    """The value at `path` is one of `values`; ``absent`` and ``present`` ask whether there is any.

    of: name of what the anchor points at; "" for the resource that the condition is asked of.
    """

    path: str
    values: tuple[Value, ...]
    of: str = ""


class Anchor(NamedTuple):
    """What sets the set in motion.

    fields: an edit of one of them is a replacement. names: what it points at, by name. siblings: name of what those
    of its kind share that are compared with it (the network); "": the unit. used_by: it counts only where something
    points at it in one of these ways.
    """

    kinds: tuple[str, ...]
    triggers: tuple[Trigger, ...]
    fields: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    siblings: str = ""
    used_by: tuple[Way, ...] = ()
    entered: str = ""
    """What is said of one that got the values of `where`: ``is closed``."""


class Way(NamedTuple):
    """One way in which a member may be there.

    anchor: a field of the anchor itself. kinds, path, to: a resource of these kinds that points with `path` at
    `to`: ``anchor``, a name of the anchor or the id of an earlier member; without `path` any will do.
    covers: the addresses at `path` hold those of what the anchor calls so. changed: it is edited by the change.
    """

    anchor: str = ""
    kinds: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    path: str = ""
    to: str = ""
    covers: str = ""
    changed: bool = False


class Join(NamedTuple):
    """A resource of `kinds` puts what `thing` points at into the group that `of` names: a link, a peering."""

    kinds: tuple[str, ...]
    thing: str
    of: str
    requirement: Requirement = "required"


class Each(NamedTuple):
    """One is needed, which points with `path` at a resource of `kinds`, and one for each resource that is in a
    group of `like` together with one that has it."""

    kinds: tuple[str, ...]
    path: str
    like: tuple[Join, ...] = ()
    unless: tuple[Condition, ...] = ()


class Lists(NamedTuple):
    """Each resource of `kinds` that names a sibling of the anchor at one of `paths` must hold the anchor too, by
    reference or by address."""

    kinds: tuple[str, ...]
    paths: tuple[str, ...]


class Member(NamedTuple):
    """What belongs to the anchor. label: for people. missing: what follows where it is not there. managed_here:
    where the repository declares none of these kinds, another state may hold it. A ``lookup`` is only found for
    members after it."""

    id: str
    label: str
    requirement: Requirement
    demand: Demand
    ways: tuple[Way, ...] = ()
    each: Each | None = None
    lists: Lists | None = None
    unless: tuple[Condition, ...] = ()
    on: tuple[Trigger, ...] = ("created", "replaced")
    missing: str = ""
    managed_here: tuple[str, ...] = ()


class CoupledSet(NamedTuple):
    """One set. breaks: an incomplete change cuts traffic at once where one holds. harmless: nobody depends on it
    yet. source: path of its file. moves: traffic takes another way, so that what the old way let in, and what the
    environment before has, are asked for too."""

    id: str
    title: str
    anchor: Anchor
    members: tuple[Member, ...]
    breaks: tuple[Condition, ...] = ()
    harmless: tuple[Condition, ...] = ()
    source: str = ""
    moves: bool = False
