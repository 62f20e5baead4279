"""The baseline as a resource: its entries under what there is one of each."""

from __future__ import annotations

from riskcheck.nodes import Mapping, Node, Sequence, made
from riskcheck.platforms.gate.ci import at, items, mapping, scalars, text


def body(root: Mapping) -> Mapping:
    """The document, with its entries named by fingerprint, subject and environments, in any order."""
    named: dict[str, Node] = {}
    listed = root.get("findings")
    for item in items(listed) if isinstance(listed, Sequence) else ():
        parts = [text(at(item, key)) for key in ("of", "fingerprint")]
        words = [part.raw for part in parts if part is not None]
        names = sorted(one.raw for one in scalars(at(item, "environments")))
        named.setdefault(" ".join((*words, *names)), item)
    found = mapping(listed or root, ((made(name, item), item) for name, item in named.items()))
    return mapping(root, [("findings", found)])
