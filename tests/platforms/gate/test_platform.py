"""Which files guard merges, and what they resolve to."""

from __future__ import annotations

from typing import ClassVar

import pytest

from riskcheck.documents.scalars import plain_value
from riskcheck.models import location_of
from riskcheck.nodes import Mapping, Value
from riskcheck.platforms import load
from riskcheck.platforms.gate import PLATFORM
from riskcheck.platforms.gate.paths import kind_of, system_of
from tests.platforms.gate.workspaces import workspace


def body_of(path: str, text: str) -> Value:
    """The values of the only resource in `path`."""
    (resource,) = PLATFORM.resolve(workspace({path: text}), [path]).resources
    return plain_value(resource.body, resource.reading)


def jobs_of(path: str, text: str) -> dict[str, Value]:
    body = body_of(path, text)
    assert isinstance(body, dict)
    jobs = body["jobs"]
    assert isinstance(jobs, dict)
    return jobs


@pytest.mark.parametrize(
    ("path", "kind", "system"),
    [
        ("riskcheck.yaml", "Policy", None),
        (".riskcheck.yaml", "Policy", None),
        ("ops/riskcheck.yml", "Policy", None),
        ("examples/first/base/riskcheck.yaml", None, None),
        ("tests/data/riskcheck.yaml", None, None),
        (".pre-commit-config.yaml", "Hook", None),
        ("sub/.pre-commit-config.yaml", None, None),
        ("CODEOWNERS", "Owners", None),
        (".github/CODEOWNERS", "Owners", None),
        ("docs/CODEOWNERS", "Owners", None),
        ("src/CODEOWNERS", None, None),
        (".github/workflows/ci.yml", "Workflow", "github"),
        (".github/workflows/ci.yaml", "Workflow", "github"),
        (".github/workflows/sub/ci.yml", None, None),
        (".github/actions/deploy/action.yml", "Workflow", "github"),
        (".github/dependabot.yml", None, None),
        (".gitlab-ci.yml", "Workflow", "gitlab"),
        (".gitlab/ci/test.yml", "Workflow", "gitlab"),
        ("azure-pipelines.yml", "Workflow", "azure"),
        ("ci/azure-pipelines-release.yaml", "Workflow", "azure"),
        (".azuredevops/deploy.yml", "Workflow", "azure"),
        ("tests/azure-pipelines.yml", None, None),
        (".circleci/config.yml", "Workflow", "circleci"),
        ("Jenkinsfile", "Workflow", "jenkins"),
        ("jobs/Jenkinsfile.deploy", "Workflow", "jenkins"),
        ("databricks.yml", None, None),
        ("README.md", None, None),
    ],
)
def test_what_guards_merges(path: str, kind: str | None, system: str | None) -> None:
    assert kind_of(path) == kind
    assert system_of(path) == system


def test_it_claims_its_files_before_every_other_platform() -> None:
    assert PLATFORM in load()
    assert min(load(), key=lambda platform: platform.order) is PLATFORM


def test_only_guards_are_units() -> None:
    files = {"riskcheck.yaml": "version: 1\n", "a.yaml": "a: 1\n", "CODEOWNERS": "* @acme/all\n"}
    assert PLATFORM.units(workspace(files), files) == {"riskcheck.yaml", "CODEOWNERS"}


def test_a_file_that_a_gitlab_pipeline_takes_in_stands_for_the_pipeline() -> None:
    files = {
        ".gitlab-ci.yml": "include:\n  - local: /ci/first.yml\n  - {local: .gitlab/ci/*.yml}\n",
        "ci/first.yml": "include: ci/second.yml\n",
        "ci/second.yml": "a: {script: [b]}\n",
        ".gitlab/ci/third.yml": "c: {script: [d]}\n",
        "ci/other.yml": "x: {script: [y]}\n",
    }
    side = workspace(files)
    for path in ("ci/first.yml", "ci/second.yml", ".gitlab/ci/third.yml"):
        assert PLATFORM.units(side, [path]) == {".gitlab-ci.yml"}, path
    assert PLATFORM.units(side, ["ci/other.yml"]) == set()
    resolution = PLATFORM.resolve(side, [".gitlab-ci.yml"])
    assert resolution.read == set(files) - {"ci/other.yml"}


def test_everything_is_in_one_production_environment() -> None:
    resolution = PLATFORM.resolve(workspace({"riskcheck.yaml": "version: 1\n"}), ["riskcheck.yaml"])
    (environment,) = resolution.environments
    assert (environment.name, environment.stage) == ("merge gate", "prod")
    (resource,) = resolution.resources
    assert resource.environment == environment
    assert resource.address == "gate:Policy.riskcheck.yaml"
    assert resolution.read == {"riskcheck.yaml"}


def test_a_unit_that_this_side_lacks_gives_nothing() -> None:
    resolution = PLATFORM.resolve(workspace({}), ["riskcheck.yaml", "CODEOWNERS"])
    assert (resolution.resources, resolution.limitations, resolution.read) == ((), (), frozenset())


BROKEN = "jobs: [\n"
SOUND = "jobs: {}\n"


@pytest.mark.parametrize(("other", "failed"), [(SOUND, True), (BROKEN, False), (None, False)])
def test_a_broken_file_is_the_fault_of_the_change_if_it_was_sound_before(
    other: str | None, failed: bool
) -> None:
    path = ".github/workflows/ci.yml"
    side = workspace({path: BROKEN}, other=None if other is None else {path: other})
    resolution = PLATFORM.resolve(side, [path])
    (limitation,) = resolution.limitations
    assert (limitation.path, limitation.kind, limitation.failed) == (path, "parse-error", failed)
    assert resolution.resources == ()
    assert resolution.read == {path}


def test_a_broken_include_is_told() -> None:
    files = {".gitlab-ci.yml": "include: ci/deploy.yml\n", "ci/deploy.yml": BROKEN}
    side = workspace(files, other={**files, "ci/deploy.yml": SOUND})
    (limitation,) = PLATFORM.resolve(side, [".gitlab-ci.yml"]).limitations
    assert (limitation.path, limitation.failed) == ("ci/deploy.yml", True)


def test_more_jobs_than_anybody_writes_are_told() -> None:
    text = "jobs:\n" + "".join(f"  j{number}: {{steps: []}}\n" for number in range(1_001))
    resolution = PLATFORM.resolve(workspace({".github/workflows/a.yml": text}), [".github/workflows/a.yml"])
    assert resolution.resources == ()
    assert [(one.kind, one.failed) for one in resolution.limitations] == [("too-large", True)]


@pytest.mark.parametrize(
    "text", ["", "just text\n", "- 1\n- 2\n", "jobs: 5\n", "jobs: [1]\n", "jobs: {a: 1, b: [2]}\n"]
)
@pytest.mark.parametrize(
    "path",
    [
        *(
            "riskcheck.yaml",
            ".pre-commit-config.yaml",
            ".github/workflows/a.yml",
            ".github/actions/x/action.yml",
        ),
        *(".gitlab-ci.yml", "azure-pipelines.yml", ".circleci/config.yml", "Jenkinsfile", "CODEOWNERS"),
    ],
)
def test_odd_shapes_do_no_harm(path: str, text: str) -> None:
    resolution = PLATFORM.resolve(workspace({path: text}), [path])
    assert resolution.read == {path}


def test_nothing_is_deployed_by_a_guard() -> None:
    assert PLATFORM.action(()) == "none"


class TestPolicy:
    TEXT = """\
version: 1
promotion: git
environments:
  - {name: staging, stage: staging}
  - {name: prod, stage: prod}
approvals:
  - {scope: sox, teams: [a]}
  - {scope: sox, teams: [b]}
waivers:
  - {rule: DAB-001, where: "databricks:volumes.tmp", until: 2027-01-31}
"""

    def test_waivers_and_approvals_are_named_by_what_they_are_about(self) -> None:
        body = body_of("riskcheck.yaml", self.TEXT)
        assert isinstance(body, dict)
        assert body["approvals"] == {
            "sox": {"scope": "sox", "teams": ["a"]},
            "sox #2": {"scope": "sox", "teams": ["b"]},
        }
        assert body["waivers"] == {
            "DAB-001 at databricks:volumes.tmp": {
                "rule": "DAB-001",
                "where": "databricks:volumes.tmp",
                "until": "2027-01-31",
            }
        }

    def test_the_order_of_environments_is_a_value_of_its_own(self) -> None:
        body = body_of("riskcheck.yaml", self.TEXT)
        assert isinstance(body, dict)
        assert body["promotion_order"] == "staging > prod"
        without = body_of("riskcheck.yaml", self.TEXT.replace("promotion: git\n", ""))
        assert isinstance(without, dict)
        assert "promotion_order" not in without

    def test_environments_services_and_freezes_match_by_name(self) -> None:
        for field in ("environments", "services", "freezes"):
            assert PLATFORM.natural_keys("Policy", field) == ("name",)
        assert PLATFORM.natural_keys("Policy", "paths") == ()
        assert PLATFORM.natural_keys("Workflow", "services") == ()

    @pytest.mark.parametrize("name", ["riskcheck.yaml", ".riskcheck.yaml", "riskcheck.yml"])
    def test_all_its_names_are_one_policy(self, name: str) -> None:
        (resource,) = PLATFORM.resolve(workspace({name: "version: 1\n"}), [name]).resources
        assert resource.address == "gate:Policy.riskcheck.yaml"


class TestHook:
    def test_only_the_hooks_that_run_riskcheck_are_looked_at(self) -> None:
        text = """\
default_stages: [pre-push]
ci: {skip: [riskcheck]}
repos:
  - repo: https://example.com/ruff
    rev: v1
    hooks: [{id: ruff}]
  - repo: https://example.com/riskcheck
    rev: v2
    hooks:
      - {id: riskcheck, args: [--fail-on, P1]}
  - repo: local
    hooks:
      - {id: risk, entry: python -m riskcheck diff --staged, language: system}
"""
        files = {".pre-commit-config.yaml": text}
        resources = PLATFORM.resolve(workspace(files), list(files)).resources
        bodies = {one.name: plain_value(one.body, one.reading) for one in resources}
        assert bodies == {
            "riskcheck": {
                "id": "riskcheck",
                "args": ["--fail-on", "P1"],
                "repo": "https://example.com/riskcheck",
                "rev": "v2",
                "all.default_stages": ["pre-push"],
                "skipped": "riskcheck",
            },
            "risk": {
                "id": "risk",
                "entry": "python -m riskcheck diff --staged",
                "language": "system",
                "repo": "local",
                "all.default_stages": ["pre-push"],
            },
        }


class TestOwners:
    def owners(self, text: str) -> dict[str, tuple[Value, Value]]:
        """Pattern to its owners and to what it guards."""
        body = body_of("CODEOWNERS", text)
        assert isinstance(body, dict)
        return {
            pattern: (held["owners"], held["guards"])
            for pattern, held in body.items()
            if isinstance(held, dict)
        }

    def test_patterns_owners_and_what_they_guard(self) -> None:
        text = """\
# comment
*                    @acme/all
*.md                 @acme/docs   # inline
/clusters/prod/      @acme/sre @acme/platform
/clusters/dev/       @acme/dev
/.github/workflows/  @acme/platform
riskcheck.yaml       @acme/platform
values-prod.yaml
src\\ code/           @acme/all
"""
        assert self.owners(text) == {
            "*": (["@acme/all"], "the gate"),
            "*.md": (["@acme/docs"], None),
            "/clusters/prod/": (["@acme/sre", "@acme/platform"], "production"),
            "/clusters/dev/": (["@acme/dev"], None),
            "/.github/workflows/": (["@acme/platform"], "the gate"),
            "riskcheck.yaml": (["@acme/platform"], "the gate"),
            "values-prod.yaml": ([], "production"),
            "src code/": (["@acme/all"], None),
        }

    def test_people_are_not_named(self) -> None:
        assert self.owners("/prod/ @some-person someone@example.com @acme/sre @@maintainer\n") == {
            "/prod/": (["an individual", "an individual", "@acme/sre", "@@maintainer"], "production")
        }

    def test_sections_of_gitlab(self) -> None:
        text = "[Prod] @acme/sre\n/prod/\n/prod/eu/ @acme/eu\n^[Docs]\n*.md @acme/docs\n"
        body = body_of("CODEOWNERS", text)
        assert body == {
            "[Prod] /prod/": {"owners": ["@acme/sre"], "guards": "production"},
            "[Prod] /prod/eu/": {"owners": ["@acme/eu"], "guards": "production"},
            "[Docs] *.md": {"owners": ["@acme/docs"], "guards": None, "optional": True},
        }

    def test_patterns_know_their_line(self) -> None:
        files = {".github/CODEOWNERS": "# one\n\n  /prod/ @acme/sre\n"}
        (resource,) = PLATFORM.resolve(workspace(files), list(files)).resources
        key = resource.body.key("/prod/")
        assert key is not None
        place = location_of(key)
        assert (place.path, place.line, place.column) == (".github/CODEOWNERS", 3, 3)
        assert resource.address == "gate:Owners.CODEOWNERS"


class TestGitHub:
    def test_the_ways_to_write_the_same(self) -> None:
        for on in ("push", "[push]", "{push: }", "{push: null}"):
            body = body_of(".github/workflows/a.yml", f"on: {on}\njobs: {{}}\n")
            assert isinstance(body, dict)
            assert body["triggers"] == {"push": None}, on
        for needs in ("test", "[test]"):
            jobs = jobs_of(".github/workflows/a.yml", f"jobs: {{a: {{needs: {needs}}}}}\n")
            assert jobs["a"] == {"needs": ["test"]}, needs
        for environment in ("prod", "{name: prod, url: x}"):
            jobs = jobs_of(".github/workflows/a.yml", f"jobs: {{a: {{environment: {environment}}}}}\n")
            assert jobs["a"] == {"environment": "prod"}, environment

    def test_steps_are_named_and_never_lost(self) -> None:
        text = """\
jobs:
  a:
    steps:
      - uses: actions/checkout@v4
      - {name: Test, run: make test, continue-on-error: true}
      - {id: again, run: make again, if: always()}
      - run: |
          make one
          make two
      - run: make one
      - run: make one
"""
        steps = jobs_of(".github/workflows/a.yml", text)["a"]
        assert steps == {
            "steps": {
                "actions/checkout": {"uses": "actions/checkout@v4"},
                "Test": {"run": "make test", "may_fail": True},
                "again": {"run": "make again", "condition": "always()"},
                "make one": {"run": "make one\nmake two\n"},
                "make one #2": {"run": "make one"},
                "make one #3": {"run": "make one"},
            }
        }

    def test_a_composite_action_is_one_job(self) -> None:
        text = "inputs: {target: {default: dev}}\nruns: {using: composite, steps: [{run: make deploy}]}\n"
        assert jobs_of(".github/actions/deploy/action.yml", text) == {
            "action": {"steps": {"make deploy": {"run": "make deploy"}}}
        }


class TestGitLab:
    def test_stages_order_the_jobs_that_state_no_needs(self) -> None:
        text = """\
stages: [build, test, deploy]
b: {stage: build, script: x}
t1: {stage: test, script: x}
t2: {script: x}
free: {stage: deploy, needs: [], script: x}
early: {stage: deploy, needs: [{job: b, optional: true}], script: x}
d: {stage: deploy, script: x}
.hidden: {script: x}
"""
        jobs = jobs_of(".gitlab-ci.yml", text)
        needs = {name: job.get("needs") for name, job in jobs.items() if isinstance(job, dict)}
        assert needs == {
            "b": None,
            "t1": ["b"],
            "t2": ["b"],
            "free": None,
            "early": ["b"],
            "d": ["b", "t1", "t2"],
        }

    def test_extends_merges_and_references_are_followed(self) -> None:
        text = """\
.base: {variables: {A: 1, B: 1}, script: [base]}
.more: {extends: .base, variables: {B: 2}}
.setup: {script: [one, two]}
job:
  extends: [.base, .more]
  variables: {C: 3}
  before_script: [!reference [.setup, script]]
"""
        assert jobs_of(".gitlab-ci.yml", text) == {
            "job": {
                "env": {"A": 1, "B": 2, "C": 3},
                "steps": {"one": {"run": "one"}, "two": {"run": "two"}, "base": {"run": "base"}},
            }
        }

    @pytest.mark.parametrize(
        ("job", "approval"),
        [
            ("when: manual", "manual"),
            ("when: on_success", None),
            ("rules: [{if: a, when: manual}]", "manual"),
            ("rules: [{if: a, when: manual}, {when: never}]", "manual"),
            ("rules: [{if: a, when: manual}, {if: b}]", None),
            ("when: manual, rules: [{if: a}]", "manual"),
        ],
    )
    def test_what_waits_for_a_person(self, job: str, approval: str | None) -> None:
        held = jobs_of(".gitlab-ci.yml", f"job: {{script: x, {job}}}\n")["job"]
        assert isinstance(held, dict)
        assert held.get("approval") == approval

    def test_a_job_that_stops_an_environment_deploys_nothing(self) -> None:
        jobs = jobs_of(".gitlab-ci.yml", "stop: {script: x, environment: {name: prod, action: stop}}\n")
        assert jobs["stop"] == {"steps": {"x": {"run": "x"}}}

    def test_what_extends_and_references_itself_ends(self) -> None:
        text = "a: {extends: b, script: [!reference [a, script]]}\nb: {extends: a}\n"
        assert set(jobs_of(".gitlab-ci.yml", text)) == {"a", "b"}

    def test_includes_of_includes_end(self) -> None:
        files = {
            ".gitlab-ci.yml": "include: a.yml\n",
            "a.yml": "include: b.yml\n",
            "b.yml": "include: a.yml\n",
        }
        (resource,) = PLATFORM.resolve(workspace(files), [".gitlab-ci.yml"]).resources
        assert resource.unit == ".gitlab-ci.yml"


class TestAzure:
    def test_a_stage_waits_for_the_one_before_unless_it_says_otherwise(self) -> None:
        text = """\
stages:
  - stage: build
    jobs: [{job: one, steps: [{script: x}]}, {job: two, dependsOn: one, steps: [{bash: x}]}]
  - stage: staging
    jobs: [{deployment: deploy, environment: staging, strategy: {runOnce: {deploy: {steps: [{script: y}]}}}}]
  - stage: free
    dependsOn: []
    jobs: [{job: lint, steps: [{task: Bash@3, inputs: {script: z}}]}]
  - stage: prod
    dependsOn: [build, staging]
    condition: succeeded()
    jobs: [{deployment: deploy, environment: {name: prod}}]
"""
        jobs = jobs_of("azure-pipelines.yml", text)
        needs = {name: job.get("needs") for name, job in jobs.items() if isinstance(job, dict)}
        assert needs == {
            "build/one": None,
            "build/two": ["build/one"],
            "staging/deploy": ["build/one", "build/two"],
            "free/lint": None,
            "prod/deploy": ["build/one", "build/two", "staging/deploy"],
        }
        assert jobs["staging/deploy"] == {
            "environment": "staging",
            "needs": ["build/one", "build/two"],
            "steps": {"y": {"run": "y"}},
        }
        prod = jobs["prod/deploy"]
        assert isinstance(prod, dict)
        assert (prod["environment"], prod["condition"]) == ("prod", "succeeded()")

    def test_a_pipeline_of_steps_alone_is_one_job(self) -> None:
        text = (
            "trigger: none\npr: [main]\nsteps:\n  - {script: make test, displayName: Test, enabled: false}\n"
        )
        body = body_of("azure-pipelines.yml", text)
        assert isinstance(body, dict)
        assert body["triggers"] == {"pr": ["main"]}
        assert body["jobs"] == {"job 1": {"steps": {"Test": {"run": "make test", "condition": False}}}}


def test_circleci_jobs_are_those_of_the_workflows() -> None:
    text = """\
jobs:
  test: {steps: [checkout, {run: make test}, {run: {name: Lint, command: make lint}}]}
workflows:
  main:
    jobs:
      - test
      - hold: {type: approval, requires: [test]}
      - test: {name: again, requires: [hold], filters: {branches: {only: main}}}
"""
    jobs = jobs_of(".circleci/config.yml", text)
    steps = {
        "checkout": {"uses": "checkout"},
        "make test": {"run": "make test"},
        "Lint": {"run": "make lint"},
    }
    assert jobs["test"] == {"steps": steps}
    assert jobs["hold"] == {
        "needs": ["test"],
        "approval": "approval",
        "inputs": {"type": "approval", "requires": ["test"]},
    }
    again = jobs["again"]
    assert isinstance(again, dict)
    assert (again["needs"], again["condition"]) == (["hold"], {"branches": {"only": "main"}})


def test_of_a_jenkinsfile_the_calls_and_approvals_are_read() -> None:
    text = """\
pipeline {
  stage('risk') { steps { sh 'riskcheck diff main' } }
  stage('ask') {
    input message: 'Deploy?'
  }
  // sh 'riskcheck diff never'
  stage('x') { catchError { sh "riskcheck lint" } }
}
"""
    files = {"Jenkinsfile": text}
    (resource,) = PLATFORM.resolve(workspace(files), list(files)).resources
    assert plain_value(resource.body, resource.reading) == {
        "jobs": {
            "pipeline": {
                "approval": "input message: 'Deploy?'",
                "steps": {
                    "riskcheck diff main": {"run": "riskcheck diff main"},
                    "riskcheck lint": {"run": "riskcheck lint", "may_fail": True},
                },
            }
        }
    }
    steps = resource.body.at("jobs", "pipeline", "steps")
    assert isinstance(steps, Mapping)
    assert [location_of(node).line for _, node in steps.entries] == [2, 7]


class TestOwnRules:
    FILES: ClassVar = {
        "riskcheck.yaml": "version: 1\nrules: {packs: [./policies/rules/, acme-pack]}\n",
        "policies/rules/own/a.yaml": "id: a\nseverity: P1\n",
        "policies/rules/own/a.test.yaml": "cases: []\n",
        "policies/other.yaml": "id: b\n",
    }

    def test_rules_of_a_pack_that_the_policy_names_are_guards(self) -> None:
        side = workspace(self.FILES)
        units = PLATFORM.units(side, self.FILES)
        assert units == {"riskcheck.yaml", "policies/rules/own/a.yaml"}
        resources = PLATFORM.resolve(side, units).resources
        assert [one.address for one in resources] == [
            "gate:Rule.policies/rules/own/a.yaml",
            "gate:Policy.riskcheck.yaml",
        ]

    def test_without_a_policy_no_file_is_a_rule(self) -> None:
        files = {path: text for path, text in self.FILES.items() if path != "riskcheck.yaml"}
        assert PLATFORM.units(workspace(files), files) == set()


def test_the_policy_that_config_names_is_guarded_with_its_rules_wherever_it_lies() -> None:
    files = {
        "cfg/policy.yaml": "version: 1\nrules: {packs: [own]}\n",
        "own/rule.yaml": "severity: P1\n",
        "other/rule.yaml": "severity: P1\n",
    }
    space = workspace(files)._replace(policy_path="cfg/policy.yaml")
    units = PLATFORM.units(space, list(files))
    assert units == {"cfg/policy.yaml", "own/rule.yaml"}
    found = PLATFORM.resolve(space, units).resources
    assert [(one.kind, one.name) for one in found] == [
        ("Policy", "cfg/policy.yaml"),
        ("Rule", "own/rule.yaml"),
    ]
    assert not PLATFORM.units(workspace(files), list(files))
