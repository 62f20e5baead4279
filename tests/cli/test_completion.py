"""Completion in real shells, and what it offers."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from riskcheck.cli import COMMANDS
from riskcheck.rules.load import load_rules
from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo

ROOT = Path(__file__).parents[2]


def needs(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit({"README.md": "hello\n"})
    made.git("branch", "release/eu")
    made.git("tag", "v1.2")
    return made


@pytest.fixture
def program(tmp_path: Path) -> dict[str, str]:
    """An environment in which `riskcheck` is this one."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "riskcheck"
    script.write_text(
        f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m riskcheck "$@"\n', encoding="utf-8"
    )
    script.chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(tmp_path), "TERM": "xterm", "LC_ALL": "C"}


def asked(where: Path, line: str) -> list[str]:
    """What is offered for `line`, as bash asks for it."""
    words = line.split(" ")
    result = riskcheck(
        where,
        COMP_WORDS=line.replace(" ", "\n"),
        COMP_CWORD=str(len(words) - 1),
        _RISKCHECK_COMPLETE="bash_complete",
    )
    assert (result.returncode, result.stderr) == (0, "")
    return [offered.partition(",")[2] for offered in result.stdout.split()]


def test_commands_are_offered_without_being_imported(repo: GitRepo) -> None:
    assert asked(repo.path, "riskcheck ") == list(COMMANDS)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("riskcheck di", ["diff"]),
        ("riskcheck diff --fro", ["--from"]),
        ("riskcheck graph --format me", ["mermaid"]),
        ("riskcheck completion z", ["zsh"]),
        ("riskcheck diff rel", ["release/eu"]),
        ("riskcheck diff v1.2..rel", ["v1.2..release/eu"]),
        ("riskcheck diff v1.2...rel", ["v1.2...release/eu"]),
        ("riskcheck lint v", ["v1.2"]),
        ("riskcheck diff --base HE", ["HEAD"]),
        ("riskcheck explain k8s-001", ["K8S-001"]),
        ("riskcheck explain replicas-r", ["replicas-reduced"]),
        ("riskcheck rules show DAB-00", [f"DAB-00{number}" for number in range(1, 10)]),
        ("riskcheck diff --select can-001", ["CAN-001"]),
    ],
)
def test_words_are_completed(repo: GitRepo, line: str, wanted: list[str]) -> None:
    assert asked(repo.path, line) == wanted


def test_every_rule_is_offered_by_its_code(repo: GitRepo) -> None:
    assert asked(repo.path, "riskcheck explain ") == sorted(rule.code for rule in load_rules(()).rules)


def test_outside_of_a_repository_no_revision_is_offered(tmp_path: Path) -> None:
    assert asked(tmp_path, "riskcheck diff x") == []


def test_completing_a_rule_loads_none() -> None:
    program = (
        "import sys, atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        "from riskcheck.cli import run; run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "_RISKCHECK_COMPLETE": "bash_complete",
            "COMP_WORDS": "riskcheck\nexplain\nDAB",
            "COMP_CWORD": "2",
        },
        capture_output=True,
        text=True,
    )
    assert "plain,DAB-001" in done.stdout
    modules = set(done.stderr.split())
    assert not modules & {"riskcheck.rules.load", "riskcheck.engine", "riskcheck.models", "cel_expr_python"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_names_the_program(repo: GitRepo, shell: str) -> None:
    result = riskcheck(repo.path, "completion", shell)
    assert (result.returncode, result.stderr) == (0, "")
    assert "_RISKCHECK_COMPLETE" in result.stdout


def typed(arguments: list[str], setup: str, keys: str, environ: dict[str, str], where: Path, end: str) -> str:
    """What an interactive shell shows once `keys` were typed, until `end` stands there or half a minute is over."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(where)
        os.execvpe(arguments[0], arguments, environ)
    shown = ""
    try:
        for text, until in ((setup + "; echo re''ady\n", "ready\r\n"), (keys, end)):
            os.write(terminal, text.encode())
            mark = len(shown)
            give_up = time.monotonic() + 30
            while until not in shown[mark:] and time.monotonic() < give_up:
                if select.select([terminal], [], [], 0.2)[0]:
                    shown += os.read(terminal, 65536).decode("utf-8", "replace")
    finally:
        os.close(terminal)
        os.kill(child, 9)
        os.waitpid(child, 0)
    return shown[mark:]


of_a_forked_shell = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
"""What runs the tests may have threads. The child becomes a shell at once and touches nothing that they hold."""


@needs("bash")
@of_a_forked_shell
def test_bash_completes(repo: GitRepo, program: dict[str, str]) -> None:
    setup = 'PS1="> "; bind "set enable-bracketed-paste off"; eval "$(riskcheck completion bash)"'
    arguments = ["bash", "--norc", "--noprofile", "-i"]
    assert "explain" in typed(arguments, setup, "riskcheck expl\t", program, repo.path, "explain")
    assert "release/eu" in typed(arguments, setup, "riskcheck diff rel\t", program, repo.path, "release/eu")
    assert "K8S-001" in typed(arguments, setup, "riskcheck explain K8S-001\t", program, repo.path, "K8S-001 ")


HOSTILE = (
    "$(touch${IFS}sprung)",
    "rel;touch${IFS}sprung",
    "rel`touch${IFS}sprung`",
    "rel'x",
    'rel"x',
    "rel|sh",
    "rel!x",
)


def test_names_that_a_shell_would_read_as_more_are_not_offered(repo: GitRepo) -> None:
    for name in HOSTILE:
        repo.git("branch", name)
    for line in ("riskcheck diff ", "riskcheck diff rel", "riskcheck diff $", "riskcheck diff main..rel"):
        assert not [one for one in asked(repo.path, line) if set(one) & set("$;`'\"|!()")]
    assert asked(repo.path, "riskcheck diff rel") == ["release/eu"]


@needs("bash")
@pytest.mark.parametrize("name", HOSTILE[:3])
def test_bash_runs_no_name_of_a_branch(repo: GitRepo, program: dict[str, str], name: str) -> None:
    repo.git("branch", "-D", "release/eu")
    repo.git("branch", name)
    setup = 'PS1="> "; bind "set enable-bracketed-paste off"; eval "$(riskcheck completion bash)"'
    arguments = ["bash", "--norc", "--noprofile", "-i"]
    keys = f"riskcheck diff {name[:3] if name[0] == 'r' else ''}\t\t\necho do''ne\n"
    typed(arguments, setup, keys, program, repo.path, "done\r\n")
    assert not (repo.path / "sprung").exists()


@needs("zsh")
@of_a_forked_shell
def test_zsh_completes(repo: GitRepo, program: dict[str, str]) -> None:
    setup = 'PS1="> "; autoload -Uz compinit; compinit -u; eval "$(riskcheck completion zsh)"'
    arguments = ["zsh", "-f", "-i"]
    assert "explain" in typed(arguments, setup, "riskcheck expl\t", program, repo.path, "explain")
    assert "release/eu" in typed(arguments, setup, "riskcheck diff rel\t", program, repo.path, "release/eu")


@needs("fish")
def test_fish_completes(repo: GitRepo, program: dict[str, str]) -> None:
    def offered(line: str) -> list[str]:
        script = f"riskcheck completion fish | source; complete -C '{line}'"
        done = subprocess.run(
            ["fish", "--no-config", "-c", script],
            cwd=repo.path,
            env=program,
            capture_output=True,
            text=True,
            check=True,
        )
        return [one.partition("\t")[0] for one in done.stdout.splitlines()]

    assert offered("riskcheck expl") == ["explain"]
    assert offered("riskcheck diff rel") == ["release/eu"]
    assert "K8S-001" in offered("riskcheck explain K8S-00")
