"""Where risky edits go and what evidence there is: canaries per production cell, rollback per edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from riskcheck.causes import edited_place, place_key
from riskcheck.findings import Group, alike, changes_like
from riskcheck.judged import CanaryEvidence, Exposure
from riskcheck.models import location_of
from riskcheck.rollout import canary, coverage, ring, rollback
from riskcheck.rules.evaluate import evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskcheck.judged import Hit, ParityGap
    from riskcheck.judgement import JudgeInput
    from riskcheck.models import Change, Environment, Resource, Reversibility
    from riskcheck.rollout.canary import CanaryFacts
    from riskcheck.rollout.rollback import RollbackFacts, RollbackPath

FINAL: Final = frozenset({"lossy", "irreversible"})
"""Classes of rules whose effect a revert does not undo."""


PARITY_RULE: Final = "canary-unlike-production"


class Exposures:
    """One run's memory: evidence is gathered once per edit and environment, and only where it is asked for."""

    def __init__(self, given: JudgeInput, groups: Sequence[Group]) -> None:
        self._given = given
        self._like = changes_like(given.changes)
        self._facts: CanaryFacts | None = None
        self._canary: dict[tuple[object, ...], tuple[CanaryEvidence, ...]] = {}
        self._exposures: dict[int, Exposure] = {}
        self._rollback: RollbackFacts | None = None
        self._by_cause: dict[str, list[Group]] = {}
        for group in groups:
            self._by_cause.setdefault(group.cause, []).append(group)
        self._production = [
            hit.change.resource
            for group in groups
            for hit in group.hits
            if hit.environment.stage == "prod" and group.rule.pack != "governance"
        ]
        self._lossy_back = self._rehearse(groups)

    def _rehearse(self, groups: Sequence[Group]) -> dict[str, tuple[str, ...]]:
        """Cause to the lossy rules that its inverse would hit: the revert, run through the same rules."""
        touched = {hit.change.resource.key: hit.change for group in groups for hit in group.hits}
        final = [
            rule
            for rule in self._given.rules
            if rule.match.subject == "change" and rule.reversibility in FINAL
        ]
        if not touched or not final:
            return {}
        inverse = [change.inverted() for change in self._given.changes if change.resource.key in touched]
        hits, _ = evaluate(inverse, final, self._given.inverse_contexts(inverse))
        found: dict[str, dict[str, None]] = {}
        for group in groups:
            for hit in group.hits:
                for back in hits:
                    same = back.change.resource.key == hit.change.resource.key
                    inside = same and _one_inside_other(back.change.path, hit.change.path)
                    if inside and not _is_restored(back):
                        found.setdefault(group.cause, {})[back.rule.code] = None
        return {cause: tuple(codes) for cause, codes in found.items()}

    def of(self, group: Group) -> Exposure:
        """Where the group's edit goes, and the evidence for each production cell."""
        known = self._exposures.get(id(group))
        if known is None:
            known = self._exposures[id(group)] = self._expose(group)
        return known

    def _expose(self, group: Group) -> Exposure:
        first = group.hits[0].change
        everywhere = self._like.get(alike(first), [first])
        reached: dict[str, list[Change]] = {}
        for hit in group.hits:
            if hit.environment.stage == "prod":
                reached.setdefault(hit.environment.name, []).append(hit.change)
        receiving = {name: changes[0] for name, changes in reached.items()}
        production = tuple(receiving[name].environment for name in sorted(receiving))
        evidence: list[CanaryEvidence] = []
        lower: tuple[Environment, ...] = ()
        if production and group.rule.pack != "governance":
            for name in sorted(receiving):
                evidence.extend(self._evidence(receiving[name], everywhere))
                evidence.extend(canary.of_resources(reached[name], self._canary_facts()))
            evidence = list(coverage.with_coverage(evidence, production, group.rule.canary))
            lower = self._lower(next(iter(receiving.values())).resource)
        covered = frozenset(one.environment for one in evidence if one.found and one.kind != "coverage")
        lossy = self._lossy(group)
        back = self._lossy_back.get(group.cause, ())
        path = self._path_back(group, everywhere, lossy, back)
        whole = (first.kind == "added" and not first.path) or any(
            (hit.change.resource.unit, hit.environment.name) in self._given.environments_whole
            for hit in group.hits
            if hit.environment.stage == "prod"
        )
        return Exposure(
            changes=tuple(everywhere),
            production=production,
            canary=tuple(evidence),
            covered=covered,
            rollback=path.evidence,
            order=self._order(evidence),
            lower=lower,
            only_environment=not lower and len({change.environment.name for change in everywhere}) == 1,
            shared=_shared_places([hit.change for hit in group.hits if hit.environment.stage == "prod"]),
            whole=whole,
            lossy=tuple(dict.fromkeys(code for _, code, _ in lossy)),
            lossy_back=back,
            parity=self._parity(receiving, evidence, everywhere),
            recovery=path.recovery,
        )

    def _parity(
        self,
        receiving: Mapping[str, Change],
        evidence: Sequence[CanaryEvidence],
        everywhere: Sequence[Change],
    ) -> tuple[ParityGap, ...]:
        """Empty where the rule that tells it is left out; without what its option declares as reviewed."""
        rule = next((rule for rule in self._given.rules if rule.id == PARITY_RULE), None)
        if rule is None or not any(one.found for one in evidence):
            return ()
        from riskcheck.rollout.parity import gaps, without

        stated = self._given.contexts.options_of(rule).get("exceptions")
        facts = self._canary_facts()
        return without(
            stated if isinstance(stated, list) else (),
            (
                gap
                for name in sorted(receiving)
                for gap in gaps(
                    receiving[name], [one for one in evidence if one.environment == name], facts, everywhere
                )
            ),
        )

    def _lossy(self, group: Group) -> list[tuple[Change, str, Reversibility]]:
        """What rules of class lossy or irreversible hit in the same cause, but for what a revert has back."""
        return [
            (hit.change, one.rule.code, one.rule.reversibility)
            for one in self._by_cause.get(group.cause, ())
            if one.rule.reversibility in FINAL
            for hit in one.hits
            if not _is_restored(hit)
        ]

    def _path_back(
        self,
        group: Group,
        everywhere: Sequence[Change],
        lossy: Sequence[tuple[Change, str, Reversibility]],
        back: Sequence[str],
    ) -> RollbackPath:
        if self._rollback is None:
            self._rollback = self._given.rollback_facts()
        same = self._by_cause.get(group.cause, (group,))
        changed = {change.resource.key: change.resource for change in everywhere}
        changed.update((change.resource.key, change.resource) for change, _, _ in lossy)
        edit = rollback.Edit(
            everywhere,
            [self._given.contexts.changes_of(resource) for resource in changed.values()],
            self._given.servicemap.service(everywhere[0].resource),
            lossy,
            back,
            [_reversibility(one) for one in same],
        )
        return rollback.path_back(edit, self._rollback)

    def _canary_facts(self) -> CanaryFacts:
        if self._facts is None:
            self._facts = self._given.canary_facts(self._production)
        return self._facts

    def save(self) -> None:
        """Keeps what history told for later runs."""
        if self._facts is not None and self._facts.landings is not None:
            self._facts.landings.save()

    def known(self) -> tuple[Resource, ...]:
        """The resources of base that evidence was looked for in; none if none was asked for."""
        return tuple(self._facts.base) if self._facts else ()

    def _evidence(self, change: Change, everywhere: Sequence[Change]) -> tuple[CanaryEvidence, ...]:
        resource = change.resource
        key = (place_key(edited_place(change)), change.environment.name, resource.unit, repr(change.after))
        if key not in self._canary:
            self._canary[key] = canary.evidence(change, everywhere, self._canary_facts())
        return self._canary[key]

    def _lower(self, resource: Resource) -> tuple[Environment, ...]:
        facts = self._canary_facts()
        if facts.branches:
            from riskcheck.rollout.branched import holders

            return holders(resource, facts)
        found = {
            other.environment.name: other.environment
            for other in ring.relatives(resource, facts.base)
            if other.environment.stage in ("dev", "staging", "canary")
        }
        return tuple(found[name] for name in sorted(found))

    def _order(self, evidence: Sequence[CanaryEvidence]) -> Literal["declared", "pipeline"] | None:
        if self._given.declared_order:
            return "declared"
        if evidence and any(pipeline.gated for pipeline in self._canary_facts().pipelines):
            return "pipeline"
        return None


def _is_restored(hit: Hit) -> bool:
    """Whether the check says that a plain revert has all of it back, whatever the class of the rule."""
    return bool((hit.match.values or {}).get("restored"))


def _reversibility(group: Group) -> Reversibility:
    final = group.rule.reversibility in FINAL
    return "delayed" if final and all(map(_is_restored, group.hits)) else group.rule.reversibility


def _one_inside_other(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    short = min(len(one), len(other))
    return one[:short] == other[:short]


def _shared_places(changes: Sequence[Change]) -> tuple[str, ...]:
    """``path:line`` of the edits from which more than one production environment takes its value."""
    readers: dict[tuple[str, int], set[str]] = {}
    for change in changes:
        node = change.node_after or change.node_before
        if node is None or not change.path:
            continue
        place = location_of(node)
        readers.setdefault((place.path, place.line), set()).add(change.environment.name)
    return tuple(f"{path}:{line}" for (path, line), names in sorted(readers.items()) if len(names) > 1)
