"""A resolved resource as the loader hands it to the deployment: typed, without empty values, paths from the root.

https://github.com/databricks/cli/blob/7bbe285213/libs/dyn/convert/normalize.go for types and nulls,
bundle/config/mutator/drop_empty_strings.go and normalize_paths.go of the same commit for the rest. Unity Catalog
keeps names in lower case and storage locations without a trailing slash
(https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-names), so a difference in either is none.
"""

from __future__ import annotations

from posixpath import normpath, relpath
from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import scalar_value
from riskcheck.nodes import MISSING, Mapping, Node, Scalar, Sequence
from riskcheck.platforms.databricks.build import is_null, stated, truth
from riskcheck.platforms.databricks.discovery import directory_of
from riskcheck.platforms.databricks.fieldtypes import BOOLS, FLOATS, INTS, MAPS, REQUIRED, TEXTS
from riskcheck.platforms.databricks.references import REFERENCE
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Callable

_PATHS: Final = frozenset(
    {
        ("notebook_task", "notebook_path"),
        ("spark_python_task", "python_file"),
        ("dbt_task", "project_directory"),
        ("alert_task", "workspace_path"),
        ("deployments", "command_path"),
        ("libraries", "whl"),
        ("libraries", "jar"),
        ("libraries", "requirements"),
        ("notebook", "path"),
        ("file", "path"),
        ("glob", "include"),
        ("apps", "source_code_path"),
        ("alerts", "file_path"),
        ("dashboards", "file_path"),
        ("genie_spaces", "file_path"),
        ("pipelines", "root_path"),
    }
)
"""Fields that hold a path from the file they stand in, as (key above, key); at the top of a resource its kind."""

_NUMBER_STARTS: Final = frozenset("0123456789+-.")
_BOOLEAN_WORDS: Final = frozenset(("true", "True", "TRUE", "false", "False", "FALSE"))

_DEPENDENCIES: Final = "dependencies"
_LOCAL_ENDINGS: Final = (".whl", ".jar", ".txt", ".zip", ".gz", ".toml")
_SCHEME: Final = regex(r"[A-Za-z][A-Za-z0-9+.-]*+:")

_UC_NAMES: Final = frozenset(
    {
        ("catalogs", "name"),
        ("schemas", "name"),
        ("schemas", "catalog_name"),
        ("volumes", "name"),
        ("volumes", "schema_name"),
        ("volumes", "catalog_name"),
        ("registered_models", "name"),
        ("registered_models", "schema_name"),
        ("registered_models", "catalog_name"),
        ("pipelines", "catalog"),
        ("pipelines", "schema"),
        ("pipelines", "target"),
    }
)
_SLASHED: Final = frozenset({("schemas", "storage_root"), ("volumes", "storage_location")})
"""https://github.com/databricks/cli/blob/7bbe285213/bundle/direct/dresources/resources.yml, normalize_slash."""

_IN_WORKSPACE: Final = frozenset({("dashboards", "parent_path"), ("genie_spaces", "parent_path")})
"""https://github.com/databricks/cli/blob/7bbe285213/bundle/config/mutator/resourcemutator/dashboard_fixups.go"""


class Normalizer:
    """Normalizes the resources of one bundle. Remembers subtrees, which targets share."""

    def __init__(self, directory: str) -> None:
        self._directory = directory or "."
        self._directories: dict[str, str] = {}
        self._known: dict[tuple[int, str, str, bool], tuple[Node, Node]] = {}

    def normalize(self, kind: str, body: Mapping) -> Mapping:
        """`body` of one resource of `kind`; itself where there is nothing to do."""
        git = kind == "jobs" and isinstance(body.get("git_source"), Mapping)
        normal = self._container(body, kind, "", not git)
        assert isinstance(normal, Mapping)
        return normal

    def _container(self, node: Node, key: str, above: str, local: bool) -> Node:
        """`node` under `key`, which stands in a mapping under `above`. local: paths are files of the bundle."""
        handle = (id(node), key, above, local)
        known = self._known.get(handle)
        # `twins` may have said since then of what was normalized that it stands in head.
        if known is not None and known[1].source is node.source:
            return known[1]
        normal = node
        if isinstance(node, Mapping):
            normal = self._mapping(node, key, local)
        elif isinstance(node, Sequence):
            items = [self._item(item, key, above, local) for item in node.items]
            if any(one is not other for one, other in zip(items, node.items, strict=True)):
                normal = node.with_items(items)
        self._known[handle] = (node, normal)
        return normal

    def _item(self, node: Node, key: str, above: str, local: bool) -> Node:
        if isinstance(node, Scalar):
            return self._scalar(node, key, above, local)
        return self._container(node, key, above, local)

    def _mapping(self, node: Mapping, key: str, local: bool) -> Mapping:
        users = key in MAPS
        entries = []
        changed = False
        for name, child in node.entries:
            field = name.raw
            if not isinstance(child, Scalar):
                normal = self._container(child, field, key, local)
            elif is_null(child):
                changed = True
                continue
            elif users:
                normal = _as_text(child)
            else:
                if not child.raw and _dropped_when_empty(key, field):
                    changed = True
                    continue
                normal = self._scalar(child, field, key, local)
            changed = changed or normal is not child
            entries.append((name, normal))
        return node.with_entries(entries) if changed else node

    def _scalar(self, node: Scalar, key: str, above: str, local: bool) -> Scalar:
        if key == "value" and above == "rules":
            return _as_number(node, whole=True)
        convert = _CONVERSIONS.get(key)
        if convert is not None:
            return convert(node)
        if key not in TEXTS:
            return node
        node = _as_text(node)
        place = (above, key)
        if place in _UC_NAMES:
            return _said(node, _lower(node.raw))
        if place in _SLASHED:
            return _said(node, node.raw.rstrip("/"))
        if place in _IN_WORKSPACE and node.raw.startswith("/") and not node.raw.startswith("/Workspace/"):
            return _said(node, "/Workspace" + node.raw)
        if local and place in _PATHS:
            return _said(node, self._from_root(node.raw, node))
        if key == _DEPENDENCIES and _is_local(node.raw):
            return _said(node, self._dependency(node.raw, node))
        return node

    def _dependency(self, text: str, node: Scalar) -> str:
        for flag in ("-r ", "-e "):
            if text.startswith(flag):
                return flag + self._from_root(text[len(flag) :].strip(), node)
        path = self._from_root(text, node)
        return f"./{path}" if text.startswith(".") and not path.startswith(".") else path

    def _from_root(self, path: str, node: Scalar) -> str:
        """A path from the file it is written in as one from the root of the bundle."""
        if not path or path[0] in "/$" or _SCHEME.match(path):
            return path
        written = node.via[0] if node.via else None
        if not (isinstance(written, Scalar) and REFERENCE.fullmatch(written.raw)):
            written = node
        return normpath(f"{self._from_bundle(written.source.path)}/{path}")

    def _from_bundle(self, path: str) -> str:
        """The directory of a file, from the root of the bundle."""
        known = self._directories.get(path)
        if known is None:
            known = self._directories[path] = relpath(directory_of(path) or ".", self._directory)
        return known


def _dropped_when_empty(above: str, field: str) -> bool:
    return field in TEXTS and field not in REQUIRED and (above, field) != ("apps", "description")


def _said(node: Scalar, text: str) -> Scalar:
    """`node` in other words, still arriving the way it did."""
    return node if text == node.raw else stated(text, node, *node.via)


def _lower(text: str) -> str:
    """Lower case, but not inside references."""
    if "${" not in text:
        return text.lower()
    parts: list[str] = []
    end = 0
    for match in REFERENCE.finditer(text):
        parts += (text[end : match.start()].lower(), match[0])
        end = match.end()
    return "".join((*parts, text[end:].lower()))


def _is_local(dependency: str) -> bool:
    """Whether a dependency is a file of the bundle rather than a package
    (https://github.com/databricks/cli/blob/7bbe285213/bundle/libraries/local_path.go)."""
    if dependency.startswith((".", "-r ", "-e ")):
        return True
    if dependency.startswith("-") or " @ " in dependency:
        return False
    return "/" in dependency or dependency.endswith(_LOCAL_ENDINGS)


def _as_text(node: Scalar) -> Scalar:
    if node.native is MISSING and (node.style != "plain" or not _like_no_text(node)):
        return node
    value = scalar_value(node, "databricks")
    if value is None or isinstance(value, str):
        return node
    if isinstance(value, bool):
        return _native(node, "true" if value else "false")
    return _native(node, _decimal(value) if isinstance(value, float) else str(value))


def _like_no_text(node: Scalar) -> bool:
    """Whether a plain scalar may be a number or a boolean: asked first because most are neither."""
    raw = node.raw
    return node.tag is not None or raw[:1] in _NUMBER_STARTS or raw in _BOOLEAN_WORDS


def _native(node: Scalar, value: str | int | float | bool) -> Scalar:
    return stated(value, node, *node.via)


def _decimal(value: float) -> str:
    """Shortest digits without an exponent, as Go's FormatFloat(value, 'f', -1)."""
    text = repr(value)
    if "e" in text:
        from decimal import Decimal

        text = format(Decimal(text), "f")
    return text.removesuffix(".0")


def _as_bool(node: Scalar) -> Scalar:
    value = truth(node)
    if value is None or scalar_value(node, "databricks") is value:
        return node
    return _native(node, value)


def _as_whole(node: Scalar) -> Scalar:
    return _as_number(node, whole=True)


def _as_decimal(node: Scalar) -> Scalar:
    return _as_number(node, whole=False)


def _as_number(node: Scalar, *, whole: bool) -> Scalar:
    value = scalar_value(node, "databricks")
    if isinstance(value, str):
        try:
            number = int(value) if whole else float(value)
        except (ValueError, OverflowError):
            return node
        return _native(node, number)
    if whole and isinstance(value, float) and value.is_integer():
        return _native(node, int(value))
    return node


_CONVERSIONS: Final[dict[str, Callable[[Scalar], Scalar]]] = {
    **dict.fromkeys(BOOLS, _as_bool),
    **dict.fromkeys(INTS, _as_whole),
    **dict.fromkeys(FLOATS, _as_decimal),
}
