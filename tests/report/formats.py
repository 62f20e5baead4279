"""What reads the formats for programs: the published schemas, and workflow commands as the runner reads them."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import xmlschema
from jsonschema import Draft4Validator, Draft202012Validator

from riskcheck.judged import Finding
from riskcheck.models import Limitation
from riskcheck.results import Assessment, Recommendation, Report

SCHEMAS = Path(__file__).parents[1] / "schemas"

KINDS = ("error", "warning", "notice")


class Command(NamedTuple):
    """A workflow command as the runner of GitHub Actions understands it."""

    name: str
    properties: dict[str, str]
    data: str


@cache
def sarif_schema() -> Draft4Validator:
    schema = json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text("utf-8"))
    Draft4Validator.check_schema(schema)
    return Draft4Validator(schema)


@cache
def gitlab_schema() -> Draft202012Validator:
    schema = json.loads((SCHEMAS / "gitlab-code-quality.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@cache
def junit_schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(SCHEMAS / "JUnit.xsd")


def read_sarif(text: str) -> Any:
    """The one run of a SARIF file that is valid by the standard."""
    log = json.loads(text)
    sarif_schema().validate(log)
    (run,) = log["runs"]
    return run


def read_gitlab(text: str) -> Any:
    """The issues of a valid code quality report."""
    issues = json.loads(text)
    gitlab_schema().validate(issues)
    return issues


def read_junit(text: str) -> ElementTree.Element:
    """The root of a valid JUnit document."""
    root = ElementTree.fromstring(text)
    junit_schema().validate(text)
    return root


def read_github(text: str) -> list[Command]:
    """The commands that the runner carries out, by `actions/runner`, src/Runner.Common/ActionCommand.cs: ``::`` at
    the start of a line, spaces aside, or ``##[`` anywhere."""
    found = []
    for line in re.split(r"\r\n|\r|\n", text):
        stripped = line.lstrip()
        end = stripped.find("::", 2)
        name, _, given = stripped[2:end].partition(" ")
        # The runner knows some names; here every word counts as one.
        if stripped.startswith("::") and end > 0 and re.fullmatch(r"[A-Za-z][\w-]*", name):
            pairs = [pair.partition("=") for pair in given.split(",") if "=" in pair]
            properties = {key.strip(): _unescaped(value, property=True) for key, _, value in pairs}
            found.append(Command(name, properties, _unescaped(stripped[end + 2 :])))
        elif older := re.search(r"##\[([^\]]*)\]|##vso\[", line):
            found.append(Command(f"older {older[0]}", {}, line))
    return found


def _unescaped(text: str, *, property: bool = False) -> str:
    signs = [("%0D", "\r"), ("%0A", "\n"), *([("%3A", ":"), ("%2C", ",")] if property else []), ("%25", "%")]
    for escape, sign in signs:
        text = text.replace(escape, sign)
    return text


def report_of(
    *findings: Finding,
    verdict: Any = "warn",
    level: Any = "P2",
    limitations: tuple[Limitation, ...] = (),
    **fields: Any,
) -> Report:
    """A report on a change with `findings`; `fields` as in `Report`."""
    given: dict[str, Any] = {
        "version": "1.2.3",
        "rules_digest": "sha256:0",
        "as_of": "2026-11-20T12:00:00Z",
        "base": "BASE",
        "head": "HEAD",
        "assessment": Assessment(verdict, level, 12.5, Recommendation("proceed-with-safeguards")),
        "findings": findings,
        "changed": (),
        "environments": (),
        "services": (),
        "matrix": (),
        "limitations": limitations,
        "files_changed": 1,
        "files_read": 1,
        "changes": 1,
    }
    return Report(**(given | fields))
