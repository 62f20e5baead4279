"""How well the likelihood finds the changes of real repositories that were reverted, and how well others do.

    python -m benchmarks.likelihood REPO[=LABELS] … [--stores DIR] [--weights]

Every change of configuration by people is scored as it was known when it landed. LABELS are JSON lines about
reverted changes (`unit`, `label`: P is planned and left out); without them the reverts that riskcheck finds count.
Prints tables in Markdown: riskcheck's points as they are, with weights fitted on the other repositories only, and
the baselines, among them models that know who wrote each change, which riskcheck never does.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from math import log1p
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from riskcheck.backtests import Estimate, Settings
from riskcheck.history import baselines, likelihood
from riskcheck.history.model import Label, LandedChange, ReplayedChange, Revert
from riskcheck.history.past import is_judged, walked
from riskcheck.history.population import Subject
from riskcheck.history.rankings import rankings
from riskcheck.history.scores import Score
from riskcheck.recording import recorded

NAMES: Final = tuple(likelihood.WEIGHTS)
FIRMNESS: Final = 20.0
"""How firmly fitted weights are held to the points they start from: the ridge of the regression."""
PENALTIES: Final = (1.0, 0.1, 0.01, 0.001)
"""Of the baselines; the one that is best for them is shown."""

Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]
Vector = np.ndarray[tuple[int], np.dtype[np.float64]]


class Scored(NamedTuple):
    """A row of the back-test, the evidence of each term, and what the past of who wrote it says."""

    row: ReplayedChange
    evidence: tuple[float, ...]
    author: tuple[float, ...]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repositories", nargs="+", metavar="REPO[=LABELS]")
    parser.add_argument("--stores", type=Path, help="folder of the history stores")
    parser.add_argument("--weights", action="store_true", help="print the weights fitted on all of them")
    given = parser.parse_args()
    if len(given.repositories) < 2:
        parser.error("name two repositories or more: weights are fitted on the others")
    scored: list[Scored] = []
    for one in given.repositories:
        repo, _, labels = one.partition("=")
        scored += read(Path(repo), Path(labels) if labels else None, given.stores)
    scored = followed(scored)
    show(scored)
    if given.weights:
        weights = fitted(scored, _started()) * likelihood.POINTS
        print("\n| term | points as they are | fitted on all |\n|---|--:|--:|")
        for name, value in zip(NAMES, weights, strict=True):
            print(f"| {likelihood.WEIGHTS[name].words} | {likelihood.WEIGHTS[name].points:g} | {value:.1f} |")


def read(repo: Path, labels: Path | None, stores: Path | None) -> list[Scored]:
    """The judged changes of a repository, oldest first."""
    name = repo.resolve().name
    file = str(stores / f"{name}.sqlite") if stores else None
    history = recorded(str(repo), file=file)
    given = _labels(labels)
    who = _authors(repo)
    changes, reverts = Counter[str](), Counter[str]()
    taken_back = defaultdict(list)
    position = {change.number: change for change in history.changes}
    for one in history.reverts:
        taken_back[one.by].append(position[one.number])
    found = []
    for change, past, revert in walked(history):
        author = who(change)
        if is_judged(change):
            known: Label = "ordinary" if revert is None else "planned" if revert.planned else "reverted"
            label = (
                known if given is None else given.get(change.commit, known if revert is None else "planned")
            )
            hours = (position[revert.by].time - change.time) / 3600 if revert is not None else None
            row = ReplayedChange(
                repository=name,
                commit=change.commit,
                number=change.number,
                time=change.time,
                label=label,
                human=True,
                lag=hours if hours is not None or label != "reverted" else 0.0,
                followed=(history.changes[-1].time - change.time) / 86_400,
                files=change.files,
                lines=change.added + change.removed,
                verdict=None,
                level=None,
                score=None,
                rules=(),
                points=likelihood.likelihood(change, past).points,
                metadata=baselines.metadata(change),
                history=baselines.history(change, past),
            )
            strengths = likelihood.strengths_of(change, past)
            rate = (reverts[author] + 0.02) / (changes[author] + 2)
            found.append(Scored(row, tuple(strengths[one] for one in NAMES), (rate, log1p(changes[author]))))
            changes[author] += 1
        for undone in taken_back.get(change.number, ()):
            reverts[who(undone)] += 1
    return found


def _label(revert: Revert | None, given: dict[str, Label] | None, change: LandedChange) -> Label:
    """What came of a change. Reverts that a file of labels does not name are left out, as planned ones are."""
    if given is not None and change.commit in given:
        return given[change.commit]
    if revert is None:
        return "ordinary"
    return "planned" if revert.planned or given is not None else "reverted"


def _labels(path: Path | None) -> dict[str, Label] | None:
    """Commit to what a file of labels says."""
    if path is None:
        return None
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {one["unit"]: "planned" if one["label"] == "P" else "reverted" for one in entries}


def _authors(repo: Path) -> Callable[[LandedChange], str]:
    """Who wrote a change; a merge is by whoever wrote the last commit that it brings. Kept in memory only."""
    log = _git(repo, "log", "--format=%H%x00%ae%x00%P")
    authors: dict[str, str] = {}
    merged: dict[str, str] = {}
    for line in log.splitlines():
        commit, author, parents = line.split("\0")
        authors[commit] = author
        if len(parents.split()) > 1:
            merged[commit] = parents.split()[1]
    return lambda change: authors.get(merged.get(change.commit, change.commit), "")


def _git(repo: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(repo), *arguments], capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


def followed(scored: Sequence[Scored]) -> list[Scored]:
    """Those of which is known what came of them: recent ones are left out whatever became of them."""
    return [one for one in scored if one.row.label != "planned" and one.row.followed >= 60]


def show(scored: Sequence[Scored]) -> None:
    """Prints the changes by repository, and the table of all scores."""
    print("| repository | changes | reverted |\n|---|--:|--:|")
    for name, held in _parts(scored):
        print(f"| {name} | {len(held):,} | {sum(map(_is_reverted, held))} |")
    mine = Score(
        "points",
        "**riskcheck: the points as they are**",
        "riskcheck",
        tuple(one.row.points for one in scored),
    )
    others = [
        Score(title, title, "baseline", tuple(float(value) for value in values))
        for title, values in _others(scored).items()
    ]
    subjects = [Subject(one.row, _is_reverted(one)) for one in scored]
    found, differences = rankings(subjects, [mine, *others], "all", Settings())
    better = {one.baseline: one.auc for one in differences}
    print("\n| ranked by | AUC | the points are better by | R@5 % | R@10 % | R@20 % | AUC by repository |")
    print("|---|--:|--:|--:|--:|--:|---|")
    for one in found:
        each = " ".join(f"{part.auc.value:.2f}" for part in one.by_repository if part.auc.value is not None)
        recall = " | ".join(f"{at.estimate.value:.3f}" for at in one.recall)
        print(
            f"| {one.title} | {_spelled(one.auc)} | {_spelled(better.get(one.score))} | {recall} | {each} |"
        )


def _others(scored: Sequence[Scored]) -> dict[str, Sequence[float]]:
    """Title to the numbers of every other way to rank changes."""
    return {
        "riskcheck: weights fitted on the other repositories": _across(scored, _started()),
        "riskcheck: the same, from no points at all": _across(scored, np.zeros(len(NAMES))),
        "random": [0.0] * len(scored),
        "lines changed": [one.row.lines for one in scored],
        "files changed": [one.row.files for one in scored],
        "smallest first": [-one.row.lines for one in scored],
        "metadata logistic": _logistic(scored, lambda one: one.row.metadata),
        "metadata + history logistic": _logistic(scored, lambda one: (*one.row.metadata, *one.row.history)),
        "metadata logistic, with the author": _logistic(scored, lambda one: (*one.row.metadata, *one.author)),
        "metadata + history logistic, with the author": _logistic(
            scored, lambda one: (*one.row.metadata, *one.row.history, *one.author)
        ),
        "share of the author's changes reverted so far": [one.author[0] for one in scored],
    }


def _spelled(one: Estimate | None) -> str:
    if one is None or one.value is None:
        return ""
    return f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]"


def _is_reverted(one: Scored) -> bool:
    return one.row.label == "reverted"


def _parts(scored: Sequence[Scored]) -> Iterator[tuple[str, list[Scored]]]:
    for name in dict.fromkeys(one.row.repository for one in scored):
        yield name, [one for one in scored if one.row.repository == name]


def _started() -> Vector:
    """The points as they are, in log-odds."""
    return np.array([one.points for one in likelihood.WEIGHTS.values()]) / likelihood.POINTS


def fitted(scored: Sequence[Scored], start: Vector) -> Vector:
    """Log-odds of full evidence by a logistic regression that is held to `start`, with no weight below 0 and an
    intercept for each repository."""
    evidence = np.array([one.evidence for one in scored])
    reverted = np.array([_is_reverted(one) for one in scored], dtype=float)
    names = sorted({one.row.repository for one in scored})
    home = np.array([names.index(one.row.repository) for one in scored])
    width = len(start)

    def loss(values: Vector) -> tuple[float, Vector]:
        chance = 1 / (1 + np.exp(-(evidence @ values[:width] + values[width + home])))
        missed = reverted * np.log(chance + 1e-12) + (1 - reverted) * np.log(1 - chance + 1e-12)
        away = values[:width] - start
        slopes = evidence.T @ (chance - reverted) + 2 * FIRMNESS * away
        homes = np.bincount(home, chance - reverted, len(names))
        return float(-missed.sum() + FIRMNESS * (away**2).sum()), np.concatenate([slopes, homes])

    bounds = [(0.0, None)] * width + [(None, None)] * len(names)
    first = np.concatenate([start, np.full(len(names), -4.0)])
    found: Vector = minimize(loss, first, jac=True, bounds=bounds, method="L-BFGS-B").x[:width]
    return found


def _across(scored: Sequence[Scored], start: Vector) -> list[float]:
    """Log-odds of each change by weights that were fitted on the other repositories."""
    values: list[float] = []
    for name, held in _parts(scored):
        weights = fitted([one for one in scored if one.row.repository != name], start)
        values += [float(np.array(one.evidence) @ weights) for one in held]
    return values


def _logistic(scored: Sequence[Scored], features: Callable[[Scored], Sequence[float]]) -> list[float]:
    """Log-odds of each change by a logistic regression that was fitted on the other repositories, with the penalty
    that is best for it here: the baseline gets every benefit."""
    matrix: Matrix = np.array([features(one) for one in scored], dtype=float)
    home = np.array([one.row.repository for one in scored])
    reverted = np.array([_is_reverted(one) for one in scored])
    best: tuple[float, Vector] | None = None
    for penalty in PENALTIES:
        values = np.zeros(len(scored))
        each = []
        for name in sorted(set(home)):
            others, held = home != name, home == name
            scale = StandardScaler().fit(matrix[others])
            homes = (home[:, None] == np.array(sorted(set(home[others])))[None, :]).astype(float)
            model = LogisticRegression(C=penalty, max_iter=3_000)
            model.fit(np.hstack([scale.transform(matrix[others]), homes[others]]), reverted[others])
            values[held] = scale.transform(matrix[held]) @ model.coef_[0][: matrix.shape[1]]
            if 0 < reverted[held].sum() < held.sum():
                each.append(float(roc_auc_score(reverted[held], values[held])))
        if best is None or np.mean(each) > best[0]:
            best = (float(np.mean(each)), values)
    assert best is not None
    return [float(value) for value in best[1]]


if __name__ == "__main__":
    main()
