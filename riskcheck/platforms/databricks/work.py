"""What is to be done to make resources of what a bundle writes, for one target.

A resource that is resolved at once and one that is resolved later go through the same `Work`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.nodes import DeferredItems, Mapping, Node, Scalar, Sequence
from riskcheck.platforms.databricks.build import Entry, text_of
from riskcheck.platforms.databricks.defaults import with_defaults
from riskcheck.platforms.databricks.edges import IN_CATALOG, NAMED, NAMING_COLUMNS, Names, references_of
from riskcheck.platforms.databricks.names import provided_by
from riskcheck.platforms.databricks.presets import with_permissions, with_prefix, with_settings
from riskcheck.platforms.databricks.shape import on_cluster, shaped

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskcheck.models import Reference
    from riskcheck.platforms.databricks.foreseen import Foreseen
    from riskcheck.platforms.databricks.limits import Limits
    from riskcheck.platforms.databricks.load import Loader
    from riskcheck.platforms.databricks.normalize import Normalizer
    from riskcheck.platforms.databricks.resolver import Resolver
    from riskcheck.platforms.databricks.scanning import Scan
    from riskcheck.platforms.databricks.settings import Target


class Lists:
    """Lists that are resolved when they are looked into: one where it is the same, in targets of either side."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], tuple[DeferredItems, tuple[object, ...]]] = {}

    def of(
        self, inputs: tuple[str | Node | None, ...], load: Callable[[], list[Node]], written: Sequence
    ) -> DeferredItems:
        """The list that `load` makes of nothing but `inputs`; they are kept, so that their ids stay their own."""
        key = tuple([each if isinstance(each, str) else id(each) for each in inputs])
        known = self._known.get(key)
        # `twins` may have said since then of what was written that it stands in head.
        if known is None or known[0].source is not written.source:
            known = self._known[key] = (DeferredItems(load, written), inputs)
        return known[0]


class Workshop:
    """What the work on all resources of one target needs.

    later: resolves what is put off; it says nothing. provided: names that depend on the prefix of a target alone,
    those of all targets with the same.
    """

    def __init__(
        self,
        target: Target,
        directory: str,
        loader: Loader,
        normalizer: Normalizer,
        limits: Limits,
        later: Resolver,
        provided: dict[Scan, tuple[str, ...]],
        lists: Lists,
    ) -> None:
        self.target = target
        self.later = later
        self.provided = provided
        self._lists = lists
        self.limits = limits
        self._directory = directory
        self._loader = loader
        self._normalizer = normalizer
        self._works: list[Work] = []
        self._names: Names | None = None

    def add(self, work: Work) -> Work:
        self._works.append(work)
        return work

    def shaped(self, kind: str, resolved: Mapping) -> Mapping:
        """A resolved resource of `kind`, typed and merged, before the settings of its target are put on it."""
        body = self._normalizer.normalize(kind, resolved)
        if kind == "alerts":
            from riskcheck.platforms.databricks.alerts import with_file

            body = with_file(body, self._directory, self._loader, self._normalizer, self.limits)
        return shaped(kind, body, self.limits)

    def part(self, kind: str, written: Mapping) -> Mapping:
        """A part of a resource, resolved."""
        resolved = self.later.resolve(written)
        assert isinstance(resolved, Mapping)
        return self.shaped(kind, resolved)

    def resolved(self, kind: str, written: Mapping, scan: Scan) -> Mapping:
        """A resource, its large lists resolved when they are looked into."""
        if not scan.large:
            return self.part(kind, written)
        rest = self.part(kind, scan.rest)
        known = {key.raw: (key, node) for key, node in rest.entries}
        entries: list[Entry] = []
        for key, node in written.entries:
            if isinstance(node, Sequence) and key.raw in scan.large:
                entries.append((key, self._items(kind, key, node, written, scan)))
            elif key.raw in known:
                entries.append(known[key.raw])
        return rest.with_entries(entries)

    def _items(self, kind: str, key: Scalar, node: Sequence, written: Mapping, scan: Scan) -> Sequence:
        # Where a job's code comes from git, relative paths mean something else.
        around: list[Entry] = [
            (key, node),
            *(pair for pair in written.entries if pair[0].raw == "git_source"),
        ]
        values = [
            self.later.value_of(reference).value
            for text in scan.large[key.raw]
            for reference in text.references
        ]

        def load() -> list[Node]:
            made = self.part(kind, written.with_entries(around)).get(key.raw)
            assert isinstance(made, Sequence)
            return made.items

        inputs = (kind, *(one for _, one in around), *values)
        return self._lists.of(inputs, load, node)

    @property
    def names(self) -> Names:
        """The names of the target's own resources, before any prefix."""
        if self._names is None:
            self._names = Names(
                (work.kind, work.key.raw, work.named()) for work in self._works if work.kind in NAMED
            )
        return self._names


class Work:
    """One resource of one target.

    written: as the bundle has it, its target merged in, with its references; resolved where nothing is `foreseen`.
    """

    __slots__ = ("_body", "_shaped", "_shop", "foreseen", "key", "kind", "scan", "written")

    def __init__(
        self,
        shop: Workshop,
        kind: str,
        key: Scalar,
        written: Mapping,
        scan: Scan | None = None,
        foreseen: Foreseen | None = None,
    ) -> None:
        self._shop = shop
        self.kind = kind
        self.key = key
        self.written = written
        self.scan = scan
        self.foreseen = foreseen
        self._shaped = shop.shaped(kind, written) if foreseen is None else None
        self._body: Mapping | None = None

    @property
    def shaped(self) -> Mapping:
        if self._shaped is None:
            assert self.scan is not None
            self._shaped = self._shop.resolved(self.kind, self.written, self.scan)
        return self._shaped

    @property
    def body(self) -> Mapping:
        """The resource as it is deployed."""
        if self._body is None:
            target, kind, body = self._shop.target, self.kind, self.shaped
            if kind == "jobs" and target.cluster is not None:
                body = on_cluster(body, target.cluster)
            body = with_settings(kind, body, target)
            body = with_defaults(kind, body, target.workspace.get("resource_path"))
            self._body = with_permissions(kind, body, target.permissions)
        return self._body

    def entries(self) -> list[tuple[Scalar, Node]]:
        return self.body.entries

    def references(self) -> tuple[Reference, ...]:
        """What the resource refers to."""
        if self.scan is None or self.foreseen is None or self.foreseen.refers:
            return references_of(self.kind, self.shaped, self._shop.names)
        if not self.may_refer():
            return ()
        if self.kind in NAMING_COLUMNS:
            return references_of(self.kind, self.shaped, self._shop.names)  # the skeleton has no columns
        return references_of(self.kind, self._shop.part(self.kind, self.scan.skeleton), self._shop.names)

    def may_refer(self) -> bool:
        """Whether the resource may refer to anything, told without resolving it."""
        if self.scan is None or self.foreseen is None or self.foreseen.refers or self.scan.refers:
            return True
        return self.kind in IN_CATALOG and self._shop.names.in_catalog

    def labels(self) -> dict[str, str] | None:
        """The tags of the resource."""
        tags = self.body.get("tags") or self.body.get("custom_tags")
        if not isinstance(tags, Mapping):
            return None
        return {key.raw: text_of(node) for key, node in tags.entries if isinstance(node, Scalar)} or None

    def provides(self) -> tuple[str, ...]:
        """The names by which others find the resource."""
        if self._body is not None:
            return provided_by(self.kind, self._body)
        if self.scan is None or not self.scan.named_plainly:
            return self._provided()
        known = self._shop.provided.get(self.scan)
        if known is None:
            known = self._shop.provided[self.scan] = self._provided()
        return known

    def _provided(self) -> tuple[str, ...]:
        named = with_prefix(self.kind, self.named(), self._shop.target)
        return provided_by(
            self.kind, named if "name" in named.index else with_defaults(self.kind, named, None)
        )

    def named(self) -> Mapping:
        """The resource with nothing but its names, before any prefix."""
        if self.scan is None or self.foreseen is None:
            return self.shaped
        return self._shop.part(self.kind, self.scan.names)
