"""Which environments a CI step deploys to: `databricks bundle deploy`, `kubectl apply -k`, Make targets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from posixpath import join, normpath
from typing import Final

from riskcheck.records import NamedTuple
from riskcheck.regexes import regex
from riskcheck.shell import Statement, statements

MAX_STATEMENTS: Final = 20_000
"""Commands of one definition that are looked at."""
MAX_MAKE_DEPTH: Final = 3
"""Make targets that are followed into each other."""
_EXPRESSION: Final = regex(r"\$\{\{\s*([A-Za-z_][\w.-]{0,99})\s*\}\}")
_VARIABLE: Final = regex(r"\$(?:\{([A-Za-z_]\w{0,99})\}|\(([A-Za-z_][\w.]{0,99})\)|([A-Za-z_]\w{0,99}))")
_TARGET_VARIABLES: Final = ("DATABRICKS_BUNDLE_TARGET", "DATABRICKS_BUNDLE_ENV")
"""What the CLI reads without ``--target``, best first:
https://github.com/databricks/cli/blob/main/bundle/env/target.go"""

Read = Callable[[str], str]
"""Path to the text of a file of the same tree; "" where there is none."""


class Deploy(NamedTuple):
    """One deployment. target: a bundle target, or "" where `path` is an overlay. directory: where it is run."""

    target: str
    directory: str
    path: str = ""


def resolved(text: str, values: Mapping[str, str]) -> str | None:
    """`text` with ``${{ inputs.x }}``, ``$X``, ``${X}`` and ``$(X)`` filled in; None where one is not known.

    values: ``inputs.x``, ``matrix.x``, ``parameters.x``, and ``env.X`` for variables of the environment.
    """
    missing = False

    def fill(name: str) -> str:
        nonlocal missing
        value = values.get(name)
        missing = missing or value is None
        return value or ""

    text = _EXPRESSION.sub(lambda match: fill(match[1]), text)
    text = _VARIABLE.sub(lambda match: fill(f"env.{match[1] or match[2] or match[3]}"), text)
    return None if missing or "${{" in text or "$(" in text else text


class Scripts:
    """Finds deployments in scripts. One for each definition: together its scripts are read only so far."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._left = MAX_STATEMENTS

    def deploys(
        self, script: str, directory: str, values: Mapping[str, str], depth: int = 0
    ) -> Iterator[Deploy]:
        """The deployments of a script that runs in `directory`, in order. What cannot be resolved is left out."""
        for statement in statements(script):
            self._left -= 1
            if self._left < 0:
                return
            words = [resolved(word, values) for word in statement.words]
            if words[0] == "cd" and len(words) > 1:
                if words[1] is None:
                    return
                directory = _below(directory, words[1])
                continue
            yield from self._of_statement(statement, words, directory, values, depth)

    def _of_statement(
        self,
        statement: Statement,
        words: Sequence[str | None],
        directory: str,
        values: Mapping[str, str],
        depth: int,
    ) -> Iterator[Deploy]:
        names = [(word or "").rpartition("/")[2] for word in words]
        plain = [name for name in names if not name.startswith("-")]
        if _follows(plain, "databricks", "bundle", "deploy"):
            target = _option(words, "-t", "--target")
            if target is None and not _has_option(statement.words, "-t", "--target"):
                stated = (values.get(f"env.{name}") for name in _TARGET_VARIABLES)
                target = next((name for name in stated if name), None)
            if target:
                yield Deploy(target, directory)
        elif ("kubectl" in names and "apply" in names) or _follows(plain, "kustomize", "build"):
            path = _option(words, "-k", "--kustomize") or _behind(words, names, "build")
            if path:
                yield Deploy("", directory, _below(directory, path))
        elif names[0] in ("make", "gmake") and depth < MAX_MAKE_DEPTH:
            yield from self._make(words[1:], directory, values, depth)

    def _make(
        self, words: Sequence[str | None], directory: str, values: Mapping[str, str], depth: int
    ) -> Iterator[Deploy]:
        """The recipes of the targets that a `make` runs, with the variables of its command line."""
        own = dict(values)
        targets: list[str] = []
        waiting = iter(words)
        for word in waiting:
            if word in ("-C", "--directory"):
                directory = _below(directory, next(waiting, None) or "")
            elif word is not None and "=" in word:
                name, _, value = word.partition("=")
                own[f"env.{name.rstrip(':?+')}"] = value
            elif word and not word.startswith("-"):
                targets.append(word)
        makefile = self._read(_below(directory, "Makefile"))
        for target in targets:
            yield from self.deploys(recipe(makefile, target), directory, own, depth + 1)


def recipe(makefile: str, target: str) -> str:
    """The lines below ``target:`` in a Makefile, without Make's own marks; "" where there are none."""
    lines: list[str] = []
    inside = False
    for line in makefile.split("\n"):
        if inside and line.startswith("\t"):
            lines.append(line.lstrip("\t@-+ "))
        elif line.strip() and not line.startswith(("#", "\t")):
            names, colon, rest = line.partition(":")
            inside = bool(colon) and not rest.startswith("=") and target in names.split()
    return "\n".join(lines)


def _follows(words: Sequence[str], *wanted: str) -> bool:
    width = len(wanted)
    return any(tuple(words[start : start + width]) == wanted for start in range(len(words) - width + 1))


def _option(words: Sequence[str | None], *names: str) -> str | None:
    """The value of an option: ``-t prod``, ``--target prod``, ``--target=prod``."""
    for number, word in enumerate(words):
        if word in names and number + 1 < len(words):
            return words[number + 1]
        for name in names:
            if word is not None and word.startswith(f"{name}="):
                return word.removeprefix(f"{name}=")
    return None


def _has_option(words: Sequence[str], *names: str) -> bool:
    return any(word in names or word.startswith(tuple(f"{name}=" for name in names)) for word in words)


def _behind(words: Sequence[str | None], names: Sequence[str], name: str) -> str | None:
    """The first word behind `name` that is no option."""
    if name not in names:
        return None
    following = words[names.index(name) + 1 :]
    return next((word for word in following if word and not word.startswith("-")), None)


def _below(directory: str, path: str) -> str:
    """`path` as seen from `directory`, "" for the root."""
    whole = normpath(join(directory, path))
    return "" if whole == "." else whole
