"""Which environment a name or a path stands for: declared in the policy, or inferred from words.

How a path is read, step by step downwards:

- The directory below ``envs``, ``environments``, ``overlays``, ``clusters``, ``stages``, ``live`` or
  ``targets`` is an environment if its words name a stage, a ring or a region (``overlays/rd-staging``,
  ``clusters/shop-prod-p01``). Below ``envs``, ``environments`` and ``clusters`` it is one even if they do
  not; its stage is then unknown.
- Elsewhere a directory or file stem is an environment if *all* its words say so and the stage word means
  little else (``production``, not ``integration``; ``development_cluster`` is a project).
- Where a sibling is plainly a stage, words in doubt count too: ``test`` beside ``prod``,
  ``production-downstream`` beside ``production``. Without such siblings ``test``, ``integration`` or
  ``canary`` are folders of code or components.
- ``values-prod.yaml``, ``application-test.yml``, ``prod.tfvars``: words beside a word for settings.
- Below an environment, directories that name a region, tier, ring or cluster make cells of their own:
  ``production/shop-prod-p01`` is one environment, ``production/base`` is part of ``production``.
- Below ``tests``, ``testdata``, ``fixtures``, ``examples`` and CI folders nothing is an environment.

An inferred environment is called by the steps that told it, joined by ``/``, as the repository spells them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from riskcheck.cells import Told, canonical, looks_like_cluster, tell
from riskcheck.globs import GlobSet
from riskcheck.models import Environment, Stage

_ORDER: Final[dict[Stage, int]] = {"dev": 0, "staging": 1, "canary": 2, "prod": 3, "unknown": 4}
_HOLDERS: Final = frozenset(
    {"envs", "env", "environments", "overlays", "clusters", "stages", "live", "targets", "rings", "regions"}
)
_NAMING_HOLDERS: Final = frozenset({"envs", "environments", "clusters"})
_SHARED: Final = frozenset({"base", "common", "default", "defaults", "shared", "global", "all"})
_CODE: Final = frozenset(
    {
        "tests",
        "testdata",
        "test-data",
        "test_data",
        "fixtures",
        "__tests__",
        "examples",
        "example",
        "samples",
        "node_modules",
        "vendor",
        ".github",
        ".gitlab",
        ".circleci",
        ".azuredevops",
    }
)
_SETTINGS: Final = frozenset(
    {
        "values",
        "application",
        "appsettings",
        "bootstrap",
        "config",
        "configuration",
        "settings",
        "compose",
        "env",
        "terraform",
        "variables",
        "vars",
        "params",
        "parameters",
        "secrets",
        "overrides",
        "override",
        "databricks",
        "bundle",
        "inventory",
        "backend",
    }
)
_EXTENSIONS: Final = frozenset(
    {
        "yaml",
        "yml",
        "json",
        "toml",
        "tfvars",
        "properties",
        "conf",
        "env",
        "ini",
        "hcl",
        "cfg",
        "auto",
        "gotmpl",
    }
)


def order_of(stage: Stage) -> int:
    """Place in the order of promotion: dev, staging, canary, prod; unknown last."""
    return _ORDER[stage]


@dataclass(frozen=True, slots=True)
class DeclaredEnvironment:
    """An environment of the policy file.

    share: 0..1 of the users. soak_seconds: how long a change must have run there. order: place in the
    promotion order, where one is declared. paths: globs of what is deployed there.
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


class EnvironmentModel:
    """Names and paths to environments; declared ones first.

    promotion: the policy's ``git``, ``pipeline`` or ``branch``. paths: gives every path of the repository;
    asked for once, and only when a word's siblings decide what it means.
    """

    def __init__(
        self,
        declared: Sequence[DeclaredEnvironment] = (),
        promotion: str | None = None,
        paths: Callable[[], Iterable[str]] | None = None,
    ) -> None:
        self.declared = tuple(declared)
        self.promotion = promotion
        self._paths = paths
        self._globs = [(one, GlobSet(one.paths)) for one in self.declared if one.paths]
        self._stage_parents: frozenset[str] | None = None
        self._trails: dict[str, _Trail | None] = {}

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
            stage, tier, region = stage or more.stage, tier or more.tier, region or more.region
        return self._made(name, stage, tier, region, source)

    def of_path(self, path: str) -> Environment | None:
        """The environment that `path` is deployed to alone, or None where nothing tells."""
        for declared, globs in self._globs:
            if globs.matches(path):
                return _from_declared(declared, declared.source)
        directory, _, file = path.rpartition("/")
        trail = self._trail(directory)
        if trail is None:
            return None
        return self._environment(self._with_file(trail, directory, file))

    def is_shared(self, path: str) -> bool:
        """Whether `path` is a layer meant for all environments: ``base``, ``common``, ``defaults`` … outside
        of any environment's own directory."""
        steps = path.lower().split("/")
        steps[-1] = steps[-1].partition(".")[0].removeprefix("values-")
        return any(_is_shared(step) for step in steps) and self.of_path(path) is None

    def _trail(self, directory: str) -> _Trail | None:
        """What the steps of `directory` say; None in folders of code."""
        if directory in self._trails:
            return self._trails[directory]
        trail: _Trail | None = _NOTHING
        parent = holder = ""
        for step in directory.split("/") if directory else ():
            if step.lower() in _CODE or (step.startswith(".") and "test" in step):
                trail = None
                break
            trail = self._with_directory(trail or _NOTHING, parent, holder, step)
            parent = f"{parent}/{step}" if parent else step
            holder = step.lower()
        self._trails[directory] = trail
        return trail

    def _with_directory(self, trail: _Trail, parent: str, holder: str, step: str) -> _Trail:
        lower = step.lower()
        if _is_shared(lower):
            return trail._replace(near=False)
        told = tell(step, beside=trail.near)
        if told.stage is not None and (
            (holder in _HOLDERS and (not trail.names or told.whole))
            or (told.whole and told.sure)
            or (told.whole and trail.ends_in_region)
            or (not trail.names and self._beside_stages(parent))
        ):
            return trail.with_stage(step, told)
        if trail.near and looks_like_cluster(step):
            return trail.with_cell(step, told)
        if (
            told.whole
            and (told.region or told.tier)
            and (trail.names or holder in _HOLDERS or _tells_alone(told))
        ):
            return trail.with_cell(step, told)
        if holder in _NAMING_HOLDERS and lower not in _HOLDERS:
            return trail.with_cell(step, told)
        return trail if lower in _HOLDERS else trail._replace(near=False)

    def _with_file(self, trail: _Trail, directory: str, file: str) -> _Trail:
        """`trail` with what the file's name adds."""
        stem, extensions = _stem_of(file)
        if not _EXTENSIONS.issuperset(extensions) or not extensions:
            return trail
        holder = directory.rpartition("/")[2].lower()
        word = _settings_word(stem)
        if word is not None:
            told = tell(word, beside=True)
        else:
            word, told = stem, tell(stem, beside=trail.near)
            doubtful = not (told.whole and (told.sure or told.stage is None or "tfvars" in extensions))
            if doubtful and not (told.stage and (holder in _HOLDERS or self._beside_stages(directory))):
                return trail
        if trail.stage is None and told.stage is not None:
            return trail.with_stage(word, told)
        if told.whole and told.stage is None and (trail.names or told.region or told.tier):
            return trail.with_cell(word, told)
        return trail

    def _environment(self, trail: _Trail) -> Environment | None:
        if not trail.names:
            return None
        name = "/".join(trail.names)
        return self._made(name, trail.stage, trail.tier, trail.region, f"inferred from {name}")

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

    def _beside_stages(self, parent: str) -> bool:
        """Whether something in `parent` is plainly a stage."""
        if self._stage_parents is None:
            self._stage_parents = frozenset(_stage_parents(self._paths() if self._paths else ()))
        return parent in self._stage_parents


class _Trail(NamedTuple):
    """What the steps of a path have said so far. near: the step before this one did."""

    names: tuple[str, ...] = ()
    stage: Stage | None = None
    tier: str | None = None
    region: str | None = None
    near: bool = False

    @property
    def ends_in_region(self) -> bool:
        """As ``live/account/eu-west-1`` does, below which ``qa`` can only be an environment."""
        return self.near and tell(self.names[-1], beside=True)[:3] == (None, None, self.region)

    def with_stage(self, step: str, told: Told) -> _Trail:
        return _Trail(
            (*self.names, step), told.stage, told.tier or self.tier, told.region or self.region, True
        )

    def with_cell(self, step: str, told: Told) -> _Trail:
        stage = self.stage or told.stage
        return _Trail((*self.names, step), stage, told.tier or self.tier, told.region or self.region, True)


_NOTHING: Final = _Trail()


def _tells_alone(told: Told) -> bool:
    """A cloud region or a ring needs nothing beside it."""
    return bool(told.region or (told.tier or "").startswith("ring-"))


def _is_shared(step: str) -> bool:
    return step.strip("_") in _SHARED


def _stem_of(file: str) -> tuple[str, list[str]]:
    """``values-prod.yaml`` → ``values-prod``; ``app.prod.auto.tfvars`` → ``app.prod``."""
    parts = file.split(".")
    extensions: list[str] = []
    while len(parts) > 1 and parts[-1].lower() in _EXTENSIONS:
        extensions.append(parts.pop().lower())
    return ".".join(parts).lstrip("."), extensions


def _settings_word(stem: str) -> str | None:
    """What tells in a settings file's name: ``prod-eu`` of ``values-prod-eu`` or ``prod-eu.values``."""
    cuts = [place for place, letter in enumerate(stem) if letter in "-_."]
    for cut in cuts:
        before, after = stem[:cut], stem[cut + 1 :]
        if _last_word(before) in _SETTINGS and tell(after, beside=True).whole:
            return after
    for cut in reversed(cuts):
        before, after = stem[:cut], stem[cut + 1 :]
        if after.lower() in _SETTINGS and tell(before, beside=True).whole:
            return before
    return None


def _last_word(text: str) -> str:
    return text.lower().replace(".", "-").replace("_", "-").rpartition("-")[2]


def _stage_parents(paths: Iterable[str]) -> Iterator[str]:
    """Directories that hold a directory or file plainly called after a stage."""
    seen: set[str] = set()
    for path in paths:
        directory, _, file = path.rpartition("/")
        told = tell(_stem_of(file)[0])
        if told.whole and told.sure:
            yield directory
        while directory and directory not in seen:
            seen.add(directory)
            directory, _, step = directory.rpartition("/")
            told = tell(step)
            if told.whole and told.sure:
                yield directory


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
