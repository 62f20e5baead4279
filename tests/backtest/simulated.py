"""Replayed changes of which the truth is known."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import Any, Final

from riskcheck.backtests import RuleFacts
from riskcheck.history.model import FiredRule, ReplayedChange

HOUR: Final = 3_600
START: Final = 1_600_000_000

RULES: Final = (
    RuleFacts("K8S-001", "Replicas reduced", "P2", "platform", "reversible"),
    RuleFacts("K8S-002", "Replicas contested", "P3", "platform", "reversible"),
    RuleFacts("NET-001", "Ingress opened to the world", "P1", "security", "reversible"),
    RuleFacts("TFP-001", "Data store destroyed", "P1", "data", "irreversible"),
    RuleFacts("UCD-001", "Grant widened", "P2", "data", "reversible"),
)
CODES: Final = tuple(one.code for one in RULES if one.code != "TFP-001")


def row(
    number: int = 0, *, reverted: bool = False, repository: str = "shop", **changed: Any
) -> ReplayedChange:
    """A change that was followed for long enough, on which nothing fired."""
    made = ReplayedChange(
        repository=repository,
        commit=f"{number:040x}",
        number=number,
        time=START + number * 10 * HOUR,
        label="reverted" if reverted else "ordinary",
        human=True,
        lag=12.0 if reverted else None,
        followed=400.0,
        files=1,
        lines=10,
        verdict="pass",
        level=None,
        score=0.0,
        rules=(),
        points=0.0,
        metadata=(0.0,),
        history=(0.0,),
    )
    return made._replace(**changed)


def rows(
    number: int,
    *,
    seed: int = 1,
    repository: str = "shop",
    rate: float = 0.05,
    effect: float = 1.0,
    odds: Mapping[str, float] | None = None,
) -> list[ReplayedChange]:
    """Changes whose log-odds of a revert rise by `effect` for each standard deviation of what `points` tell.

    odds: of a revert where a rule fires, beyond that; each fires on a fifth of the changes.
    """
    dice = random.Random(f"{seed} {repository}")
    made = []
    for at in range(number):
        risk = dice.gauss(0, 1)
        fired = [code for code in CODES if dice.random() < 0.2]
        logit = math.log(rate / (1 - rate)) + effect * risk
        logit += sum(math.log((odds or {}).get(code, 1.0)) for code in fired)
        reverted = dice.random() < 1 / (1 + math.exp(-logit))
        level = "P1" if "NET-001" in fired else "P2" if fired else None
        made.append(
            row(
                at,
                reverted=reverted,
                repository=repository,
                lag=dice.expovariate(0.005) if reverted else None,
                files=1 + int(dice.expovariate(0.3)),
                lines=1 + int(math.exp(dice.gauss(3, 1.5))),
                verdict="block" if level == "P1" else "warn" if level else "pass",
                level=level,
                score=round(50 / (1 + math.exp(-risk + dice.gauss(0, 1))), 1),
                rules=tuple(FiredRule(code, "P1" if code == "NET-001" else "P2") for code in fired),
                points=max(0.0, round(5 * risk)),
                metadata=(dice.gauss(0, 1), dice.gauss(0, 1)),
                history=(risk + dice.gauss(0, 1),),
            )
        )
    return made


def several(repositories: int, number: int, **settings: float) -> list[ReplayedChange]:
    """The same in several repositories."""
    return [
        one
        for name in range(repositories)
        for one in rows(number, repository=f"shop-{name}", **settings)  # type: ignore[arg-type]
    ]
