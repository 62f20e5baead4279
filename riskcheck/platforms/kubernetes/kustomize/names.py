"""References by name, rewritten to the names that their targets ended up with.

Facts: https://github.com/kubernetes-sigs/kustomize/tree/kustomize/v5.5.0/api/filters/nameref: only objects that
had another identity before are candidates; of several, those of the same namespace, then of the same prefixes and
suffixes are taken; what stays ambiguous is left alone here (kustomize refuses to build).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.kubernetes.edit import put, text, update
from riskcheck.platforms.kubernetes.kustomize.fields import BUILT_IN, Field, Names, Selector
from riskcheck.platforms.kubernetes.objects import NO_NAMESPACE, KubeObject

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Sequence as ListOf

_Rule: TypeAlias = tuple[Selector, Field]
"""(What is named, where.)"""

_NAME_ONLY: Final = frozenset(
    field
    for group in BUILT_IN.names
    for field in group.fields
    if field.path[-1] not in ("subjects", "service", "configMap")
)
"""Places that hold a name and no namespace: up to date as long as nothing was renamed."""

_ROLE_REF = ("roleRef", "name")


class Rewriter:
    """Brings references up to date, by the places where names stand."""

    def __init__(self, names: tuple[Names, ...]) -> None:
        self._names = names
        self._by_kind: dict[tuple[str, str, str], tuple[list[_Rule], list[_Rule]]] = {}

    def rewrite(self, objects: ListOf[KubeObject]) -> list[KubeObject]:
        """`objects` with their references to each other up to date."""
        candidates = _Candidates(objects)
        if not candidates.by_old_name:
            return list(objects)
        which = 0 if candidates.renamed else 1
        return [_referrer(found, self._rules(found)[which], candidates) for found in objects]

    def _rules(self, found: KubeObject) -> tuple[list[_Rule], list[_Rule]]:
        """All places of names in an object, and those that matter even where nothing was renamed. The kind that
        it was declared with decides."""
        kind = (found.group, found.version, found.first_id.kind)
        known = self._by_kind.get(kind)
        if known is None:
            rules = [
                (group.target, field)
                for group in self._names
                for field in group.fields
                if field.of.selects(*kind)
            ]
            moved = [rule for rule in rules if rule[1] not in _NAME_ONLY]
            known = self._by_kind[kind] = (rules, moved)
        return known


class _Candidates:
    """Objects by the names they had before."""

    def __init__(self, objects: ListOf[KubeObject]) -> None:
        self.by_old_name: dict[str, list[KubeObject]] = {}
        self.renamed: set[str] = set()
        for found in objects:
            for name in {previous.name for previous in found.previous}:
                self.by_old_name.setdefault(name, []).append(found)
                if name != found.name:
                    self.renamed.add(name)


def _referrer(found: KubeObject, rules: list[_Rule], candidates: _Candidates) -> KubeObject:
    body: Node = found.body
    stated = found.body.index
    for target, field in rules:
        if field.path[0].removesuffix("[]") in stated:
            body = update(body, field.path, _setter(found, target, field, candidates))
    if body is found.body:
        return found
    assert isinstance(body, Mapping)
    return found.evolve(body)


def _setter(
    referrer: KubeObject, target: Selector, field: Field, candidates: _Candidates
) -> Callable[[Node | None], Node | None]:
    def scalar(node: Scalar) -> Node:
        if node.raw not in candidates.renamed:
            return node
        named = _select(referrer, target, field, candidates.by_old_name[node.raw], with_namespace=False)
        if named is None or named.name == node.raw:
            return node
        return made(named.name, node, (_name_node(named),))

    def mapping(node: Mapping) -> Node:
        old = node.get("name")
        possible = candidates.by_old_name.get(text(old), [])
        namespace = node.get("namespace")
        if namespace is not None:
            possible = _in_namespace(possible, text(namespace))
        named = _select(referrer, target, field, possible, with_namespace=True)
        if named is None or (named.name == text(old) and not named.namespace):
            return node
        if old is not None and named.name != text(old):
            node = put(node, "name", made(named.name, old, (_name_node(named),)))
        if named.namespace and text(namespace) != named.namespace:
            place = namespace or node
            node = put(node, "namespace", made(named.namespace, place, (_name_node(named),)), place)
        return node

    def change(node: Node | None) -> Node | None:
        if isinstance(node, Scalar):
            return scalar(node)
        if isinstance(node, Mapping):
            return mapping(node)
        if isinstance(node, Sequence):
            items = [change(item) or item for item in node.items]
            same = all(new is old for new, old in zip(items, node.items, strict=True))
            return node if same else node.with_items(items)
        return node

    return change


def _name_node(found: KubeObject) -> Node:
    return found.body.at("metadata", "name") or found.body


def _in_namespace(possible: list[KubeObject], namespace: str) -> list[KubeObject]:
    """By the namespace they were declared in, else by the one they are in."""
    original = [found for found in possible if found.first_id.namespace == namespace]
    return original or [found for found in possible if found.effective_namespace == namespace]


def _select(
    referrer: KubeObject, target: Selector, field: Field, possible: list[KubeObject], with_namespace: bool
) -> KubeObject | None:
    possible = [found for found in possible if _was(found, target) and _reachable(referrer, found)]
    if field.path[-2:] == _ROLE_REF and possible:
        role = _role(referrer)
        if role is not None:
            possible = [found for found in possible if _was(found, role)]
    if len(possible) == 1:
        return possible[0]
    possible = [found for found in possible if _same_affixes(found, referrer, empty_matches=True)]
    if len(possible) > 1:
        possible = [found for found in possible if _same_affixes(found, referrer, empty_matches=False)]
    if not possible:
        return None
    names = {(found.name, found.namespace if with_namespace else "") for found in possible}
    return possible[0] if len(names) == 1 else None


def _was(found: KubeObject, target: Selector) -> bool:
    return (
        target.group in ("", found.group)
        and target.version in ("", found.version)
        and any(target.kind in ("", previous.kind) for previous in found.previous)
    )


def _role(referrer: KubeObject) -> Selector | None:
    role = referrer.body.get("roleRef")
    if not isinstance(role, Mapping) or role.get("apiGroup") is None or role.get("kind") is None:
        return None
    return Selector(text(role.get("kind")), text(role.get("apiGroup")))


def _reachable(referrer: KubeObject, found: KubeObject) -> bool:
    """Whether objects of the two namespaces may name each other."""
    if referrer.effective_namespace == NO_NAMESPACE or found.effective_namespace == NO_NAMESPACE:
        return True
    if referrer.effective_namespace == found.effective_namespace:
        return True
    return referrer.kind == "RoleBinding" and (
        found.kind == "ServiceAccount" and found.namespace in _subject_namespaces(referrer)
    )


def _subject_namespaces(binding: KubeObject) -> set[str]:
    subjects = binding.body.get("subjects")
    return {
        text(subject.get("namespace"))
        for subject in (subjects.items if isinstance(subjects, Sequence) else ())
        if isinstance(subject, Mapping) and text(subject.get("kind")) == "ServiceAccount"
    }


def _same_affixes(found: KubeObject, referrer: KubeObject, empty_matches: bool) -> bool:
    return _same_end(found.prefixes, referrer.prefixes, empty_matches) and _same_end(
        found.suffixes, referrer.suffixes, empty_matches
    )


def _same_end(one: tuple[str, ...], other: tuple[str, ...], empty_matches: bool) -> bool:
    if not one or not other:
        return empty_matches or one == other
    length = min(len(one), len(other))
    return one[-length:] == other[-length:]
