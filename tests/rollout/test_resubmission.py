from __future__ import annotations

from riskcheck.changes.compare import compare
from riskcheck.models import Action, Change
from riskcheck.rollout.recovery import recovery_class
from tests.build import no_keys, resource


def edit(kind: str) -> tuple[Change, ...]:
    text = "{apiVersion: sparkoperator.k8s.io/v1beta2, spec: {driver: {memory: %s}}}"
    return compare(
        [resource(text % "8g", "base", kind=kind)],
        [resource(text % "4g", "head", kind=kind)],
        lambda _: no_keys,
    )


def kind_of(changes: tuple[Change, ...], action: Action) -> str:
    return recovery_class(changes, (), (), action)[0]


def test_a_batch_that_is_submitted_anew_is_applied_again() -> None:
    assert kind_of(edit("SparkApplication"), "recreate") == "reapply"


def test_what_is_created_anew_goes_back_in_steps() -> None:
    assert kind_of(edit("Other"), "recreate") == "ordered"


def test_a_deleted_application_has_to_be_created_anew() -> None:
    assert kind_of(edit("SparkApplication"), "delete") == "ordered"
