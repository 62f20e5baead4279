"""What judged: the version of riskcheck, its rules, what of its extras is installed, the policy."""

from __future__ import annotations

from hashlib import sha256
from importlib.util import find_spec
from typing import Final

from riskcheck import __version__
from riskcheck.errors import RunError
from riskcheck.replaying.model import OWN_POLICY

_EXTRAS: Final = (("terraform", "tree_sitter_hcl"), ("sql", "sqlglot"))
"""An extra that reads more, and a module that it brings."""


def stamp(rules_digest: str, config: bytes | None) -> str:
    """Equal for what judges alike. config: content of the policy file that judges every change, None where each is
    judged by the one that it found. The policy stands last, behind the last space."""
    extras = [name for name, module in _EXTRAS if find_spec(module) is not None]
    policy = OWN_POLICY if config is None else f"sha256:{sha256(config).hexdigest()}"
    return " ".join(("+".join((__version__, *extras)), rules_digest, policy))


def content_of(config: str) -> bytes:
    """The bytes of a policy file. Raises `RunError`."""
    try:
        with open(config, "rb") as stream:  # pathlib is a start to import
            return stream.read()
    except OSError as error:
        raise RunError(f"--config {config}: cannot be read ({error.strerror})") from None
