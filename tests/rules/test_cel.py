"""Conditions: what they give, what cannot be computed, and what a checked repository may not bring."""

from __future__ import annotations

import subprocess
import sys

import pytest

from riskcheck.rules.cel import BoundError, ConditionError, condition


@pytest.mark.parametrize(
    ("source", "data", "holds"),
    [
        ("after < before", {"before": 3.0, "after": 2.0}, True),
        ("after == 0", {"after": 0.0}, True),
        ("after < 0.7 * before", {"before": 10.0, "after": 8.0}, False),
        ("after == null", {"after": None}, True),
        ("present_after && after == null", {"after": None, "present_after": True}, True),
        ('parent.?image.orValue("") == ""', {"parent": {}}, True),
        ('has(parent.image) && parent.image == "x"', {"parent": {}}, False),
        ("quantity(after) < quantity(before)", {"before": "1", "after": "250m"}, True),
        ('bytes_of("4g") > bytes_of("512m")', {}, True),
        ('seconds("1h") == 3600.0', {}, True),
        ("version_part(after, 0) < version_part(before, 0)", {"before": "15.4.x", "after": 13.3}, True),
        ('after.exists(item, item.startsWith("s"))', {"after": ["a", "s3"]}, True),
        ('before.lowerAscii() == "off"', {"before": "OFF"}, True),
        ("after == {'a': 1}", {"after": {"a": 1.0}}, True),
    ],
)
def test_conditions(source: str, data: dict[str, object], holds: bool) -> None:
    assert condition(source).evaluate(data) == (holds, None)


@pytest.mark.parametrize(
    ("source", "data", "why"),
    [
        ("after < before", {"before": 3.0, "after": "2"}, "_<_(string, double)"),
        ("after < before", {"before": 3.0, "after": None}, "_<_(null_type, double)"),
        ("after.image == ''", {"after": {}}, 'Key not found in map : "image"'),
        ("quantity(after) < 1", {"after": "plenty"}, "_<_(null_type, int64)"),
        ("after > before * 2", {"before": 3.0, "after": 7.0}, "write 2.0, not 2"),
        ("after", {"after": 7.0}, "it gives double, neither true nor false"),
        ("dyn({null: 1})", {}, "map key type"),
        ("dyn(optional.of(1))", {}, "neither true nor false"),
        ("dyn([optional.none()])", {}, "neither true nor false"),
    ],
)
def test_what_cannot_be_computed_does_not_hold_and_says_why(
    source: str, data: dict[str, object], why: str
) -> None:
    holds, reason = condition(source).evaluate(data)
    assert holds is False
    assert reason is not None
    assert why in reason


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("aftr < before", "undeclared reference to 'aftr'"),
        ("after <", "Syntax error"),
        ("1 + 1", "it gives int, neither true nor false"),
        ("lower(after)", "undeclared reference to 'lower'"),
        ("{null: 1}", "Unsupported map key type"),
        ("{1.5: true}", "Unsupported map key type"),
        ("(" * 40 + "true" + ")" * 40, "recursion limit"),
    ],
)
def test_faults_are_found_when_compiled(source: str, complaint: str) -> None:
    with pytest.raises(ConditionError) as raised:
        condition(source)
    assert complaint in str(raised.value)
    assert "\n" not in str(raised.value)


def test_loops_end_and_their_end_is_no_answer() -> None:
    many = [float(number) for number in range(300)]
    endless = condition("after.exists(a, after.exists(b, a + b < 0.0))")
    with pytest.raises(BoundError, match="budget"):
        endless.evaluate({"after": many})


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("after == 'x' || " * 200 + "true", "longer than 2000 characters"),
        ("after.exists(a, after.exists(b, after.exists(c, a == b && b == c)))", "more than 2 deep"),
        ("[after].map(a, a + a).map(a, a + a) == []", "more than 1 time in all"),
        ("after.replace('a', before.replace('b', after)) == ''", "more than 1 time in all"),
    ],
)
def test_a_checked_repository_brings_only_bounded_conditions(source: str, complaint: str) -> None:
    with pytest.raises(ConditionError, match=complaint):
        condition(source, bounded=True)


def test_ordinary_conditions_are_within_the_bounds() -> None:
    source = "resource.spec.containers.exists(c, c.env.exists(e, e.name == 'A')) && size(after.map(x, x)) > 0"
    assert condition(source, bounded=True).source == source


def test_the_runtime_is_loaded_only_when_a_condition_is_compiled() -> None:
    program = (
        "import sys, riskcheck.rules.cel; print([name for name in sys.modules if name.startswith('cel_')])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
