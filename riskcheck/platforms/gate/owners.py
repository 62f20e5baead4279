"""Code owners: who must approve a change to which paths.

https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
https://docs.gitlab.com/user/project/codeowners/reference/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.cells import tell
from riskcheck.globs import Glob, GlobError
from riskcheck.nodes import Mapping, Node, Scalar, Source, made
from riskcheck.platforms.gate.ci import mapping, sequence
from riskcheck.platforms.gate.paths import HOOKS, POLICIES

if TYPE_CHECKING:
    from riskcheck.environments import EnvironmentModel

INDIVIDUAL = "an individual"
"""Stands for every owner who is a person: reports never name one."""
_GATE_PATHS = (*POLICIES, *HOOKS, ".github/workflows/x.yml", ".gitlab-ci.yml", ".circleci/config.yml")
MAX_LINES = 20_000


def body(lines: list[str], source: Source, environments: EnvironmentModel) -> Mapping:
    """Pattern to its owners and to what it ``guards``: ``production``, ``the gate``, or nothing of either.

    In a section of GitLab the pattern is called ``[Section] pattern``; a section may have owners for the patterns
    that name none, and may be optional. The last of two equal patterns counts, as in the file.
    """
    root = made(None, made("", Scalar("", source, 0, 0, 0, 0)))
    section = ""
    defaults: list[Scalar] = []
    optional = False
    found: dict[str, tuple[Scalar, Node]] = {}
    for number, line in enumerate(lines[:MAX_LINES]):
        words = _words(line, number, source)
        if not words:
            continue
        first = words[0].raw
        if first.startswith(("[", "^[")):
            optional = first.startswith("^")
            section = line.strip().removeprefix("^").partition("]")[0] + "] "
            defaults = [_owner(word) for word in words if "@" in word.raw]
            continue
        owners = [_owner(word) for word in words[1:]] or defaults
        key = words[0]
        key.raw = section + first
        found.pop(key.raw, None)
        found[key.raw] = (
            key,
            mapping(
                key,
                [
                    ("owners", sequence(key, owners)),
                    ("guards", made(_guards(first, source.path, environments), key)),
                    ("optional", made(True, key) if optional else None),
                ],
            ),
        )
    return mapping(root, found.values())


def _words(line: str, number: int, source: Source) -> list[Scalar]:
    """The words of a line with their columns, up to a comment; a backslash keeps a space in a pattern."""
    words: list[Scalar] = []
    position = 0
    while position < len(line):
        if line[position].isspace():
            position += 1
            continue
        if line[position] == "#":
            break
        end = position
        while end < len(line) and not line[end].isspace():
            end += 2 if line[end] == "\\" else 1
        raw = line[position:end].replace("\\ ", " ").replace("\\#", "#")
        words.append(Scalar(raw, source, number, position, number, end, "native", None, raw))
        position = end
    return words


def _owner(word: Scalar) -> Scalar:
    """A team (``@org/team``) or role (``@@maintainer``) as it is, a person as no one in particular."""
    if word.raw.startswith("@") and ("/" in word.raw or word.raw.startswith("@@")):
        return word
    return made(INDIVIDUAL, word)


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


def as_glob(pattern: str) -> str:
    """A code owners pattern, which is one of gitignore, as a glob against the whole path."""
    anchored = "/" in pattern.rstrip("/")
    body = pattern.strip("/")
    if pattern.endswith("/"):
        body += "/**"
    return body if anchored else f"**/{body}"
