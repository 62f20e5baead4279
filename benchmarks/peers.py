"""riskcheck beside the programs that people run on the same files, each as a whole process against a bare start.

    python -m benchmarks.peers              installs them into build/peers, then measures
    python -m benchmarks.peers --go         also builds those that only Go's module proxy has; takes minutes
    python -m benchmarks.peers --no-install  measures what is there and installs nothing

A linter gets the files that the change touches, as a hook hands them over; riskcheck gets the change. They answer
different questions: the table is about what people wait for, not about who finds more.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.cases import GRAPH, HEADER, row
from benchmarks.estates.large import large_commit_estate
from benchmarks.estates.manifests import overlay_estate
from benchmarks.estates.others import stack_estate, workflow_estate
from benchmarks.estates.trees import tree_estate
from benchmarks.processes import FAILURES, RISKCHECK, alternating, cold, environment, warm
from benchmarks.programs import PROGRAMS, found, install, version
from benchmarks.tables import Table, show, write

RUNS: Final = 7
RULES: Final = Path(__file__).parent / "rules"
DIFF: Final = (*RISKCHECK, "diff", "HEAD~1..HEAD")
ANY: Final = tuple(range(15))
"""Linters tell findings by their status; what is above is a failure of theirs."""

MANIFESTS: Final[dict[str, tuple[str, ...]]] = {
    "yamllint": ("-d", "relaxed"),
    "check-jsonschema": ("--schemafile", str(RULES / "manifest.schema.json")),
    "kubeconform": ("-n", "1", "-ignore-missing-schemas", "-schema-location", "/nowhere"),
    "kube-linter": ("lint",),
    "conftest": ("test", "--policy", str(RULES)),
    "semgrep": (
        *("scan", "--config", str(RULES / "semgrep.yaml"), "--metrics", "off"),
        *("--disable-version-check", "--quiet", "--no-git-ignore", "--jobs", "1"),
    ),
    "checkov": ("--framework", "kubernetes", "--compact", "--quiet", "--skip-download", "--file"),
    "dyff": ("between",),
}
STACKS: Final[dict[str, tuple[str, ...]]] = {
    "yamllint": MANIFESTS["yamllint"],
    "cfn-lint": (),
    "checkov": ("--framework", "cloudformation", "--compact", "--quiet", "--skip-download", "--file"),
}
WORKFLOWS: Final[dict[str, tuple[str, ...]]] = {
    "zizmor": ("--offline", "--quiet"),
    "yamllint": MANIFESTS["yamllint"],
    "check-jsonschema": ("--builtin-schema", "vendor.github-workflows"),
}
TREE: Final = {
    **{name: words for name, words in MANIFESTS.items() if name != "dyff"},
    "checkov": (*MANIFESTS["checkov"][:-1], "--directory"),
}
OF_FOLDERS: Final = ("kubeconform", "yamllint", "semgrep", "checkov", "kube-linter", "conftest")
"""They take a folder; the others get every file."""


class Scene(NamedTuple):
    """Files that all look at; all of the tree where there are none. peers: arguments, by program."""

    name: str
    title: str
    directory: Path
    files: tuple[str, ...]
    peers: dict[str, tuple[str, ...]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--go", action="store_true", help="build what only Go's module proxy has")
    parser.add_argument("--no-install", action="store_true", help="install nothing")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/README.md")
    given = parser.parse_args()
    tables = measure(
        given.runs, lambda one: show(one, given.markdown), go=given.go, installing=not given.no_install
    )
    if given.write:
        write(tables)


def measure(
    runs: int, tell: Callable[[Table], None], *, go: bool = False, installing: bool = True
) -> list[Table]:
    """One table for each scene, told as it is measured. What could not be had is a note of every table that it is
    missing from."""
    why = missing(go=go, installing=installing)
    with tempfile.TemporaryDirectory(prefix="riskcheck-bench-") as room:
        tables = []
        for scene in scenes(Path(room)):
            tables.append(_table(scene, why, runs, Path(room)))
            tell(tables[-1])
        return tables


def missing(*, go: bool, installing: bool) -> dict[str, str]:
    """The programs that cannot be measured, with the reason."""
    reasons: dict[str, str] = {}
    for program in PROGRAMS:
        why = install(program, go=go) if installing else None
        if why is None and found(program.name) is None:
            why = "not installed"
        if why is not None:
            reasons[program.name] = why
    return reasons


def scenes(room: Path) -> list[Scene]:
    """The trees, each with the files that its last commit changes, or all."""
    small = overlay_estate(room / "overlays")
    large = large_commit_estate(room / "large-commit")
    stacks, workflows = stack_estate(room / "stacks"), workflow_estate(room / "workflows")
    tree = tree_estate(room / "tree")
    return [
        Scene("peers-small", "Five small manifests", small, _changed(small), MANIFESTS),
        Scene("peers-large", "Five large manifests, 312 KB", large, _changed(large), MANIFESTS),
        Scene("peers-stacks", "Five CloudFormation templates", stacks, _changed(stacks), STACKS),
        Scene("peers-workflows", "Five workflows of GitHub", workflows, _changed(workflows), WORKFLOWS),
        Scene("peers-tree", "A tree of 4,069 files", tree, (), TREE),
    ]


def _table(scene: Scene, why: dict[str, str], runs: int, room: Path) -> Table:
    rows, notes = [], []
    if scene.files:
        rows.append(row("**riskcheck**", warm(DIFF, scene.directory, runs=runs, room=room)))
    else:
        rows.append(row("**riskcheck graph**, cold", cold(GRAPH, scene.directory, runs=3, room=room)))
        rows.append(row("**riskcheck graph**, warm", warm(GRAPH, scene.directory, runs=runs, room=room)))
    for program in PROGRAMS:
        if program.name not in scene.peers:
            continue
        if program.name in why:
            notes.append(f"{program.name}: {why[program.name]}")
            continue
        command = _command(program.name, scene, room)
        try:
            measured = alternating(
                command, scene.directory, runs=runs, environ=_surroundings(room), accepted=ANY
            )
        except (*FAILURES, OSError) as error:
            notes.append(f"{program.name}: {error}")
            continue
        rows.append(row(version(program), measured))
    rows.sort(key=lambda cells: float(cells[3]))
    return Table(scene.name, scene.title, HEADER, tuple(rows), tuple(notes))


def _command(name: str, scene: Scene, room: Path) -> Sequence[str]:
    place = found(name)
    assert place is not None
    files = scene.files or ((".",) if name in OF_FOLDERS else _tracked(scene.directory))
    if name == "dyff":
        files = _both_sides(scene, room)
    return (place, *scene.peers[name], *files)


def _both_sides(scene: Scene, room: Path) -> tuple[str, str]:
    """What differs, as one file of the base and one of the head: dyff takes two."""
    paths = []
    for side in ("HEAD~1", "HEAD"):
        held = room / f"{scene.name}-{side.replace('~', '-')}.yaml"
        texts = [_git(scene.directory, "show", f"{side}:{path}") for path in scene.files]
        held.write_text("---\n".join(texts), encoding="utf-8")
        paths.append(str(held))
    return paths[0], paths[1]


def _surroundings(room: Path) -> dict[str, str]:
    """Nothing of riskcheck's on the path of modules, a home that is empty, no word home."""
    home = room / "home"
    home.mkdir(exist_ok=True)
    quiet = {"SEMGREP_SEND_METRICS": "off", "SEMGREP_ENABLE_VERSION_CHECK": "0", "HOME": str(home)}
    return {**{name: value for name, value in environment().items() if name != "PYTHONPATH"}, **quiet}


def _changed(directory: Path) -> tuple[str, ...]:
    return tuple(_git(directory, "diff", "--name-only", "HEAD~1..HEAD").split())


def _tracked(directory: Path) -> tuple[str, ...]:
    return tuple(_git(directory, "ls-files").split())


def _git(directory: Path, *arguments: str) -> str:
    return subprocess.check_output(("git", *arguments), cwd=directory, text=True)


if __name__ == "__main__":
    main()
