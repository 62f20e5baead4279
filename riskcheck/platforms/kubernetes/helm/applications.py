"""What Argo CD's definitions say of charts: the one place that asks `riskcheck.platforms.kubernetes.gitops`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.kubernetes.by_paths import ByPaths
from riskcheck.platforms.kubernetes.edit import text
from riskcheck.platforms.kubernetes.gitops import ARGO, is_likely, parameters_of, remembered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.documents.store import DocumentStore

_HOLE: Final = re.compile(r"\{\{-?[ \t]{0,9}\.?([\w.-]{1,200})[ \t]{0,9}-?\}\}")
_MOST_APPLICATIONS: Final = 500
_MOST_FILES: Final = 5_000
_MOST_DEPTH: Final = 60
_MENTIONS: Final = ("helm", "chart")


class Application(NamedTuple):
    """One Application, or one that an ApplicationSet makes, its placeholders filled in as far as they are known."""

    name: str
    namespace: str
    cluster: str
    sources: tuple[Mapping, ...]


def applications_of(body: Mapping, documents: DocumentStore) -> Iterator[Application]:
    """The Applications that an object of Argo CD stands for; none for any other object. documents: of its tree,
    which generators may read."""
    if text(body.get("apiVersion")).partition("/")[0] != ARGO:
        return
    if text(body.get("kind")) == "Application":
        yield _application(body, {})
    elif text(body.get("kind")) == "ApplicationSet":
        template = body.at("spec", "template")
        if isinstance(template, Mapping):
            for number, values in enumerate(parameters_of(body, documents.tree)):
                if number >= _MOST_APPLICATIONS:
                    return
                yield _application(template, values)


def _application(template: Mapping, values: dict[str, str]) -> Application:
    several = template.at("spec", "sources")
    stated = several.items if isinstance(several, Sequence) else [template.at("spec", "source")]
    filled = (_filled(one, values) for one in stated if one is not None)
    destination = template.at("spec", "destination")
    destination = destination if isinstance(destination, Mapping) else None
    where = {
        key: _substituted(text(destination.get(key)), values) if destination is not None else ""
        for key in ("namespace", "name", "server")
    }
    return Application(
        _substituted(text(template.at("metadata", "name")), values),
        where["namespace"],
        where["name"] or where["server"],
        tuple(one for one in filled if isinstance(one, Mapping)),
    )


def _substituted(written: str, values: dict[str, str]) -> str:
    if "{{" not in written:
        return written
    return _HOLE.sub(lambda hole: values.get(hole[1], hole[0]), written)


def _filled(node: Node, values: dict[str, str], depth: int = 0) -> Node:
    """`node` with the parameters in its texts; what holds none is shared."""
    if not values or depth > _MOST_DEPTH:
        return node
    if isinstance(node, Scalar):
        done = _substituted(node.raw, values)
        if done == node.raw:
            return node
        place = (node.source, node.line, node.column, node.end_line, node.end_column)
        return Scalar(done, *place, node.style, node.tag)
    if isinstance(node, Mapping):
        entries = [(key, _filled(child, values, depth + 1)) for key, child in node.entries]
        same = all(new[1] is old[1] for new, old in zip(entries, node.entries, strict=True))
        return node if same else node.with_entries(entries)
    assert isinstance(node, Sequence)
    items = [_filled(item, values, depth + 1) for item in node.items]
    same = all(new is old for new, old in zip(items, node.items, strict=True))
    return node if same else node.with_items(items)


def _likely_in(paths: Iterable[str]) -> list[str]:
    return [path for path in paths if path.endswith((".yaml", ".yml")) and is_likely(path)][:_MOST_FILES]


_likely: Final = ByPaths(_likely_in)


def definitions(documents: DocumentStore) -> Iterator[tuple[str, Mapping]]:
    """The objects of Argo CD that may hand values to charts, with their files. Only files that are by their path
    likely to hold such definitions are read; templates of charts are none."""
    tree = documents.tree
    entries = tree.entries()
    likely = _likely.of(tree)
    tree.prefetch(path for path in likely if (entries[path].blob or "") not in remembered)
    for path in likely:
        if "templates/" in path or not remembered.of(tree, path, entries[path].blob):
            continue
        document = documents.get(path)
        if "Application" not in document.text or not any(word in document.text for word in _MENTIONS):
            continue
        for chunk in document.chunks:
            root = chunk.root if "Application" in chunk.text else None
            if isinstance(root, Mapping) and text(root.get("kind")) in ("Application", "ApplicationSet"):
                yield path, root
