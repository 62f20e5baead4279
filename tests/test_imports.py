"""What a run imports. Start-up time is a feature: what nothing asks for is not loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gitrepo import GitRepo
from tests.manifests import VOLUME, WEB

ROOT = Path(__file__).parents[1]

HEAVY = {"cel_expr_python", "deepdiff", "networkx", "numpy", "jsonschema", "ruamel.yaml.main", "sklearn"}
"""Each costs more than a whole small run."""

OF_FINDINGS = {
    "riskcheck.deciding",
    "riskcheck.evidencing",
    "riskcheck.exposing",
    "riskcheck.findings",
    "riskcheck.judged",
    "riskcheck.levels",
    "riskcheck.policy.gate",
    "riskcheck.policy.holding",
    "riskcheck.response",
    "riskcheck.policy.comments",
    "riskcheck.policy.usable",
    "riskcheck.policy.waivers",
    "riskcheck.catching",
    "riskcheck.priors",
    "riskcheck.restoration",
    "riskcheck.rollout",
    "riskcheck.scoring",
    "riskcheck.weighing",
}
OF_GOVERNANCE = {
    "riskcheck.governing",
    "riskcheck.rules.checks.argocd_windows",
    "riskcheck.rules.checks.budget",
    "riskcheck.rules.checks.merge_scope",
    "riskcheck.rules.checks.secret_shapes",
    "zoneinfo",
}
OF_RULES_THAT_APPLY = {"riskcheck.rules.cel", "riskcheck.rules.evaluate", "riskcheck.rules.messages"}
OF_THE_GRAPH = {
    "riskcheck.dependencies",
    "riskcheck.graph.naming",
    "riskcheck.indexing",
    "riskcheck.neighbourhood",
    "riskcheck.platforms.databricks.stating",
    "riskcheck.platforms.kubernetes.stating",
    "riskcheck.surroundings",
}
OF_RULES_AS_WRITTEN = {"riskcheck.rules.compiled", "riskcheck.rules.reading"}
OF_A_POLICY = {"riskcheck.policy.build", "riskcheck.policy.read", "riskcheck.policy.schema"}
OF_HISTORY = {
    "riskcheck.edits",
    "riskcheck.history.likelihood",
    "riskcheck.history.store",
    "riskcheck.recording",
    "riskcheck.remembering",
    "riskcheck.repeats",
}
OF_SPARK = {"riskcheck.spark"}
SLOW_PARTS_OF_PYTHON = {"hashlib", "pathlib", "pkg_resources", "importlib.metadata"}

SILENT = (
    HEAVY
    | OF_FINDINGS
    | OF_GOVERNANCE
    | OF_RULES_THAT_APPLY
    | OF_RULES_AS_WRITTEN
    | OF_THE_GRAPH
    | OF_A_POLICY
    | OF_SPARK
    | OF_HISTORY
    | SLOW_PARTS_OF_PYTHON
)

_RUN = """
import sys
from riskcheck.cli import run
code = run()
print("\\n".join(sys.modules), file=sys.stderr)
sys.exit(code)
"""


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit({"clusters/prod/web.yaml": WEB, "databricks.yml": VOLUME, "README.md": "Lake.\n"})
    return made


def loaded(repo: GitRepo, *arguments: str, code: int = 0) -> set[str]:
    """The modules that a run has imported in the end, once the rules are in the cache."""
    environ = {**repo.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(repo.path.parent / "cache")}
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", _RUN, *arguments],
            cwd=repo.path,
            env={**environ, "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
    return set(done.stderr.split())


def inside(package: str, modules: set[str]) -> set[str]:
    return {name for name in modules if name.startswith(f"{package}.")}


def test_no_change_imports_neither_the_engine_nor_any_stage(repo: GitRepo) -> None:
    modules = loaded(repo, "diff")
    assert {"click", "riskcheck.sources.comparison", "riskcheck.unchanged"} <= modules
    assert sorted(modules & SILENT) == []
    assert not modules & {"riskcheck.engine", "riskcheck.models", "riskcheck.documents", "dataclasses"}
    assert not inside("riskcheck.platforms", modules)
    assert not modules & {"riskcheck.report.facts", "riskcheck.report.people"}
    assert not modules & {"riskcheck.commands.files", "riskcheck.commands.hooked"}


def test_a_change_that_concerns_no_rule_imports_what_resolves_it(repo: GitRepo) -> None:
    repo.commit({"databricks.yml": VOLUME.replace("bundle: {name: lake}", "bundle: {name: 'lake'}")})
    modules = loaded(repo, "diff", "HEAD~1..HEAD")
    assert "riskcheck.platforms.databricks.resolve" in modules
    assert sorted(modules & SILENT) == []
    assert inside("riskcheck.platforms.kubernetes", modules) == {"riskcheck.platforms.kubernetes.platform"}
    assert inside("riskcheck.platforms.gate", modules) == {"riskcheck.platforms.gate.paths"}


def test_a_change_of_manifests_imports_no_resolver_of_bundles(repo: GitRepo) -> None:
    repo.commit({"clusters/prod/web.yaml": f"# the shop\n{WEB}"})
    modules = loaded(repo, "diff", "HEAD~1..HEAD")
    assert "riskcheck.platforms.kubernetes.resolve" in modules
    assert sorted(modules & SILENT) == []
    assert inside("riskcheck.platforms.databricks", modules) == {
        "riskcheck.platforms.databricks.discovery",
        "riskcheck.platforms.databricks.platform",
    }


def test_another_count_of_pods_imports_nothing_that_others_are_judged_by(repo: GitRepo) -> None:
    patch = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {replicas: 4}\n"
    )
    overlay = "resources: [../../clusters]\npatches: [{path: patch.yaml}]\n"
    repo.commit(
        {
            "clusters/kustomization.yaml": "resources: [prod/web.yaml]\n",
            "overlays/staging/kustomization.yaml": overlay,
            "overlays/staging/patch.yaml": patch,
        }
    )
    repo.write({"overlays/staging/patch.yaml": patch.replace("4", "5")})
    modules = loaded(repo, "diff")
    assert "riskcheck.rules.checks.kubernetes_exposure" in modules
    assert not inside("riskcheck.progressive", modules)
    kustomize = inside("riskcheck.platforms.kubernetes.kustomize", modules)
    assert not {name.rpartition(".")[2] for name in kustomize} & {
        "generate",
        "replace",
        "configuration",
        "variables",
    }
    gitops = inside("riskcheck.platforms.kubernetes.gitops", modules)
    assert {name.rpartition(".")[2] for name in gitops} == {"files", "deployments", "reader"}
    checks = {name.rpartition(".")[2] for name in inside("riskcheck.rules.checks", modules)}
    assert not checks & {
        "exposure_links",
        "kubernetes_transitions",
        "kustomize_rewrites",
        "kubernetes_components",
    }


def test_a_finding_imports_what_weighs_it(repo: GitRepo) -> None:
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    modules = loaded(repo, "diff")
    assert OF_FINDINGS - {"riskcheck.rollout"} <= modules
    assert not modules & {"networkx", "riskcheck.drafting", "riskcheck.plans", "riskcheck.scoping"}
    assert not inside("riskcheck.planning", modules)


def test_only_a_page_that_is_asked_for_imports_what_writes_it(repo: GitRepo) -> None:
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    for asked in ("text", "json"):
        modules = loaded(repo, "diff", "--format", asked)
        assert not inside("riskcheck.report.html", modules) | inside("riskcheck.report.graph", modules)
        assert not modules & {"riskcheck.report.html", "riskcheck.charts", "html"}
        assert not modules & {"riskcheck.furnishing", "riskcheck.commands.next_commands"}
    modules = loaded(repo, "diff", "--format", "html", "--output", "json:/dev/null")
    assert {"riskcheck.report.html.page", "riskcheck.furnishing"} <= modules
    assert "riskcheck.drafting" not in modules


def test_a_format_is_imported_where_it_is_asked_for(repo: GitRepo) -> None:
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    for_programs = {
        f"riskcheck.report.{name}" for name in ("sarif", "junit", "github", "gitlab", "places", "selected")
    }
    assert sorted(loaded(repo, "diff") & {*for_programs, "riskcheck.documents.linemaps"}) == []
    assert for_programs & loaded(repo, "diff", "--format", "gitlab") == {
        *("riskcheck.report.gitlab", "riskcheck.report.places", "riskcheck.report.selected")
    }


def test_what_other_commands_and_options_need_is_not_loaded(repo: GitRepo) -> None:
    """Neither the hook's words nor evidence, editors, proposals or a line of progress that nobody sees."""
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    commands = (
        *("acknowledge", "baseline", "completing", "evidence", "evidencing", "hooked", "init", "lint"),
        *("next_steps", "own_files", "progress", "pushed", "recorded", "verifying", "backtest"),
    )
    others = {f"riskcheck.commands.{name}" for name in commands}
    others |= {"riskcheck.proposing", "riskcheck.surveying", "riskcheck.linting", "riskcheck.backtesting"}
    modules = loaded(repo, "diff")
    assert sorted(modules & others) == []
    assert not inside("riskcheck.lsp", modules) | inside("riskcheck.evidence", modules)
    assert not inside("riskcheck.replaying", modules) | inside("riskcheck.report.backtest", modules)
    assert not inside("riskcheck.report.markdown", modules) | {"pygls", "asyncio", "jsonschema"} & modules
    assert "riskcheck.commands.hooked" in loaded(repo, "diff", "--hook")
    modules = loaded(repo, "diff", "--evidence", str(repo.path.parent / "evidence.json"))
    assert {"riskcheck.commands.evidencing", "riskcheck.evidence.statement"} <= modules
    assert not modules & {"riskcheck.evidence.reading", "riskcheck.commands.verifying", "jsonschema"}


def test_likelihood_alone_imports_no_engine(repo: GitRepo) -> None:
    modules = loaded(repo, "backtest", "--likelihood-only")
    assert "riskcheck.replaying.selection" in modules
    assert not modules & {"riskcheck.engine", "riskcheck.replaying.processes", "riskcheck.rules.load"}
    assert not modules & {"riskcheck.report.backtest.html", "riskcheck.report.backtest.policy"}
    modules = loaded(repo, "backtest", "--follow", "0")
    assert "riskcheck.replaying.processes" in modules
    assert not modules & {"riskcheck.engine", "riskcheck.resolving"}


def test_a_page_for_a_comment_imports_no_other_format(repo: GitRepo) -> None:
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    modules = loaded(repo, "diff", "--format", "markdown")
    assert "riskcheck.report.markdown.report" in modules
    assert not inside("riskcheck.report.html", modules) | inside("riskcheck.report.sarif", modules)
    assert "riskcheck.report.text" not in modules


def test_a_baseline_is_matched_only_where_there_is_one(repo: GitRepo) -> None:
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    of_baseline = {"riskcheck.policy.baseline", "riskcheck.policy.baselining"}
    rare = {"riskcheck.policy.acknowledging", "riskcheck.policy.settling", "riskcheck.policy.unneeded"}
    assert not loaded(repo, "diff") & (of_baseline | rare)
    repo.git("stash", "-q")
    repo.commit({".riskcheck-baseline.json": '{"version": 1, "findings": []}\n'})
    repo.git("stash", "pop", "-q")
    modules = loaded(repo, "diff")
    assert of_baseline <= modules
    assert not modules & (rare | HEAVY - {"cel_expr_python"})


def test_a_version_is_answered_without_the_command_line() -> None:
    code = "import sys; sys.argv = ['riskcheck', '--version']; import riskcheck.__main__ as m; m.main()\n"
    code += "assert 'click' not in sys.modules and 'riskcheck.cli' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("riskcheck ")


def test_sql_that_its_readers_understand_imports_no_parser(repo: GitRepo) -> None:
    repo.commit({"sql/prod/a.sql": "CREATE TABLE main.sales.orders (id INT);\n"})
    modules = loaded(repo, "diff", "HEAD~1..HEAD")
    assert "riskcheck.platforms.sql.resolve" in modules
    assert "sqlglot" not in modules
    repo.commit({"sql/prod/a.sql": "CREATE TABLE main.sales.orders (id INT);\nSELECT 1;\n"})
    assert "sqlglot" in loaded(repo, "diff", "HEAD~1..HEAD")


def test_a_graph_without_a_circle_imports_no_networkx_and_a_kept_one_no_platform(repo: GitRepo) -> None:
    assert "networkx" not in loaded(repo, "graph")
    modules = loaded(repo, "graph")
    assert not modules & {"networkx", "riskcheck.catalogs.whole", "riskcheck.graph.services"}
    assert "riskcheck.platforms.databricks.resolve" not in modules


def test_inspect_is_not_read_by_any_run(repo: GitRepo) -> None:
    repo.commit({"databricks.yml": VOLUME.replace("landing", "raw")})
    shown = subprocess.run(
        [sys.executable, "-c", _INSPECT, "diff", "HEAD~1..HEAD"],
        cwd=repo.path,
        env={**repo.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(repo.path.parent / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.stderr.split()[-2:] == ["_PutOff", "function"], shown.stderr


_INSPECT = """
import sys
from riskcheck.__main__ import main
try:
    main()
except SystemExit:
    pass
import inspect
print(type(inspect).__name__, file=sys.stderr)
print(type(inspect.cleandoc).__name__, file=sys.stderr)
"""


def test_learned_rules_are_read_only_where_the_policy_names_them(repo: GitRepo) -> None:
    learned = {"riskcheck.policy.learned", "riskcheck.learned", "riskcheck.partners", "riskcheck.learning"}
    judging = learned - {"riskcheck.learning"}
    repo.commit({"riskcheck.yaml": "version: 1\n", "learned.yaml": "version: 1\nrules: []\n"})
    repo.write({"prod/web.yaml": WEB.replace("replicas: 3", "replicas: 4")})
    assert not learned & loaded(repo, "diff")
    rule = "version: 1\nrules: [{edited: prod/web.yaml, expect: gone.yaml}]\n"
    repo.commit({"riskcheck.yaml": "version: 1\nrules: {learned: [learned.yaml]}\n", "learned.yaml": rule})
    repo.write({"prod/web.yaml": WEB.replace("replicas: 3", "replicas: 5")})
    found = loaded(repo, "diff")
    assert judging <= found
    assert not {"riskcheck.learning", "riskcheck.recording"} & found
