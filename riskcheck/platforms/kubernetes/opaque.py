"""Values that are encrypted in the repository: known by their keys, never by what they are.

Each encryption gives other text for the same secret, so that comparing it would tell of nothing.
Formats: https://github.com/getsops/sops, https://github.com/bitnami-labs/sealed-secrets.
"""

from __future__ import annotations

from typing import Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.kubernetes.edit import drop, put

ENCRYPTED: Final = "<encrypted>"

_SOPS_VALUE: Final = "ENC["


def without_ciphertext(kind: str, body: Mapping) -> Mapping:
    """`body` with the same word in the place of every encrypted value."""
    if isinstance(body.get("sops"), Mapping):
        hidden = _hidden(drop(body, "sops"))
        assert isinstance(hidden, Mapping)
        return hidden
    if kind != "SealedSecret":
        return body
    spec = body.get("spec")
    data = spec.get("encryptedData") if isinstance(spec, Mapping) else None
    if not isinstance(spec, Mapping) or not isinstance(data, Mapping):
        return body
    entries: list[tuple[Scalar, Node]] = [(key, made(ENCRYPTED, node)) for key, node in data.entries]
    return put(body, "spec", put(spec, "encryptedData", data.with_entries(entries)))


def _hidden(node: Node) -> Node:
    if isinstance(node, Mapping):
        return node.with_entries([(key, _hidden(child)) for key, child in node.entries])
    if isinstance(node, Sequence):
        return node.with_items([_hidden(item) for item in node.items])
    return made(ENCRYPTED, node) if isinstance(node, Scalar) and node.raw.startswith(_SOPS_VALUE) else node
