"""Where bundles are in a tree, which files each of them reads, and what only looks like a bundle.

https://github.com/databricks/cli/blob/7bbe285213/bundle/config/loader/process_root_includes.go
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from posixpath import normpath
from typing import TYPE_CHECKING, Final

from riskcheck.globs import Glob, GlobError
from riskcheck.nodes import Mapping, Scalar, Sequence
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.trees import Tree

ROOT_NAMES: Final = ("databricks.yml", "databricks.yaml", "bundle.yml", "bundle.yaml")
CONFIG_ENDINGS: Final = (".yml", ".yaml", ".json")
ALERT_FILE: Final = ".dbalert.json"
"""Ending of the files that hold an alert's settings (`alerts`)."""

TEMPLATE_SCHEMA: Final = "databricks_template_schema.json"
"""Beside this file, ``template/`` holds what `databricks bundle init` fills in
(https://docs.databricks.com/aws/en/dev-tools/bundles/templates)."""

_TEMPLATED: Final = tuple(ending + ".tmpl" for ending in CONFIG_ENDINGS)
_TEMPLATED_ROOTS: Final = frozenset(name + ".tmpl" for name in ROOT_NAMES)
_WILDCARDS: Final = frozenset("*?[")


def directory_of(path: str) -> str:
    """The directory of `path`; ``""`` at the top."""
    return path.rpartition("/")[0]


def unit_of(directory: str) -> str:
    """The name of a bundle as a unit: its directory, ``.`` at the top."""
    return directory or "."


def overrides_path(directory: str, target: str) -> str:
    """The file in which a target's variables may be set."""
    return below(directory, f".databricks/bundle/{target}/variable-overrides.json")


def is_overrides(path: str, directory: str) -> bool:
    """Whether `path` is the overrides file of some target of the bundle in `directory`."""
    if not path.endswith("/variable-overrides.json"):
        return False
    start = below(directory, ".databricks/bundle/")
    return path.startswith(start) and path[len(start) :].count("/") == 1


def below(directory: str, path: str) -> str:
    return f"{directory}/{path}" if directory else path


class Listing:
    """What the paths of a tree say about bundles."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    @cached_property
    def _interesting(self) -> tuple[dict[str, list[str]], tuple[str, ...]]:
        """Root files by directory, and the directories that hold a template's content."""
        roots: dict[str, list[str]] = {}
        templates: list[str] = []
        paths = self.tree.entries()
        # Most repositories have no bundle, and many have thousands of paths.
        joined = "\0/".join(("", *paths, ""))
        if not any(f"{end}\0" in joined for end in (TEMPLATE_SCHEMA, *(f"/{name}" for name in ROOT_NAMES))):
            return {}, ()
        for path in paths:
            if path.endswith(ROOT_NAMES):
                directory, _, name = path.rpartition("/")
                if name in ROOT_NAMES:
                    roots.setdefault(directory, []).append(path)
            elif path.endswith(TEMPLATE_SCHEMA):
                templates.append(below(directory_of(path), "template/"))
        return roots, tuple(templates)

    @cached_property
    def has_policies(self) -> bool:
        """Whether the name of any path speaks of policies, as that of a file with compute policies does."""
        return "polic" in "\0".join(self.tree.entries()).lower()

    @property
    def bundles(self) -> list[str]:
        """Directories with a root file that are no template's content."""
        return [directory for directory in self._interesting[0] if self.root_files(directory)]

    def root_files(self, directory: str) -> list[str]:
        """Root files in `directory`, in the order of their names: more than one is an error to the loader."""
        found = [path for path in self._interesting[0].get(directory, ()) if self.template_of(path) is None]
        if len(found) > 1:
            found.sort(key=lambda path: ROOT_NAMES.index(path.rpartition("/")[2]))
        return found

    def template_of(self, path: str) -> str | None:
        """The unit of the template that `path` is content of: no bundle before it was filled in."""
        for content in self._interesting[1]:
            if path.startswith(content):
                return unit_of(directory_of(content.rstrip("/")))
        name = path.rpartition("/")[2]
        if name in _TEMPLATED_ROOTS or ("{{" in path and name in ROOT_NAMES):
            return unit_of(directory_of(path.partition("{{")[0]))
        return None

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.tree.entries())

    def matching(self, pattern: Pattern) -> list[str]:
        """Sorted paths that an include pattern names."""
        if not pattern.wild:
            return [pattern.text] if self.tree.entry(pattern.text) is not None else []
        paths = self._sorted
        found: list[str] = []
        for number in range(bisect_left(paths, pattern.start), len(paths)):
            path = paths[number]
            if not path.startswith(pattern.start):
                break
            if pattern.matches(path):
                found.append(path)
        return found


class Pattern:
    """One `include`, from the top of the repository. Raises `GlobError`.

    Go's path matching: ``*`` and ``?`` stay inside a segment, ``**`` is no more than ``*``, braces are literal
    (https://pkg.go.dev/path/filepath#Match).
    """

    __slots__ = ("_depth", "_glob", "start", "text", "wild")

    def __init__(self, text: str) -> None:
        self.text = text
        self.wild = not _WILDCARDS.isdisjoint(text)
        self._depth = text.count("/")
        literal = text
        for wildcard in _WILDCARDS:
            literal = literal.partition(wildcard)[0]
        self.start = literal[: literal.rfind("/") + 1]
        self._glob: Glob | None = None
        if self.wild:
            plain = text.replace("{", "\\{").replace("}", "\\}")
            while "**" in plain:
                plain = plain.replace("**", "*")
            self._glob = Glob(plain)

    def matches(self, path: str) -> bool:
        if self._glob is None:
            return path == self.text
        return path.count("/") == self._depth and self._glob.matches(path)


class Include(NamedTuple):
    """One item of the root file's `include`. pattern: None where it cannot be followed, for `problem`."""

    node: Scalar
    pattern: Pattern | None
    problem: str = ""


def includes_of(root: Mapping, directory: str) -> Iterator[Include]:
    """The include patterns of a root file, in order."""
    listed = root.get("include")
    if not isinstance(listed, Sequence):
        return
    for item in listed.items:
        if isinstance(item, Scalar) and item.raw:
            yield _include(item, directory)


def _include(item: Scalar, directory: str) -> Include:
    if item.raw.startswith("/"):
        return Include(item, None, f"include '{item.raw}' is not relative to the bundle")
    path = normpath(below(directory, item.raw))
    if path == ".." or path.startswith("../"):
        return Include(item, None, f"include '{item.raw}' leads out of the repository")
    try:
        return Include(item, Pattern(path))
    except GlobError as error:
        return Include(item, None, f"include '{item.raw}' {error}")


def bundles_above(path: str) -> Iterator[str]:
    """Directories that `path` is in, innermost first."""
    directory = directory_of(path)
    while directory:
        yield directory
        directory = directory_of(directory)
    yield ""


def configuration(paths: Iterable[str]) -> list[str]:
    """Those of `paths` that a bundle, or the template of one, could have as configuration."""
    return [path for path in paths if path.endswith((*CONFIG_ENDINGS, *_TEMPLATED))]
