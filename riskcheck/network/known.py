"""Addresses in use that no definition holds: lists of them that the policy names, and other files that name one."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from riskcheck.documents.store import DocumentStore
from riskcheck.globs import matches_any
from riskcheck.models import Limitation, Location
from riskcheck.network.addresses import Addresses, addresses, span
from riskcheck.nodes import Scalar, walk
from riskcheck.records import NamedTuple
from riskcheck.trees import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from riskcheck.trees import Tree

_DOCUMENTS: Final = (".yaml", ".yml", ".json")
_MOST_LINES: Final = 200_000
_MOST_FAULTS: Final = 20
"""Bad lines of one file that are told one by one."""

_SEPARATORS: Final = r"[,;\t ]"
_LIKE: Final = r"^\d++\.[\d.]++(?:/\d++)?$"
"""What is meant as an address, even if it is none."""

_LITERAL: Final = rb"(?<![\w.:-])(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?![\w.:-])"
_READ: Final = (
    *(".tf", ".tfvars", ".hcl", ".yaml", ".yml", ".json", ".csv", ".txt", ".toml", ".ini", ".conf", ".cfg"),
    *(".properties", ".env", ".list", ".xml", ".py", ".sh", ".ps1", ".bicep", ".j2", ".tpl", ".sql"),
)
_SKIPPED: Final = ("testdata/", "fixtures/", "tests/", "test/", "examples/", "node_modules/", ".terraform/")
_MOST_FILES: Final = 4_000
_MOST_BYTES: Final = 1_000_000
"""Files that are searched, and how large one of them may be: a definition is no larger."""

_MOST_FOUND: Final = 50
_COMMENTS: Final = (b"#", b"//", b"--", b";")


class Use(NamedTuple):
    """A place that names an address. imported: in a list of addresses in use that the policy names."""

    text: str
    held: Addresses
    location: Location
    imported: bool


class AddressBook:
    """What is known of addresses beside the resources of a change.

    deciding: the tree that the policy is read from, and the lists that it names with it. head: whose other files
    are searched. patterns: globs of those lists. touched: paths that the change touches, which are not searched.
    """

    def __init__(
        self, deciding: Tree, head: Tree, patterns: Collection[str], touched: Collection[str]
    ) -> None:
        self._deciding = deciding
        self._head = head
        self._patterns = tuple(patterns)
        self._touched = frozenset(touched)
        self._searched: dict[Addresses, tuple[Use, ...]] = {}

    @cached_property
    def _read(self) -> tuple[tuple[Use, ...], tuple[Limitation, ...]]:
        uses: list[Use] = []
        faults: list[Limitation] = []
        store = DocumentStore(self._deciding)
        paths = self._deciding.entries() if self._patterns else ()
        named = [path for path in paths if matches_any(path, self._patterns)]
        for pattern in self._patterns:
            if not any(matches_any(path, (pattern,)) for path in named):
                reason = f"known_addresses: no file of {self._deciding.label} matches it"
                faults.append(Limitation(pattern, "known-addresses", reason))
        for path in named:
            found, wrong = listed_in(store, path)
            uses += found
            faults += wrong
        return tuple(uses), tuple(faults)

    @property
    def known(self) -> tuple[Use, ...]:
        """All addresses in use that the policy's lists name."""
        return self._read[0]

    @property
    def limitations(self) -> tuple[Limitation, ...]:
        """What of those lists could not be read."""
        return self._read[1]

    def known_in(self, held: Addresses) -> Iterator[Use]:
        """Those of the known addresses of which some are in `held`."""
        for use in self.known:
            if held.meets(use.held):
                yield use

    def named_in(self, held: Addresses) -> tuple[Use, ...]:
        """Places in files that the change does not touch that name an address, or a network, inside of `held`."""
        if not held.v4 and not held.v6:
            return ()
        found = self._searched.get(held)
        if found is None:
            found = self._searched[held] = tuple(self._search(held))
        return found

    def _search(self, held: Addresses) -> Iterator[Use]:
        known = {path for path in self._head.entries() if matches_any(path, self._patterns)}
        paths = [
            path
            for path, entry in self._head.entries().items()
            if entry.kind == "file"
            and path.endswith(_READ)
            and path not in self._touched
            and path not in known
            and not any(part in f"/{path}" for part in map("/{}".format, _SKIPPED))
        ]
        if len(paths) > _MOST_FILES:
            return
        self._head.prefetch(paths)
        left = _MOST_FOUND
        for path in paths:
            for use in _literals(self._head, path, held):
                yield use
                left -= 1
                if not left:
                    return


def listed_in(store: DocumentStore, path: str) -> tuple[list[Use], list[Limitation]]:
    """The addresses that the list at `path` names, and what of it cannot be read."""
    return _of_document(store, path) if path.endswith(_DOCUMENTS) else _of_lines(store.tree, path)


def _of_document(store: DocumentStore, path: str) -> tuple[list[Use], list[Limitation]]:
    """Every address that a document states, whatever key it stands under."""
    document = store.get(path)
    uses: list[Use] = []
    faults: list[Limitation] = []
    for chunk in document.chunks:
        if chunk.error is not None:
            faults.append(Limitation(path, "known-addresses", chunk.error.reason, chunk.error.line))
        for _, node in walk(chunk.root) if chunk.root is not None else ():
            if not isinstance(node, Scalar):
                continue
            held = _address(node.raw)
            if held is not None:
                uses.append(_use(node.raw.strip(), held, path, node.file_line))
            elif re.match(_LIKE, node.raw.strip()):
                faults.append(_fault(path, node.file_line, node.raw))
    return uses, faults[:_MOST_FAULTS]


def _of_lines(tree: Tree, path: str) -> tuple[list[Use], list[Limitation]]:
    """One address a line, in whichever column; the first line may be a heading."""
    try:
        text = tree.read(path).decode("utf-8-sig", "replace")
    except UnreadableError as error:
        return [], [Limitation(path, "known-addresses", str(error))]
    uses: list[Use] = []
    faults: list[Limitation] = []
    lines = text.splitlines()
    for number, line in enumerate(lines[:_MOST_LINES], 1):
        told = line.partition("#")[0].strip()
        cells = [cell.strip().strip("\"'") for cell in re.split(_SEPARATORS, told)]
        found = [(cell, held) for cell in cells if cell and (held := _address(cell)) is not None]
        for cell, held in found[:1]:
            uses.append(_use(cell, held, path, number))
        if told and not found and number > 1:
            faults.append(_fault(path, number, told))
    if len(lines) > _MOST_LINES:
        reason = f"only the first {_MOST_LINES} lines are read"
        faults.insert(0, Limitation(path, "known-addresses", reason))
    return uses, faults[:_MOST_FAULTS]


def _address(text: str) -> Addresses | None:
    """What is an address, a network or a range; a bare number is none."""
    written = text.strip()
    if not ("." in written or ":" in written) or span(written) is None:
        return None
    return addresses([written])


def _use(text: str, held: Addresses, path: str, line: int) -> Use:
    # The deciding tree may be another revision than both sides; its place is told as one of base.
    return Use(text, held, Location(path, "base", line, 1, line, 1), imported=True)


def _fault(path: str, line: int, text: str) -> Limitation:
    return Limitation(path, "known-addresses", f'"{text.strip()[:40]}" is no address; it is left out', line)


def _literals(tree: Tree, path: str, held: Addresses) -> Iterator[Use]:
    """Addresses of `held` that a file names, outside of comments."""
    try:
        data = tree.read(path)
    except UnreadableError:
        return
    if len(data) > _MOST_BYTES or not re.search(_LITERAL, data):
        return
    for number, line in enumerate(data.splitlines(), 1):
        if line.lstrip().startswith(_COMMENTS):
            continue
        for match in re.finditer(_LITERAL, line):
            text = match.group().decode()
            own = _address(text)
            if own is not None and held.covers(own):
                place = Location(path, "head", number, match.start() + 1, number, match.end() + 1)
                yield Use(text, own, place, imported=False)
