"""Every kustomization of a tree, built by riskcheck and by ``kubectl kustomize``, and the objects compared.

    python -m benchmarks.kustomize REPO …                 one table, one line a repository
    python -m benchmarks.kustomize REPO --reasons         and each directory that is not the same, with why
    python -m benchmarks.kustomize REPO --below apps/web  only directories below that one

Objects are compared by group, version, kind, namespace and name, whatever their order, their values after a YAML
1.1 reading. Annotations and labels that kustomize writes about itself (``buildMetadata``) are left out. Directories
that take remote bases, charts or plugins are counted and not built. A directory that kubectl refuses agrees where
riskcheck states a limitation for it, too. Files outside of a kustomization's own directory are allowed, as Flux has
it. The repository is only read, and nothing is fetched: git and HTTP of the child processes lead nowhere.
"""

from __future__ import annotations

import argparse
import os
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from riskcheck.documents.errors import Rejected
from riskcheck.documents.scalars import equal_values, plain_value
from riskcheck.documents.store import DocumentStore
from riskcheck.documents.yaml import parse, split
from riskcheck.models import Limitation
from riskcheck.nodes import Mapping, Source, Value
from riskcheck.platforms.kubernetes.kustomize.build import Builder
from riskcheck.platforms.kubernetes.kustomize.paths import FILE_NAMES
from riskcheck.platforms.kubernetes.manifests import Manifests
from riskcheck.platforms.kubernetes.objects import name_of
from riskcheck.sources.directories import DirectoryTree

LARGEST = 100 * 1024 * 1024
NOTES = (
    ("annotations", "config.kubernetes.io/origin"),
    ("annotations", "alpha.config.kubernetes.io/transformations"),
    ("labels", "app.kubernetes.io/managed-by"),
)
"""What ``buildMetadata`` adds to every object."""
OFFLINE = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_TERMINAL_PROMPT": "0",
    **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9"),
}

Outcome: TypeAlias = Literal["same", "refused", "differs", "limited", "accepted", "out of reach"]
OUTCOMES: tuple[Outcome, ...] = ("same", "refused", "differs", "limited", "accepted", "out of reach")
Objects: TypeAlias = dict[tuple[str, ...], Value]


class Judged(NamedTuple):
    """One directory. ``differs``: both build, values or objects are not the same. ``limited``: riskcheck states a
    limitation for what kubectl builds. ``accepted``: kubectl refuses what riskcheck has no word about."""

    directory: str
    outcome: Outcome
    reasons: tuple[str, ...] = ()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repositories", nargs="+", type=Path, metavar="REPO")
    parser.add_argument(
        "--reasons", action="store_true", help="each directory that is not the same, with why"
    )
    parser.add_argument("--below", default="", metavar="DIR", help="only directories below this one")
    given = parser.parse_args()
    print(f"{'':<36}{'built':>7}{'agree':>9}" + "".join(f"{name:>14}" for name in OUTCOMES))
    for repository in given.repositories:
        judged = list(compared(repository, given.below))
        _print_row(repository.resolve().name, judged)
        if given.reasons:
            _print_reasons(judged)


def _print_row(name: str, judged: Sequence[Judged]) -> None:
    counts = Counter(one.outcome for one in judged)
    within = len(judged) - counts["out of reach"]
    agreed = counts["same"] + counts["refused"]
    share = f"{agreed / within:.1%}" if within else "-"
    print(f"{name:<36}{within:>7}{share:>9}" + "".join(f"{counts[outcome]:>14}" for outcome in OUTCOMES))


def _print_reasons(judged: Sequence[Judged]) -> None:
    for one in judged:
        if one.outcome not in ("same", "refused", "out of reach"):
            print(f"  {one.outcome}: {one.directory or '.'}")
            for reason in one.reasons:
                print(f"      {reason}")


def compared(repository: Path, below: str = "") -> Iterator[Judged]:
    """What becomes of every kustomization below `below`, in the order of their paths."""
    tree = DirectoryTree(repository, "head", LARGEST, root=str(Path.cwd()))
    directories = sorted(
        {path.rpartition("/")[0] for path in tree.entries() if path.rpartition("/")[2] in FILE_NAMES}
    )
    if below:
        directories = [one for one in directories if one == below or one.startswith(below + "/")]
    documents = DocumentStore(tree)
    builder = Builder(documents, Manifests(documents, None, frozenset(tree.entries())))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        pending: list[tuple[str, Objects, tuple[Limitation, ...], Future[Objects | str] | None]] = []
        for directory in directories:
            build = builder.build(directory)
            if build.incomplete:
                pending.append((directory, {}, (), None))
                continue
            said = tuple(one for one in build.limitations if one.kind != "patch-unmatched")
            ours: Objects = {
                (found.api_version, found.kind, found.namespace, found.name): plain_value(
                    found.body, "kustomize"
                )
                for found in build.objects
            }
            theirs = pool.submit(by_kubectl, repository / directory)
            pending.append((directory, ours, said, theirs))
        for directory, ours, limitations, result in pending:
            if result is None:
                yield Judged(directory, "out of reach")
            else:
                yield judge(directory, ours, limitations, result.result())


def by_kubectl(directory: Path) -> Objects | str:
    """The objects, or why kubectl refuses."""
    done = subprocess.run(
        ["kubectl", "kustomize", "--load-restrictor", "LoadRestrictionsNone", str(directory)],
        capture_output=True,
        check=False,
        env={**os.environ, **OFFLINE},
    )
    if done.returncode != 0:
        return done.stderr.decode(errors="replace").strip()
    written = done.stdout.decode()
    found: Objects = {}
    for part in split(written):
        try:
            node = parse(written[part.start : part.end], Source("kubectl", "head")).root
        except Rejected as rejected:
            return f"its output cannot be read: {rejected.reason}"
        if isinstance(node, Mapping):
            value = plain_value(node, "yaml-1.1")
            assert isinstance(value, dict)
            name, namespace = name_of(node)
            _without_notes(value)
            found[str(value.get("apiVersion")), str(value.get("kind")), namespace, name] = value
    return found


def _without_notes(value: dict[str, Value]) -> None:
    metadata = value.get("metadata")
    for field, note in NOTES:
        pairs = metadata.get(field) if isinstance(metadata, dict) else None
        if isinstance(pairs, dict) and isinstance(metadata, dict) and _is_own(pairs.get(note)):
            del pairs[note]
            if not pairs:
                del metadata[field]


def _is_own(note: Value) -> bool:
    return isinstance(note, str) and note.startswith(
        ("kustomize-v", "path: ", "configuredIn: ", "- configured")
    )


def judge(
    directory: str, ours: Objects, limitations: tuple[Limitation, ...], theirs: Objects | str
) -> Judged:
    said = tuple(f"{one.path}:{one.line}: {one.kind}: {one.message}" for one in limitations)
    if isinstance(theirs, str):
        reason = theirs.replace("\n", " ")[-400:]
        return Judged(directory, "refused" if limitations else "accepted", (f"kubectl: {reason}",))
    different = tuple(_differences(ours, theirs))
    if different:
        return Judged(directory, "limited" if limitations else "differs", (*said, *different))
    return Judged(directory, "limited" if limitations else "same", said)


def _differences(ours: Objects, theirs: Objects) -> Iterator[str]:
    for key in sorted(ours.keys() | theirs.keys()):
        name = " ".join(filter(None, key))
        if key not in theirs:
            yield f"{name}: only here"
        elif key not in ours:
            yield f"{name}: only kubectl"
        elif not equal_values(ours[key], theirs[key]):
            yield f"{name}: " + "; ".join(_places("", ours[key], theirs[key]))


def _places(path: str, ours: Value, theirs: Value) -> Iterator[str]:
    """The innermost values that differ, ours first."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in ours.keys() | theirs.keys():
            if key not in theirs:
                yield f"{path}.{key} only here"
            elif key not in ours:
                yield f"{path}.{key} only kubectl"
            elif not equal_values(ours[key], theirs[key]):
                yield from _places(f"{path}.{key}", ours[key], theirs[key])
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            if not equal_values(one, other):
                yield from _places(f"{path}[{number}]", one, other)
    else:
        yield f"{path} {ours!r:.80} for {theirs!r:.80}"


if __name__ == "__main__":
    main()
