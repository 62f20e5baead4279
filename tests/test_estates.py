"""Small estates through the whole engine: changes together are never judged milder than the worst of them alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.in_memory import NOW, analyze_trees
from riskcheck.models import LEVELS, Rule
from riskcheck.report.json import render
from riskcheck.results import Report
from riskcheck.rules.load import load_rules

DAY = 86_400
VERDICTS = ("pass", "warn", "block")
NAMES = ("orders", "ledger", "search")

ORDERED = """\
version: 1
promotion: git
environments:
  - {name: staging, stage: staging, soak: 1h, paths: ["clusters/staging/**"]}
  - {name: prod, stage: prod, paths: ["clusters/prod/**"]}
  - {name: prod-eu, stage: prod, region: eu, paths: ["clusters/prod-eu/**"]}
"""
SERVICES = """\
services:
  - {name: orders, owner: team-shop, criticality: tier-1, rto: 30m, rpo: 15m, paths: ["clusters/*/orders.yaml"]}
  - {name: ledger, owner: team-money, criticality: tier-2, scopes: [sox], paths: ["clusters/*/ledger.yaml"]}
  - {name: search, owner: team-web, criticality: tier-3, depends_on: [ledger], paths: ["clusters/*/search.yaml"]}
"""
POLICIES = (ORDERED + SERVICES, ORDERED, "version: 1\n" + SERVICES, None)

OBJECTS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: NAME, labels: {team: web}}
spec:
  replicas: 6
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      containers:
        - name: main
          image: "registry.example/NAME:1.4.2"
          resources: {requests: {cpu: 500m, memory: 512Mi}, limits: {memory: 1Gi}}
          readinessProbe: {httpGet: {path: /ready, port: 8080}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: NAME, namespace: NAME}
spec: {minAvailable: 4, selector: {matchLabels: {app: NAME}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: NAME}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}
"""

RISKY = {
    "fewer replicas": ("replicas: 6", "replicas: 3"),
    "one replica": ("replicas: 6", "replicas: 1"),
    "no probe": ("          readinessProbe: {httpGet: {path: /ready, port: 8080}}\n", ""),
    "moving tag": (":1.4.2", ":latest"),
    "less memory": ("limits: {memory: 1Gi}", "limits: {memory: 256Mi}"),
    "no budget": ("minAvailable: 4", "minAvailable: 0"),
    "no data": (
        """\
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: NAME}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}
""",
        "",
    ),
}
SAFE = {
    "another label": ("labels: {team: web}", "labels: {team: shop}"),
    "more replicas": ("replicas: 6", "replicas: 8"),
    "quoted": ("kind: PodDisruptionBudget", 'kind: "PodDisruptionBudget"'),
    "the next image": (":1.4.2", ":1.4.3"),
}
FOLDERS = ("staging", "prod", "prod-eu")

Edit = tuple[str, str, tuple[str, ...]]
"""Service, name of the edit, folders of `clusters` that receive it."""


@cache
def rules() -> tuple[Rule, ...]:
    return tuple(load_rules(use_cache=False).rules)


def estate(policy: str | None) -> dict[str, bytes]:
    files = {
        f"clusters/{folder}/{name}.yaml": OBJECTS.replace("NAME", name).encode()
        for folder in FOLDERS
        for name in NAMES
    }
    return files if policy is None else {**files, "riskcheck.yaml": policy.encode()}


def edited(files: Mapping[str, bytes], edits: Iterable[Edit]) -> dict[str, bytes]:
    found = dict(files)
    for name, what, folders in edits:
        old, new = (part.replace("NAME", name).encode() for part in (RISKY | SAFE)[what])
        for folder in folders:
            path = f"clusters/{folder}/{name}.yaml"
            assert old in found[path], (path, what)
            found[path] = found[path].replace(old, new, 1)
    return found


def judged(
    base: Mapping[str, bytes], edits: Iterable[Edit], *states: tuple[int, Mapping[str, bytes]]
) -> Report:
    history = [(NOW - age, files) for age, files in states]
    return analyze_trees(base, edited(base, edits), rules(), history=history)


def weight(report: Report) -> tuple[int, int]:
    level = report.assessment.level
    return VERDICTS.index(report.assessment.verdict), -1 if level is None else LEVELS.index(level)


def at_least(worse: Report, better: Report) -> bool:
    """Whether no part of the assessment of `worse` is milder than that of `better`."""
    return (
        all(one >= other for one, other in zip(weight(worse), weight(better), strict=True))
        and worse.assessment.score >= better.assessment.score
    )


WHERE = st.sampled_from([("prod",), ("prod-eu",), ("staging",), ("prod", "prod-eu"), FOLDERS])


def edits(names: Iterable[str], kinds: Mapping[str, object]) -> st.SearchStrategy[Edit]:
    return st.tuples(st.sampled_from(sorted(names)), st.sampled_from(sorted(kinds)), WHERE)


@settings(max_examples=40)
@given(st.sampled_from(POLICIES), edits(["orders"], RISKY | SAFE), edits(["ledger", "search"], RISKY | SAFE))
def test_two_changes_are_never_judged_milder_than_the_worse_of_them(
    policy: str | None, one: Edit, other: Edit
) -> None:
    base = estate(policy)
    both = judged(base, [one, other])
    assert at_least(both, judged(base, [one]))
    assert at_least(both, judged(base, [other]))


@settings(max_examples=40)
@given(st.sampled_from(POLICIES), edits(NAMES[:2], RISKY), st.lists(edits(["search"], SAFE), max_size=1))
def test_an_unrelated_safe_change_never_lowers_anything(
    policy: str | None, risky: Edit, safe: list[Edit]
) -> None:
    base = estate(policy)
    assert at_least(judged(base, [risky, *safe]), judged(base, [risky]))


@settings(max_examples=30)
@given(st.sampled_from(POLICIES), st.sampled_from(NAMES), st.sampled_from(sorted(RISKY)))
def test_one_more_production_cell_never_lowers_anything(policy: str | None, name: str, what: str) -> None:
    base = estate(policy)
    one, two = (judged(base, [(name, what, cells)]) for cells in (("prod",), ("prod", "prod-eu")))
    assert at_least(two, one)


@settings(max_examples=20)
@given(
    st.sampled_from(POLICIES),
    st.lists(edits(NAMES, RISKY), min_size=1, max_size=3, unique_by=lambda edit: edit[0]),
    st.randoms(),
)
def test_the_order_of_files_never_matters(policy: str | None, found: list[Edit], random: object) -> None:
    base = estate(policy)
    paths = list(base)
    random.shuffle(paths)  # type: ignore[attr-defined]  # a random.Random
    shuffled = {path: base[path] for path in paths}
    assert render(judged(shuffled, reversed(found))) == render(judged(base, found))


@settings(max_examples=20)
@given(
    st.sampled_from(POLICIES[:2]), st.sampled_from(NAMES), st.sampled_from(["fewer replicas", "less memory"])
)
def test_a_value_that_ran_in_staging_is_never_judged_worse_than_one_that_did_not(
    policy: str | None, name: str, what: str
) -> None:
    before = estate(policy)
    there = edited(before, [(name, what, ("staging",))])
    change: Edit = (name, what, ("prod",))
    soaked = judged(there, [change], (9 * DAY, before), (3 * DAY, there))
    assert at_least(judged(before, [change], (9 * DAY, before)), soaked)


@settings(max_examples=20)
@given(st.sampled_from(NAMES), st.sampled_from(sorted(RISKY)), WHERE)
def test_a_more_critical_service_is_never_judged_milder(
    name: str, what: str, folders: tuple[str, ...]
) -> None:
    found = []
    for tier in ("tier-4", "tier-3", "tier-2", "tier-1"):
        service = (
            f'services: [{{name: {name}, owner: team-x, criticality: {tier}, paths: ["**/{name}.yaml"]}}]\n'
        )
        found.append(judged(estate(ORDERED + service), [(name, what, folders)]))
    assert all(at_least(worse, better) for better, worse in pairwise(found))


@settings(max_examples=20)
@given(st.sampled_from(NAMES), st.sampled_from(sorted(RISKY)))
def test_a_stale_runbook_is_never_judged_milder_than_a_fresh_one(name: str, what: str) -> None:
    found = []
    for day in ("2027-01-02", "2026-01-02"):
        service = (
            f'services: [{{name: {name}, owner: team-x, rto: 30m, paths: ["**/{name}.yaml"], '
            f'runbook: {{url: "https://wiki.example/back", exercised: {day}, duration: 12m}}}}]\n'
        )
        found.append(judged(estate(ORDERED + service), [(name, what, ("prod",))]))
    assert at_least(found[1], found[0])


FLAGGER = """\
apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {name: NAME, namespace: NAME}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: NAME}
  service: {port: 80}
  analysis:
    interval: 1m
    threshold: 5
    stepWeight: 5
    maxWeight: 50
    metrics: [{name: request-success-rate, thresholdRange: {min: 99}, interval: 1m}]
"""


@settings(max_examples=20)
@given(st.sampled_from(POLICIES), st.sampled_from(NAMES), st.sampled_from(["no probe", "less memory"]))
def test_a_canary_that_aborts_by_itself_lowers_the_score_and_nothing_rises_without_it(
    policy: str | None, name: str, what: str
) -> None:
    bare = estate(policy)
    path = f"clusters/prod/{name}.yaml"
    canaried = {**bare, path: bare[path] + b"---\n" + FLAGGER.replace("NAME", name).encode()}
    change: Edit = (name, what, ("prod",))
    without, with_it = judged(bare, [change]), judged(canaried, [change])
    assert at_least(without, with_it)
    assert with_it.assessment.score < without.assessment.score


def test_the_edits_are_what_they_are_called() -> None:
    base = estate(POLICIES[0])
    for what in RISKY:
        assert judged(base, [("orders", what, ("prod",))]).assessment.verdict != "pass", what
    for what in SAFE:
        report = judged(base, [("orders", what, ("prod",))])
        assert report.changed or what == "quoted", what
        assert (report.assessment.verdict, report.findings) == ("pass", ()), what


JOB = """\
    NAME:
      name: NAME
      max_concurrent_runs: 1
      schedule: {quartz_cron_expression: "0 0 4 * * ?", timezone_id: UTC}
      tasks:
        - {task_key: load, max_retries: 3, timeout_seconds: 3600, notebook_task: {notebook_path: /NAME}}
"""
VOLUME = "    NAME: {name: NAME, catalog_name: main, schema_name: raw}\n"
IN_BUNDLE = ("no retries", "paused", "renamed", "volume gone")


def bundle(policy: str | None, edits: Iterable[tuple[str, str]]) -> dict[str, bytes]:
    """All jobs and volumes of all targets in one file, as bundles are."""
    jobs, volumes = ({name: part.replace("NAME", name) for name in NAMES} for part in (JOB, VOLUME))
    for name, what in edits:
        if what == "volume gone":
            volumes[name] = ""
        elif what == "no retries":
            jobs[name] = jobs[name].replace("max_retries: 3, ", "")
        elif what == "paused":
            jobs[name] = jobs[name].replace("timezone_id: UTC", "timezone_id: UTC, pause_status: PAUSED")
        else:
            jobs[name] = jobs[name].replace(f"name: {name}\n", f"name: {name} nightly\n")
    text = (
        "bundle: {name: estate}\nresources:\n"
        f"  jobs:\n{''.join(jobs.values())}  volumes:\n{''.join(volumes.values())}"
        "    kept: {name: kept, catalog_name: main, schema_name: raw}\n"
        "targets:\n"
        "  staging: {mode: production, workspace: {host: 'https://staging.example'}}\n"
        "  prod: {mode: production, workspace: {host: 'https://prod.example'}}\n"
    )
    files = {"databricks.yml": text.encode()}
    return files if policy is None else {**files, "riskcheck.yaml": policy.encode()}


BUNDLE_POLICIES = (
    None,
    "version: 1\npromotion: git\nenvironments: [{name: staging, stage: staging}, {name: prod, stage: prod}]\n",
)
BUNDLE_EDITS = st.tuples(st.sampled_from(NAMES), st.sampled_from(IN_BUNDLE))


@settings(max_examples=40)
@given(st.sampled_from(BUNDLE_POLICIES), BUNDLE_EDITS, BUNDLE_EDITS)
def test_two_changes_of_one_bundle_are_never_judged_milder_than_the_worse_of_them(
    policy: str | None, one: tuple[str, str], other: tuple[str, str]
) -> None:
    base = bundle(policy, ())
    both, first, second = (
        analyze_trees(base, bundle(policy, edits), rules()) for edits in ([one, other], [one], [other])
    )
    assert at_least(both, first)
    assert at_least(both, second)
