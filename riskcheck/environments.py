"""Which environment a name or a path stands for: declared in the policy, or inferred from words.

`riskcheck.cells` says what words mean, `riskcheck.trails` which steps of a path count. An inferred environment is
called by the steps that told it, joined by ``/``, as the repository spells them: ``production/shop-prod-p01``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.cells import canonical, tell
from riskcheck.globs import GlobSet
from riskcheck.models import Environment, Stage
from riskcheck.records import NamedTuple
from riskcheck.trails import PathReader, is_shared_step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_ORDER: Final[dict[Stage, int]] = {"dev": 0, "staging": 1, "canary": 2, "prod": 3, "unknown": 4}


_UNASSIGNED: Final = "nothing assigns "
_TRIAL: Final = "/ is no production"
_EVERYWHERE: Final = " is read everywhere"


def unassigned(name: str, path: str) -> Environment:
    """What stands for an environment where nothing in `path` tells one."""
    return Environment(name, "unknown", source=f"{_UNASSIGNED}{path} to an environment")


def everywhere(path: str) -> Environment:
    """What stands for all environments where a file is read in each of them and none is declared."""
    return Environment("all environments", "prod", source=f"{path}{_EVERYWHERE}")


def is_unassigned(environment: Environment) -> bool:
    """Whether `environment` stands for none in particular."""
    return environment.source.startswith(_UNASSIGNED) or environment.source.endswith(_EVERYWHERE)


def trial(name: str, folder: str) -> Environment:
    """The environment of what `folder`, one of examples or tests, tries out."""
    return Environment(name, "dev", source=f"{folder}{_TRIAL}")


def is_trial(environment: Environment) -> bool:
    """Whether `environment` is of examples or tests."""
    return environment.source.endswith(_TRIAL)


def order_of(stage: Stage) -> int:
    """Place in the order of promotion: dev, staging, canary, prod; unknown last."""
    return _ORDER[stage]


class DeclaredEnvironment(NamedTuple):
    """An environment of the policy file.

    share: 0..1 of the users. soak_seconds: how long a change must have run there. order: place in the
    promotion order, where one is declared. paths: globs of what is deployed there. branch: what it runs the tip of,
    where changes are promoted by branch.
    """

    name: str
    stage: Stage
    tier: str | None = None
    region: str | None = None
    share: float | None = None
    soak_seconds: int | None = None
    paths: tuple[str, ...] = ()
    order: int | None = None
    source: str = ""
    branch: str | None = None


class EnvironmentModel:
    """Names and paths to environments; declared ones first.

    promotion: the policy's ``git``, ``pipeline`` or ``branch``. paths: gives every path of the repository, so
    that a word in doubt can be judged by its siblings; asked for once, and only then. here: the environment that
    the whole branch is deployed to, where its paths do not tell another.
    """

    def __init__(
        self,
        declared: Sequence[DeclaredEnvironment] = (),
        promotion: str | None = None,
        paths: Callable[[], Iterable[str]] | None = None,
        here: DeclaredEnvironment | None = None,
    ) -> None:
        self._here = here
        self.declared = tuple(declared)
        self.promotion = promotion
        self._globs = [(one, GlobSet(one.paths)) for one in self.declared if one.paths]
        self._reader = PathReader(paths or tuple)
        self._of_path: dict[str, Environment | None] = {}

    @property
    def has_declared_order(self) -> bool:
        """Whether the policy says in which order the declared environments get a change."""
        return bool(self.declared) and (
            self.promotion is not None or any(one.order is not None for one in self.declared)
        )

    def named(
        self, name: str, *, source: str, hints: Sequence[str] = (), mode: str | None = None
    ) -> Environment:
        """The environment called `name`: a bundle target, an overlay, a cluster.

        source: ``path:line`` of what names it. hints: other texts that may tell what the name does not
        (a workspace host, a path). mode: a bundle target's ``production`` or ``development``.
        """
        told = tell(name)
        stage, tier, region = told.stage, told.tier, told.region
        if stage is None and mode in ("production", "development"):
            stage = "prod" if mode == "production" else "dev"
        for hint in hints:
            more = tell(hint)
            stage = stage or (more.stage if more.sure else None)
            tier, region = tier or more.tier, region or more.region
        return self._made(name, stage, tier, region, source)

    def of_path(self, path: str) -> Environment | None:
        """The environment that `path` is deployed to alone, or None where nothing tells."""
        if path not in self._of_path:
            self._of_path[path] = self._told_by(path)
        return self._of_path[path]

    def _told_by(self, path: str) -> Environment | None:
        for declared, globs in self._globs:
            if globs.matches(path):
                return _from_declared(declared, declared.source)
        trail = self._reader.read(path)
        name = "/".join(filter(None, trail.names))
        if not name:
            return None if self._here is None else _from_declared(self._here, self._here.source)
        return self._made(name, trail.stage, trail.tier, trail.region, f"inferred from {name}")

    def is_shared(self, path: str) -> bool:
        """Whether `path` is a layer meant for all environments: ``base``, ``common``, ``defaults`` … outside
        of any environment's own directory."""
        steps = path.lower().split("/")
        steps[-1] = steps[-1].partition(".")[0].removeprefix("values-")
        return any(is_shared_step(step) for step in steps) and self.of_path(path) is None

    def _made(
        self, name: str, stage: Stage | None, tier: str | None, region: str | None, source: str
    ) -> Environment:
        """A declared environment of this name or cell, else an inferred one."""
        short = canonical(name)
        for one in self.declared:
            if one.name == name:
                return _from_declared(one, source)
        for one in self.declared:
            same_cell = (one.stage, one.tier, one.region) == (stage, tier, region) and (tier or region)
            if same_cell or (short == canonical(one.name) and stage == one.stage):
                return _from_declared(one, source)
        return Environment(name, stage or "unknown", tier, region, source)


def _from_declared(one: DeclaredEnvironment, source: str) -> Environment:
    return Environment(
        one.name,
        one.stage,
        one.tier,
        one.region,
        source or one.source,
        one.share,
        one.soak_seconds,
        one.order,
    )


def stands_for(candidate: Environment, production: Environment) -> bool:
    """Whether trying a change in `candidate` says something about `production`'s workspace tier.

    Tiers such as standard and premium are of different kinds. Rings are not: ring 1 gets a change so that ring 2
    need not find out.
    """
    if candidate.tier is None or candidate.tier == production.tier:
        return True
    before, after = _ring(candidate.tier), _ring(production.tier)
    return before is not None and after is not None and before < after


def _ring(tier: str | None) -> int | None:
    number = (tier or "").removeprefix("ring").removeprefix("-")
    return int(number) if (tier or "").startswith("ring") and number.isdecimal() and len(number) < 5 else None
