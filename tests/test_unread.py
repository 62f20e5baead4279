"""What the change made unreadable never reads as a pass, whatever it looks like."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskcheck.in_memory import analyze_trees
from riskcheck.results import Report
from riskcheck.rules.load import load_rules
from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import CLAIM, VOLUME, WEB

PATH = "clusters/prod/web.yaml"


def judged(base: dict[str, str], head: dict[str, str]) -> Report:
    rules = load_rules(use_cache=False).rules
    return analyze_trees(
        {path: text.encode() for path, text in base.items()},
        {path: text.encode() for path, text in head.items()},
        rules,
    )


def codes(report: Report) -> set[tuple[str, str]]:
    return {(one.code, one.level) for one in report.findings if one.level in ("P0", "P1")}


@pytest.mark.parametrize(
    "broken",
    [
        "a: [1\n",
        'key: "unterminated\n',
        "\tfoo: 1\n",
        "<<<<<<< HEAD\na: 1\n",
        WEB.replace("3", "{{ n }}"),
        "\0\1",
    ],
)
def test_a_manifest_that_could_be_read_and_cannot_any_more_blocks(broken: str) -> None:
    report = judged({PATH: WEB}, {PATH: broken})
    assert report.assessment.verdict == "block"
    assert ("GOV-010", "P1") in codes(report)
    assert [one for one in report.changed if one.change == "removed"] == []


def test_a_bundle_that_turns_into_a_template_hides_nothing() -> None:
    head = "bundle: {name: lake}\nx: {{ x }}\ntargets: {prod: {mode: production}}\n"
    report = judged({"databricks.yml": VOLUME}, {"databricks.yml": head})
    assert report.assessment.verdict == "block"
    assert ("GOV-010", "P1") in codes(report)


def test_a_file_outside_production_that_turns_into_a_template_only_limits() -> None:
    report = judged({"scripts/web.yaml": WEB}, {"scripts/web.yaml": WEB.replace("3", "{{ n }}")})
    assert report.assessment.verdict == "pass"
    assert report.limitations


def test_a_file_that_was_a_template_only_limits() -> None:
    template = WEB.replace("3", "{{ n }}")
    report = judged({PATH: template}, {PATH: template.replace("1.4.2", "1.4.3")})
    assert report.assessment.verdict == "pass"
    assert report.limitations


@pytest.mark.parametrize("resources", ["[../overlays/prod]", "[nosuch.yaml]", "[../../../../etc]"])
def test_a_kustomization_that_no_longer_builds_blocks(resources: str) -> None:
    base = {
        "base/kustomization.yaml": "resources: [web.yaml]\n",
        "base/web.yaml": WEB,
        "overlays/prod/kustomization.yaml": "resources: [../../base]\n",
    }
    head = {**base, "base/kustomization.yaml": f"resources: {resources}\n"}
    report = judged(base, head)
    assert report.assessment.verdict == "block"
    assert ("GOV-010", "P1") in codes(report)


def test_a_file_that_becomes_a_link_out_of_the_tree_blocks(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({PATH: WEB, "clusters/prod/data.yaml": CLAIM})
    (repo.path / PATH).unlink()
    repo.symlink(PATH, "/etc/hostname")
    result = riskcheck(repo.path, "diff")
    assert result.returncode == 1
    assert "GOV-010" in result.stdout


def test_a_moved_submodule_is_told(tmp_path: Path) -> None:
    other = GitRepo(tmp_path / "other")
    other.commit({"a.yaml": "a: 1\n"})
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"README.md": "x\n"})
    repo.git("submodule", "add", "-q", str(other.path), "clusters/prod/sub")
    repo.commit(message="submodule")
    other.commit({"a.yaml": "a: 2\n"})
    repo.git("-C", "clusters/prod/sub", "pull", "-q")
    repo.commit(message="move it")
    result = riskcheck(repo.path, "diff", "HEAD~1..HEAD")
    assert "clusters/prod/sub: a submodule: what it points to is not read" in " ".join(result.stdout.split())


def test_what_is_too_large_was_not_looked_at_even_if_it_was_before() -> None:
    padded = WEB + ("#" * 99 + "\n") * 90_000
    report = judged({PATH: padded}, {PATH: padded.replace("replicas: 3", "replicas: 0")})
    assert report.assessment.verdict == "block"
    assert ("GOV-010", "P1") in codes(report)


def test_a_build_that_lists_a_file_which_goes_is_broken_though_it_was_not_touched() -> None:
    lists = {"clusters/prod/shop/kustomization.yaml": "resources: [web.yaml]\n"}
    before = {**lists, "clusters/prod/shop/web.yaml": WEB}
    report = judged(before, {**lists, "clusters/prod/shop/front.yaml": WEB})
    assert report.assessment.verdict == "block"
    assert ("GOV-010", "P1") in codes(report)
    in_dev = {path.replace("prod", "dev"): text for path, text in before.items()}
    gone = {path: text for path, text in in_dev.items() if not path.endswith("web.yaml")}
    assert judged(in_dev, gone).assessment.verdict != "block"


@pytest.mark.parametrize("checked_out", [False, True])
def test_contents_that_a_partial_clone_lacks_never_pass(tmp_path: Path, checked_out: bool) -> None:
    """Checked out, it has what HEAD holds; what that changed is in base only."""
    source = GitRepo(tmp_path / "source")
    source.commit(
        {"clusters/prod/web.yaml": WEB, "clusters/prod/old.yaml": WEB.replace("name: web", "name: old")}
    )
    source.commit(
        {"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 1"), "clusters/prod/old.yaml": None}
    )
    options = ["--filter=blob:none"] if checked_out else ["--filter=blob:none", "--no-checkout"]
    clone = source.clone(tmp_path / "clone", *options)
    result = riskcheck(clone.path, "diff", "HEAD~1..HEAD")
    assert result.returncode == 1, result.stdout
    for path in ("web.yaml", "old.yaml"):
        assert f"clusters/prod/{path}: its content is not in this clone" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    ("path", "code"), [("clusters/prod/job.yaml", 1), ("clusters/prod/job.yaml.tmpl", 0)]
)
def test_what_a_partial_clone_lacks_of_the_base_does_not_make_the_head_new(
    tmp_path: Path, path: str, code: int
) -> None:
    """The API version is one that no cluster serves: a new object that states it is a finding. What is rendered
    from a source only limits."""
    job = (
        "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: clean, namespace: shop}\n"
        "spec: {schedule: '0 3 * * *'}\n"
    )
    source = GitRepo(tmp_path / "source")
    source.commit({"README.md": "shop"})
    source.commit({path: job})
    source.commit({path: job.replace("0 3", "0 4")})
    assert "K8S-019" in riskcheck(source.path, "diff", "HEAD~2..HEAD").stdout
    clone = source.clone(tmp_path / "clone", "--filter=blob:none")
    result = riskcheck(clone.path, "diff", "HEAD~1..HEAD")
    assert result.returncode == code, result.stdout
    assert "its content is not in this clone" in " ".join(result.stdout.split())
    assert "K8S-019" not in result.stdout


BUNDLE = """\
bundle: {name: orders}
variables: {workers: {default: 4}}
resources:
  clusters:
    etl: {num_workers: "${var.workers}"}
  volumes:
    raw: {name: raw, catalog_name: main, schema_name: orders}
targets:
  prod: {mode: production}
"""


def test_a_reference_to_a_variable_that_went_blocks_and_hides_nothing_else() -> None:
    base = {"databricks.yml": BUNDLE}
    renamed = BUNDLE.replace("{workers: {default", "{machines: {default")
    assert codes(judged(base, {"databricks.yml": renamed})) == {("GOV-010", "P1")}
    emptied = renamed.replace(
        "  volumes:\n    raw: {name: raw, catalog_name: main, schema_name: orders}\n", ""
    )
    assert {("GOV-010", "P1"), ("DAB-001", "P0")} <= codes(judged(base, {"databricks.yml": emptied}))


def test_a_variable_that_was_missing_before_is_no_news() -> None:
    broken = BUNDLE.replace("{workers: {default", "{machines: {default")
    head = broken.replace("name: orders}\nvar", "name: orders}\n# of the shop\nvar")
    assert codes(judged({"databricks.yml": broken}, {"databricks.yml": head})) == set()
