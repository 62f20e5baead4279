"""The statement about one run: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md.

Equal inputs at an equal moment give equal bytes: everything is sorted, and the only clock value is ``run.as_of``,
the moment that waivers, freezes and approvals were held against.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.evidence.canonical import digest
from riskcheck.evidence.facts import approvals_document, baseline_document, changed_files, policy_document
from riskcheck.report.json import strings
from riskcheck.report.safe import plain
from riskcheck.results import moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskcheck.evidence.facts import Facts
    from riskcheck.judged import Finding
    from riskcheck.report.json import Json
    from riskcheck.results import Report
    from riskcheck.sources.identity import Identity

STATEMENT: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "urn:riskcheck:evidence:1"
"""A new number where fields change their meaning or go."""


def statement(report: Report, facts: Facts) -> dict[str, Json]:
    """The statement as an object. Raises `UnreadableError`, `OSError` where the policy is gone meanwhile."""
    predicate = _cleaned(_predicate(report, facts), facts.private)
    assert isinstance(predicate, dict)
    predicate["digest"] = digest(predicate)
    head = facts.identities.head
    return {
        "_type": STATEMENT,
        "subject": [{"name": head.kind, "digest": _digests(head)}],
        "predicateType": PREDICATE,
        "predicate": predicate,
    }


def exit_code(verdict: str, *, exit_zero: bool) -> int:
    """The exit code of a run that was made."""
    return 1 if verdict == "block" and not exit_zero else 0


def _predicate(report: Report, facts: Facts) -> dict[str, Json]:
    asked, identities, assessment = facts.asked, facts.identities, report.assessment
    findings = _sorted([_cleaned(_finding(one), facts.private) for one in report.findings])
    files = changed_files(facts)
    return {
        "tool": {"name": "riskcheck", "version": report.version},
        "run": {
            "as_of": moment(facts.comparison.lands),
            "exit_code": exit_code(assessment.verdict, exit_zero=asked.exit_zero),
            "exit_zero": asked.exit_zero,
        },
        "range": {
            "base": _side(identities.base),
            "head": _side(identities.head),
            "deciding": _side(identities.deciding),
            "history": "cut-off" if identities.shallow else "whole",
            "paths": list(identities.paths),
            "changed": {"count": len(files), "digest": digest(list(files))},
        },
        "policy": policy_document(facts),
        "baseline": baseline_document(facts),
        "rules": {"digest": facts.rules_digest, "packs": list(facts.packs)},
        "inputs": _sorted(
            [{"kind": one.kind, "name": one.name, "digest": one.digest} for one in facts.given]
        ),
        "options": {
            "fail_on": asked.fail_on,
            "select": list(asked.select),
            "ignore": list(asked.ignore),
            "waivers": asked.waivers,
            "hook": asked.hook,
        },
        "findings": {"count": len(findings), "digest": digest(findings), "items": findings},
        "waivers": _sorted([_waiver(one) for one in report.findings if one.waiver is not None]),
        "approvals": approvals_document(facts),
        "limitations": _sorted(
            [{"path": one.path, "kind": one.kind, "message": one.message} for one in report.limitations]
        ),
        "result": {
            "verdict": assessment.verdict,
            "level": assessment.level,
            "score": assessment.score,
            "reasons": list(assessment.reasons),
        },
    }


def _digests(identity: Identity) -> dict[str, Json]:
    found: dict[str, Json] = {"gitTree": identity.tree}
    if identity.commit is not None:
        found["gitCommit"] = identity.commit
    return found


def _side(identity: Identity) -> Json:
    return {"kind": identity.kind, "digest": _digests(identity)}


def _finding(one: Finding) -> Json:
    return {
        "fingerprint": one.fingerprint,
        "rule": one.rule,
        "code": one.code,
        "severity": one.severity,
        "level": one.level,
        "confidence": one.confidence,
        "environments": strings(sorted(environment.name for environment in one.environments)),
        "canary": one.canary_covered,
        "rollback": one.rollback_ready,
        "blocks": one.blocking is not None,
        "waived": one.waiver is not None,
    }


def _waiver(finding: Finding) -> Json:
    waiver = finding.waiver
    assert waiver is not None
    return {
        "fingerprint": finding.fingerprint,
        "kind": waiver.kind,
        "rule": waiver.rule,
        "owner": waiver.owner,
        "until": waiver.until,
        "source": waiver.source,
        "inline": waiver.inline,
        "same_change": waiver.same_change,
    }


def _sorted(items: Sequence[Json]) -> list[Json]:
    return sorted(items, key=_key)


def _key(item: Json) -> str:
    import json

    return json.dumps(item, sort_keys=True)


def _cleaned(document: Json, private: Sequence[tuple[str, str]]) -> Json:
    """Without mail addresses, control characters and absolute paths."""
    if isinstance(document, str):
        for path, shown in private:
            document = document.replace(path, shown)
        return plain(document)
    if isinstance(document, list):
        return [_cleaned(one, private) for one in document]
    if isinstance(document, dict):
        held: Mapping[str, Json] = document
        return {key: _cleaned(one, private) for key, one in held.items()}
    return document
