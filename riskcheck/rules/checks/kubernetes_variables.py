"""Environment variables of containers: what is set, and where each comes from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias

from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_objects import items_at, mapping_at, neighbours, text, text_at
from riskcheck.rules.checks.kubernetes_references import declared_names, offers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.nodes import Mapping, Node
    from riskcheck.rules.context import ResourceView

From: TypeAlias = Literal["literal", "secret", "other"]


class Variable(NamedTuple):
    """One variable of ``env``. value: of a literal, ``""`` where none is given; never to be shown."""

    name: str
    source: From
    value: str
    node: Node


class Source(NamedTuple):
    """One ConfigMap or Secret of ``envFrom``. name: as it is declared, without the hash of a generator. keys: its
    entries, None where they are not known."""

    kind: str
    name: str
    prefix: str
    keys: frozenset[str] | None
    optional: bool

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.prefix + key for key in self.keys or ())


def variables(container: Mapping) -> dict[str, Variable]:
    """By name. The Spark operator knows two older fields beside ``env``: ``envVars`` and ``envSecretKeyRefs``."""
    found: dict[str, Variable] = {}
    for name, node in _entries(container, "envVars"):
        found[name] = Variable(name, "literal", text(node) or "", node)
    for name, node in _entries(container, "envSecretKeyRefs"):
        found[name] = Variable(name, "secret", "", node)
    for item in items_at(container, "env"):
        variable = _variable(item)
        if variable is not None:
            found[variable.name] = variable
    return found


def _entries(container: Mapping, field: str) -> Iterator[tuple[str, Node]]:
    for key, node in (mapping_at(container, field) or container.with_entries([])).entries:
        yield key.raw, node


def _variable(item: Node) -> Variable | None:
    name, source = text_at(item, "name"), mapping_at(item, "valueFrom")
    if not name:
        return None
    if source is None:
        return Variable(name, "literal", text_at(item, "value") or "", item)
    return Variable(name, "secret" if source.get("secretKeyRef") is not None else "other", "", item)


def sources(container: Mapping, near: Resource, view: ResourceView) -> list[Source]:
    """What ``envFrom`` names, with the entries that objects beside `near` provide."""
    items = items_at(container, "envFrom")
    if not items:
        return []
    declared = declared_names(near, view)
    known = [offer for one in neighbours(near, view) for offer in offers(one)]
    found = []
    for item in items:
        for kind, field in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
            named = text_at(item, field, "name")
            if not named:
                continue
            name = declared.get((kind, named), named)
            offered = [offer.keys for offer in known if (offer.kind, offer.name) == (kind, name)]
            keys: frozenset[str] | None = None
            if offered and None not in offered:
                keys = frozenset(key for one in offered for key in one or ())
            optional = text_at(item, field, "optional") in ("true", "yes")
            found.append(Source(kind, name, text_at(item, "prefix") or "", keys, optional))
    return found


def mentions(container: Mapping, name: str) -> bool:
    """Whether the command, its arguments or another variable of `container` refer to variable `name`.

    Kubernetes puts ``$(NAME)`` in; a shell that the command starts reads ``$NAME``, unless it sets or defaults it.
    https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
    """
    reference = f"$({name})"
    command = [text(item) or "" for field in ("command", "args") for item in items_at(container, field)]
    texts = [*command, *(variable.value for variable in variables(container).values())]
    if any(reference in one and f"${reference}" not in one for one in texts):
        return True
    script = "\n".join(command)
    if f"${name}" not in script and f"${{{name}" not in script:
        return False
    known = re.escape(name)
    own = re.compile(
        rf"(?<![A-Za-z0-9_]){known}=|\b(?:for|read|local|declare|export)[ \t]+(?:-\w+[ \t]+)?{known}\b"
    )
    default = re.compile(rf"\$\{{{known}:?[-=+]")
    used = re.compile(rf"\$(?:{known}(?![A-Za-z0-9_])|\{{{known}[}}:%#/?^,@])")
    return used.search(script) is not None and not own.search(script) and not default.search(script)
