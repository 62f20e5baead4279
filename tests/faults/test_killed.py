"""Killed at any moment: what a run writes is there whole or not at all, and the next run says what an undisturbed
one would have said and takes away what was left."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.faults.runs import RANGE, changed_repository, in_words, left_in, run, service, started, timeless
from tests.gitrepo import GitRepo
from tests.manifests import WEB

OLD = "what an earlier run wrote\n"
WRITES = ("write", "rename", "remove", "mkdir", "start", "database")


class Scene(NamedTuple):
    """A repository, where its reports go, and the report of an undisturbed run."""

    repo: GitRepo
    out: Path
    report: str

    def arguments(self) -> tuple[str, ...]:
        sarif, evidence = self.out / "o.sarif", self.out / "e.json"
        return ("diff", RANGE, "--format=json", f"--output=sarif:{sarif}", f"--evidence={evidence}")

    def reset(self) -> None:
        for name in ("o.sarif", "e.json"):
            (self.out / name).write_text(OLD, "utf-8")

    def check_outputs(self) -> None:
        """Each file is the old one or a whole new one; evidence that this run did not give is not there."""
        for name in ("o.sarif", "e.json"):
            file = self.out / name
            text = OLD if name == "e.json" and not file.exists() else file.read_text("utf-8")
            assert text == OLD or json.loads(text)

    def check_next_run(self, cache: Path) -> None:
        done = run(self.repo.path, *self.arguments(), cache=cache)
        assert (done.returncode, done.stderr, timeless(done.stdout)) == (1, "", self.report)
        assert left_in(self.out, cache / "riskcheck", self.repo.path) == []


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    folder = tmp_path_factory.mktemp("killed")
    (folder / "out").mkdir()
    found = Scene(changed_repository(folder / "repo"), folder / "out", "")
    done = run(found.repo.path, *found.arguments(), cache=folder / "cache")
    assert done.returncode == 1 and '"DAB-001"' in done.stdout and '"s1"' in done.stdout
    return found._replace(report=timeless(done.stdout))


def kinds(scene: Scene, cache: Path, on: Sequence[str], under: str) -> list[str]:
    """What an undisturbed run on a cold cache does, in its order."""
    told = scene.repo.path.parent / "told.json"
    fault = {"on": on, "at": 0, "told": str(told), "under": under}
    assert run(scene.repo.path, *scene.arguments(), cache=cache, fault=fault).returncode == 1
    found: list[str] = json.loads(told.read_text("utf-8"))
    return found


def test_between_any_two_writes_to_the_cache(scene: Scene, tmp_path: Path) -> None:
    """At the exact points: before the folder is made, before a draft is opened, before it is moved over its target,
    before the database is opened."""
    under = str(tmp_path / "c")
    (tmp_path / "c").mkdir()
    points = kinds(scene, tmp_path / "c/whole", WRITES, under)
    assert {"mkdir", "write", "rename", "database"} <= set(points)
    for at in range(1, len(points) + 1):
        cache = tmp_path / "c" / str(at)
        fault = {"on": WRITES, "at": at, "under": under, "signal": signal.SIGKILL}
        assert run(scene.repo.path, *scene.arguments(), cache=cache, fault=fault).returncode == -9
        scene.check_next_run(cache)


def test_between_any_two_writes_of_outputs(scene: Scene, tmp_path: Path) -> None:
    """Before evidence of an earlier run is taken away, before a draft is opened, before it is moved over its
    target."""
    cache = tmp_path / "cache"
    points = kinds(scene, cache, WRITES, str(scene.out))
    assert points.count("rename") == 2 and points.count("write") == 2 and "remove" in points
    for at in range(1, len(points) + 1):
        scene.reset()
        fault = {"on": WRITES, "at": at, "under": str(scene.out), "signal": signal.SIGKILL}
        assert run(scene.repo.path, *scene.arguments(), cache=cache, fault=fault).returncode == -9
        scene.check_outputs()
    scene.check_next_run(cache)


def test_at_points_spread_over_a_run(scene: Scene, tmp_path: Path) -> None:
    """One cache sees them all, as on a machine where runs are killed again and again."""
    on = ("import", "open", *WRITES)
    # On a warm cache, which asks for the fewest files.
    whole = len(kinds(scene, scene.repo.path.parent / "cache", on, ""))
    cache = tmp_path / "cache"
    for at in range(whole // 8, whole, whole // 8):
        scene.reset()
        fault = {"on": on, "at": at, "signal": signal.SIGKILL}
        assert run(scene.repo.path, *scene.arguments(), cache=cache, fault=fault).returncode == -9
        scene.check_outputs()
    scene.check_next_run(cache)


def test_in_the_middle_of_writing_a_file(scene: Scene, tmp_path: Path) -> None:
    """The system kills at the first byte beyond a limit, so drafts and databases are cut off where it stands."""
    for most in (1, 4096, 100_000):
        scene.reset()
        cache = tmp_path / str(most)
        done = run(scene.repo.path, *scene.arguments(), cache=cache, fault={"most_bytes": most})
        assert done.returncode == -signal.SIGXFSZ
        assert left_in(scene.out, cache / "riskcheck") != []
        scene.check_outputs()
        scene.check_next_run(cache)


def test_between_two_pages_of_the_index_of_the_estate(tmp_path: Path) -> None:
    """The index of an earlier commit is brought up to date, and the run killed at every page in turn: an index that
    is half of the one and half of the other would lose dependants without a word."""
    repo = GitRepo(tmp_path / "repo")
    web, count = WEB.replace("name: web,", "name: s0,"), 40
    repo.commit({f"s/s{one}/catalog-info.yaml": service(one) for one in range(count)}, at=1_790_000_000)
    repo.commit({"s/s0/prod/web.yaml": web})
    # The index is asked where something is risky.
    repo.commit({"s/s0/prod/web.yaml": web.replace("replicas: 3", "replicas: 1")})

    def judged(cache: Path, **how: object) -> tuple[int, str]:
        done = run(repo.path, "diff", RANGE, "--format=json", cache=cache, **how)
        return done.returncode, timeless(done.stdout)

    judged(tmp_path / "earlier")
    repo.commit(
        {f"s/s{one}/catalog-info.yaml": service(one).replace("team-a", "team-b") for one in range(count)}
    )
    repo.commit({"s/s0/prod/web.yaml": web.replace("replicas: 3", "replicas: 2")})
    repo.commit({"s/s0/prod/web.yaml": web.replace("replicas: 3", "replicas: 1")})
    right = judged(tmp_path / "fresh")
    assert "team-b" in right[1] and '"s1"' in right[1]
    (index,) = (tmp_path / "earlier/riskcheck").glob("estate.sqlite-????????")
    pages = index.stat().st_size // 4096
    assert pages > 8
    for page in (1, pages // 2, pages, pages + 1):
        cache = tmp_path / str(page)
        shutil.copytree(tmp_path / "earlier", cache)
        assert judged(cache, fault={"most_bytes": 4096 * page})[0] == -signal.SIGXFSZ
        assert judged(cache) == right, page


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_that_ask_leave_nothing_behind(scene: Scene, tmp_path: Path, number: signal.Signals) -> None:
    """SIGTERM and SIGHUP end the process by themselves once all is put away; an interrupt is exit code 130."""
    cache, out = tmp_path / "cache", str(scene.out)
    points: tuple[dict[str, object], ...] = (
        {"on": ["import"], "at": 6},  # while the command line is loaded
        {"on": ["import"], "at": 150},
        {"on": ["start"], "at": 1},  # while git answers
        {"on": ["rename"], "at": 1, "under": f"{cache}-new"},
        {"on": ["write"], "at": 1, "under": out},
        {"on": ["rename"], "at": 2, "under": out},
    )
    for point in points:
        scene.reset()
        place = Path(str(point.get("under", ""))) if "new" in str(point.get("under")) else cache
        done = run(scene.repo.path, *scene.arguments(), cache=place, fault={**point, "signal": number})
        assert done.returncode == (130 if number == signal.SIGINT else -number), (point, done)
        assert done.stderr.strip() == "", done.stderr
        scene.check_outputs()
        assert left_in(scene.out, cache / "riskcheck") == []
    scene.check_next_run(cache)


def test_a_draft_that_another_run_is_writing_is_left_alone(scene: Scene, tmp_path: Path) -> None:
    scene.reset()
    fault = {"on": ["rename"], "at": 1, "under": str(scene.out), "signal": signal.SIGSTOP}
    other = started(scene.repo.path, *scene.arguments(), cache=tmp_path / "one", fault=fault)
    try:
        while not left_in(scene.out):
            assert other.poll() is None
        done = run(scene.repo.path, *scene.arguments(), cache=tmp_path / "two")
        assert done.returncode == 1 and len(left_in(scene.out)) == 1
        other.send_signal(signal.SIGCONT)
        assert timeless(other.communicate()[0]) == scene.report and other.returncode == 1
        assert left_in(scene.out) == []
    finally:
        other.kill()
        other.communicate()


def test_an_ignored_hangup_stays_ignored(scene: Scene, tmp_path: Path) -> None:
    fault = {"on": ["database"], "at": 1, "signal": signal.SIGHUP}
    done = run(
        scene.repo.path,
        *("diff", RANGE, "--quiet"),
        cache=tmp_path / "c",
        fault=fault,
        prepare=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    assert in_words(done, 1)
