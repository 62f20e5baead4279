"""Ordinary and reverted changes of a repository, judged one by one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import evaluate
from tests.gitrepo import GitRepo

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop}}
spec: {{replicas: {replicas}, selector: {{matchLabels: {{app: web}}}}, template: {{}}}}
"""


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    repo = GitRepo(tmp_path / "shop")
    for number, replicas in enumerate((9, 1, 9, 8)):
        message = "Revert it" if number == 2 else f"run {replicas}"
        repo.commit({"clusters/prod/web.yaml": WEB.format(replicas=replicas)}, message=message)
    return repo


def test_labelled_changes_are_told_from_ordinary_ones_and_judged_once(
    repo: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fourth, _, second, first = repo.git("log", "--format=%H").split("\n")
    labels, out = tmp_path / "labels.jsonl", tmp_path / "out.jsonl"
    lines = [
        {"repo": "acme/shop", "unit": second, "label": "A"},
        {"repo": "acme/shop", "unit": first, "label": "P"},
        {"repo": "acme/other", "unit": "0" * 40, "label": "B"},
    ]
    labels.write_text("".join(json.dumps(line) + "\n" for line in lines))
    told = []
    for _ in range(2):
        arguments = ["evaluate", str(repo.path), "--labels", str(labels), "--out", str(out)]
        monkeypatch.setattr("sys.argv", arguments)
        evaluate.main()
        told.append(capsys.readouterr().out)
    rows = evaluate.read(out)
    assert {(row["commit"], row["label"]) for row in rows} == {(second, "A"), (fourth, "ordinary")}
    assert len(rows) == 2
    (reverted,) = (row for row in rows if row["label"] == "A")
    assert [(one["code"], one["location"]) for one in reverted["findings"] if one["code"] == "K8S-001"] == [
        ("K8S-001", "clusters/prod/web.yaml:4")
    ]
    assert told[0] == told[1]


def test_a_change_that_cannot_be_judged_is_told_with_its_error(repo: GitRepo, tmp_path: Path) -> None:
    settings = evaluate.Settings(repo.path, tmp_path / "cache", None)
    row = evaluate.judged(evaluate.Change("f" * 40, "", "ordinary"), settings)
    assert row["verdict"] is None
    assert row["error"]
