"""What decides about a change, and what is handed in beside it: read whole, or refused with the place."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

from fuzz import seeds
from fuzz.archive import packed, unpacked
from fuzz.model import Target
from riskcheck.catalogs.formats import format_of
from riskcheck.catalogs.whole import read_all
from riskcheck.documents.store import DocumentStore
from riskcheck.errors import Problem, RunError
from riskcheck.evidence.reading import NoEvidenceError, contradictions, held, schema_problems
from riskcheck.filenames import BASELINE
from riskcheck.learning import text_of, update
from riskcheck.policy.approvals import read_approvals
from riskcheck.policy.baseline import BaselineEntry, read_baseline, rendered
from riskcheck.policy.coupled import read_set
from riskcheck.policy.inline import first_unread, ignores
from riskcheck.policy.learned import read_learned
from riskcheck.policy.load import load_policy
from riskcheck.policy.prices import read_prices
from riskcheck.policy.problems import PolicyError
from riskcheck.policy.read import read_policy
from riskcheck.report.json import Json
from tests.support import MemoryTree

_ROOT = Path(__file__).parents[2]


def _told(problems: tuple[Problem, ...] | list[Problem], path: str, data: bytes) -> str:
    """What is wrong, as people are told: each with a line of the file."""
    lines = data.count(b"\n") + data.count(b"\0\n") + 1
    for problem in problems:
        assert problem.path == path, problem
        assert 1 <= problem.line <= lines, problem
        assert problem.message.strip(), problem
        assert "\n" not in problem.message, problem
    return repr(list(problems))


def policy(data: bytes) -> object:
    """A policy; by itself, and as the one that decides."""
    tree = MemoryTree({"riskcheck.yaml": data}, "base")
    read, problems = read_policy(DocumentStore(tree).get("riskcheck.yaml"))
    said = _told(problems, "riskcheck.yaml", data)
    try:
        load_policy(tree, None)
    except PolicyError as error:
        assert str(error).strip()
    else:
        assert not problems or len(data) > 1_000_000, problems
    return repr(read) + said


def baseline(data: bytes) -> object:
    """A baseline; what was read is written and read again."""
    document = DocumentStore(MemoryTree({BASELINE: data}, "base")).get(BASELINE)
    found, problems = read_baseline(document)
    said = _told(problems, document.path, data)
    if not problems:
        again = rendered(found.entries)
        tree = MemoryTree({BASELINE: again}, "base")
        read, wrong = read_baseline(DocumentStore(tree).get(BASELINE))
        assert not wrong, wrong
        assert rendered(read.entries) == again
    return said + repr(found)


def approvals(data: bytes) -> object:
    try:
        return repr(read_approvals("approvals.json", data.decode("utf-8", "replace")))
    except PolicyError as error:
        return _told(list(error.problems), "approvals.json", data)


def evidence(data: bytes) -> object:
    try:
        found = held(data)
    except (NoEvidenceError, RunError) as error:
        assert str(error).strip()
        return str(error)
    return repr((found.wrapping, schema_problems(found.statement), _contradicted(found.statement)))


def _contradicted(statement: dict[str, Json]) -> object:
    if schema_problems(statement):
        return None
    return list(contradictions(statement))


def prices(data: bytes) -> object:
    tree = MemoryTree({"prices.yaml": data, "riskcheck.yaml": "version: 1\n"}, "base")
    found, problems = read_prices(tree, "prices.yaml", "riskcheck.yaml:1")
    assert (found is None) == bool(problems)
    return repr(found) + _told(problems, "prices.yaml", data)


def coupled_set(data: bytes) -> object:
    found, problems = read_set(MemoryTree({"sets/a.yaml": data}, "base"), "sets/a.yaml")
    return repr(found) + _told(problems, "sets/a.yaml", data)


def learned_rules(data: bytes) -> object:
    found, problems = read_learned(MemoryTree({"learned.yaml": data}, "base"), "learned.yaml")
    if not problems:
        again = text_of(update(found, ()))
        kept = read_learned(MemoryTree({"learned.yaml": again.encode()}, "base"), "learned.yaml")
        assert kept[1] == (), kept[1]
    return repr(found) + _told(problems, "learned.yaml", data)


def terraform_plan(data: bytes) -> object:
    from riskcheck.planfiles.terraform import read_plan

    try:
        return repr(read_plan("plan.json", io.BytesIO(data), None))
    except RunError as error:
        assert str(error).startswith("plan.json"), error
        return str(error)


def databricks_plan(data: bytes) -> object:
    from riskcheck.planfiles.databricks import read_plan

    try:
        return repr(read_plan("plan.json", data, None))
    except RunError as error:
        assert str(error).startswith("plan.json"), error
        return str(error)


def catalogs(data: bytes) -> object:
    """Service catalogs of every format, and who owns them."""
    files = unpacked(data)
    tree = MemoryTree(files)
    found = read_all(DocumentStore(tree), files, ("catalog/**",))
    for one in found.limitations:
        assert one.path in files, one
        assert one.line is None or 1 <= one.line <= files[one.path].count(b"\n") + 1, one
    homes = [(entry.service.name, entry.location.path) for entry in found.entries]
    return repr((found.entries, found.limitations, list(found.owned(homes, ()))))


def waivers(data: bytes) -> object:
    """Waiver comments in files of every format."""
    said: list[object] = []
    for name in ("a.yaml", "a.json", "a.toml", "a.tf", "a.properties", "a.sql", "Jenkinsfile"):
        document = DocumentStore(MemoryTree({name: data})).get(name)
        lines = document.text.count("\n") + 1
        for ignore in ignores(document):
            assert 1 <= ignore.line <= lines, ignore
            assert ignore.line <= ignore.governs <= lines + 1, ignore
            said.append(ignore)
        said.append(first_unread(document))
    return repr(said)


@cache
def _documented() -> tuple[bytes, ...]:
    """The examples of the documentation: fenced blocks of every page."""
    blocks: list[bytes] = []
    for page in sorted((_ROOT / "docs").rglob("*.md")):
        parts = page.read_bytes().split(b"\n```")
        blocks += [part.partition(b"\n")[2] + b"\n" for part in parts[1::2]]
    return tuple(dict.fromkeys(blocks))


def _with(*words: bytes) -> Iterator[bytes]:
    for block in _documented():
        if any(word in block for word in words):
            yield block


def _policies() -> Iterator[bytes]:
    yield from seeds.files("riskcheck.yaml")
    yield from _with(b"version: 1")
    yield from (path.read_bytes() for path in sorted((_ROOT / "examples").rglob("riskcheck.yaml")))


def _baselines() -> Iterator[bytes]:
    yield from seeds.files(BASELINE)
    yield from _with(b"fingerprint")
    entry = BaselineEntry("0123456789abcdef", "a-rule", "ABC-001", "web", ("prod",), "P1", times=2)
    yield rendered([entry]).encode()


def _approvals() -> Iterator[bytes]:
    yield b'[{"team": "team-a", "scope": "sox", "at": "2027-01-15T07:00:00Z"}]'
    yield b'[{"team": "a", "scope": "b", "at": "2027-01-15", "findings": ["0123456789abcdef"]}, {"team": 1}]'
    yield b'[{"team": "a", "scope": "b", "at": "2027-01-15T07:00:00+01:00", "findings": []}]'


def _evidence() -> Iterator[bytes]:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "head", "digest": {"gitCommit": "0" * 40}}],
        "predicateType": "urn:riskcheck:predicate:change-risk:1",
        "predicate": {"verdict": "pass", "findings": [], "policy": {}},
    }
    plain = json.dumps(statement).encode()
    yield plain
    payload = base64.b64encode(plain).decode()
    envelope = {
        "payloadType": "application/vnd.in-toto+json",
        "payload": payload,
        "signatures": [{"sig": "x"}],
    }
    yield json.dumps(envelope).encode()
    yield json.dumps({"dsseEnvelope": envelope}).encode()
    yield from _with(b"in-toto")


def _prices() -> Iterator[bytes]:
    yield from _with(b"currency")
    yield from (data for data in seeds.files(".yaml", ".yml") if data.startswith(b"currency"))


def _sets() -> Iterator[bytes]:
    folder = _ROOT / "rules" / "network" / "coupled"
    yield from (path.read_bytes() for path in sorted(folder.glob("*.yaml")) if ".test." not in path.name)


def _learned() -> Iterator[bytes]:
    yield (
        b"version: 1\nrules:\n  - {together: [a.yaml, 'b/*.yaml'], seen: 5, of: 6, last: [3f2a9c1d0b7e]}\n"
        b"  - {in: a.yaml, together: [x, '+ y[*].z']}\n  - {edited: [a, b], keys: [k], expect: [c], kind: parity}\n"
        b"dropped: [{edited: a, expect: '**'}]\n"
    )


def _plans(word: bytes) -> Iterator[bytes]:
    yield from (data for data in seeds.plans() if word in data)


def _catalogs() -> Iterator[bytes]:
    for case in seeds.cases():
        files = {
            path: data for path, data in case.head.items() if format_of(path, ("catalog/**",)) is not None
        }
        if files:
            yield packed(files)
    yield packed({"CODEOWNERS": b"* @org/a\n[Section][2] @b\n/x/**/y @c d@e.example\n^[Optional]\n*.tf\n"})


_WAIVER = b"# riskcheck: ignore[%s] until=2027-01-01 owner=team-a because it is so\n"


def _waivers() -> Iterator[bytes]:
    yield b"a: 1\n" + _WAIVER % b"ABC-001" + b"b: 2  " + _WAIVER % b"a-rule, DEF-002"
    yield b"-- " + _WAIVER % b"X" + b"/* " + _WAIVER % b"Y" + b"*/\n// " + _WAIVER % b"Z" + b"drop table x;\n"
    yield from (data for data in seeds.files("") if b"riskcheck:" in data)


_MOMENTS = (
    "2027-01-15",
    "0001-01-01",
    "9999-12-31",
    "2027-02-29",
    "T24:00",
    "+23:59",
    "1d",
    "90d",
    "99999999w",
)
_POLICY_WORDS = (
    *(
        "version: 1",
        "rules:",
        "waivers:",
        "environments:",
        "services:",
        "gate:",
        "freezes:",
        "approvals:",
        "packs:",
    ),
    *("until: ", "owner: ", "select: [", "budget:", "windows:", "timezone: ", "exclude: [", *_MOMENTS),
)

TARGETS = (
    Target("policy-files", "policies", policy, _policies, _POLICY_WORDS),
    Target(
        "baselines",
        "baselines, read, written, read again",
        baseline,
        _baselines,
        ("fingerprint: ", '"count": '),
    ),
    Target("approvals", "approvals that CI hands in", approvals, _approvals, ('"findings": [', *_MOMENTS)),
    Target(
        "evidence",
        "evidence of a run, in envelopes or bare",
        evidence,
        _evidence,
        ('"payload": "', '"_type"'),
    ),
    Target("prices", "price tables", prices, _prices, ("currency: ", "per_hour: ", "instances:")),
    Target(
        "sets",
        "sets that must change together",
        coupled_set,
        _sets,
        ("anchor:", "members:", "when:", "names:"),
    ),
    Target(
        "learned",
        "files of learned rules, read, written, read again",
        learned_rules,
        _learned,
        ("together: [", "edited: ", "expect: ", "in: ", "dropped:", "kept: true"),
    ),
    Target(
        "terraform-plans",
        "plans of Terraform",
        terraform_plan,
        partial(_plans, b"format_version"),
        ('"actions":',),
    ),
    Target(
        "databricks-plans",
        "plans of bundles",
        databricks_plan,
        partial(_plans, b'"plan"'),
        ('"action":', '"plan"'),
    ),
    Target(
        "catalogs",
        "service catalogs and code owners",
        catalogs,
        _catalogs,
        ("kind: ", "spec:", "-- catalog/a.yaml --\n"),
    ),
    Target(
        "waivers",
        "waiver comments in every format",
        waivers,
        _waivers,
        ("riskcheck: ignore[", "until=", "]", *_MOMENTS),
    ),
)
