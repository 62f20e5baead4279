"""Which root, in which environment, a plan was made of: told by the environment it was given for and by how many of
its addresses stand in the files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.hcl import NOT_INSTALLED, is_available
from riskcheck.errors import RunError
from riskcheck.models import Limitation
from riskcheck.phrases import listed
from riskcheck.planmerge.places import Places
from riskcheck.platforms.terraform.discovery import Layout
from riskcheck.platforms.terraform.resolve import Root
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.models import Environment
    from riskcheck.planfiles.model import DeploymentPlan
    from riskcheck.platforms.base import Workspace
    from riskcheck.resolving import Resolved

_MOST_NAMED: Final = 8
_MOST_BLOCKS: Final = 5_000
"""Different blocks of a plan that are looked for."""


class Target(NamedTuple):
    """A root in an environment."""

    unit: str
    environment: Environment


class Matcher:
    """Looks for the roots of plans on both sides; the places of a root are read once."""

    def __init__(self, resolved: Resolved, declared: Iterable[str]) -> None:
        self._sides = (resolved.head_side, resolved.base_side)
        self._touched = frozenset(resolved.units.get("terraform", ()))
        self._declared = tuple(declared)
        self._places: dict[str, tuple[Places, ...]] = {}
        self._targets: dict[frozenset[str], tuple[Target, ...]] = {}
        self._layouts: dict[str, Layout] = {}

    def target_of(self, plan: DeploymentPlan) -> Target | Limitation:
        """The root that the plan knows most of: among those that the change touches, else among all.

        A limitation where it is of none. Raises `RunError` where it does not tell of which environment it is, and
        several could be meant, or where it is given for one that the repository does not have.
        """
        if not is_available():
            return Limitation(plan.source, "not-installed", NOT_INSTALLED)
        touched = [one for one in self._of(self._touched) if _is_meant(plan, one)]
        best = self._best(plan, touched)
        if not best:
            everything = self._of(self._every_root())
            self._check_name(plan, everything)
            best = self._best(plan, [one for one in everything if _is_meant(plan, one)])
        if not best and not plan.resources:
            message = "lists no resource, so that nothing is learnt from it (-refresh-only, or an empty root)"
            return Limitation(plan.source, "plan-without-resources", message)
        if not best:
            return Limitation(
                plan.source,
                "plan-of-another-root",
                f"is of another configuration: no root module declares any of its {len(plan.resources)} resources",
            )
        names = sorted({one.environment.name for one in best})
        if len(names) > 1:
            raise RunError(
                f"{plan.source}: for which environment was it made? Write --terraform-plan "
                f"{names[0]}={plan.source} (environments: {listed(names, _MOST_NAMED)})"
            )
        if len(best) > 1:
            units = listed([one.unit for one in best], _MOST_NAMED)
            return Limitation(
                plan.source,
                "plan-of-another-root",
                f"fits several root modules alike ({units}); it is not used",
            )
        return best[0]

    def places(self, unit: str) -> tuple[Places, ...]:
        """The places of a root in head and in base."""
        if unit not in self._places:
            self._places[unit] = tuple(
                Places(side, self._root(side, unit).directories()) for side in self._sides
            )
        return self._places[unit]

    def _best(self, plan: DeploymentPlan, targets: Sequence[Target]) -> list[Target]:
        counts = {unit: self._known(plan, unit) for unit in {one.unit for one in targets}}
        most = max(counts.values(), default=0)
        return [one for one in targets if counts[one.unit] == most > 0]

    def _known(self, plan: DeploymentPlan, unit: str) -> int:
        """How many blocks of the plan stand in the files of a root."""
        blocks = {
            (one.state.module, one.state.kind, one.state.name.partition("[")[0]): one.state
            for one in plan.resources.values()
            if one.state is not None
        }
        places = self.places(unit)
        return sum(
            any(side.of(state) is not None for side in places)
            for state in list(blocks.values())[:_MOST_BLOCKS]
        )

    def _of(self, units: frozenset[str]) -> tuple[Target, ...]:
        if units not in self._targets:
            self._targets[units] = tuple(dict.fromkeys(self._targets_of(units)))
        return self._targets[units]

    def _targets_of(self, units: frozenset[str]) -> Iterator[Target]:
        for unit in sorted(units):
            seen: set[str] = set()
            for side in self._sides:
                for environment in self._root(side, unit).environments():
                    if environment.name not in seen:
                        seen.add(environment.name)
                        yield Target(unit, environment)

    def _root(self, side: Workspace, unit: str) -> Root:
        return Root(side, self._layout(side), "" if unit == "." else unit)

    def _layout(self, side: Workspace) -> Layout:
        if side.side not in self._layouts:
            self._layouts[side.side] = Layout(side.tree)
        return self._layouts[side.side]

    def _every_root(self) -> frozenset[str]:
        found = set()
        for side in self._sides:
            layout = self._layout(side)
            units = () if layout.units is None else layout.units.all
            found |= {one or "." for one in (*layout.directories, *units) if layout.is_root(one)}
        return frozenset(found)

    def _check_name(self, plan: DeploymentPlan, targets: Sequence[Target]) -> None:
        """Raises `RunError` where the plan is given for an environment that there is not."""
        cells = {one.environment.cell for one in targets}
        names = {*self._declared, *(one.environment.name for one in targets)}
        if plan.environment not in (None, *names, *cells):
            there = f"; there are {listed(sorted(names), _MOST_NAMED)}" if names else ""
            raise RunError(
                f"{plan.source}: --terraform-plan {plan.environment}=…: there is no environment of this name{there}"
            )


def _is_meant(plan: DeploymentPlan, target: Target) -> bool:
    return plan.environment in (None, target.environment.name, target.environment.cell)
