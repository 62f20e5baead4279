"""A job of GitHub Actions on this machine: the steps of `action.yml`, run one after the other as a runner does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from riskcheck.documents.store import DocumentStore
from riskcheck.nodes import Mapping, Scalar, Sequence
from riskcheck.trees import MemoryTree
from tests.gitrepo import GitRepo

ROOT = Path(__file__).parents[2]


class Done(NamedTuple):
    """What a job came to. code: of the first step that failed, else 0. log: of all steps."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str


class Job:
    """One run of the action on the checkout `repo`. venv: where riskcheck is installed already."""

    def __init__(
        self, repo: GitRepo, temp: Path, event: str, payload: dict[str, Any], **environ: str
    ) -> None:
        temp.mkdir(parents=True, exist_ok=True)
        self.temp = temp
        self.files = {name: temp / name for name in ("event.json", "output", "summary")}
        self.files["event.json"].write_text(json.dumps(payload), "utf-8")
        for name in ("output", "summary"):
            self.files[name].touch()
        kept = {
            name: value
            for name, value in os.environ.items()
            if name.startswith(("PIP_", "SSL_", "HTTP", "http", "https", "no_proxy", "NO_PROXY"))
        }
        self.environ = {
            **kept,
            **repo.environ,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(repo.path),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_REPOSITORY": "acme/config",
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(self.files["event.json"]),
            "GITHUB_OUTPUT": str(self.files["output"]),
            "GITHUB_STEP_SUMMARY": str(self.files["summary"]),
            "RUNNER_TEMP": str(temp),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "protocol.file.allow",
            "GIT_CONFIG_VALUE_0": "always",
            **environ,
        }
        self.path = repo.path

    def run(self, **inputs: str) -> Done:
        """All steps with `inputs`, underscores for dashes; after one that fails only those that want to be run."""
        given = defaults() | {name.replace("_", "-"): value for name, value in inputs.items()}
        assert given.keys() <= defaults().keys(), "an input that action.yml does not have"
        log, code = "", 0
        self.outcomes: dict[str, str] = {}
        for step in steps():
            self.outcomes[step.get("id", "")] = "skipped"
            if not self._wanted(step.get("if"), given, failed=code != 0):
                continue
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                cwd=self.path,
                env=self.environ | {name: self._value(value, given) for name, value in step["env"].items()},
                capture_output=True,
                text=True,
            )
            log += done.stdout + done.stderr
            self.outcomes[step.get("id", "")] = "failure" if done.returncode else "success"
            code = code or done.returncode
        return self._done(code, log)

    def _done(self, code: int, log: str) -> Done:
        return Done(code, log, self.outputs(), self.files["summary"].read_text("utf-8"))

    def outputs(self) -> dict[str, str]:
        lines = self.files["output"].read_text("utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)

    def _value(self, expression: str, given: dict[str, str]) -> str:
        """The expressions that action.yml uses, and no others."""
        if not expression.startswith("${{"):
            return expression
        inner = expression.removeprefix("${{").removesuffix("}}").strip()
        kind, _, name = inner.partition(".")
        if kind == "inputs":
            return given[name]
        if inner == "steps.judge.outcome":
            return self.outcomes["judge"]
        assert inner.startswith("steps.judge.outputs."), inner
        return self.outputs().get(inner.removeprefix("steps.judge.outputs."), "")

    def _wanted(self, condition: str | None, given: dict[str, str], *, failed: bool) -> bool:
        if condition is None:
            return not failed
        inner = condition.removeprefix("${{ ").removesuffix(" }}")
        always = inner.startswith("!cancelled() && ")
        name, equals, value = inner.removeprefix("!cancelled() && ").partition(" == ")
        assert equals and name.startswith("inputs."), condition
        return (always or not failed) and given[name.removeprefix("inputs.")] == value.strip("'")


def definition() -> dict[str, Any]:
    """`action.yml` as plain values."""
    path = "action.yml"
    root = DocumentStore(MemoryTree({path: (ROOT / path).read_bytes()}, "head", "test")).get(path).root
    held = _plain(root)
    assert isinstance(held, dict)
    return held


def defaults() -> dict[str, str]:
    found = {name: one["default"] for name, one in definition()["inputs"].items()}
    return found | {"python": sys.executable, "token": "", "extras": ""}


def steps() -> list[dict[str, Any]]:
    found = definition()["runs"]["steps"]
    assert isinstance(found, list)
    return found


def _plain(node: object) -> Any:
    if isinstance(node, Mapping):
        return {key.raw: _plain(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [_plain(one) for one in node.items]
    assert isinstance(node, Scalar)
    return node.raw
