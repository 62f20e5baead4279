"""Deployment pipelines that CI definitions state: order, gates, units; and what is evidence for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from riskcheck.platforms.gate.deploys import Deploy, Scripts, recipe, resolved
from riskcheck.platforms.gate.pipelines import MAX_CHAINS, deploy_pipelines
from tests.platforms.gate.workspaces import workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

Found = list[tuple[tuple[str, ...], list[str], str]]


def pipelines(files: Mapping[str, str] | str) -> Found:
    """(stages, gated ones, unit) of each pipeline; a text is the only GitHub workflow."""
    if isinstance(files, str):
        files = {".github/workflows/deploy.yml": files}
    found = deploy_pipelines(workspace(files, "base"))
    return [(one.stages, sorted(one.gated), one.unit) for one in found]


def jobs(text: str, on: str = "push") -> str:
    return f"on: {on}\njobs:\n" + "".join(f"  {line}\n" for line in text.strip("\n").split("\n"))


CHAIN = """
staging: {steps: [{run: databricks bundle deploy -t staging}]}
prod: {needs: staging, steps: [{run: databricks bundle deploy --target prod}]}
"""


class TestGitHub:
    def test_jobs_that_need_each_other(self) -> None:
        assert pipelines(jobs(CHAIN)) == [(("staging", "prod"), ["prod"], "")]

    def test_the_place_is_that_of_the_last_stage(self) -> None:
        (found,) = deploy_pipelines(workspace({".github/workflows/deploy.yml": jobs(CHAIN)}, "base"))
        assert (found.location.path, found.location.line) == (".github/workflows/deploy.yml", 4)

    def test_environments_are_stages_where_no_target_is_named(self) -> None:
        text = """
staging: {environment: staging, steps: [{run: ./deploy.sh}]}
prod: {needs: [staging], environment: {name: production}, steps: [{run: ./deploy.sh}]}
"""
        assert pipelines(jobs(text)) == [(("staging", "production"), ["production"], "")]

    def test_jobs_in_between_pass_the_order_on(self) -> None:
        text = """
staging: {environment: staging}
smoke: {needs: staging, steps: [{run: make smoke}]}
prod: {needs: smoke, environment: prod}
"""
        assert pipelines(jobs(text)) == [(("staging", "prod"), ["prod"], "")]

    def test_one_way_for_each_last_stage(self) -> None:
        text = """
staging: {environment: staging}
eu: {needs: staging, environment: prod-eu}
us: {needs: staging, environment: prod-us}
"""
        assert pipelines(jobs(text)) == [
            (("staging", "prod-eu"), ["prod-eu"], ""),
            (("staging", "prod-us"), ["prod-us"], ""),
        ]

    def test_independent_jobs_are_in_no_order(self) -> None:
        assert pipelines(jobs(CHAIN.replace("needs: staging, ", ""))) == []

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            (("prod: {needs", "prod: {if: always(), needs"), []),
            (("prod: {needs", "prod: {if: github.ref == 'refs/heads/main', needs"), ["prod"]),
            (("staging: {", "staging: {continue-on-error: true, "), []),
            (
                (
                    "[{run: databricks bundle deploy -t staging}]",
                    "[{run: databricks bundle deploy -t staging, continue-on-error: true}]",
                ),
                [],
            ),
        ],
    )
    def test_a_stage_is_gated_if_it_waits_for_success(
        self, change: tuple[str, str], expected: list[str]
    ) -> None:
        assert pipelines(jobs(CHAIN.replace(*change))) == [(("staging", "prod"), expected, "")]

    def test_steps_of_one_job_in_their_order(self) -> None:
        text = """
all:
  steps:
    - run: databricks bundle deploy -t staging
    - run: make integration-test
    - {run: databricks bundle deploy -t prod, if: "github.ref == 'refs/heads/main'"}
"""
        assert pipelines(jobs(text)) == [(("staging", "prod"), ["prod"], "")]

    def test_steps_of_which_each_has_its_own_branch_are_in_no_order(self) -> None:
        text = """
all:
  steps:
    - {run: databricks bundle deploy -t staging, if: "github.ref == 'refs/heads/develop'"}
    - {run: databricks bundle deploy -t prod, if: "github.ref == 'refs/heads/main'"}
"""
        assert pipelines(jobs(text)) == []

    def test_a_matrix_one_at_a_time_is_an_order(self) -> None:
        text = """
all:
  strategy: {max-parallel: 1, matrix: {target: [dev, staging, prod]}}
  steps: [{run: "databricks bundle deploy -t ${{ matrix.target }}"}]
"""
        assert pipelines(jobs(text)) == [(("dev", "staging", "prod"), ["prod", "staging"], "")]
        assert pipelines(jobs(text.replace("max-parallel: 1, ", ""))) == []
        carries_on = pipelines(jobs(text.replace("max-parallel: 1", "max-parallel: 1, fail-fast: false")))
        assert carries_on == [(("dev", "staging", "prod"), [], "")]

    def test_a_matrix_of_bundles_is_a_pipeline_for_each(self) -> None:
        text = """
staging:
  strategy: {matrix: {bundle: [orders, ledger]}}
  steps: [{run: databricks bundle deploy -t staging, working-directory: "bundles/${{ matrix.bundle }}"}]
prod:
  needs: staging
  strategy: {matrix: {include: [{bundle: orders}, {bundle: mailer}]}}
  steps: [{run: "cd bundles/${{ matrix.bundle }} && databricks bundle deploy -t prod"}]
"""
        assert pipelines(jobs(text)) == [(("staging", "prod"), ["prod"], "bundles/orders")]

    def test_a_reusable_workflow_is_followed_with_what_it_is_given(self) -> None:
        called = """\
on: {workflow_call: {inputs: {target: {type: string}, region: {default: eu, type: string}}}}
jobs:
  deploy: {steps: [{run: "databricks bundle deploy -t ${{ inputs.target }}-${{ inputs.region }}"}]}
"""
        calling = jobs("""
staging: {uses: ./.github/workflows/one.yml, with: {target: staging}}
prod: {needs: staging, uses: ./.github/workflows/one.yml, with: {target: prod, region: us}}
""")
        files = {".github/workflows/all.yml": calling, ".github/workflows/one.yml": called}
        assert pipelines(files) == [(("staging-eu", "prod-us"), ["prod-us"], "")]
        assert pipelines({".github/workflows/one.yml": called}) == []

    def test_a_composite_action_is_followed(self) -> None:
        files = {
            ".github/workflows/all.yml": jobs("""
all:
  steps:
    - {uses: ./.github/actions/deploy, with: {target: staging}}
    - {uses: ./.github/actions/deploy, with: {target: prod}}
"""),
            ".github/actions/deploy/action.yml": (
                "inputs: {target: {required: true}}\n"
                "runs: {using: composite, steps: [{run: 'databricks bundle deploy -t ${{ inputs.target }}'}]}\n"
            ),
        }
        assert pipelines(files) == [(("staging", "prod"), ["prod"], "")]

    def test_variables_name_the_target(self) -> None:
        text = """
staging: {env: {DATABRICKS_BUNDLE_TARGET: staging}, steps: [{run: databricks bundle deploy}]}
prod: {needs: staging, env: {T: prod}, steps: [{run: 'databricks bundle deploy -t "$T"'}]}
"""
        assert pipelines(jobs(text)) == [(("staging", "prod"), ["prod"], "")]

    def test_a_make_target_is_followed(self) -> None:
        files = {
            ".github/workflows/a.yml": jobs("""
all: {steps: [{run: make deploy env=staging}, {run: make test}, {run: make deploy env=prod}]}
"""),
            "Makefile": "env ?= dev\n\ndeploy: whoami\n\t@databricks bundle deploy -t $(env)\n\ntest:\n\tpytest\n",
        }
        assert pipelines(files) == [(("staging", "prod"), ["prod"], "")]

    def test_overlays_are_stages_of_their_family(self) -> None:
        text = """
staging: {steps: [{run: kubectl apply -k apps/web/overlays/staging}]}
prod: {needs: staging, steps: [{run: kustomize build apps/web/overlays/prod | kubectl apply -f -}]}
"""
        assert pipelines(jobs(text)) == [(("staging", "prod"), ["prod"], "apps/web/overlays")]

    @pytest.mark.parametrize(
        "run",
        [
            "databricks bundle deploy -t ${{ github.event.inputs.target }}",
            "databricks bundle deploy -t $(cat target)",
            "databricks bundle validate -t prod",
            "./deploy.sh prod",
            "databricks bundle deploy",
            "cd $DIR && databricks bundle deploy -t prod",
        ],
    )
    def test_what_cannot_be_told_is_evidence_for_nothing(self, run: str) -> None:
        text = CHAIN.replace("{run: databricks bundle deploy --target prod}", f"{{run: '{run}'}}")
        assert text != CHAIN
        assert pipelines(jobs(text)) == []

    def test_jobs_that_need_each_other_in_a_circle_end(self) -> None:
        assert pipelines(jobs("a: {needs: b, environment: prod}\nb: {needs: a, environment: staging}")) == []

    def test_a_workflow_that_calls_itself_ends(self) -> None:
        text = "on: push\njobs: {a: {uses: ./.github/workflows/a.yml}, b: {needs: a, environment: prod}}\n"
        assert pipelines({".github/workflows/a.yml": text}) == []

    def test_many_ways_are_bounded(self) -> None:
        levels = [[f"l{level}n{number}" for number in range(4)] for level in range(8)]
        lines = []
        for level, names in enumerate(levels):
            needs = levels[level - 1] if level else []
            lines += [f"{name}: {{environment: {name}, needs: [{', '.join(needs)}]}}" for name in names]
        assert 0 < len(pipelines(jobs("\n".join(lines)))) <= MAX_CHAINS


class TestGitLab:
    TEXT = """\
stages: [test, staging, production]
test: {stage: test, script: [make test]}
staging: {stage: staging, environment: staging, script: [./deploy.sh]}
production: {stage: production, environment: production, script: [./deploy.sh], when: manual}
"""

    def test_stages_in_order_with_an_approval(self) -> None:
        assert pipelines({".gitlab-ci.yml": self.TEXT}) == [(("staging", "production"), ["production"], "")]

    def test_a_manual_stage_that_may_be_left_out_comes_before_nothing(self) -> None:
        text = self.TEXT.replace(
            "script: [./deploy.sh]}\nproduction", "script: [./deploy.sh], when: manual}\nproduction"
        )
        assert text != self.TEXT
        assert pipelines({".gitlab-ci.yml": text}) == []
        held = text.replace("when: manual}\nproduction", "when: manual, allow_failure: false}\nproduction")
        assert pipelines({".gitlab-ci.yml": held}) == [(("staging", "production"), ["production"], "")]

    def test_a_stage_that_may_fail_gates_nothing_but_an_approval_does(self) -> None:
        text = self.TEXT.replace("environment: staging,", "environment: staging, allow_failure: true,")
        assert pipelines({".gitlab-ci.yml": text}) == [(("staging", "production"), [], "")]

    def test_variables_of_templates_name_the_target(self) -> None:
        files = {
            ".gitlab-ci.yml": """\
include: ci/deploy.yml
stages: [staging, prod]
staging: {extends: .deploy, stage: staging, variables: {TARGET: staging}}
prod: {extends: .deploy, stage: prod, variables: {TARGET: prod}}
""",
            "ci/deploy.yml": ".deploy: {script: [cd bundle, 'databricks bundle deploy -t $TARGET']}\n",
        }
        assert pipelines(files) == [(("staging", "prod"), ["prod"], "")]


class TestAzure:
    def test_stages_in_order(self) -> None:
        text = """\
stages:
  - stage: staging
    jobs: [{deployment: d, environment: staging, strategy: {runOnce: {deploy: {steps: [{script: x}]}}}}]
  - stage: prod
    jobs: [{deployment: d, environment: prod, strategy: {runOnce: {deploy: {steps: [{script: x}]}}}}]
"""
        assert pipelines({"azure-pipelines.yml": text}) == [(("staging", "prod"), ["prod"], "")]
        free = text.replace("- stage: prod", "- stage: prod\n    dependsOn: []")
        assert pipelines({"azure-pipelines.yml": free}) == []

    def test_a_condition_replaces_the_default_of_waiting_for_success(self) -> None:
        text = """\
stages:
  - stage: staging
    jobs: [{deployment: d, environment: staging}]
  - stage: prod
    condition: CONDITION
    jobs: [{deployment: d, environment: prod}]
"""
        for condition, gated in (
            ("and(succeeded(), eq(variables['Build.SourceBranch'], 'refs/heads/main'))", ["prod"]),
            ("always()", []),
            ("eq(variables['Build.SourceBranch'], 'refs/heads/main')", []),
        ):
            files = {"azure-pipelines.yml": text.replace("CONDITION", f'"{condition}"')}
            assert pipelines(files) == [(("staging", "prod"), gated, "")], condition

    def test_a_template_is_followed(self) -> None:
        files = {
            "ci/azure-pipelines.yml": """\
stages:
  - {template: deploy.yml, parameters: {target: staging}}
  - {template: deploy.yml, parameters: {target: prod}}
""",
            "ci/deploy.yml": """\
parameters: [{name: target}, {name: tier, default: standard}]
stages:
  - stage: deploy
    jobs:
      - {job: d, steps: [{script: "databricks bundle deploy -t ${{ parameters.target }}-${{ parameters.tier }}"}]}
""",
        }
        assert pipelines(files) == [(("staging-standard", "prod-standard"), ["prod-standard"], "")]


def test_circleci_waits_for_approvals() -> None:
    text = """\
jobs:
  staging: {steps: [{run: databricks bundle deploy -t staging}]}
  prod: {steps: [{run: databricks bundle deploy -t prod}]}
workflows:
  main: {jobs: [staging, hold: {type: approval, requires: [staging]}, prod: {requires: [hold]}]}
"""
    assert pipelines({".circleci/config.yml": text}) == [(("staging", "prod"), ["prod"], "")]


def test_a_repository_without_ci_has_none() -> None:
    assert pipelines({"databricks.yml": "bundle: {name: a}\n"}) == []


@pytest.mark.parametrize("text", ["", "x", "- 1", "jobs: 1", "jobs: {a: 1}", "jobs: [", "on: push"])
@pytest.mark.parametrize(
    "path", [".github/workflows/a.yml", ".gitlab-ci.yml", "azure-pipelines.yml", ".circleci/config.yml"]
)
def test_odd_definitions_state_nothing(path: str, text: str) -> None:
    assert pipelines({path: text}) == []


class TestDeploys:
    @pytest.mark.parametrize(
        ("script", "expected"),
        [
            ("databricks bundle deploy -t prod", [Deploy("prod", "")]),
            ("databricks bundle deploy --target=prod --auto-approve", [Deploy("prod", "")]),
            ("uv run databricks --debug bundle deploy -t prod", [Deploy("prod", "")]),
            ("/usr/bin/databricks bundle deploy -t prod", [Deploy("prod", "")]),
            ("cd a/b\ncd ../c && databricks bundle deploy -t prod", [Deploy("prod", "a/c")]),
            (
                "databricks bundle deploy -t a && databricks bundle deploy -t b",
                [Deploy("a", ""), Deploy("b", "")],
            ),
            ("kubectl apply -k overlays/prod", [Deploy("", "", "overlays/prod")]),
            ("kubectl --context x apply --kustomize=overlays/prod", [Deploy("", "", "overlays/prod")]),
            (
                "kustomize build --enable-helm overlays/prod | kubectl apply -f -",
                [Deploy("", "", "overlays/prod")],
            ),
            ("echo databricks bundle deploy", []),
            ("databricks bundle run job -t prod", []),
            ("kubectl apply -f x.yaml", []),
            ("", []),
        ],
    )
    def test_commands(self, script: str, expected: list[Deploy]) -> None:
        assert list(Scripts(lambda _: "").deploys(script, "", {})) == expected

    def test_make_targets_follow_each_other_only_so_far(self) -> None:
        makefile = "a:\n\tmake a\n"
        assert list(Scripts(lambda _: makefile).deploys("make a", "", {})) == []
        makefile = "a:\n\t$(MAKE) b\nb: c\n\t-databricks bundle deploy -t $(T)\n"
        assert list(Scripts(lambda _: makefile).deploys("make b T=prod", "", {})) == [Deploy("prod", "")]
        read = {"sub/Makefile": makefile}
        scripts = Scripts(lambda path: read.get(path, ""))
        assert list(scripts.deploys("make -C sub T=prod b", "", {})) == [Deploy("prod", "sub")]

    def test_recipes(self) -> None:
        makefile = "x := 1\na b: c\n\t@one\n\n\t-two\n# note\nc:\n\tthree\n"
        assert recipe(makefile, "b") == "one\ntwo"
        assert recipe(makefile, "c") == "three"
        assert recipe(makefile, "x") == ""
        assert recipe(makefile, "none") == ""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("plain", "plain"),
            ("$A-${A}-$(A)-${{ env.A }}", "1-1-1-1"),
            ("${{ inputs.b }}", "2"),
            ("${{inputs.b}}", "2"),
            ("$MISSING", None),
            ("${{ inputs.b == 'x' }}", None),
            ("$(cat file)", None),
        ],
    )
    def test_expressions(self, text: str, expected: str | None) -> None:
        assert resolved(text, {"env.A": "1", "inputs.b": "2"}) == expected
