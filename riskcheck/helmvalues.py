"""The values that a Helm release gets, as rules see them: one mapping, and what is known of the chart beside it.

Templates are not executed. What they use of the values is read from their text, and only when somebody asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Related
from riskcheck.nodes import KeyPath, Mapping, Node, Scalar
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from collections.abc import Mapping as MappingOf

    from riskcheck.models import Location, Resource

KIND: Final = "HelmValues"
"""Kind of the resource that holds the values of one release in one environment."""

CHART: Final = "HelmChart"
"""Kind of the resource that holds ``Chart.yaml`` and, under ``lock``, what ``Chart.lock`` fixes."""

_MOST_ABOVE: Final = 2
"""Keys between a value and the mapping around it that a template takes as a whole, as ``resources`` are. What is
taken from further above tells nothing of the value."""

_MOST_PLACES: Final = 5
"""Places of templates that a finding names."""


class Use(NamedTuple):
    """A line of a template that reads a value. path: of the value, from the root of the release's values. kinds: of
    the objects that the line is part of, empty where the text does not tell."""

    path: KeyPath
    location: Location
    kinds: tuple[str, ...]


class ChartValues(Mapping):
    """Merged values, and what they are given to.

    chart: its name. known: the chart is in the repository, so that its defaults are among the values. uses: gives
    the places of its templates that read values. by_convention: nothing in the repository says that these files
    are given to the chart in this order. deleted: path to the key whose null deleted a default there. switches:
    path to the charts that the value there switches on and off.
    """

    __slots__ = ("by_convention", "chart", "deleted", "known", "switches", "uses")

    def __init__(
        self,
        merged: Mapping,
        *,
        chart: str,
        known: bool,
        by_convention: bool,
        deleted: MappingOf[KeyPath, Scalar],
        switches: MappingOf[KeyPath, tuple[str, ...]],
        uses: Callable[[], Sequence[Use]],
    ) -> None:
        super().__init__(
            merged.entries,
            merged.source,
            merged.line,
            merged.column,
            merged.end_line,
            merged.end_column,
            merged.tag,
            merged.via,
        )
        self.synthetic = merged.synthetic
        self.chart = chart
        self.known = known
        self.by_convention = by_convention
        self.deleted = deleted
        self.switches = switches
        self.uses = uses


def values_of(resource: Resource | None) -> ChartValues | None:
    """The body of a resource of kind `KIND`, None for any other."""
    body = resource.body if resource is not None else None
    return body if isinstance(body, ChartValues) else None


def deleting(values: ChartValues | None, path: KeyPath) -> Node | None:
    """The key whose null deleted the default at `path` or at a mapping around it."""
    if values is None:
        return None
    found = (values.deleted.get(path[:length]) for length in range(len(path), 0, -1))
    return next((key for key in found if key is not None), None)


def users(values: ChartValues | None, path: KeyPath) -> tuple[Use, ...]:
    """The lines of templates that read the value at `path`: those that name it or what is below it, else those that
    take the nearest mapping around it as a whole."""
    if values is None or not path:
        return ()
    wanted = tuple(step.removeprefix("\\") for step in path if not step.startswith("["))
    nearest = 0
    found: list[Use] = []
    for use in values.uses():
        depth = len(use.path)
        if use.path[: len(wanted)] == wanted:
            depth = len(wanted)
        elif not depth or use.path != wanted[:depth]:
            continue
        if depth > nearest:
            nearest, found = depth, []
        if depth == nearest:
            found.append(use)
    return tuple(found)


class ReadBy(NamedTuple):
    """What the templates say of a value. said: a sentence; places: of the lines that read it; kinds: of the objects
    that these lines are part of; exact: the lines name the value itself, or a part of it."""

    said: str
    places: tuple[Related, ...] = ()
    kinds: tuple[str, ...] = ()
    exact: bool = False


def read_by(values: ChartValues | None, path: KeyPath) -> ReadBy:
    """What to say of the templates that read the value at `path`."""
    custom = (
        "; that these files go together is told by their names" if values and values.by_convention else ""
    )
    found = users(values, path)
    if not found:
        away = "" if values is None or values.known else "the chart is not in this repository, "
        return ReadBy(f"{away}templates are not executed{custom}")
    first = found[0]
    keys = sum(not step.startswith("[") for step in path)
    if keys - len(first.path) > _MOST_ABOVE:
        return ReadBy(f"templates are not executed{custom}")
    where = f"{first.location.path}:{first.location.line}"
    kinds = tuple(dict.fromkeys(kind for use in found for kind in use.kinds))
    objects = f" ({', '.join(kinds)})" if kinds else ""
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    places = tuple(Related("used by", use.location) for use in found[:_MOST_PLACES])
    return ReadBy(
        f"used by {where}{more}{objects}; templates are not executed{custom}",
        places,
        kinds,
        len(first.path) >= keys,
    )


def conditions(name: str) -> Iterator[str]:
    """The paths of a dependency's ``condition``, which Helm tries in turn."""
    yield from (part.strip() for part in name.split(",") if part.strip())
