"""The same overlays through ``kubectl kustomize``: the objects must be the same."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from riskcheck.documents.scalars import equal_values, plain_value
from riskcheck.documents.store import DocumentStore
from riskcheck.documents.yaml import parse, split
from riskcheck.nodes import Source, Value
from riskcheck.platforms.kubernetes.kustomize.build import Builder
from riskcheck.platforms.kubernetes.manifests import Manifests
from tests.platforms.kubernetes.kustomize.overlays import OVERLAYS
from tests.platforms.kubernetes.kustomize.places import PLACES
from tests.support import MemoryTree

pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed here")

Objects = dict[tuple[str, str, str, str], Value]


def by_kubectl(files: dict[str, str], root: Path) -> Objects:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8")
    done = subprocess.run(
        ["kubectl", "kustomize", str(root / "prod")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: Objects = {}
    for part in split(done.stdout):
        node = parse(done.stdout[part.start : part.end], Source("kubectl", "head")).root
        assert node is not None
        value = plain_value(node, "yaml-1.2")
        assert isinstance(value, dict)
        metadata = value["metadata"]
        assert isinstance(metadata, dict)
        key = (value["apiVersion"], value["kind"], metadata.get("namespace", ""), metadata["name"])
        found[tuple(map(str, key))] = value  # type: ignore[index]  # four strings
    return found


def by_riskcheck(files: dict[str, str]) -> Objects:
    documents = DocumentStore(MemoryTree(files))
    build = Builder(documents, Manifests(documents, None, frozenset(files))).build("prod")
    assert {limitation.kind for limitation in build.limitations} <= {"patch-unmatched"}
    return {
        (found.api_version, found.kind, found.namespace, found.name): plain_value(found.body, "kustomize")
        for found in build.objects
    }


ALL = OVERLAYS | PLACES


@pytest.mark.parametrize("files", ALL.values(), ids=ALL.keys())
def test_builds_what_kubectl_builds(files: dict[str, str], tmp_path: Path) -> None:
    theirs = by_kubectl(files, tmp_path)
    ours = by_riskcheck(files)
    assert sorted(ours) == sorted(theirs)
    for key, value in theirs.items():
        assert equal_values(ours[key], value), (key, ours[key], value)
