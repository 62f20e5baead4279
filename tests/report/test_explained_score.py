"""`--explain` prints what a reader needs to compute the score again, and says that nothing was calibrated."""

from __future__ import annotations

import re
from math import exp

import pytest

from riskcheck.judged import Term
from riskcheck.report.style import Style
from riskcheck.report.text import TextOptions, render
from tests.acceptance.test_examples import SCENARIOS, report
from tests.test_scoring import again

TERM = re.compile(r"  term +(\S+) bad minutes: (.+?) = (p .+)")
SCORE = re.compile(r"  score +(\S+) = 100 x \(1 - exp\(-(\S+) / (\S+)\)\); priors, uncalibrated")


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("variant", ["risky", "safe"])
def test_the_score_follows_from_the_printed_terms(scenario: str, variant: str) -> None:
    judged = report(scenario, variant)
    lines = render(judged, Style(), TextOptions(width=100_000, explain=True)).splitlines()
    terms = [found for line in lines if (found := TERM.fullmatch(line)) is not None]
    assert len(terms) == len(judged.assessment.terms)
    total = 0.0
    for value, name, detail in (found.groups() for found in terms):
        assert again(Term(name, 0.0, detail)) == pytest.approx(float(value), rel=1e-2)
        total += float(value)
    scores = [found for line in lines if (found := SCORE.fullmatch(line)) is not None]
    assert len(scores) == bool(terms)
    if not scores:
        return
    (shown,) = scores
    points, minutes, reference = map(float, shown.groups())
    assert minutes == pytest.approx(total, rel=1e-3)
    assert points == pytest.approx(100 * (1 - exp(-minutes / reference)), abs=0.1)
    assert points == judged.assessment.score
