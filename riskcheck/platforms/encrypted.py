"""Values that are encrypted in the repository: known by their keys, never by what they are.

Each encryption gives other text for the same secret, so that comparing it would tell of nothing.
"""

from __future__ import annotations

from typing import Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made

ENCRYPTED: Final = "<encrypted>"

_SOPS_VALUE: Final = "ENC["
_SOPS_METADATA: Final = "sops"


def without_ciphertext(root: Mapping) -> Mapping:
    """A document of sops with the same word for every encrypted value and without its notes; any other as it is.

    Format: https://github.com/getsops/sops.
    """
    if not isinstance(root.get(_SOPS_METADATA), Mapping):
        return root
    kept = [entry for entry in root.entries if entry[0].raw != _SOPS_METADATA]
    hidden = _hidden(root.with_entries(kept))
    assert isinstance(hidden, Mapping)
    return hidden


def hidden_values(mapping: Mapping) -> Mapping:
    """`mapping` with the same word for every value."""
    return mapping.with_entries([(key, made(ENCRYPTED, node)) for key, node in mapping.entries])


def _hidden(node: Node) -> Node:
    if isinstance(node, Mapping):
        return node.with_entries([(key, _hidden(child)) for key, child in node.entries])
    if isinstance(node, Sequence):
        return node.with_items([_hidden(item) for item in node.items])
    return made(ENCRYPTED, node) if isinstance(node, Scalar) and node.raw.startswith(_SOPS_VALUE) else node
