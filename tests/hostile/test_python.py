"""Python that lies in the checked repository is not imported, whatever it is called."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.gitrepo import GitRepo
from tests.hostile.bounded import riskcheck
from tests.manifests import WEB

MODULES = (
    "click.py",
    "yaml.py",
    "json.py",
    "re.py",
    "ruamel/__init__.py",
    "_ruamel_yaml.py",
    "cel_expr_python/__init__.py",
    "networkx.py",
    "tree_sitter_hcl.py",
    "sqlglot/__init__.py",
    "sitecustomize.py",
    "usercustomize.py",
    "conftest.py",
    "rules/checks/__init__.py",
    "riskcheck_rules.py",
)
PACKAGE = ("riskcheck/__init__.py", "riskcheck/__main__.py", "riskcheck/cli.py")
COMMANDS = (("diff", "--format", "html"), ("lint",), ("init", "--dry-run"), ("rules", "list"), ("graph",))


def baited(tmp_path: Path, *names: str) -> tuple[GitRepo, Path]:
    """A repository with a risky edit in which each of `names` leaves a file behind when it is imported."""
    sprung = tmp_path / "sprung"
    code = f"open({str(sprung)!r}, 'a').write(__name__ + '\\n')\n"
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"clusters/prod/web.yaml": WEB, "prod/main.tf": "", **dict.fromkeys(names, code)})
    repo.write(
        {
            "clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 1"),
            "prod/main.tf": 'resource "aws_route" "main" {}\n',
            "migrations/prod/a.sql": "drop table a;\n",
        }
    )
    return repo, sprung


@pytest.fixture
def script(tmp_path: Path) -> tuple[str, ...]:
    """`riskcheck` as it is installed: a file that stands elsewhere."""
    file = tmp_path / "bin" / "riskcheck"
    file.parent.mkdir()
    file.write_text("import sys\nfrom riskcheck.__main__ import main\nsys.exit(main())\n", "utf-8")
    return (sys.executable, str(file))


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda one: str(one[0]))
def test_the_command_imports_nothing_of_it(
    tmp_path: Path, script: tuple[str, ...], arguments: tuple[str, ...]
) -> None:
    repo, sprung = baited(tmp_path, *MODULES, *PACKAGE)
    riskcheck(repo.path, *arguments, program=script)
    assert not sprung.exists(), sprung.read_text()


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda one: str(one[0]))
def test_nor_does_the_module_but_for_a_package_of_its_own_name(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    repo, sprung = baited(tmp_path, *MODULES)
    riskcheck(repo.path, *arguments)
    assert not sprung.exists(), sprung.read_text()


@pytest.mark.parametrize("flag", ["-P", "-I"])
def test_the_module_imports_nothing_at_all_where_python_is_told_so(tmp_path: Path, flag: str) -> None:
    repo, sprung = baited(tmp_path, *MODULES, *PACKAGE, "types.py", "functools.py", "contextlib.py")
    start = (
        "import sys; sys.path.append(sys.argv.pop(1)); import runpy; "
        "runpy.run_module('riskcheck', run_name='__main__', alter_sys=True)"
    )
    root = str(Path(__file__).parents[2])
    riskcheck(repo.path, "diff", program=(sys.executable, flag, "-c", start, root))
    assert not sprung.exists(), sprung.read_text()


def test_the_bait_works(tmp_path: Path) -> None:
    repo, sprung = baited(tmp_path, *MODULES)
    riskcheck(repo.path, program=(sys.executable, "-c", "import click"), codes=(0, 1))
    assert sprung.read_text().startswith("click\n")


def test_rules_of_the_repository_bring_no_python(tmp_path: Path) -> None:
    rule = (
        "id: own\ncode: OWN-001\ntitle: Own\nseverity: P2\nplatforms: [kubernetes]\nmatch: {paths: ['**']}\n"
        "check: evil.found\nmessage: x\nwhy: x\nfix: x\ncategory: data\n"
    )
    repo, sprung = baited(tmp_path, "evil.py", "policies/rules/evil.py", "rules/checks/evil.py")
    repo.git("stash", "-q", "-u")
    repo.commit(
        {
            "riskcheck.yaml": "version: 1\nrules: {packs: [policies/rules]}\n",
            "policies/rules/own.yaml": rule,
        }
    )
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 1")})
    assert riskcheck(repo.path, "diff").code == 2
    assert not sprung.exists(), sprung.read_text()
