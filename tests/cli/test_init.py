"""`riskcheck init`: a policy file that validates, says what it is unsure of, and never overwrites."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.data import data_text
from riskcheck.models import Environment, Limitation, Location, Pipeline, Service, Stage
from riskcheck.policy.load import load_policy
from riskcheck.policy.model import Policy
from riskcheck.proposing import propose, word
from riskcheck.stated_services import FoundService
from riskcheck.surveying import Seen, Survey, survey
from riskcheck.trees import MemoryTree
from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import WEB

BUNDLE = """\
bundle: {name: orders}
resources: {jobs: {nightly: {name: nightly}}}
targets:
  dev: {mode: development}
  prod_eu: {mode: production}
  sandpit: {}
"""
CATALOG = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: orders, annotations: {criticality: tier-1}}
spec: {type: service, lifecycle: production, owner: group:team-data, dependsOn: [component:ledger]}
"""
STAGES: tuple[tuple[str, Stage], ...] = (("dev", "dev"), ("prod", "prod"))
EMPTY = Survey((), (), (), (), (), (), (), (), (), 0)


def read(text: str | bytes) -> Policy:
    data = text if isinstance(text, bytes) else text.encode()
    return load_policy(MemoryTree({"riskcheck.yaml": data}, "base", "test"), None)


def proposed(files: dict[str, str]) -> str:
    tree = MemoryTree({path: text.encode() for path, text in files.items()}, "head", "test")
    return propose(survey(tree)).text


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit({"databricks.yml": BUNDLE, "clusters/staging/web.yaml": WEB, "clusters/prod/web.yaml": WEB})
    return made


def test_it_writes_what_it_found_and_the_file_validates(repo: GitRepo) -> None:
    result = riskcheck(repo.path, "init")
    assert (result.returncode, result.stderr) == (0, "")
    text = (repo.path / "riskcheck.yaml").read_bytes()
    policy = read(text)
    stages = {one.name: one.stage for one in policy.environments}
    assert "dev" not in stages
    assert b"# - {name: dev, stage: dev}   # databricks.yml:4" in text
    assert stages == {"staging": "staging", "prod": "prod", "prod_eu": "prod"}
    assert [one.region for one in policy.environments if one.name == "prod_eu"] == ["eu"]
    assert policy.promotion == "git"
    assert b"# - {name: sandpit, stage: unknown}   # databricks.yml:6" in text
    assert b"prod_eu, stage: prod, region: eu}   # databricks.yml:5" in text


def test_it_says_what_it_is_unsure_of_with_the_place(repo: GitRepo) -> None:
    said = riskcheck(repo.path, "init").stdout
    assert "3 environments (1 staging, 2 prod), 0 services, promotion git" in said
    assert "? sandpit: stage unknown  (databricks.yml:6)" in said
    assert "? promotion: git" in said
    assert len(said.partition("next:\n")[2].splitlines()) <= 5


def test_editors_find_the_schema_that_its_first_line_names(repo: GitRepo) -> None:
    riskcheck(repo.path, "init")
    first = (repo.path / "riskcheck.yaml").read_text("utf-8").splitlines()[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert (repo.path / named).read_text("utf-8") == data_text("schemas", "config.schema.json")


def test_without_the_schema_no_line_names_it(repo: GitRepo) -> None:
    riskcheck(repo.path, "init", "--no-schema")
    assert not (repo.path / ".riskcheck").exists()
    assert "$schema" not in (repo.path / "riskcheck.yaml").read_text("utf-8")


@pytest.mark.parametrize("name", ["riskcheck.yaml", ".riskcheck.yaml", "riskcheck.yml"])
def test_it_never_overwrites_and_says_so(repo: GitRepo, name: str) -> None:
    repo.write({name: "version: 1\n"})
    result = riskcheck(repo.path, "init")
    assert result.returncode == 0
    assert f"{name} exists and is left as it is" in result.stdout
    assert (repo.path / name).read_text("utf-8") == "version: 1\n"
    assert not (repo.path / ".riskcheck").exists()


def test_git_is_told_to_add_what_it_ignores(repo: GitRepo) -> None:
    assert "commit it: " in riskcheck(repo.path, "init").stdout
    (repo.path / "riskcheck.yaml").unlink()
    repo.write({".gitignore": "*.yaml\n"})
    assert "commit it with `git add -f riskcheck.yaml`" in riskcheck(repo.path, "init").stdout


def test_ci_compares_with_the_branch_that_there_is(repo: GitRepo) -> None:
    repo.git("branch", "-M", "master")
    assert "run `riskcheck diff origin/master`" in riskcheck(repo.path, "init").stdout


def test_a_policy_that_git_ignores_is_not_overwritten_either(repo: GitRepo) -> None:
    repo.write({".gitignore": "riskcheck.yaml\n", "riskcheck.yaml": "version: 1\n"})
    assert "left as it is" in riskcheck(repo.path, "init").stdout
    assert (repo.path / "riskcheck.yaml").read_text("utf-8") == "version: 1\n"


def test_a_link_is_not_written_through(repo: GitRepo, tmp_path: Path) -> None:
    (repo.path / "riskcheck.yaml").symlink_to(tmp_path / "elsewhere")
    result = riskcheck(repo.path, "init")
    assert not (tmp_path / "elsewhere").exists()
    assert "riskcheck.yaml" in result.stdout + result.stderr


def test_the_folder_of_the_schema_may_not_be_a_link(repo: GitRepo, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (repo.path / ".riskcheck").symlink_to(tmp_path / "outside")
    assert riskcheck(repo.path, "init").returncode == 0
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_dry_run_only_prints(repo: GitRepo) -> None:
    result = riskcheck(repo.path, "init", "--dry-run")
    assert "promotion: git" in result.stdout
    assert not (repo.path / "riskcheck.yaml").exists()
    assert not (repo.path / ".riskcheck").exists()


def test_a_dry_run_beside_a_policy_says_what_that_does_not(repo: GitRepo) -> None:
    repo.write(
        {"riskcheck.yaml": "version: 1\nenvironments: [{name: prod, stage: prod}, {name: old, stage: dev}]\n"}
    )
    result = riskcheck(repo.path, "init", "--dry-run")
    assert result.returncode == 0
    read(result.stdout)
    assert "found, not declared: prod_eu, staging" in result.stderr
    assert "declared, not found: old" in result.stderr


def test_it_is_written_at_the_root_from_wherever_it_is_called(repo: GitRepo) -> None:
    riskcheck(repo.path / "clusters", "init")
    assert (repo.path / "riskcheck.yaml").exists()


def test_a_repository_without_environments_gets_an_example(tmp_path: Path) -> None:
    empty = GitRepo(tmp_path / "empty")
    empty.commit({"README.md": "hello\n"})
    result = riskcheck(empty.path, "init", "--dry-run")
    assert "none was recognised" in result.stdout
    assert read(result.stdout).environments == ()


def test_a_repository_without_commits_is_looked_at(tmp_path: Path) -> None:
    new = GitRepo(tmp_path / "new")
    new.write({"clusters/prod/web.yaml": WEB})
    assert "{name: prod, stage: prod}" in riskcheck(new.path, "init", "--dry-run").stdout


def test_a_folder_without_git_is_looked_at_when_it_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    (folder / "clusters" / "prod").mkdir(parents=True)
    (folder / "clusters" / "prod" / "web.yaml").write_text(WEB, encoding="utf-8")
    refused = riskcheck(folder, "init", GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert refused.returncode == 2
    assert "--dir" in refused.stderr
    assert riskcheck(folder, "init", "--dir", ".").returncode == 0
    assert [one.name for one in read((folder / "riskcheck.yaml").read_bytes()).environments] == ["prod"]


def test_quiet_says_nothing(repo: GitRepo) -> None:
    result = riskcheck(repo.path, "init", "--quiet")
    assert (result.stdout, result.stderr) == ("", "")


def test_services_are_those_of_catalogs_with_what_these_state() -> None:
    text = proposed({"catalog-info.yaml": CATALOG, "clusters/prod/web.yaml": WEB})
    (service,) = read(text).services
    assert (service.name, service.owner, service.criticality) == ("orders", "team-data", "tier-1")
    assert service.depends_on == ("ledger",)
    assert "# catalog-info.yaml:" in text


def test_code_owners_are_summed_up_by_team_and_never_name_a_person() -> None:
    part_of = WEB.replace("namespace: shop", "namespace: shop, labels: {app.kubernetes.io/part-of: NAME}")
    text = proposed(
        {
            "CODEOWNERS": "*.yaml @acme/platform\n/clusters/prod/db.yaml @somebody\n",
            "clusters/prod/web.yaml": part_of.replace("NAME", "shop"),
            "clusters/prod/db.yaml": part_of.replace("NAME", "ledger").replace("web", "db"),
        }
    )
    assert read(text).services == ()
    assert "#   platform: shop   # CODEOWNERS:1" in text
    assert "somebody" not in text
    assert "individual" not in text


def test_a_name_that_may_be_a_thing_is_only_mentioned() -> None:
    text = proposed(
        {
            "apps/prod/web.yaml": WEB,
            "apps/staging/web.yaml": WEB,
            "apps/pod-cleaner-prod.yaml": WEB,
            "apps/cron-start-live-events/web.yaml": WEB,
        }
    )
    assert [one.name for one in read(text).environments] == ["staging", "prod"]
    assert "# - {name: pod-cleaner-prod, stage: prod}" in text
    assert "live-events" not in text


def test_examples_and_tests_are_no_environments() -> None:
    pytest.importorskip("tree_sitter_hcl")
    text = proposed({"examples/small/main.tf": 'resource "null_resource" "a" {}\n'})
    assert read(text).environments == ()
    assert "examples/small" not in text.partition("# services")[0]


def test_what_could_not_be_read_is_told() -> None:
    tree = MemoryTree(
        {"clusters/prod/web.yaml": b"a: [", "clusters/staging/web.yaml": WEB.encode()}, "head", "test"
    )
    last = propose(survey(tree)).doubts[-1]
    assert last.words.startswith("1 place could not be resolved (parse error)")
    assert last.place.startswith("clusters/prod/web.yaml:")


def test_what_an_installation_would_read_is_told() -> None:
    message = "not read: HCL takes a parser, pip install 'riskcheck[terraform]'"
    unread = tuple(Limitation(f"{name}.tf", "unreadable", message) for name in ("a", "b"))
    (first, *_) = propose(EMPTY._replace(unread=unread)).doubts
    assert first.words == f"2 files not read: {message}"


def test_a_pipeline_that_ends_below_production_declares_no_order() -> None:
    place = Location(".github/workflows/docs.yml", "head", 3, 1, 3, 1)
    seen = tuple(Seen(Environment(name, stage), 9, "x") for name, stage in STAGES)
    pipeline = Pipeline(place, ("approval-gate", "dev"), frozenset({"dev"}))
    assert propose(EMPTY._replace(steps=seen, pipelines=(pipeline,))).promotion == "git"
    pipeline = Pipeline(place, ("dev", "prod"), frozenset({"prod"}))
    assert propose(EMPTY._replace(steps=seen, pipelines=(pipeline,))).promotion == "pipeline"


def test_a_pipeline_with_gates_declares_the_order() -> None:
    workflow = """\
on: push
jobs:
  staging: {runs-on: x, environment: staging, steps: [{run: kubectl apply -k clusters/staging}]}
  prod: {runs-on: x, needs: staging, environment: prod, steps: [{run: kubectl apply -k clusters/prod}]}
"""
    text = proposed(
        {
            ".github/workflows/deploy.yml": workflow,
            "clusters/staging/web.yaml": WEB,
            "clusters/prod/web.yaml": WEB,
        }
    )
    assert read(text).promotion == "pipeline"
    assert "promotion: pipeline   # .github/workflows/deploy.yml:" in text


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ({".pre-commit-config.yaml": "repos: []\n"}, ".pre-commit-config.yaml: add {repo: "),
        ({".husky/pre-commit": "npm test\n"}, ".husky/pre-commit: add the line"),
        ({"lefthook.yml": "pre-commit: {}\n"}, "lefthook.yml: under pre-commit"),
        ({".config/lefthook.json": "{}\n"}, ".config/lefthook.json: under pre-commit"),
        ({".github/workflows/ci.yml": "on: push\n"}, "GitHub Actions: in a job on pull_request"),
        ({".gitlab-ci.yml": "test: {script: make}\n"}, ".gitlab-ci.yml: in a job of merge requests"),
        ({"Jenkinsfile": "pipeline {}\n"}, "Jenkinsfile: in a stage"),
        ({"README.md": "hello\n"}, "a hook: "),
    ],
)
def test_next_steps_fit_the_repository(tmp_path: Path, files: dict[str, str], line: str) -> None:
    made = GitRepo(tmp_path / "repo")
    made.commit(files)
    assert line in riskcheck(made.path, "init").stdout.partition("next:\n")[2]


def test_what_it_proposes_judges_no_worse_than_nothing_does(repo: GitRepo) -> None:
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    before = json.loads(riskcheck(repo.path, "diff", "--format", "json").stdout)
    copy = repo.path.parent / "policy.yaml"
    copy.write_text(riskcheck(repo.path, "init", "--dry-run").stdout, encoding="utf-8")
    after = json.loads(riskcheck(repo.path, "diff", "--format", "json", "--config", str(copy)).stdout)
    assert [one["code"] for one in after["findings"]] == [one["code"] for one in before["findings"]]
    assert [one["name"] for one in after["environments"]] == [one["name"] for one in before["environments"]]


def test_what_cannot_be_written_is_told_and_nothing_else_is_written(repo: GitRepo) -> None:
    repo.write({".riskcheck": "a file\n"})
    result = riskcheck(repo.path, "init")
    assert result.returncode == 2
    assert "cannot write" in result.stderr
    assert "--no-schema leaves it out" in result.stderr
    assert not (repo.path / "riskcheck.yaml").exists()


NAMES = st.text(min_size=1, max_size=20)


@given(NAMES)
def test_every_name_is_read_back_as_it_is(name: str) -> None:
    if not name.isprintable() or name.strip() != name:
        return
    policy = read(f"version: 1\nenvironments:\n  - {{name: {word(name)}, stage: prod}}\n")
    assert [one.name for one in policy.environments] == [name]


@given(st.lists(NAMES, max_size=5, unique=True), st.lists(NAMES, max_size=5, unique=True), NAMES)
def test_what_is_proposed_always_loads(names: list[str], services: list[str], place: str) -> None:
    names = [name for name in names if name.isprintable() and name.strip() == name]
    services = [name for name in services if name.isprintable() and name.strip() == name]
    seen = tuple(Seen(Environment(name, "prod", name, name, place), 1, place) for name in names)
    found = tuple(FoundService(Service(name, "team-a"), place, tuple(services)) for name in services)
    text = propose(EMPTY._replace(steps=seen, doubtful=seen, untold=seen, services=found, owned=found)).text
    policy = read(text)
    assert [one.name for one in policy.environments] == names
    assert [one.name for one in policy.services] == services
