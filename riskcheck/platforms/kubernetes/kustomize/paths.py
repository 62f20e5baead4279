"""Paths as kustomizations write them."""

from __future__ import annotations

from typing import Final

from riskcheck.regexes import regex

FILE_NAMES: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""What kustomize looks for in a directory, in this order."""

_REMOTE = regex(
    r"(?i)[a-z][a-z0-9+.-]*::?//|git::|[\w.-]+@[\w.-]+:|(?:www\.)?github\.com[/:]"
    r"|.*\?(?:ref|version)=|[^?\n]*+\?.*&(?:ref|version)="
)


def is_remote(reference: str) -> bool:
    """A URL or git address, as https://github.com/kubernetes-sigs/kustomize/blob/master/examples/remoteBuild.md."""
    return _REMOTE.match(reference) is not None


def resolve(directory: str, reference: str) -> str | None:
    """`reference` from `directory` as a path of the tree (``""`` is its root); None where it leaves the tree."""
    if reference.startswith("/"):
        return None
    steps = directory.split("/") if directory else []
    for step in reference.split("/"):
        if step == "..":
            if not steps:
                return None
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)


def join(directory: str, name: str) -> str:
    return f"{directory}/{name}" if directory else name


def parent(path: str) -> str:
    """The directory of a path; ``""`` for the root."""
    return path.rpartition("/")[0]
