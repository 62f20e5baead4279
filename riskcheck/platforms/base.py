"""What a platform is: the one interface between readable files and resolved resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from riskcheck.dependencies import Stated
    from riskcheck.documents.store import Document, DocumentStore
    from riskcheck.environments import EnvironmentModel
    from riskcheck.models import Action, Change, Resolution, Side
    from riskcheck.nodes import Value
    from riskcheck.trees import Tree


class Workspace(NamedTuple):
    """One side of the comparison, as a platform sees it.

    other: the documents of the other side, so that a platform can leave alone what is byte-identical there.
    touched: the paths that differ, under their name on this side. included: those of them that the policy's
    ``files.include`` names, to be looked at whatever they are.
    """

    tree: Tree
    documents: DocumentStore
    environments: EnvironmentModel
    touched: frozenset[str]
    other: DocumentStore | None = None
    included: frozenset[str] = frozenset()
    memory: Memory | None = None
    """What earlier runs learnt about this repository, for platforms that read much of a tree."""
    policy_path: str = ""
    """The policy that judges this change, where ``--config`` names one: guarded like ``riskcheck.yaml``."""
    catalogs: tuple[str, ...] = ()
    """Globs of further catalog files, as the policy names them."""
    built: dict[tuple[str, str], tuple[Tree, object]] | None = None
    """What platforms made of other trees of the same history, each with its tree, to be taken over where all files
    of it are equal; None for the two sides that are compared."""

    @property
    def side(self) -> Side:
        return self.tree.side


class Memory(Protocol):
    """Facts that hold from one run to the next, under the name of the platform that learnt them.

    They speed a run up and never change what it says: whoever recalls them checks them.
    """

    def recall(self, name: str) -> object: ...

    def keep(self, name: str, value: Value) -> None: ...

    def file(self, name: str) -> str | None:
        """Path of a private file for what is too large to be read whole; None where there is no safe place."""


class EstateReader(Protocol):
    """A module-level object called ``ESTATE`` in ``stating.py`` beside a ``PLATFORM``: what files say of each other
    before anything is resolved, so that what hangs off a change is found in units that it does not touch."""

    def takes(self, tree: Tree, path: str) -> bool:
        """Whether the file may say something, told from names alone."""

    def worth(self, content: bytes) -> bool:
        """Whether the file must be parsed, told from its bytes. Never says no where `stated` finds something."""

    def stated(self, document: Document) -> Iterator[Stated]:
        """What one file states. Never raises on bad input."""

    def home(self, tree: Tree, path: str) -> str | None:
        """What groups files whose resources know each other by their keys, by the file that names their service;
        None where there is no such group."""


class Platform(Protocol):
    """A module-level object called ``PLATFORM`` in ``riskcheck/platforms/<name>/__init__.py``.

    Adding a platform is adding a folder: `riskcheck.platforms.load` discovers it.
    """

    name: str
    order: int
    """Platforms claim paths in ascending order; ``plain`` comes last and takes what is left."""

    def units(self, workspace: Workspace, paths: Collection[str]) -> frozenset[str]:
        """The deployable units (bundle roots, overlays, manifest directories) that read any of `paths`.

        Cheap: it decides what is resolved at all. Called on both sides; both resolve the union.
        """

    def resolve(self, workspace: Workspace, units: Collection[str]) -> Resolution:
        """All resources of `units` in every environment, fully resolved. Never raises on bad input:
        what could not be read or resolved is a `Limitation`."""

    def natural_keys(self, kind: str, field: str) -> tuple[str, ...]:
        """Keys by which the items of list `field` (last mapping key above the list) of a resource of
        `kind` are matched, best first; () where the order itself is the meaning."""

    def action(self, changes: Collection[Change]) -> Action:
        """What the deployment would do to one resource in one environment, given all changes of it."""
