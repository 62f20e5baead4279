"""How an edit is taken back: its class, each kind of evidence, and what a plain revert leaves lost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from riskcheck.changes.compare import compare
from riskcheck.judged import RECOVERY_CLASSES, RollbackEvidence
from riskcheck.models import Action, Change, Resource, Reversibility, Service, Side
from riskcheck.platforms import load
from riskcheck.rollout.backups import Backup, Backups
from riskcheck.rollout.previous import image_kept
from riskcheck.rollout.rollback import Edit, RollbackFacts, RollbackPath, path_back
from riskcheck.rollout.runbook import runbook
from riskcheck.runbooks import path_of
from tests.build import PROD, resource

NOW = 1_800_000_000
"""15 January 2027."""
NOTHING = Service("web")


def action(changes: Sequence[Change]) -> Action:
    platform = next(one for one in load() if one.name == changes[0].resource.platform)
    return platform.action(changes)


def facts(
    *, base: Sequence[Resource] = (), backups: Backups | None = None, paths: Sequence[str] = ()
) -> RollbackFacts:
    return RollbackFacts(
        NOW, None, lambda path: path in paths, action, lambda: base, lambda: backups or Backups()
    )


def edited(before: str | None, after: str | None, kind: str, platform: str = "kubernetes") -> list[Change]:
    def side(text: str | None, name: Side) -> list[Resource]:
        return [] if text is None else [resource(text, name, name="thing", kind=kind, platform=platform)]

    return list(compare(side(before, "base"), side(after, "head"), lambda _: lambda field: ("name",)))


def back(
    changes: Sequence[Change],
    lossy: Reversibility | None = None,
    service: Service = NOTHING,
    given: RollbackFacts | None = None,
    declared: Sequence[Reversibility] = ("reversible",),
) -> RollbackPath:
    hits = [(changes[0], "ABC-001", lossy)] if lossy else []
    return path_back(Edit(changes, [changes], service, hits, (), declared), given or facts())


def one(path: RollbackPath, kind: str) -> RollbackEvidence | None:
    return next((each for each in path.evidence if each.kind == kind), None)


def detail(path: RollbackPath, kind: str) -> str:
    found = one(path, kind)
    assert found is not None, kind
    return ("+ " if found.found else "- ") + found.detail


def deployment(image: str, extra: str = "") -> str:
    return (
        "apiVersion: apps/v1\nkind: Deployment\n"
        f"spec: {{{extra}template: {{spec: {{containers: [{{name: a, image: '{image}'}}]}}}}}}\n"
    )


def test_an_ordinary_edit_goes_back_by_applying_the_previous_file() -> None:
    path = back(edited("spec: {replicas: 3}", "spec: {replicas: 2}", "Deployment"))
    assert path.recovery.kind == "reapply"
    assert [(each.kind, each.found) for each in path.evidence] == [("revert", True)]
    assert path.recovery.lost == ()


@pytest.mark.parametrize(
    ("reversibility", "kind"),
    [("reversible", "reapply"), ("delayed", "ordered"), ("lossy", "restore"), ("irreversible", "one-way")],
)
def test_the_class_is_at_least_what_the_rules_declare(reversibility: Reversibility, kind: str) -> None:
    changes = edited("spec: {replicas: 3}", "spec: {replicas: 2}", "Deployment")
    assert back(changes, declared=["reversible", reversibility]).recovery.kind == kind


@pytest.mark.parametrize(
    ("before", "after", "resource_kind", "platform", "expected"),
    [
        ("apiVersion: a/v1", "apiVersion: a/v2", "Widget", "kubernetes", "ordered"),
        ("apiVersion: v1\ndata: {k: a}", "apiVersion: v1\ndata: {k: b}", "Secret", "kubernetes", "ordered"),
        ("spec: {a: 1}", "spec: {a: 2}", "CustomResourceDefinition", "kubernetes", "ordered"),
        (
            "table_properties: {delta.minReaderVersion: 1}",
            "table_properties: {delta.minReaderVersion: 3}",
            "tables",
            "databricks",
            "ordered",
        ),
        (
            "config: {traffic_config: {routes: [{name: a, traffic_percentage: 10}]}}",
            "config: {traffic_config: {routes: [{name: a, traffic_percentage: 50}]}}",
            "model_serving_endpoints",
            "databricks",
            "toggle",
        ),
        ("name: a", None, "jobs", "databricks", "ordered"),
    ],
)
def test_the_platform_and_the_key_say_more(
    before: str, after: str | None, resource_kind: str, platform: str, expected: str
) -> None:
    assert back(edited(before, after, resource_kind, platform)).recovery.kind == expected


def test_what_a_revert_leaves_lost_is_said_of_the_thing_itself() -> None:
    gone = edited("name: landing\ncatalog_name: main\nschema_name: raw", None, "volumes", "databricks")
    path = back(gone, "lossy")
    said = (
        "a revert re-creates volume thing empty: the files it held are deleted within 30 days, and only UNDROP "
        "VOLUME has them back, for 7 days"
    )
    assert path.recovery.lost == (said,)
    assert detail(path, "revert") == f"- {path.recovery.lost[0]}"


def test_what_the_table_does_not_know_is_said_by_its_class() -> None:
    changes = edited("spec: {replicas: 3}", "spec: {replicas: 2}", "Deployment")
    assert back(changes, "lossy").recovery.lost == (
        "a revert brings the configuration of Deployment thing back, not what ABC-001 says is lost",
    )
    assert "the repository holds no copy" in back(changes, "irreversible").recovery.lost[0]


def test_a_target_comes_back_with_a_revert_and_its_resources_may_not() -> None:
    changes = edited("mode: production", "mode: development", "targets", "databricks")
    assert back(changes, "lossy").recovery.lost == (
        "a revert brings target thing back, not what became of its resources meanwhile (ABC-001)",
    )


def test_a_revert_that_the_api_server_refuses_is_none() -> None:
    grown = edited(
        "apiVersion: v1\nspec: {resources: {requests: {storage: 10Gi}}}",
        "apiVersion: v1\nspec: {resources: {requests: {storage: 20Gi}}}",
        "PersistentVolumeClaim",
    )
    path = back(grown)
    assert path.recovery.refused == ("PersistentVolumeClaim spec.resources.requests.storage",)
    assert detail(path, "revert").startswith("- the API server refuses to set")


def test_what_was_refused_on_the_way_out_has_nothing_to_go_back() -> None:
    text = "apiVersion: apps/v1\nspec: {selector: {a: %s}}"
    path = back(edited(text % "b", text % "c", "Deployment"))
    assert path.recovery.refused == ()
    assert detail(path, "revert").startswith("+")


@pytest.mark.parametrize(
    ("image", "kept"),
    [
        ("web@sha256:" + "0" * 64, True),
        ("registry:5000/web:1.4.2", True),
        ("registry:5000/web", False),
        ("web:latest", False),
        ("web:main", False),
    ],
)
def test_an_image_can_be_had_again_where_its_name_means_one(image: str, kept: bool) -> None:
    assert image_kept(image)[1] is kept
    path = back(edited(deployment(image), deployment("web:2.0.0"), "Deployment"))
    found = one(path, "previous")
    assert found is not None
    assert found.found is kept
    assert bool(path.recovery.moved) is not kept


def test_no_history_means_no_old_replica_set() -> None:
    before = deployment("web:1.0.0", "revisionHistoryLimit: 0, ")
    path = back(edited(before, before.replace("1.0.0", "2.0.0"), "Deployment"))
    assert detail(path, "previous").startswith("- revisionHistoryLimit is 0")
    assert path.recovery.moved == ()


def test_a_rollout_without_a_rollback_window_walks_its_steps_again() -> None:
    steps = "strategy: {canary: {steps: [{setWeight: 10}, {pause: {}}]}}, "
    before = deployment("web:1.0.0", steps)
    path = back(edited(before, before.replace("1.0.0", "2.0.0"), "Rollout"))
    assert "walks all its steps again" in detail(path, "previous")
    windowed = deployment("web:1.0.0", steps + "rollbackWindow: {revisions: 3}, ")
    quick = back(edited(windowed, windowed.replace("1.0.0", "2.0.0"), "Rollout"))
    assert "steps again" not in detail(quick, "previous")


def test_a_model_version_is_there_while_it_is_still_served() -> None:
    old = "{name: old, entity_name: m, entity_version: '7'}"
    beside = f"config: {{served_entities: [{old}, {{name: new, entity_name: m, entity_version: '%s'}}]}}"
    alone = "config: {served_entities: [{name: new, entity_name: m, entity_version: '%s'}]}"
    kept = back(edited(beside % 7, beside % 8, "model_serving_endpoints", "databricks"))
    gone = back(edited(alone % 7, alone % 8, "model_serving_endpoints", "databricks"))
    assert detail(kept, "previous") == "+ 7 is still served beside the new one"
    assert detail(gone, "previous") == "- version 7 is no longer loaded; a revert provisions it anew"
    assert gone.recovery.moved == ()


@pytest.mark.parametrize(
    ("version", "kept"), [("1.2.3", True), ("v1.2.3-hotfix", True), (">=1.0.0", False), ("1.x", False)]
)
def test_a_chart_is_there_where_its_version_is_exact(version: str, kept: bool) -> None:
    text = "apiVersion: helm.toolkit.fluxcd.io/v2\nspec: {chart: {spec: {version: '%s'}}}"
    found = one(back(edited(text % version, text % "9.9.9", "HelmRelease")), "previous")
    assert found is not None
    assert found.found is kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("tasks: [{libraries: [{pypi: {package: app==%s.2.0}}]}]", True),
        ("tasks: [{libraries: [{pypi: {package: app>=%s}}]}]", False),
        ("git_source: {git_tag: v%s}", True),
        ("git_source: {git_branch: release-%s}", False),
    ],
)
def test_what_a_job_runs_is_there_where_its_name_means_one(text: str, kept: bool) -> None:
    found = one(back(edited(text % 1, text % 2, "jobs", "databricks")), "previous")
    assert found is not None
    assert found.found is kept


VOLUME = "name: thing\ncatalog_name: main\nschema_name: raw"


def test_a_window_has_to_outlast_noticing_and_recovering() -> None:
    gone = edited(VOLUME, None, "volumes", "databricks")
    hours = back(gone, "lossy", Service("web", rto=3_600))
    weeks = back(gone, "lossy", Service("web", rto=8 * 86_400))
    assert detail(hours, "window").startswith("+ UNDROP VOLUME")
    assert detail(weeks, "window").startswith("- UNDROP VOLUME")


def test_a_window_that_needs_the_parent_is_none_without_it() -> None:
    both = [
        *edited("name: raw\ncatalog_name: main", None, "schemas", "databricks"),
        *edited(VOLUME, None, "volumes", "databricks"),
    ]
    hits: list[tuple[Change, str, Reversibility]] = [(change, "ABC-001", "lossy") for change in both]
    path = path_back(Edit(both, [[change] for change in both], NOTHING, hits, (), ["lossy"]), facts())
    found = one(path, "window")
    assert found is not None
    assert not found.found
    alone = path_back(Edit(both[1:], [both[1:]], NOTHING, hits[1:], (), ["lossy"]), facts())
    assert detail(alone, "window").startswith("+")


def test_a_retained_volume_waits_without_end() -> None:
    claim = "apiVersion: v1\nspec: {storageClassName: %s}"
    classes = [
        resource(f"reclaimPolicy: {policy}", name=name, kind="StorageClass")
        for name, policy in (("kept", "Retain"), ("fast", "Delete"))
    ]
    found = [
        detail(
            back(
                edited(claim % name, None, "PersistentVolumeClaim"), "irreversible", given=facts(base=classes)
            ),
            "window",
        )[0]
        for name in ("kept", "fast", "unheard-of")
    ]
    assert found == ["+", "-", "-"]


def test_a_declared_backup_is_evidence_and_named_by_its_place() -> None:
    gone = edited("apiVersion: v1", None, "PersistentVolumeClaim")
    taken = Backup("velero.yaml:1", "Velero backs it up", 3_600, PROD)
    found = one(back(gone, "irreversible", given=facts(backups=Backups((taken,)))), "backup")
    assert found is not None
    assert (found.found, found.seconds) == (True, 3_600)
    assert found.detail == "Velero backs it up every 1h (velero.yaml:1)"
    idle = Backups((taken._replace(idle="it is paused"),), 3)
    missing = detail(back(gone, "irreversible", given=facts(backups=idle)), "backup")
    assert missing == (
        "- nothing in the repository names a backup of PersistentVolumeClaim thing; velero.yaml:1 would, but it is "
        "paused (3 files were not looked into)"
    )


def test_what_loses_nothing_needs_neither_backup_nor_window() -> None:
    def explode() -> Backups:
        raise AssertionError("searched for backups")

    changes = edited("spec: {replicas: 3}", "spec: {replicas: 2}", "Deployment")
    path = back(changes, given=facts()._replace(backups=explode))
    assert one(path, "backup") is None
    assert one(path, "window") is None


BOOK = Service(
    "web", rto=1_800, runbook_url="docs/back.md", runbook_exercised="2027-01-02", runbook_duration=720
)


@pytest.mark.parametrize(
    ("change", "counts", "fits", "said"),
    [
        ({}, True, True, "it took 12m, within the RTO of 30m"),
        ({"runbook_duration": 2_700}, True, False, "longer than the RTO"),
        ({"runbook_duration": None}, True, False, "duration is not stated"),
        ({"rto": None}, True, False, "no RTO is stated"),
        ({"runbook_exercised": None}, False, False, "never exercised"),
        ({"runbook_exercised": "2026-10-01"}, False, False, "106 days ago"),
        ({"runbook_exercised": "2027-01-16"}, False, False, "which is yet to come"),
        ({"runbook_exercised": "lately"}, False, False, "cannot be read"),
        ({"runbook_url": "docs/gone.md"}, False, False, "does not exist"),
        ({"runbook_url": "https://wiki.example/back"}, True, True, "within the RTO"),
        ({"runbook_url": "docs/back.md#steps"}, True, True, "within the RTO"),
        ({"runbook_url": None}, False, False, "links no rollback runbook"),
    ],
)
def test_a_runbook_counts_where_it_is_there_and_was_exercised_lately(
    change: dict[str, object], counts: bool, fits: bool, said: str
) -> None:
    found = runbook(BOOK._replace(**change), NOW, lambda path: path == "docs/back.md")  # type: ignore[arg-type]  # fields of Service
    assert found is not None
    assert (found.found, found.within_rto) == (counts, fits)
    assert said in found.detail


def test_a_service_that_promises_nothing_is_not_asked_for_a_runbook() -> None:
    assert runbook(NOTHING, NOW, lambda _: False) is None


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("docs/a.md", "docs/a.md"),
        ("./docs/a.md#x", "docs/a.md"),
        ("/docs/a.md", "docs/a.md"),
        ("https://x.example/a", None),
        ("mailto:team@x.example", None),
        ("#x", None),
    ],
)
def test_what_is_a_path_and_what_an_address(url: str, path: str | None) -> None:
    assert path_of(url) == path


def test_a_runbook_is_measured_for_what_it_covers() -> None:
    given = facts(paths=["docs/back.md"])
    ordinary = edited("spec: {replicas: 3}", "spec: {replicas: 2}", "Deployment")
    gone = edited("apiVersion: v1", None, "PersistentVolumeClaim")
    assert back(ordinary, service=BOOK, given=given).recovery.measured_seconds == 720
    assert back(gone, "irreversible", BOOK, given).recovery.measured_seconds is None
    taken = given._replace(backups=lambda: Backups((Backup("v.yaml:1", "x", 60, None),)))
    assert back(gone, "irreversible", BOOK, taken).recovery.measured_seconds == 720


def test_the_classes_are_in_order() -> None:
    from riskcheck.priors import CLASS_MINUTES

    minutes = [CLASS_MINUTES[kind] for kind in RECOVERY_CLASSES]
    assert minutes == sorted(minutes)
