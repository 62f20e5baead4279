"""A report with all of its parts. What numpy and scikit-learn would work out is written down: their last digits are
not the same everywhere."""

from __future__ import annotations

from functools import cache
from typing import Final

from riskcheck.backtests import (
    SHARES,
    At,
    BacktestReport,
    Difference,
    Estimate,
    Origin,
    Part,
    Ranking,
    RepositoryAuc,
    Settings,
)
from riskcheck.history.backtest import backtest
from tests.backtest.simulated import RULES, rows

SETTINGS: Final = Settings(
    rules=RULES, origin=Origin("1.2.3", f"sha256:{'ab' * 32}", "2026-11-21T12:00:00Z"), draws=1_000
)
REPOSITORIES: Final = ("checkout", "ledger")
ODDS: Final = {"K8S-001": 5.0, "NET-001": 0.1, "UCD-001": 0.1}

SCORES: Final = (
    ("likelihood", "riskcheck: likelihood points", "riskcheck", 0.72),
    ("score", "riskcheck: score", "riskcheck", 0.68),
    ("random", "random", "baseline", 0.5),
    ("smallest", "smallest first", "baseline", 0.49),
    ("history-others", "metadata + history logistic (others)", "baseline", 0.6),
)


@cache
def example() -> BacktestReport:
    """Two repositories, in which one rule means something and two mean the opposite."""
    changes = [one for name in REPOSITORIES for one in rows(1_500, repository=name, odds=ODDS)]
    changes += [one._replace(number=2_000 + one.number, human=False) for one in changes[:40]]
    changes += [one._replace(number=3_000 + one.number, followed=5.0) for one in changes[40:60]]
    report = backtest(changes, SETTINGS._replace(draws=2))
    return report._replace(
        settings=SETTINGS,
        curves=tuple(one for one in report.curves if "logistic" not in one.title and one.part == "all"),
        rankings=tuple(_ranking(*one, part="all") for one in SCORES),
        differences=tuple(
            Difference(
                "likelihood",
                score,
                "all",
                2,
                Estimate(0.72 - value, 0.67 - value, 0.77 - value),
                Estimate(0.15, -0.02, 0.2),
            )
            for score, _, kind, value in SCORES
            if kind == "baseline"
        ),
    )


def _ranking(score: str, title: str, kind: str, value: float, part: Part) -> Ranking:
    middle = Estimate(value, value - 0.05, value + 0.05)
    return Ranking(
        score=score,
        title=title,
        kind="riskcheck" if kind == "riskcheck" else "baseline",
        part=part,
        repositories=2,
        changes=3_000,
        reverted=240,
        auc=middle,
        auc_median=value,
        auc_pooled=middle,
        average_precision=Estimate(0.1, 0.08, 0.12),
        lift=1.5,
        recall=tuple(At(share, Estimate(share * 2, share, share * 3)) for share in SHARES),
        precision=tuple(At(share, Estimate(0.2, 0.1, 0.3)) for share in SHARES),
        false_alarms=3.5,
        effort=Estimate(0.4, 0.3, 0.5),
        inspected=0.25,
        by_repository=tuple(RepositoryAuc(name, 1_500, 120, middle) for name in REPOSITORIES),
    )
