"""No pull request weakens the gate that judges it: base's policy decides, and the attempt is told and blocks."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.own_gate.attacks import ATTACKS, INNOCENT, Attack, Innocent
from tests.acceptance.own_gate.documented import PAGE, TOPICS, page
from tests.acceptance.own_gate.hiding import HIDING, Hiding
from tests.acceptance.own_gate.repository import GUARDED, RISK, Edit, Said, apply, judged
from tests.gitrepo import GitRepo

GATE = ("GOV-006", "GOV-010", "GRF-004")
"""The rules that tell of the gate itself."""


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> GitRepo:
    made = GitRepo(tmp_path_factory.mktemp("guarded") / "base")
    made.commit(GUARDED, message="guards")
    return made


@pytest.fixture(scope="module")
def risk_alone(guarded: GitRepo, tmp_path_factory: pytest.TempPathFactory) -> Said:
    return _judged(guarded, tmp_path_factory.mktemp("risk") / "r", RISK)


def _judged(
    guarded: GitRepo, place: Path, *edits: Mapping[str, Edit], before: Mapping[str, Edit] = {}
) -> Said:
    shutil.copytree(guarded.path, place, symlinks=True)
    repo = GitRepo(place, init=False, environ=guarded.environ)
    repo.clock = guarded.clock
    if before:
        apply(repo, before)
        repo.commit(message="base as it is here")
    repo.branch("work")
    for one in edits:
        apply(repo, one)
    repo.commit(message="work")
    return judged(repo)


def _risks(said: Said) -> dict[tuple[str, str], tuple[Any, ...]]:
    """What is said of the risk itself: rule and resource to level, steps and waiver."""
    return {
        (one["code"], one["resource"]): (one["level"], one["severity"], one["waiver"], one["environments"])
        for one in said.report["findings"]
        if one["code"] not in GATE
    }


def _names(attack: Attack | Innocent | Hiding) -> str:
    return f"{attack.topic}: {attack.way}" if isinstance(attack, Attack) else attack.way


@pytest.mark.parametrize("attack", ATTACKS, ids=_names)
def test_the_attempt_is_told_and_blocks(attack: Attack, guarded: GitRepo, tmp_path: Path) -> None:
    said = _judged(guarded, tmp_path / "r", attack.edits, before=attack.before)
    told = [one for one in said.findings(attack.code) if attack.says in one["message"]]
    assert told, [(one["code"], one["message"]) for one in said.report["findings"]]
    assert {one["level"] for one in told} & ({"P1", "P0"} if attack.blocks else {"P1", "P2", "P3", "note"})
    assert said.code == int(attack.blocks)
    assert _risks(said) == {}


@pytest.mark.parametrize("attack", ATTACKS, ids=_names)
def test_the_risk_beside_it_is_judged_by_the_policy_of_base(
    attack: Attack, guarded: GitRepo, tmp_path: Path, risk_alone: Said
) -> None:
    said = _judged(guarded, tmp_path / "r", RISK, attack.edits, before=attack.before)
    assert _risks(said) == _risks(risk_alone)
    assert said.code == 1


@pytest.mark.parametrize("edit", INNOCENT, ids=_names)
def test_an_innocent_edit_of_a_guard_is_silent(edit: Innocent, guarded: GitRepo, tmp_path: Path) -> None:
    said = _judged(guarded, tmp_path / "r", edit.edits)
    assert [(one["code"], one["message"]) for one in said.report["findings"]] == []
    assert said.code == 0


@pytest.mark.parametrize("hiding", HIDING, ids=_names)
def test_a_risk_cannot_be_hidden(hiding: Hiding, guarded: GitRepo, tmp_path: Path) -> None:
    said = _judged(guarded, tmp_path / "r", hiding.edits)
    told = [one for one in said.findings(hiding.code) if hiding.says in one["message"]]
    assert [one["level"] for one in told] == [hiding.level], said.report["findings"]
    assert told[0]["waiver"] is None
    assert said.code == 1


def test_the_risk_alone_meets_all_of_the_policy(risk_alone: Said) -> None:
    codes = {one["code"] for one in risk_alone.findings()}
    assert {"K8S-010", "K8S-001", "OWN-001", "GOV-001", "GOV-002", "CAN-001"} <= codes


def test_the_tables_of_the_documentation_are_those_of_the_tests() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page(text) == text
    assert {one.topic for one in ATTACKS} == set(TOPICS)
