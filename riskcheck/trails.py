"""What the steps of a path say about the environment it belongs to.

A path is read step by step downwards:

- The directory below ``envs``, ``environments``, ``overlays``, ``clusters``, ``stages``, ``live`` or
  ``targets`` is an environment if its words name a stage, a ring or a region (``overlays/rd-staging``,
  ``clusters/shop-prod-p01``). Below ``envs``, ``environments`` and ``clusters`` it is one even if they do
  not; its stage is then unknown.
- Elsewhere a directory or file stem is an environment if *all* its words say so and the stage word means
  little else (``production``, not ``integration``; ``development_cluster`` is a project).
- Where a sibling is plainly a stage, words in doubt count too: ``test`` beside ``prod``,
  ``production-downstream`` beside ``production``, but not the ``live`` of ``cron-start-live-events``. Without such
  siblings ``test``, ``integration`` or ``canary`` are folders of code or components.
- ``values-prod.yaml``, ``application-test.yml``, ``prod.tfvars``: words beside a word for settings.
- Below an environment, directories that name a region, tier, ring or cluster make cells of their own:
  ``production/shop-prod-p01`` is one environment, ``production/base`` is part of ``production``.
- Below ``tests``, ``testdata``, ``fixtures``, ``examples`` and CI folders nothing is an environment.
- A cluster whose stage nothing in its path tells is in the stage that the repository keeps it in elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.cells import Told, looks_like_cluster, tell, tells_at_an_end
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from riskcheck.models import Stage

HOLDERS: Final = frozenset(
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
        "tmpl",
    }
)


_MOST_CUTS: Final = 8
"""Separators of a file's name that are looked behind, from its end."""


class Trail(NamedTuple):
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

    def with_stage(self, step: str, told: Told) -> Trail:
        return self.with_cell(step, told)._replace(stage=told.stage)

    def with_cell(self, step: str, told: Told) -> Trail:
        stage = self.stage or told.stage
        return Trail((*self.names, step), stage, told.tier or self.tier, told.region or self.region, True)


_NOTHING: Final = Trail()


class PathReader:
    """Reads paths. paths: gives every path of the repository, asked for when a word is in doubt."""

    def __init__(self, paths: Callable[[], Iterable[str]]) -> None:
        self._paths = paths
        self._known: _Surroundings | None = None
        self._stages: dict[str, Stage] | None = None
        self._trails: dict[str, Trail | None] = {}

    def read(self, path: str) -> Trail:
        """What `path` says; a trail without names where it says nothing."""
        directory, _, file = path.rpartition("/")
        if directory not in self._trails:
            self._trails[directory] = self._directory(directory)
        trail = self._trails[directory]
        if trail is None:
            return _NOTHING
        trail = self._with_file(trail, directory, file)
        if trail.names and trail.stage is None:
            stage = self._cluster_stages.get(trail.names[-1])
            return trail._replace(stage=stage)
        return trail

    @property
    def _surroundings(self) -> _Surroundings:
        if self._known is None:
            self._known = _Surroundings(self._paths())
        return self._known

    @property
    def _cluster_stages(self) -> dict[str, Stage]:
        """Clusters that stand below directories of one stage only."""
        if self._stages is None:
            found: dict[str, set[Stage | None]] = {}
            for parent, step in self._surroundings.directories():
                if not looks_like_cluster(step) or tell(step).stage is not None:
                    continue
                trail = self._directory(f"{parent}/{step}")
                if trail is not None and trail.stage is not None and trail.names[-1] == step:
                    found.setdefault(step, set()).add(trail.stage)
            self._stages = {
                step: stage for step, (stage, *others) in found.items() if stage is not None and not others
            }
        return self._stages

    def _directory(self, directory: str) -> Trail | None:
        """What the steps of `directory` say; None in folders of code."""
        trail = _NOTHING
        parent = holder = ""
        for step in directory.split("/") if directory else ():
            if step.lower() in _CODE or (step.startswith(".") and "test" in step):
                return None
            trail = self._with_directory(trail, parent, holder, step)
            parent = f"{parent}/{step}" if parent else step
            holder = step.lower()
        return trail

    def _with_directory(self, trail: Trail, parent: str, holder: str, step: str) -> Trail:
        lower = step.lower()
        if is_shared_step(lower):
            return trail._replace(near=False)
        told = tell(step, beside=trail.near)
        if told.stage is not None and (
            (holder in HOLDERS and (not trail.names or told.whole))
            or (told.whole and told.sure)
            or (told.whole and trail.ends_in_region)
            or (
                not trail.names
                and not _is_in_passing(step, told)
                and self._surroundings.holds_a_stage(parent)
            )
        ):
            return trail.with_stage(step, told)
        if trail.near and looks_like_cluster(step):
            return trail.with_cell(step, told)
        if (
            told.whole
            and (told.region or told.tier)
            and (trail.names or holder in HOLDERS or _tells_alone(told))
        ):
            return trail.with_cell(step, told)
        if holder in _NAMING_HOLDERS and lower not in HOLDERS:
            return trail.with_cell(step, told)
        return trail if lower in HOLDERS else trail._replace(near=False)

    def _with_file(self, trail: Trail, directory: str, file: str) -> Trail:
        """`trail` with what the file's name adds."""
        stem, extensions = _stem_of(file)
        if not _EXTENSIONS.issuperset(extensions) or not extensions:
            return trail
        word = _settings_word(stem)
        if word is not None:
            told = tell(word, beside=True)
        else:
            word, told = stem, tell(stem, beside=trail.near)
            plain = told.whole and (told.sure or told.stage is None or "tfvars" in extensions)
            if not plain and not (
                told.stage and not _is_in_passing(stem, told) and self._holds_environments(directory)
            ):
                return trail
        if trail.stage is None and told.stage is not None:
            return trail.with_stage(word, told)
        if told.whole and told.stage is None and (trail.names or told.region or told.tier):
            return trail.with_cell(word, told)
        return trail

    def _holds_environments(self, directory: str) -> bool:
        return directory.rpartition("/")[2].lower() in HOLDERS or self._surroundings.holds_a_stage(directory)


class _Surroundings:
    """What stands in which directory of the repository: all names are listed, those of a few directories read."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._files: dict[str, list[str]] = {}
        # Both sides of a comparison give nearly all of them.
        for path in dict.fromkeys(paths):
            directory, _, file = path.rpartition("/")
            self._files.setdefault(directory, []).append(file)
        self._steps: dict[str, list[str]] = {}
        seen: set[str] = set()
        for held in self._files:
            directory = held
            while directory and directory not in seen:
                seen.add(directory)
                parent, _, step = directory.rpartition("/")
                self._steps.setdefault(parent, []).append(step)
                directory = parent
        self._holding: dict[str, bool] = {}

    def directories(self) -> Iterator[tuple[str, str]]:
        """Every directory, behind the one that it stands in."""
        for parent, steps in self._steps.items():
            for step in steps:
                yield parent, step

    def holds_a_stage(self, directory: str) -> bool:
        """Whether something in `directory` is plainly called after a stage."""
        known = self._holding.get(directory)
        if known is None:
            steps = self._steps.get(directory, ())
            stems = (_stem_of(file)[0] for file in self._files.get(directory, ()))
            known = any((told := tell(name)).whole and told.sure for name in (*steps, *stems))
            self._holding[directory] = known
        return known


def _tells_alone(told: Told) -> bool:
    """A cloud region or a ring needs nothing beside it."""
    return bool(told.region or (told.tier or "").startswith("ring-"))


def _is_in_passing(step: str, told: Told) -> bool:
    """Whether the stage word of `step` is one in doubt amid others, as in ``cron-start-live-events``."""
    doubtful = not told.sure and not told.whole and told.stage != "canary"
    return doubtful and not told.region and not told.tier and not tells_at_an_end(step)


def is_shared_step(step: str) -> bool:
    return step.strip("_") in _SHARED


def _stem_of(file: str) -> tuple[str, list[str]]:
    """``values-prod.yaml`` → ``values-prod``; ``app.prod.auto.tfvars`` → ``app.prod``; and the extensions."""
    parts = file.lstrip(".").split(".")
    extensions: list[str] = []
    while len(parts) > 1 and parts[-1].lower() in _EXTENSIONS:
        extensions.append(parts.pop().lower())
    if not extensions and parts[0] == "env":
        extensions.append("env")
    return ".".join(parts), extensions


def _settings_word(stem: str) -> str | None:
    """What tells in a settings file's name: ``prod-eu`` of ``values-prod-eu`` or ``prod-eu.values``."""
    cuts = [place for place, letter in enumerate(stem) if letter in "-_."][-_MOST_CUTS:]
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
