"""What Argo CD's definitions say of charts: the one place that asks `riskcheck.platforms.kubernetes.gitops`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.kubernetes.edit import text
from riskcheck.platforms.kubernetes.gitops.argo import GROUP, PLAIN, Template
from riskcheck.platforms.kubernetes.gitops.files import likely_files, remembered
from riskcheck.platforms.kubernetes.gitops.templates import filled
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.documents.store import DocumentStore

_MOST_APPLICATIONS: Final = 500
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
    if text(body.get("apiVersion")).partition("/")[0] != GROUP:
        return
    if text(body.get("kind")) == "Application":
        yield _application(body, PLAIN)
    elif text(body.get("kind")) == "ApplicationSet":
        template = body.at("spec", "template")
        if isinstance(template, Mapping):
            from riskcheck.platforms.kubernetes.gitops.generators import Generation

            generation = Generation(body, documents, ())
            for one in generation.sets()[:_MOST_APPLICATIONS]:
                yield _application(template, Template(one.values, generation.go))


def _application(template: Mapping, filling: Template) -> Application:
    several = template.at("spec", "sources")
    stated = several.items if isinstance(several, Sequence) else [template.at("spec", "source")]
    filled = (_filled(one, filling) for one in stated if one is not None)
    destination = template.at("spec", "destination")
    destination = destination if isinstance(destination, Mapping) else None
    where = {
        key: _substituted(text(destination.get(key)), filling) if destination is not None else ""
        for key in ("namespace", "name", "server")
    }
    return Application(
        _substituted(text(template.at("metadata", "name")), filling),
        where["namespace"],
        where["name"] or where["server"],
        tuple(one for one in filled if isinstance(one, Mapping)),
    )


def _substituted(written: str, filling: Template) -> str:
    """What is not known stays as it is written."""
    if filling is PLAIN or "{{" not in written:
        return written
    return filled(written, filling.values, filling.go) or written


def _filled(node: Node, filling: Template, depth: int = 0) -> Node:
    """`node` with the parameters in its texts; what holds none is shared."""
    if filling is PLAIN or depth > _MOST_DEPTH:
        return node
    if isinstance(node, Scalar):
        done = _substituted(node.raw, filling)
        if done == node.raw:
            return node
        place = (node.source, node.line, node.column, node.end_line, node.end_column)
        return Scalar(done, *place, node.style, node.tag)
    if isinstance(node, Mapping):
        entries = [(key, _filled(child, filling, depth + 1)) for key, child in node.entries]
        same = all(new[1] is old[1] for new, old in zip(entries, node.entries, strict=True))
        return node if same else node.with_entries(entries)
    assert isinstance(node, Sequence)
    items = [_filled(item, filling, depth + 1) for item in node.items]
    same = all(new is old for new, old in zip(items, node.items, strict=True))
    return node if same else node.with_items(items)


def definitions(documents: DocumentStore) -> Iterator[tuple[str, Mapping]]:
    """The objects of Argo CD that may hand values to charts, with their files. Only files that are by their path
    likely to hold such definitions are read; templates of charts are none."""
    tree = documents.tree
    entries = tree.entries()
    likely = likely_files.of(tree)
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
