"""Promoted evidence for a change in a real git repository."""

from __future__ import annotations

from riskcheck.changes.compare import compare
from riskcheck.environments import EnvironmentModel
from riskcheck.evidencing import canary_facts
from riskcheck.judged import CanaryEvidence
from riskcheck.models import Change
from riskcheck.policy.load import load_policy
from riskcheck.resolving import all_paths, resolve_both
from riskcheck.rollout import canary
from riskcheck.sources import RangeSpec, open_comparison
from tests.gitrepo import GitRepo

DAY, HOUR = 86_400, 3_600


def evidence(repo: GitRepo, path: tuple[str, ...] | None = None, **options: object) -> CanaryEvidence:
    """What is said about promotion of the production change of HEAD; `path`: the one of several that is meant.

    options: of `RangeSpec`; HEAD~1..HEAD as of HEAD's own date unless they say otherwise.
    """
    given = {
        "root": repo.path,
        "environ": repo.environ,
        "clock": repo.clock,
        "revision": "HEAD~1..HEAD",
        **options,
    }
    comparison = open_comparison(RangeSpec(**given))  # type: ignore[arg-type]  # a bundle of options
    policy = load_policy(comparison.deciding, None)
    environments = EnvironmentModel(
        policy.environments, policy.promotion, paths=lambda: all_paths(comparison)
    )
    resolved = resolve_both(comparison, environments, policy)
    changes = compare(resolved.base, resolved.head, resolved.natural_keys)
    change = _of_production(changes, path)
    facts = canary_facts(comparison, policy, environments, resolved, [change.resource])
    return next(one for one in canary.evidence(change, changes, facts) if one.kind == "promoted")


def _of_production(changes: tuple[Change, ...], path: tuple[str, ...] | None) -> Change:
    found = [one for one in changes if one.environment.stage == "prod" and (path is None or one.path == path)]
    assert len(found) == 1, [(one.environment.name, one.resource.address, one.path) for one in changes]
    return found[0]
