"""Files that the policy takes facts from, as resources: the price table and lists of addresses in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.nodes import Scalar, Source
from riskcheck.platforms.gate.ci import mapping

if TYPE_CHECKING:
    from riskcheck.documents.store import DocumentStore
    from riskcheck.nodes import Mapping


def addresses(documents: DocumentStore, path: str) -> Mapping | None:
    """The addresses of a list, each at its line; None where it names none."""
    from riskcheck.network.known import listed_in

    source = Source(path, documents.tree.side)
    held = []
    for use in listed_in(documents, path)[0]:
        line = use.location.line - 1
        held.append((use.text, Scalar(use.text, source, line, 0, line, len(use.text), "quoted")))
    if not held:
        return None
    first = held[0][1]
    return mapping(first, [("addresses", mapping(first, held))])
