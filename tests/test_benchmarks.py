"""What the benchmarks work out of their measurements. Nothing is timed here."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import growth, peers, programs, targets
from benchmarks.cases import HEADER, Cases, row
from benchmarks.estates.bundles import bundle_estate
from benchmarks.estates.growing import change_estate, repository_estate
from benchmarks.estates.large import large_commit_estate
from benchmarks.estates.trees import tree_estate
from benchmarks.estates.writing import Estate
from benchmarks.growth import Point, net, overall, steps
from benchmarks.processes import Measured, Run, alternating, measured
from benchmarks.tables import README, Table, markdown, spliced, text, write
from benchmarks.targets import TARGETS, Number, verdict

SIZES = (100, 1_000, 10_000)


def points(*computed: float) -> list[Point]:
    return [Point(size, one) for size, one in zip(SIZES, computed, strict=True)]


def runs(*seconds: float, bare: float = 0.01) -> Measured:
    own = tuple(Run(one, one / 2, 30 * 1024, 0) for one in seconds)
    return Measured(own, tuple(Run(bare, bare, 9 * 1024, 0) for _ in seconds))


def test_what_doubles_with_its_size_is_linear_whatever_a_run_costs_anyhow() -> None:
    curve = points(*(0.2 + size * 1e-3 for size in SIZES))
    assert net(curve) == pytest.approx(2)
    assert [step.each for step in steps(curve)] == [pytest.approx(1e-3)] * 2
    assert not any(step.bent for step in steps(curve))


def test_what_grows_with_the_square_is_worse_than_linear() -> None:
    curve = points(*(0.2 + size**2 * 1e-6 for size in SIZES))
    assert net(curve) == pytest.approx(4, rel=0.1)
    assert [step.bent for step in steps(curve)] == [False, True]


def test_what_does_not_grow_is_flat_and_noise_does_not_bend_it() -> None:
    assert overall(points(0.2, 0.2, 0.2)) == 1
    assert [step.bent for step in steps(points(0.2, 0.199, 0.23))] == [False, False]


def test_a_step_that_costs_less_for_each_more_is_no_bend() -> None:
    found = steps(points(0.1, 1.0, 5.0))
    assert [step.bent for step in found] == [False, False]
    assert found[0].doubling == pytest.approx(2, rel=0.01)


def test_a_curve_that_fails_keeps_what_was_measured_and_says_why() -> None:
    def failing() -> Iterator[tuple[int, Measured]]:
        yield 100, runs(0.1)
        raise RuntimeError("riskcheck diff … ended with 3")

    found, why = growth._until_failure(failing())
    shown = growth.table(growth.CURVES[0], found, why)
    assert [one[0] for one in shown.rows] == ["100 files"]
    assert shown.notes == ("not measured further: riskcheck diff … ended with 3",)


def test_a_goal_is_met_at_its_very_number_and_missed_above_it() -> None:
    goal = next(target for target in TARGETS if target.key == "overlays")
    assert verdict(goal, Number(6.0)) == "met"
    assert verdict(goal, Number(9.0)) == "missed by 50%"
    assert verdict(goal, Number(None, "why")) == verdict(goal, None) == "not measured"


def test_every_goal_is_printed_and_what_was_not_measured_says_why() -> None:
    shown = targets.table({"overlays": Number(7.5, "8%", 8.25), "commit": Number(None, "no clone was given")})
    assert len(shown.rows) == len(TARGETS) == len({target.key for target in TARGETS})
    assert (
        "five small files, overlays",
        "7.50",
        "8%",
        "8.25",
        "≤ 6",
        "bare starts",
        "missed by 25%",
    ) in shown.rows
    assert [note for note in shown.notes if note.endswith("no clone was given")] == list(shown.notes) != []


def test_a_run_without_a_clone_says_so_for_every_goal_that_needs_one(tmp_path: Path) -> None:
    cases = Cases(tmp_path, 1)
    cases.clone(None)
    cases.clone(bundle_estate(tmp_path / "other", 5))
    assert {key for key, number in cases.numbers.items() if number.value is None} == {
        "commit",
        "commit-small",
        "clone-cold",
        "clone-warm",
        "clone-peak",
    }
    assert "f5518bcd7" in cases.numbers["commit"].remark


def test_ratios_are_of_medians_and_cpu_of_the_least() -> None:
    found = runs(0.05, 0.02, 0.04)
    assert row("a", found) == ("a", "40.0", "75%", "4.00", "10.0", "1.00", "30.0")


TABLE = Table("runs", "Runs", HEADER, (row("a|b", runs(0.05)),), ("dyff: not on the path",))


def test_a_table_lines_up_its_columns_and_says_what_is_missing() -> None:
    lines = text(TABLE).splitlines()
    assert len(lines) == 3
    assert len(lines[0]) == len(lines[1])
    assert lines[0].startswith("Runs")
    assert lines[2] == "  dyff: not on the path"


def test_markdown_escapes_what_would_end_a_cell() -> None:
    lines = markdown(TABLE).splitlines()
    assert lines[1] == "|---|--:|--:|--:|--:|--:|--:|"
    assert lines[2].startswith("| a\\|b | 50.0 | 0% | 5.00 |")
    assert lines[-1] == "- dyff: not on the path"


def test_writing_replaces_what_stands_between_the_markers_alone(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("before\n\n<!-- runs -->\nold\n<!-- end of runs -->\n\nafter\n")
    write([TABLE], page)
    once = page.read_text()
    write([TABLE], page)
    assert page.read_text() == once
    assert once.startswith("before\n\n<!-- runs -->\n\n|")
    assert once.endswith("- dyff: not on the path\n\n<!-- end of runs -->\n\nafter\n")
    assert "old" not in once


def test_a_page_without_the_place_is_left_as_it_is(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("<!-- runs -->\n<!-- end of runs -->\n")
    with pytest.raises(ValueError, match="<!-- else -->"):
        write([TABLE, TABLE._replace(name="else")], page)
    assert page.read_text() == "<!-- runs -->\n<!-- end of runs -->\n"


def test_the_page_has_a_place_for_every_table() -> None:
    names = ["machine", "runs", "targets", "reached", "one-bundle"]
    names += [f"growth-{curve.name}" for curve in growth.CURVES]
    names += [f"peers-{name}" for name in ("small", "large", "stacks", "workflows", "tree")]
    page = README.read_text(encoding="utf-8")
    for name in names:
        assert spliced(page, name, "") != page, name


def test_every_peer_of_a_scene_can_be_installed() -> None:
    known = {program.name for program in programs.PROGRAMS}
    for scene in (peers.MANIFESTS, peers.STACKS, peers.WORKFLOWS, peers.TREE):
        assert scene.keys() <= known
    assert set(peers.OF_FOLDERS) <= peers.TREE.keys()


@pytest.fixture
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No peer is installed or on the path."""
    monkeypatch.setattr(programs, "FOLDER", tmp_path / "peers")
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_peers_that_are_absent_are_named_with_the_reason(nothing: Path) -> None:
    reasons = peers.missing(go=False, installing=False)
    assert set(reasons.values()) == {"not installed"}
    assert reasons.keys() == {program.name for program in programs.PROGRAMS}


def test_what_pip_has_not_is_told_and_no_stamp_says_that_it_is_there(
    nothing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    program = programs.Program("absent", "1.0", "PyPI", "riskcheck-benchmark-that-is-nowhere")
    why = programs.install(program, go=False)
    assert why is not None and why.startswith("not installed: ")
    assert not (nothing / "peers" / "absent" / ".1.0").exists()
    built = programs.Program("built", "1.0", "Go", "example.invalid/built")
    assert "`--go` builds it" in (programs.install(built, go=False) or "")


def test_a_program_that_stands_there_is_found_and_not_built_again(nothing: Path) -> None:
    built = programs.Program("kubeconform", "0.7.0", "Go", "example.invalid/kubeconform")
    place = nothing / "peers" / "bin" / "kubeconform"
    place.parent.mkdir(parents=True)
    place.touch()
    assert programs.install(built, go=False) is None
    assert programs.found("kubeconform") == str(place)
    assert programs.version(built) == "kubeconform 0.7.0"


def test_a_process_that_does_not_end_is_ended(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError, match="took more than"):
        measured((sys.executable, "-c", "import time; time.sleep(60)"), tmp_path, patience=0.2)


def test_a_command_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ended with 7"):
        alternating((sys.executable, "-c", "raise SystemExit(7)"), tmp_path, runs=2)


def git(root: Path, *arguments: str) -> str:
    return subprocess.check_output(("git", *arguments), cwd=root, text=True)


def test_an_estate_holds_its_commits_and_its_files(tmp_path: Path) -> None:
    root = bundle_estate(tmp_path / "bundles", 6)
    assert git(root, "status", "--porcelain") == ""
    assert len(git(root, "diff", "--name-only", "HEAD~1..HEAD").split()) == 5
    assert git(root, "fsck", "--strict") == ""


def test_the_five_large_files_are_312_kilobytes(tmp_path: Path) -> None:
    root = large_commit_estate(tmp_path / "large", 2)
    files = git(root, "diff", "--name-only", "HEAD~1..HEAD").split()
    size = sum((root / file).stat().st_size for file in files)
    assert (len(files), round(size / 1000)) == (5, 313)
    assert git(root, "diff", "--shortstat", "HEAD~1..HEAD").split()[3] == "5"


def test_a_tree_has_as_many_files_as_it_says(tmp_path: Path) -> None:
    assert len(git(tree_estate(tmp_path / "tree", 130), "ls-files").split()) == 130


def test_changes_of_every_size_start_from_the_same_base(tmp_path: Path) -> None:
    root = change_estate(tmp_path / "changes", (1, 7))
    for size in (1, 7):
        assert len(git(root, "diff", "--name-only", f"main..change-{size}").split()) == size
    grown = repository_estate(tmp_path / "grown", 80)
    assert len(git(grown, "ls-tree", "-r", "--name-only", "HEAD").split()) == 80


def test_an_estate_that_git_refuses_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="fast-import"), Estate(tmp_path / "bad") as estate:
        estate.commit("base", [("a//b", "x")])
