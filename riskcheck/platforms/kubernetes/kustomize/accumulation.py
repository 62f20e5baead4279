"""What accumulates while kustomizations are followed."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from riskcheck.models import Limitation, location_of

if TYPE_CHECKING:
    from riskcheck.nodes import Mapping
    from riskcheck.platforms.kubernetes.kustomize.fields import Fields
    from riskcheck.platforms.kubernetes.objects import KubeObject


class Build:
    """What became of one directory.

    incomplete: directory to kustomization, of those that name what takes a network or plugins to get. full: there
    are more objects than are taken. fields: where transformers look; None as long as nothing says. vars: name to
    declaration. unmatched: entries of ``patches`` whose target selects nothing, by identity.
    """

    __slots__ = ("fields", "full", "incomplete", "limitations", "objects", "read", "unmatched", "vars")

    def __init__(self) -> None:
        self.objects: list[KubeObject] = []
        self.fields: Fields | None = None
        self.read: set[str] = set()
        self.limitations: dict[Limitation, None] = {}
        self.incomplete: dict[str, Mapping] = {}
        self.vars: dict[str, Mapping] = {}
        self.unmatched: dict[int, Mapping] = {}
        self.full = False

    @property
    def complete(self) -> bool:
        return not self.incomplete

    def absorb(self, below: Build) -> None:
        """Takes over what was learnt on the way to a base; its objects are added one by one."""
        self.read |= below.read
        self.limitations.update(below.limitations)
        self.incomplete.update(below.incomplete)
        self.unmatched.update(below.unmatched)
        self.full = self.full or below.full
        for name, var in below.vars.items():
            if name in self.vars:
                place = location_of(var)
                message = f"the variable {name} is declared by two bases"
                self.limit(Limitation(place.path, "var", message, place.line, place.side))
            self.vars[name] = var
        if self.fields is None:
            self.fields = below.fields
        elif below.fields is not None and below.fields is not self.fields:
            from riskcheck.platforms.kubernetes.kustomize.configuration import ConflictError, merged

            # Where two bases disagree kustomize refuses; either is as good then.
            with suppress(ConflictError):
                self.fields = merged((self.fields, below.fields))

    def limit(self, limitation: Limitation) -> None:
        self.limitations.setdefault(limitation)
