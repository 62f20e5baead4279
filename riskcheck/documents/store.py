"""All documents of one tree, read and parsed on first use. Nothing here raises on bad input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypeVar, cast

from riskcheck.documents.errors import ParseError, Rejected
from riskcheck.documents.templates import Template, is_encrypted, recognise
from riskcheck.documents.yaml import Slice, split
from riskcheck.documents.yaml import parse as parse_yaml
from riskcheck.nodes import Node, Source
from riskcheck.records import NamedTuple
from riskcheck.trees import Tree, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from riskcheck.documents.yaml_tree import MergeOrder
    from riskcheck.models import Side

__all__ = ["Chunk", "Comment", "Document", "DocumentStore", "Format", "ParseError", "format_of"]

T = TypeVar("T")

Format: TypeAlias = Literal["yaml", "json", "toml", "properties", "hcl"]

LFS_POINTER: Final = "lfs-pointer"
_LFS: Final = b"version https://git-lfs.github.com/spec/"
"""How a pointer begins. https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md"""
MAX_BYTES: Final = 8 * 1024 * 1024
"""Files above this are not parsed."""

MAX_CHUNKS: Final = 20_000
"""Documents in one file."""

_EXTENSIONS: Final[dict[str, Format]] = {
    "yaml": "yaml",
    "yml": "yaml",
    "json": "json",
    "jsonc": "json",
    "toml": "toml",
    "properties": "properties",
    "tf": "hcl",
    "tofu": "hcl",
    "tfvars": "hcl",
    "hcl": "hcl",
}
_NAMES: Final[dict[str, Format]] = {
    ".prettierrc": "yaml",
    ".clang-format": "yaml",
    ".yamllint": "yaml",
}
_SPARK_DEFAULTS: Final = "spark-defaults"
"""In the name of a ``.conf`` file: ``spark-defaults-prod.conf``, ``etl-spark-defaults.conf``."""
_COMMENTED_JSON: Final = ("tsconfig", "jsconfig", "devcontainer")


def format_of(path: str) -> Format | None:
    """The format that a path's name promises, or None."""
    name = path.rpartition("/")[2].lower()
    if name in _NAMES:
        return _NAMES[name]
    if name.endswith(".conf") and _SPARK_DEFAULTS in name:
        return "properties"
    stem, dot, extension = name.rpartition(".")
    return _EXTENSIONS.get(extension) if dot and stem else None


class Comment(NamedTuple):
    """A comment that speaks to riskcheck. line: 1-based; text: from ``riskcheck:`` to the end of the line."""

    line: int
    text: str


class Chunk:
    """One YAML document of a file; files of other formats have exactly one. Parsed on first use."""

    __slots__ = (
        "_cache",
        "_content",
        "_digest",
        "_duplicates",
        "_error",
        "_format",
        "_merge",
        "_parsed",
        "_root",
        "_side",
        "_slice",
        "index",
        "path",
    )

    def __init__(
        self,
        path: str,
        index: int,
        content: str,
        part: Slice,
        side: Side,
        format: Format,
        merge: MergeOrder,
        cache: dict[object, object],
    ) -> None:
        self._cache = cache
        self.path = path
        self.index = index
        self._content = content
        self._slice = part
        self._side: Side = side
        self._format: Format = format
        self._merge: MergeOrder = merge
        self._digest: bytes | None = None
        self._parsed = False
        self._root: Node | None = None
        self._error: ParseError | None = None
        self._duplicates: tuple[ParseError, ...] = ()

    @property
    def first_line(self) -> int:
        """1-based line of the file that the chunk begins at."""
        return self._slice.first_line

    @property
    def text(self) -> str:
        return self._content[self._slice.start : self._slice.end]

    @property
    def digest(self) -> bytes:
        """Equal for equal text, wherever in whichever file it stands."""
        if self._digest is None:
            from hashlib import blake2b

            self._digest = blake2b(self.text.encode(), digest_size=16).digest()
        return self._digest

    @property
    def root(self) -> Node | None:
        """None for an empty document or one with an `error`."""
        if not self._parsed:
            self._parse()
        return self._root

    @property
    def error(self) -> ParseError | None:
        if not self._parsed:
            self._parse()
        return self._error

    @property
    def duplicate_keys(self) -> tuple[ParseError, ...]:
        """Keys that their mapping already has; the last one wins."""
        if not self._parsed:
            self._parse()
        return self._duplicates

    def _parse(self) -> None:
        """Parses the chunk, or takes the nodes that the other side made of the same text at the same place.

        What stands on the same lines of both sides may be said to stand in head: there it can still be edited.
        """
        key = (self.path, self.first_line, self._format, self._merge, self.text)
        twin = self._cache.get(key)
        if isinstance(twin, Chunk):
            self._parsed = True
            self._root, self._error, self._duplicates = twin._root, twin._error, twin._duplicates
            if self._root is not None and self._side == "head":
                self._root.source.side = "head"
            return
        elsewhere = self._cache.setdefault((Chunk, self._merge, self.text), self)
        if self._format != "yaml" or not isinstance(elsewhere, Chunk) or not self._copy(elsewhere):
            self._parse_text()
        self._cache[key] = self

    def _copy(self, other: Chunk) -> bool:
        """Takes the nodes that were made of the same text at another place, where that is sound and shares none
        among its own."""
        if other._root is None or other._duplicates or "&" in self.text:
            return False
        from riskcheck.documents.copies import copied

        self._parsed = True
        self._root = copied(other._root, Source(self.path, self._side, self.first_line))
        return True

    def _parse_text(self) -> None:
        self._parsed = True
        source = Source(self.path, self._side, self.first_line)
        duplicates: Iterable[tuple[int, int, str]] = ()
        try:
            if self._format == "yaml":
                self._root, duplicates = parse_yaml(self.text, source, self._merge)
            elif self._format == "json":
                from riskcheck.documents.json import parse as parse_json

                name = self.path.rpartition("/")[2]
                commented = name.endswith(".jsonc") or name.startswith(_COMMENTED_JSON)
                self._root, duplicates = parse_json(self.text, source, commented)
            elif self._format == "toml":
                from riskcheck.documents.toml import parse as parse_toml

                self._root = parse_toml(self.text, source)
            elif self._format == "hcl":
                from riskcheck.documents.hcl import parse as parse_hcl

                self._root, duplicates = parse_hcl(self.text, source)
            else:
                from riskcheck.documents.properties import parse as parse_properties

                self._root, duplicates = parse_properties(self.text, source)
        except Rejected as rejected:
            self._error = self._placed(rejected.line, rejected.column, rejected.reason)
        self._duplicates = tuple(
            self._placed(line, column, f"duplicate key {key!r}") for line, column, key in duplicates
        )

    def _placed(self, line: int, column: int, reason: str) -> ParseError:
        return ParseError(self.first_line + line, column + 1, reason)

    def __repr__(self) -> str:
        return f"Chunk({self.path}:{self.first_line})"


class Document:
    """One file at one side.

    format: None where the name promises none. unreadable: the limitation kind if there is no text
    (``too-large``, ``binary``, ``not-utf-8``, ``symlink``, ``absent`` …); `error` says it in words.
    """

    __slots__ = ("_error", "_lines", "_template", "chunks", "format", "path", "side", "text", "unreadable")

    def __init__(
        self,
        path: str,
        side: Side,
        format: Format | None,
        text: str,
        chunks: tuple[Chunk, ...] = (),
        unreadable: str | None = None,
        error: ParseError | None = None,
    ) -> None:
        self.path = path
        self.side: Side = side
        self.format: Format | None = format
        self.text = text
        self.chunks = chunks
        self.unreadable = unreadable
        self._error = error
        self._lines: list[str] | None = None
        self._template: Template | Literal["unknown"] | None = "unknown"

    @property
    def error(self) -> ParseError | None:
        """Why the file, or the first of its documents that is broken, cannot be used."""
        if self._error is not None:
            return self._error
        return next((chunk.error for chunk in self.chunks if chunk.error is not None), None)

    @property
    def root(self) -> Node | None:
        """The tree of the first document that is not empty."""
        return next((chunk.root for chunk in self.chunks if chunk.root is not None), None)

    @property
    def template(self) -> Template | None:
        """The template syntax that keeps the text from being parsed, with its line; None if it parses."""
        if self._template == "unknown":
            self._template = self._find_template()
        return self._template

    def _find_template(self) -> Template | None:
        broken = next((chunk for chunk in self.chunks if chunk.error is not None), None)
        if broken is None or broken.error is None:
            return None
        before = broken.first_line - 1
        found = recognise(broken.text, broken.error.line - before)
        if found is not None and found.syntax == "shell" and self.format == "hcl":
            return None  # `${…}` is of the language itself
        return found and Template(found.syntax, found.line + before)

    @property
    def templated(self) -> str | None:
        """The syntax of `template`."""
        return self.template.syntax if self.template is not None else None

    @property
    def encrypted(self) -> bool:
        """Whether values are encrypted with sops."""
        return is_encrypted(self.text, self.root if "sops" in self.text else None)

    @property
    def comments(self) -> tuple[Comment, ...]:
        """Comments that contain ``riskcheck:``, in order."""
        if "riskcheck:" not in self.text:
            return ()
        from riskcheck.documents.comments import find

        return tuple(Comment(line, text) for line, text in find(self.text, self.format, self.chunks))

    def line(self, number: int) -> str:
        """The text of 1-based line `number`, without its end; ``""`` outside the file."""
        if self._lines is None:
            self._lines = self.text.split("\n")
        return self._lines[number - 1].rstrip("\r") if 0 < number <= len(self._lines) else ""

    def __repr__(self) -> str:
        return f"Document({self.path!r}, {self.side!r}, {self.format!r})"


class DocumentStore:
    """The documents of one `Tree`.

    cache: shared by the stores of base and head, so that content that is the same at both is read, decoded
    and parsed once: documents that are equal on both sides share their nodes. on_read: called for each file that is
    looked at for the first time.
    """

    def __init__(
        self,
        tree: Tree,
        cache: dict[object, object] | None = None,
        on_read: Callable[[], None] | None = None,
    ) -> None:
        self.tree = tree
        self._on_read = on_read
        self._cache: dict[object, object] = {} if cache is None else cache
        self._documents: dict[tuple[str, str | None, str], Document] = {}

    def get(self, path: str, format: str | None = None, merge: MergeOrder = "yaml") -> Document:
        """The document at `path`; remembered. Never raises.

        format: read as this, whatever the name says. merge: who wins among YAML merge keys.
        """
        key = (path, format, merge)
        document = self._documents.get(key)
        if document is None:
            document = self._documents[key] = self._load(path, format, merge)
            if self._on_read is not None:
                self._on_read()
        return document

    def beside(self, tree: Tree) -> DocumentStore:
        """The documents of another tree, sharing what was read and parsed."""
        return DocumentStore(tree, self._cache, self._on_read)

    def shared(self, name: object, make: Callable[[], T]) -> T:
        """What `make` makes, once for the stores that share what was parsed: for what is remembered of nodes."""
        key = (DocumentStore, name)
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = make()
        return cast("T", found)

    def prefetch(self, paths: Iterable[str]) -> None:
        """Has the tree read `paths` in one go."""
        self.tree.prefetch(paths)

    def _load(self, path: str, format: str | None, merge: MergeOrder) -> Document:
        side = self.tree.side
        wanted = cast("Format", format) if format in _EXTENSIONS.values() else format_of(path)
        try:
            entry = self.tree.entry(path)
            # The content of a link is not told by the link.
            blob = entry.blob if entry is not None and entry.kind == "file" else None
            known = self._cache.get(blob) if blob is not None else None
            if isinstance(known, str):
                text = known
            else:
                text = _decoded(path, self.tree.read(path))
                if blob is not None:
                    self._cache[blob] = text
        except UnreadableError as error:
            return Document(path, side, wanted, "", (), error.kind, ParseError(1, 1, error.message))
        if wanted is None:
            return Document(path, side, None, text)
        slices = split(text) if wanted == "yaml" else [Slice(0, len(text), 1)]
        if len(slices) > MAX_CHUNKS:
            problem = ParseError(1, 1, f"more than {MAX_CHUNKS:,} documents in one file")
            return Document(path, side, wanted, text, (), None, problem)
        chunks = tuple(
            Chunk(path, index, text, part, side, wanted, merge, self._cache)
            for index, part in enumerate(slices)
        )
        return Document(path, side, wanted, text, chunks)


def _decoded(path: str, data: bytes) -> str:
    """Text of a file: UTF-8, or UTF-16 where a byte order mark says so. Raises `UnreadableError`."""
    if data.startswith(_LFS):
        raise UnreadableError(path, LFS_POINTER, "Git LFS keeps its content, which is not read")
    if len(data) > MAX_BYTES:
        raise UnreadableError(path, "too-large", f"{len(data):,} bytes, more than {MAX_BYTES:,}")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    if encoding == "utf-8-sig" and b"\x00" in data:
        raise UnreadableError(path, "binary", "a binary file")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableError(path, "not-utf-8", f"not UTF-8 text (byte {error.start})") from None
