"""Rules over changes: conditions, checks, escalation, messages; and failures that are told, never raised."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from riskcheck.judged import Hit
from riskcheck.models import Change, Environment, Escalation, Match, Rule, Service
from riskcheck.rules import registry
from riskcheck.rules.context import CheckContext
from riskcheck.rules.evaluate import RuleFailure, SubjectError, evaluate, evaluate_subject, watched_conditions
from tests.rules.samples import changes_of, contexts, resource, rule

BASE = """\
metadata: {labels: {app: web}}
spec:
  replicas: 3
  containers:
    - {name: web, image: web:1, tty: true}
    - {name: log, image: log:1}
"""


def run(
    one: Rule, before: str, after: str, **more: object
) -> tuple[tuple[Hit, ...], tuple[RuleFailure, ...]]:
    changes = changes_of(before, after)
    return evaluate(changes, [one], contexts(changes, **more))  # type: ignore[arg-type]  # by name


def fires(when: str, before: str = BASE, after: str | None = None, paths: tuple[str, ...] = ("**",)) -> bool:
    hits, failures = run(
        rule(list(paths), when=when), before, after or BASE.replace("replicas: 3", "replicas: 2")
    )
    assert failures == ()
    return bool(hits)


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A module of checks, importable like our own."""
    module = ModuleType(f"{registry.CHECKS}.sample")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    registry.find_check.cache_clear()
    yield module
    registry.find_check.cache_clear()


def define(module: ModuleType, function: object) -> None:
    function.__module__ = module.__name__
    setattr(module, function.__name__, function)  # type: ignore[attr-defined]  # a function


@pytest.mark.parametrize(
    "when",
    [
        "before == 3 && after == 2",
        "present_before && present_after",
        'change.kind == "modified" && change.path == "spec.replicas" && change.key == "replicas"',
        'change.within == ""',
        'environment.name == "prod" && environment.stage == "prod" && environment.region == "eu"',
        "environment.tier == null",
        "parent.replicas == 2 && parent_before.replicas == 3",
        'resource.metadata.labels.app == "web"',
        "resource_before.spec.replicas == 3",
        'resource.spec.containers.exists(c, c.name == "log")',
        "service.criticality == null && size(service.scopes) == 0",
        "siblings == {} && facts == {} && options == {}",
    ],
)
def test_variables_of_conditions(when: str) -> None:
    assert fires(when)


def test_absent_and_null_are_told_apart() -> None:
    without = BASE.replace("  replicas: 3\n", "")
    null = BASE.replace("replicas: 3", "replicas: null")
    assert fires("after == null && !present_after", BASE, without)
    assert fires("after == null && present_after", BASE, null)


def test_a_block_that_went_is_named_and_its_parent_is_gone() -> None:
    without = BASE.replace("    - {name: web, image: web:1, tty: true}\n", "")
    paths = ("spec.containers[].image",)
    assert fires('change.within == "spec.containers[web]"', BASE, without, paths)
    assert fires('parent == {} && parent_before.tty && before == "web:1"', BASE, without, paths)


def test_the_parent_of_a_removed_key_is_still_there() -> None:
    assert fires('parent.name == "web"', BASE, BASE.replace(", tty: true", ""), ("**.tty",))


def test_items_without_a_name_have_their_own_parents() -> None:
    before = "rows:\n  - {x: 1, y: a}\n  - {x: 2, y: b}\n"
    assert fires('parent.x == 2 && parent_before.y == "b"', before, before.replace("b", "c"), ("rows[].y",))


def test_siblings_are_the_same_value_elsewhere() -> None:
    changes = changes_of(BASE, BASE.replace("replicas: 3", "replicas: 2"))
    staging = resource(BASE, environment=Environment("staging", "staging"), unit="clusters/staging")
    hits, _ = evaluate(changes, [rule(when="siblings.staging == 3")], contexts(changes, others=[staging]))
    assert len(hits) == 1


def test_services_and_options_reach_conditions() -> None:
    services = {"shop": Service("shop", criticality="tier-1")}
    changes = changes_of(BASE, BASE.replace("replicas: 3", "replicas: 2"), service="shop")
    one = rule(when='service.criticality == "tier-1" && options.least == 5', options={"least": 1})
    hits, _ = evaluate(
        changes, [one], contexts(changes, services=services, options={"TST-001": {"least": 5}})
    )
    assert len(hits) == 1


def test_what_cannot_be_computed_does_not_hold_and_is_noted_for_tests() -> None:
    with watched_conditions() as seen:
        assert not fires("after < resource.spec.nothing")
    assert [(one.rule, one.fault) for one in seen] == [("size-reduced", 'Key not found in map : "nothing"')]


def test_the_worst_escalation_that_holds_wins() -> None:
    one = rule(
        ["spec.replicas"],
        escalate=(Escalation("after < 3", "P1"), Escalation("after < 1", "P0"), Escalation("after.x", "P0")),
    )
    hits, _ = run(one, BASE, BASE.replace("replicas: 3", "replicas: 2"))
    assert [hit.severity for hit in hits] == ["P1"]


def test_messages_are_filled_in() -> None:
    one = rule(
        ["spec.replicas"], message="{key} ({path}) of {resource} in {environment}: {before} to {after}"
    )
    hits, _ = run(one, BASE, BASE.replace("  replicas: 3\n", ""))
    expected = "replicas (spec.replicas) of kubernetes:Deployment.shop/web in prod: 3 to unset"
    assert [hit.message for hit in hits] == [expected]


def test_long_values_are_shortened_and_secrets_hidden() -> None:
    one = rule(["note", "password"], message="{after}")
    hits, _ = run(one, "note: a\npassword: b\n", f"note: {'x' * 500}\npassword: c\n")
    assert [len(hit.message) for hit in hits] == [120, 10]
    assert hits[1].message == "<redacted>"


def test_a_check_yields_what_the_message_and_escalations_use(checks: ModuleType) -> None:
    def halved(change: Change, context: CheckContext) -> Iterator[Match]:
        yield Match(values={"share": 0.5})

    define(checks, halved)
    one = rule(
        ["spec.replicas"],
        check="sample.halved",
        message="{share}",
        escalate=(Escalation("match.share < 1", "P1"),),
    )
    hits, failures = run(one, BASE, BASE.replace("replicas: 3", "replicas: 2"))
    assert failures == ()
    assert [(hit.message, hit.severity) for hit in hits] == [("0.5", "P1")]


def test_a_condition_goes_before_the_check(checks: ModuleType) -> None:
    def crash(change: Change, context: CheckContext) -> Iterator[Match]:
        raise AssertionError

    define(checks, crash)
    assert run(rule(when="after > before", check="sample.crash"), BASE, BASE.replace("3", "2")) == ((), ())


def test_a_crash_is_a_failure_with_the_place_and_without_the_text(checks: ModuleType) -> None:
    def crash(change: Change, context: CheckContext) -> Iterator[Match]:
        yield Match()
        raise KeyError("hunter2")

    define(checks, crash)
    hits, failures = run(rule(check="sample.crash"), BASE, BASE.replace("replicas: 3", "replicas: 2"))
    assert len(hits) == 1
    (failure,) = failures
    assert (failure.rule, failure.source) == ("size-reduced", "rules/test/size-reduced.yaml")
    assert failure.reason.startswith("KeyError at rules/test_evaluate.py:")
    assert "hunter2" not in failure.reason
    assert failure.location is not None
    assert (failure.location.path, failure.location.line) == ("web.yaml", 3)


def test_one_failure_a_rule_reason_and_file() -> None:
    after = BASE.replace("replicas: 3", "replicas: 2").replace("web:1", "web:2")
    _, failures = run(rule(check="sample.nowhere"), BASE, after)
    reasons = [failure.reason for failure in failures]
    assert reasons == ["there is no check sample.nowhere: no module riskcheck.rules.checks.sample"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"when": "aftr"}, "undeclared reference to 'aftr'"),
        ({"message": "{typo}"}, "nothing fills the placeholder {typo}"),
        ({"when": "[1, 2].map(x, [3].map(y, x)) != []", "bounded": True}, "more than 1 time in all"),
    ],
)
def test_a_faulty_rule_is_a_failure_not_a_pass(fields: dict[str, object], reason: str) -> None:
    hits, failures = run(rule(**fields), BASE, BASE.replace("replicas: 3", "replicas: 2"))  # type: ignore[arg-type]
    assert hits == ()
    assert reason in failures[0].reason


def test_loops_over_much_data_are_refused_to_repositories_only() -> None:
    before = "rows: [" + ", ".join(f"a{number}" for number in range(6000)) + "]\nsize: 1\n"
    when = "resource.rows.exists(a, resource.rows.exists(b, a == b && a == 'x'))"
    _, refused = run(rule(["size"], when=when, bounded=True), before, before.replace("size: 1", "size: 2"))
    assert "it could take too long" in refused[0].reason
    _, stopped = run(rule(["size"], when=when), before, before.replace("size: 1", "size: 2"))
    assert "budget" in stopped[0].reason


def test_ordinary_conditions_of_repositories_run() -> None:
    one = rule(["spec.replicas"], when='resource.spec.containers.exists(c, c.name == "log")', bounded=True)
    hits, failures = run(one, BASE, BASE.replace("replicas: 3", "replicas: 2"))
    assert (len(hits), failures) == (1, ())


def test_subjects_are_given_to_checks(checks: ModuleType) -> None:
    def counted(subject: list[int], context: CheckContext) -> Iterator[Match]:
        yield Match(values={"count": len(subject), "least": context.options["least"]})

    define(checks, counted)
    one = rule(
        check="sample.counted",
        message="{count} of {least}",
        options={"least": 2},
        escalate=(Escalation("match.count > options.least", "P1"),),
    )
    found = list(evaluate_subject(one, [1, 2, 3], contexts([]).bare(one)))
    assert [(message, severity) for _, message, severity in found] == [("3 of 2", "P1")]


def test_a_crash_over_a_subject_is_raised_as_a_failure(checks: ModuleType) -> None:
    def crash(subject: object, context: CheckContext) -> Iterator[Match]:
        yield Match()
        raise ValueError

    define(checks, crash)
    one = rule(check="sample.crash")
    found = []
    with pytest.raises(SubjectError) as raised:
        for match in evaluate_subject(one, None, contexts([]).bare(one)):
            found.append(match)
    assert len(found) == 1
    assert raised.value.failure.reason.startswith("ValueError at ")
