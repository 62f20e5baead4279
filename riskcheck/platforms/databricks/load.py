"""One bundle read from its files: the root, what it includes, both merged, every value still at its place.

https://github.com/databricks/cli/blob/7bbe285213/bundle/config/mutator/mutator.go (DefaultMutators)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.nodes import Mapping
from riskcheck.platforms.databricks.discovery import (
    CONFIG_ENDINGS,
    Include,
    Listing,
    includes_of,
)
from riskcheck.platforms.databricks.duplicates import doubled
from riskcheck.platforms.databricks.limits import Limits
from riskcheck.platforms.databricks.merge import merge_all
from riskcheck.platforms.databricks.sections import tell_unread
from riskcheck.platforms.databricks.twins import with_twins
from riskcheck.platforms.databricks.variables import spelled_out
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.documents.store import Document, DocumentStore
    from riskcheck.platforms.base import Workspace

MAX_FILES = 5_000
"""Files that one bundle may include."""


class Bundle(NamedTuple):
    """One bundle as written. directory: ``""`` at the top. targets: None where the bundle has none."""

    directory: str
    path: str
    config: Mapping
    targets: Mapping | None


class Loader:
    """Reads bundles of one side. read: every path that was read as belonging to a bundle."""

    def __init__(self, workspace: Workspace, listing: Listing, limits: Limits) -> None:
        self._workspace = workspace
        self._listing = listing
        self._limits = limits
        self.read: set[str] = set()

    def load(self, directory: str) -> Bundle | None:
        """The bundle whose root file is in `directory`, if this side has one there."""
        files = self.files(directory)
        if not files:
            return None
        config = merge_all([*files], self._limits.unmergeable)
        assert isinstance(config, Mapping)
        self._unique_keys(files, directory)
        for file in files:
            tell_unread(file, self._limits)
        return Bundle(directory, self._listing.root_files(directory)[0], config, self._targets(config))

    def files(self, directory: str) -> list[Mapping]:
        """The root file in `directory` and what it includes, in the order in which they are merged."""
        roots = self._listing.root_files(directory)
        if not roots:
            return []
        if len(roots) > 1:
            names = ", ".join(path.rpartition("/")[2] for path in roots)
            self._limits.file(
                roots[0],
                "ambiguous-root",
                f"one bundle has several root files, which no deployment accepts: {names}; the first is read, "
                "keep one of them",
            )
        root = self._mapping(roots[0])
        if root is None:
            return []
        spelled = spelled_out(spelled_out(root), "environments")
        return [spelled, *self._included(root, directory, {*roots})]

    def optional(self, path: str) -> Mapping | None:
        """A file that a bundle reads if it is there."""
        return self._mapping(path) if self._workspace.tree.entry(path) is not None else None

    def _included(self, root: Mapping, directory: str, seen: set[str]) -> Iterator[Mapping]:
        """Included files, each once, in the order of the patterns and sorted within each."""
        paths: list[str] = []
        for include in includes_of(root, directory):
            for path in self._matches(include):
                if path not in seen:
                    seen.add(path)
                    paths.append(path)
            if len(paths) > MAX_FILES:
                self._limits.at(
                    include.node, "too-large", f"the bundle includes more than {MAX_FILES} files", failed=True
                )
                del paths[MAX_FILES:]
                break
        self._workspace.documents.prefetch(paths)
        for path in paths:
            found = self._mapping(path)
            if found is None:
                continue
            nested = found.key("include")
            if nested is not None:
                self._limits.at(
                    nested, "ignored-include", "include is read in the root file of a bundle only"
                )
            yield spelled_out(spelled_out(found), "environments")

    def _matches(self, include: Include) -> Iterator[str]:
        if include.pattern is None:
            self._limits.at(include.node, "include-outside", include.problem)
            return
        paths = self._listing.matching(include.pattern)
        if not paths and not include.pattern.wild:
            self._limits.at(include.node, "include-missing", f"include '{include.node.raw}' matches no file")
        for path in paths:
            if path.endswith(CONFIG_ENDINGS):
                yield path
            else:
                self._limits.at(
                    include.node, "include-unreadable", f"'{path}' is included but is neither YAML nor JSON"
                )

    def _targets(self, config: Mapping) -> Mapping | None:
        targets, environments = config.get("targets"), config.get("environments")
        if isinstance(environments, Mapping):
            if isinstance(targets, Mapping):
                key = config.key("environments")
                self._limits.at(
                    key or environments,
                    "ambiguous-targets",
                    "'environments' is the old name of 'targets'; a bundle cannot have both. It is ignored",
                )
            else:
                targets = environments
        return targets if isinstance(targets, Mapping) and targets.entries else None

    def _unique_keys(self, files: Sequence[Mapping], directory: str) -> None:
        """Says which keys are declared twice: the deployment fails, whatever the values read here."""
        doubles = list(doubled(files))
        touched = self._workspace.touched
        known = self._doubled_before(directory) if doubles else set()
        for first, again in doubles:
            # Said where the change is, so that it counts as part of what was changed.
            at, other = (
                (first, again) if {first.path, again.path} & touched == {first.path} else (again, first)
            )
            new = self._workspace.side == "head" and bool(touched) and at.key.raw not in known
            message = (
                f"'{at.key.raw}' names a resource twice, which no deployment accepts: {other} has it too"
            )
            self._limits.at(at.key, "duplicate-resource", message, failed=new)

    def _doubled_before(self, directory: str) -> set[str]:
        """The keys that the bundle declares twice on the other side."""
        other = self._workspace.other
        if other is None:
            return set()
        workspace = self._workspace._replace(tree=other.tree, documents=other, other=None)
        loader = Loader(workspace, Listing(other.tree), Limits(other.tree.side))
        return {again.key.raw for _, again in doubled(loader.files(directory))}

    def _mapping(self, path: str) -> Mapping | None:
        """The tree of one file.

        What cannot be read is taken as it is on the other side, so that a broken file does not read as if
        all it declares had been removed.
        """
        self.read.add(path)
        document = self._workspace.documents.get(path, merge="databricks")
        root = self._sound(document)
        workspace = self._workspace
        other = workspace.other
        if other is None or (root is None and not _broken(document)):
            return root
        if root is None:
            return _root(other, path)
        if workspace.side != "head" or path not in workspace.touched:
            return root
        return workspace.documents.shared(("twins", path), lambda: _twin(root, _root(other, path)))

    def _sound(self, document: Document) -> Mapping | None:
        path = document.path
        if document.unreadable or document.error is not None:
            kind = document.unreadable or ("unresolved-template" if _templated(document) else "parse-error")
            error = document.error
            reason, line = (error.reason, error.line) if error is not None else ("cannot be read", None)
            self._limits.file(path, kind, reason, line, failed=self._broken_by_change(document))
            return None
        filled = [chunk for chunk in document.chunks if chunk.root is not None]
        if len(filled) > 1:
            line = filled[1].first_line
            self._limits.file(path, "several-documents", "only the first document of the file is read", line)
        if not filled:
            return None
        for duplicate in filled[0].duplicate_keys:
            self._limits.file(path, "duplicate-key", duplicate.reason, duplicate.line)
        root = filled[0].root
        if root is not None and not isinstance(root, Mapping):
            self._limits.at(root, "not-a-mapping", "the configuration of a bundle is a mapping")
            return None
        return root

    def _broken_by_change(self, document: Document) -> bool:
        """Whether the file is broken at head and was not at base."""
        workspace = self._workspace
        if workspace.side != "head" or document.path not in workspace.touched or _templated(document):
            return False
        if workspace.other is None:
            return True
        before = workspace.other.get(document.path, merge="databricks")
        return before.unreadable == "absent" or not _broken(before)


def _templated(document: Document) -> bool:
    """Whether a file is broken for being a template. ``${…}`` is a bundle's own, not a template's."""
    return document.templated not in (None, "shell")


def _broken(document: Document) -> bool:
    return document.unreadable is not None or document.error is not None


def _twin(root: Mapping, before: Mapping | None) -> Mapping:
    twin = root if before is None else with_twins(root, before)
    assert isinstance(twin, Mapping)
    return twin


def _root(store: DocumentStore, path: str) -> Mapping | None:
    document = store.get(path, merge="databricks")
    root = None if _broken(document) else document.root
    return root if isinstance(root, Mapping) else None
