"""Which files are catalogs, told from their paths; and which format a document is of, told from its content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.globs import matches_any
from riskcheck.nodes import Mapping, Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Sequence

CatalogFormat: TypeAlias = Literal[
    "backstage", "datadog", "openslo", "score", "cortex", "opslevel", "compose", "helm", "codeowners"
]
Promised: TypeAlias = CatalogFormat | Literal["told by content"]

OWNERS_IN_ORDER: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""The first that exists counts, as on GitHub."""

OWNERS: Final = frozenset(OWNERS_IN_ORDER)
"""Where GitHub and GitLab look for code owners."""

_NAMES: Final[dict[str, CatalogFormat]] = {
    "catalog-info": "backstage",
    "service.datadog": "datadog",
    "entity.datadog": "datadog",
    "score": "score",
    "cortex": "cortex",
    "opslevel": "opslevel",
    "Chart": "helm",
}
"""File names without ``.yaml`` or ``.yml``."""
_COMPOSE: Final = ("docker-compose", "compose")
_FOLDERS: Final = frozenset({"openslo", ".cortex"})
"""Folders in which any document may be of a catalog; what is of none is left alone."""
_NOT_LIVE: Final = frozenset(
    {"test", "tests", "testdata", "fixtures", "example", "examples", "vendor", "node_modules"}
)
_YAML: Final = (".yaml", ".yml")

DATADOG_KINDS: Final = frozenset(
    {"service", "datastore", "queue", "system", "api", "frontend", "ui", "library", "application", "custom"}
)
"""https://github.com/DataDog/schema/tree/main/service-catalog/v3 (2026-11), and ``library``, which its examples
refer to."""
_OPSLEVEL_KINDS: Final = ("service", "component", "system")


def format_of(path: str, globs: Sequence[str] = ()) -> Promised | None:
    """The format that `path` promises, None where it is no catalog. globs: `catalogs` of the policy."""
    if path in OWNERS:
        return "codeowners"
    promised = _promised(path)
    if promised is not None and _NOT_LIVE.isdisjoint(path.split("/")[:-1]):
        return promised
    if globs and matches_any(path, globs):
        return promised or ("told by content" if path.endswith((*_YAML, ".json")) else None)
    return None


def _promised(path: str) -> Promised | None:
    *folders, name = path.split("/")
    if not name.endswith(_YAML):
        return None
    stem = name.rpartition(".")[0]
    found = _NAMES.get(stem)
    if found is not None:
        return found
    if stem.endswith(".openslo"):
        return "openslo"
    if stem in _COMPOSE or stem.startswith(tuple(f"{one}." for one in _COMPOSE)):
        return "compose"
    return "told by content" if not _FOLDERS.isdisjoint(folders) else None


def told_by_content(root: Node | None) -> CatalogFormat | None:
    """The format of a document, None where it is of no catalog."""
    if not isinstance(root, Mapping):
        return None
    version, kind = _raw(root.get("apiVersion")), _raw(root.get("kind"))
    if version.startswith("backstage.io/"):
        return "backstage"
    if version.startswith(("openslo/", "openslo.com/")):
        return "openslo"
    if version.startswith("score.dev/"):
        return "score"
    if (version == "v3" and kind in DATADOG_KINDS) or (
        _raw(root.get("schema-version")).startswith("v2") and root.get("dd-service") is not None
    ):
        return "datadog"
    if root.get("openapi") is not None and root.at("info", "x-cortex-tag") is not None:
        return "cortex"
    if _raw(root.get("version")) == "1" and any(root.at(one, "name") is not None for one in _OPSLEVEL_KINDS):
        return "opslevel"
    return None


def _raw(node: Node | None) -> str:
    return node.raw if isinstance(node, Scalar) else ""
