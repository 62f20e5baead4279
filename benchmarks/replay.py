"""What riskcheck would have said to the last ordinary changes of a real repository, and what that took.

    python -m benchmarks.replay REPO --last 300 --out FILE              without a policy
    python -m benchmarks.replay REPO --last 300 --out FILE --init       with what `riskcheck init` proposes
    python -m benchmarks.replay REPO --last 300 --out FILE --all        that, with canaries asked of all changes
    python -m benchmarks.replay REPO --keys 50                          history questions alone

Ordinary changes: first-parent commits that touch configuration, by people (not by bots), that are no reverts. Each
is judged against its parent, as it was merged. FILE gets one JSON object per change. The repository is only read.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from riskcheck.cells import tell
from riskcheck.documents.store import DocumentStore, format_of
from riskcheck.engine import Options, analyze
from riskcheck.environments import EnvironmentModel
from riskcheck.judged import CanaryEvidence
from riskcheck.models import Change, Resource
from riskcheck.nodes import KeyPath, Scalar, walk
from riskcheck.past import Past
from riskcheck.platforms import load
from riskcheck.platforms.base import Workspace
from riskcheck.policy.load import load_policy
from riskcheck.proposing import propose
from riskcheck.rollout import canary
from riskcheck.rollout.landing import Landings
from riskcheck.rollout.sought import sought_of
from riskcheck.rules.load import load_rules
from riskcheck.sources import open_comparison
from riskcheck.sources.spec import RangeSpec
from riskcheck.surveying import survey
from riskcheck.trees import Comparison, MemoryTree

BOT = re.compile(r"\[bot\]|bot@|-bot\b|\bbot\b|automation|renovate|dependabot|github-actions", re.IGNORECASE)
ALL = "gate: {require_canary: all}\n"
REVERT = re.compile(r"^revert\b|^Merge pull request \S+ from \S*\brevert-", re.IGNORECASE)


class Timed:
    """Counts the history questions of a run and the seconds they take."""

    NAMES = ("_told", "earlier")

    def __init__(self) -> None:
        self.questions = 0
        self.seconds = 0.0
        self._own = {name: getattr(Landings, name) for name in self.NAMES}

    def __enter__(self) -> Timed:
        for name, own in self._own.items():
            setattr(Landings, name, self._timed(own))
        return self

    def __exit__(self, *_: object) -> None:
        for name, own in self._own.items():
            setattr(Landings, name, own)

    def _timed(self, own: Callable[..., object]) -> Callable[..., object]:
        def timed(*arguments: object) -> object:
            begun = time.perf_counter()
            try:
                return own(*arguments)
            finally:
                self.questions += 1
                self.seconds += time.perf_counter() - begun

        return timed


class Heard:
    """All canary evidence that a run gathered, also what no finding shows."""

    def __init__(self) -> None:
        self.said: set[str] = set()
        self._own = canary.evidence

    def __enter__(self) -> Heard:
        def evidence(
            change: Change, changes: Sequence[Change], facts: canary.CanaryFacts
        ) -> tuple[CanaryEvidence, ...]:
            found = self._own(change, changes, facts)
            node = change.node
            place = f"{node.source.path}:{node.file_line}"
            for one in found:
                if one.kind != "coverage":
                    word = "found" if one.found else "missing"
                    self.said.add(f"{one.kind} {word} for {one.environment} at {place}: {one.detail}")
            return found

        canary.evidence = evidence
        return self

    def __exit__(self, *_: object) -> None:
        canary.evidence = self._own


class Row(NamedTuple):
    """One change. findings: code, level, ``path:line``, environments, message. evidence: what canary evidence was
    found or missing, in words."""

    commit: str
    subject: str
    verdict: str
    reasons: list[str]
    findings: list[tuple[str, str, str, list[str], str]]
    evidence: list[str]
    seconds: float
    questions: int
    history_seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repo", type=Path)
    parser.add_argument("--last", type=int, default=300)
    parser.add_argument("--out", type=Path)
    parser.add_argument(
        "--init", action="store_true", help="judge by the policy that riskcheck init proposes"
    )
    parser.add_argument("--all", action="store_true", help="the same with gate.require_canary: all")
    parser.add_argument("--keys", type=int, help="time this many history questions instead")
    given = parser.parse_args()
    if given.keys:
        ask(given.repo, given.keys)
        return
    policy = proposed(given.repo, ALL if given.all else "") if given.init or given.all else None
    rows = []
    with Path(given.out or os.devnull).open("w", encoding="utf-8") as out:
        for commit, subject in ordinary(given.repo, given.last):
            rows.append(judged(given.repo, commit, subject, policy))
            out.write(json.dumps(rows[-1]._asdict(), ensure_ascii=False) + "\n")
            out.flush()
    summary(rows)


def ordinary(repo: Path, last: int) -> Iterator[tuple[str, str]]:
    """Commit and subject of the last `last` ordinary changes, newest first.

    A merge is by whoever wrote the last commit that it brings: bots merge what people write.
    """
    log = _git(repo, "log", "--first-parent", "--name-only", "-m", "--format=%x01%H%x00%P%x00%an %ae%x00%s")
    authors: dict[str, str] = {}
    for line in _git(repo, "log", "--format=%H%x00%an %ae").splitlines():
        commit, _, author = line.partition("\0")
        authors[commit] = author
    found = 0
    for entry in log.split("\x01")[1:]:
        head, _, files = entry.partition("\n")
        commit, parents, author, subject = head.split("\0", 3)
        merged = parents.split(" ")[1:]
        if merged:
            author = authors.get(merged[0], author)
        if BOT.search(author) or REVERT.search(subject):
            continue
        if any(format_of(path) is not None for path in files.split("\n")):
            yield commit, subject
            found += 1
        if found == last:
            return


def proposed(repo: Path, more: str) -> MemoryTree:
    """A tree that holds the policy that `riskcheck init` would write at HEAD, and `more`."""
    tree = _compared(repo, "HEAD~1..HEAD").head
    text = propose(survey(tree)).text
    return MemoryTree({"riskcheck.yaml": (text + more).encode()}, "base", "init")


def judged(repo: Path, commit: str, subject: str, policy: MemoryTree | None) -> Row:
    """What is said to one change."""
    with Timed() as timed, Heard() as heard:
        begun = time.perf_counter()
        comparison = _compared(repo, f"{commit}^..{commit}")
        settings = load_policy(policy or comparison.deciding, None)
        rules = load_rules(settings.rules.packs, comparison.deciding)
        report = analyze(comparison, settings, rules.rules, rules.digest, Options())
        seconds = time.perf_counter() - begun
    told = [finding for finding in report.findings if finding.level in ("P0", "P1", "P2")]
    return Row(
        commit,
        subject,
        report.assessment.verdict,
        list(report.assessment.reasons),
        [
            (
                one.code,
                one.level,
                f"{one.location.path}:{one.location.line}",
                [environment.name for environment in one.environments],
                one.message,
            )
            for one in told
        ],
        sorted(heard.said),
        round(seconds, 4),
        timed.questions,
        round(timed.seconds, 4),
    )


def summary(rows: Sequence[Row]) -> None:
    verdicts = Counter(row.verdict for row in rows)
    print(f"{len(rows)} changes: " + ", ".join(f"{n} {v} ({n / len(rows):.1%})" for v, n in verdicts.items()))
    codes = Counter(code for row in rows for code in {finding[0] for finding in row.findings})
    print("at P2 or worse, by changes: " + ", ".join(f"{code} {n}" for code, n in codes.most_common(25)))
    _seconds("seconds per run, in one process", [row.seconds for row in rows])
    asked = [row for row in rows if row.questions]
    print(
        f"history was asked in {len(asked)} runs, at most {max((r.questions for r in asked), default=0)} times"
    )
    _seconds("seconds for history in those", [row.history_seconds for row in asked])


def _seconds(what: str, seconds: Sequence[float]) -> None:
    if len(seconds) > 1:
        late = quantiles(seconds, n=20)[-1]
        print(f"{what}: median {median(seconds):.3f}, 95th percentile {late:.3f}, worst {max(seconds):.3f}")


def ask(repo: Path, keys: int) -> None:
    """Asks since when values of staging have been as they are: of ten overlays, then of one per key."""
    bare = min(_bare() for _ in range(5))
    for units in (min(10, keys), keys):
        comparison = _compared(repo, "HEAD~1..HEAD")
        base = Workspace(
            comparison.base,
            DocumentStore(comparison.base),
            EnvironmentModel(paths=comparison.base.entries),
            frozenset(),
        )
        chosen = _chosen(base, units, keys // units)
        assert comparison.history is not None
        begun, computed = time.perf_counter(), _computed()
        landings = Landings(comparison.history, Past(comparison.history, base), comparison.now)
        answers = [landings.since(sought_of(one), _same(path, raw)) for one, path, raw in chosen]
        seconds, computed = time.perf_counter() - begun, _computed() - computed
        known = sum(answer.time is not None for answer in answers)
        exact = sum(answer.time is not None and not answer.at_least for answer in answers)
        print(
            f"{len(answers)} keys of {len({one.unit for one, *_ in chosen})} overlays: {seconds:.3f} s, "
            f"{seconds / bare:.0f} bare starts, {computed:.3f} s computed; {known} told, {exact} to the commit"
        )


def _chosen(base: Workspace, units: int, each: int) -> list[tuple[Resource, KeyPath, str]]:
    """`each` scalars of each of `units` staging overlays, evenly spread."""
    platform = next(platform for platform in load() if platform.name == "kubernetes")
    lower = [path for path in base.tree.entries() if tell(path).stage == "staging"]
    known = sorted(platform.units(base, lower))
    found: dict[str, list[tuple[Resource, KeyPath, str]]] = {}
    for resource in platform.resolve(base, known[:: max(1, len(known) // (2 * units))]).resources:
        if resource.environment.stage == "staging":
            for path, node in walk(resource.body):
                if isinstance(node, Scalar):
                    found.setdefault(resource.unit, []).append((resource, path, node.raw))
    enough = [some for some in found.values() if len(some) >= each]
    spread = enough[:: max(1, len(enough) // units)][:units]
    return [one for some in spread for one in some[:: len(some) // each][:each]]


def _same(path: KeyPath, raw: str) -> Callable[[Resource | None], bool]:
    def holds(then: Resource | None) -> bool:
        node = dict(walk(then.body)).get(path) if then is not None else None
        return isinstance(node, Scalar) and node.raw == raw

    return holds


def _computed() -> float:
    """CPU seconds of this process and of the git commands that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _bare() -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - begun


def _compared(repo: Path, revision: str) -> Comparison:
    environ = {name: value for name, value in os.environ.items() if name != "CI"}
    return open_comparison(RangeSpec(root=repo, revision=revision, environ=environ))


def _git(repo: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(repo), *arguments], capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


if __name__ == "__main__":
    main()
