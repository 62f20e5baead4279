"""A back-test as JSON: `schemas/backtest.schema.json`, schema_version 1. Stable and sorted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.backtests import EFFORT_SHARE
from riskcheck.report.json import dumped, strings
from riskcheck.report.safe import discreet
from riskcheck.results import moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.backtests import (
        At,
        BacktestReport,
        Calibration,
        Difference,
        Estimate,
        Gate,
        Ranking,
        Replayed,
        RuleRow,
    )
    from riskcheck.report.json import Json

SCHEMA_VERSION = 1


def render(report: BacktestReport) -> str:
    """The report as JSON text, ending in a newline."""
    return dumped(discreet(document(report)))


def document(report: BacktestReport) -> dict[str, Json]:
    """The report as the contract's object."""
    settings = report.settings
    origin = settings.origin
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "riskcheck", "version": origin.version, "rules_digest": origin.rules_digest},
        "run": {"as_of": origin.as_of},
        "settings": {
            "follow_days": settings.follow_days,
            "within_days": settings.within_days,
            "draws": settings.draws,
            "seed": settings.seed,
            "effort_share": EFFORT_SHARE,
        },
        "conclusive": report.conclusive,
        "warnings": strings(report.warnings),
        "unavailable": report.unavailable,
        "population": dict(report.population._asdict()),
        "repositories": [_repository(one) for one in report.repositories],
        "gates": [_gate(one) for one in report.gates],
        "rules": [_rule(one) for one in report.rules],
        "rankings": [_ranking(one) for one in report.rankings],
        "differences": [_difference(one) for one in report.differences],
        "curves": [
            {
                "score": one.score,
                "title": one.title,
                "kind": one.kind,
                "part": one.part,
                "caught": [_number(share) for share in one.caught],
            }
            for one in report.curves
        ],
        "calibration": None if report.calibration is None else _calibration(report.calibration),
    }


def _repository(one: Replayed) -> Json:
    return {
        "name": one.name,
        "first": one.first,
        "last": one.last,
        "since": moment(one.since),
        "until": moment(one.until),
        "replayed": one.replayed,
        "judged": one.judged,
        "reverted": one.reverted,
    }


def _gate(one: Gate) -> Json:
    return {
        "name": one.name,
        "share": one.share,
        "number": _number(one.number),
        "caught": _estimate(one.caught),
        "stopped": _estimate(one.stopped),
        "precision": _number(one.precision),
        "threshold": _number(one.threshold),
        "odds_ratio": _estimate(one.odds),
    }


def _rule(one: RuleRow) -> Json:
    facts = one.facts
    return {
        "code": one.code,
        "title": None if facts is None else facts.title,
        "severity": None if facts is None else facts.severity,
        "category": None if facts is None else facts.category,
        "reversibility": None if facts is None else facts.reversibility,
        "fired": one.fired,
        "reverted": one.reverted,
        "ordinary": one.ordinary,
        "odds_ratio": _estimate(one.odds),
        "p": _number(one.p),
        "p_adjusted": _number(one.adjusted),
        "verdict": one.verdict,
        "kept": one.kept,
    }


def _ranking(one: Ranking) -> Json:
    return {
        "score": one.score,
        "title": one.title,
        "kind": one.kind,
        "part": one.part,
        "repositories": one.repositories,
        "changes": one.changes,
        "reverted": one.reverted,
        "auc": _estimate(one.auc),
        "auc_median": _number(one.auc_median),
        "auc_pooled": _estimate(one.auc_pooled),
        "average_precision": _estimate(one.average_precision),
        "lift": _number(one.lift),
        "recall": _at(one.recall),
        "precision": _at(one.precision),
        "false_alarms": _number(one.false_alarms),
        "effort": _estimate(one.effort),
        "inspected": _number(one.inspected),
        "by_repository": [
            {
                "repository": each.repository,
                "changes": each.changes,
                "reverted": each.reverted,
                "auc": _estimate(each.auc),
            }
            for each in one.by_repository
        ],
    }


def _difference(one: Difference) -> Json:
    return {
        "score": one.score,
        "baseline": one.baseline,
        "part": one.part,
        "repositories": one.repositories,
        "auc": _estimate(one.auc),
        "recall": _estimate(one.recall),
    }


def _calibration(one: Calibration) -> Json:
    return {
        "changes": one.changes,
        "reverted": one.reverted,
        "stated": _number(one.stated),
        "observed": _number(one.observed),
        "brier": _number(one.brier),
        "reference": _number(one.reference),
        "slope": _number(one.slope),
        "by_points": one.by_points,
        "bins": [
            {
                "changes": each.changes,
                "reverted": each.reverted,
                "stated": _number(each.stated),
                "observed": _estimate(each.observed),
            }
            for each in one.bins
        ],
    }


def _at(held: Iterable[At]) -> Json:
    return [{"share": one.share, **_values(one.estimate)} for one in held]


def _estimate(one: Estimate) -> Json:
    return _values(one)


def _values(one: Estimate) -> dict[str, Json]:
    return {"value": _number(one.value), "low": _number(one.low), "high": _number(one.high)}


def _number(value: float | None) -> Json:
    """Six digits: the last ones differ between machines."""
    return None if value is None else float(f"{value:.6g}")
