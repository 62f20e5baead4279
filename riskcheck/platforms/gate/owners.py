"""Code owners: who must approve a change to which paths.

https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
https://docs.gitlab.com/user/project/codeowners/reference/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.catalogs.codeowners import as_glob, parse
from riskcheck.cells import tell
from riskcheck.filenames import POLICIES
from riskcheck.globs import Glob, GlobError
from riskcheck.nodes import Mapping, Node, Scalar, Source, made
from riskcheck.platforms.gate.ci import mapping, sequence
from riskcheck.platforms.gate.paths import HOOKS

if TYPE_CHECKING:
    from riskcheck.environments import EnvironmentModel

_GATE_PATHS = (*POLICIES, *HOOKS, ".github/workflows/x.yml", ".gitlab-ci.yml", ".circleci/config.yml")


def body(lines: list[str], source: Source, environments: EnvironmentModel) -> Mapping:
    """Pattern to its owners and to what it ``guards``: ``production``, ``the gate``, or nothing of either.

    In a section of GitLab the pattern is called ``[Section] pattern``; a section may have owners for the patterns
    that name none, and may be optional. The last of two equal patterns counts, as in the file.
    """
    root = made(None, made("", Scalar("", source, 0, 0, 0, 0)))
    found: dict[str, tuple[Scalar, Node]] = {}
    for line in parse(lines, source):
        key, first = line.pattern, line.pattern.raw
        key.raw = line.section + first
        found.pop(key.raw, None)
        found[key.raw] = (
            key,
            mapping(
                key,
                [
                    ("owners", sequence(key, line.owners)),
                    ("guards", made(_guards(first, source.path, environments), key)),
                    ("optional", made(True, key) if line.optional else None),
                ],
            ),
        )
    return mapping(root, found.values())


def _guards(pattern: str, own: str, environments: EnvironmentModel) -> str | None:
    """What `pattern` guards; the file of owners, at `own`, is part of the gate. A pattern for everything guards
    everything."""
    if _matches_gate(pattern, own):
        return "the gate"
    plain = pattern.strip("/").replace("*", "x")
    environment = environments.of_path(f"{plain}/x.yaml") or environments.of_path(plain)
    if environment is not None:
        return "production" if environment.stage == "prod" else None
    stages = {tell(step).stage for step in plain.split("/")}
    return "production" if "prod" in stages else None


def _matches_gate(pattern: str, own: str) -> bool:
    try:
        glob = Glob(as_glob(pattern))
    except GlobError:
        return False
    return any(glob.matches(path) for path in (own, *_GATE_PATHS))
