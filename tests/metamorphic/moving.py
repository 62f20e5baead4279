"""Trees in which files are elsewhere, split, or joined by others that have nothing to do with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from riskcheck.rules.cases import Case
from tests.metamorphic.judging import Files, rewritten

UNRELATED: Final[Mapping[str, bytes]] = {
    "zz-unrelated/README.md": b"# Notes\n\nNothing here is configuration.\n",
    "zz-unrelated/notes.txt": b"a line\n",
    "zz-unrelated/logo.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>\n",
    "zz-unrelated/src/main.py": b"print('hello')\n",
}
"""What no platform reads."""

OTHER_SERVICE: Final[Mapping[str, bytes]] = {
    "zz-unrelated/deploy/notes.yaml": b"""\
apiVersion: apps/v1
kind: Deployment
metadata: {name: zz-notes, namespace: zz-notes}
spec:
  replicas: 2
  selector: {matchLabels: {app: zz-notes}}
  template:
    metadata: {labels: {app: zz-notes}}
    spec: {containers: [{name: zz-notes, image: "registry.example/zz-notes:1.0.0"}]}
""",
}
"""Another service that nothing refers to; on both sides, as one that is new would be a change of its own."""


def with_files(files: Files, more: Files) -> dict[str, bytes]:
    """`files` and `more`."""
    return {**files, **more}


def beside(case: Case, more: Files) -> Case:
    """`case` in a repository that has `more`, and always had."""
    return rewritten(case, lambda files: with_files(files, more))


_OBJECT: Final = re.compile(rb"^apiVersion:", re.MULTILINE)
_FIXED_NAMES: Final = re.compile(
    r"(^|/)(kustomization\.ya?ml|Kustomization|Chart\.yaml|values.*|helmfile.*"
    r"|catalog-info.*|.*datadog.*|.*slo.*|riskcheck.*|databricks\.ya?ml"
    r"|terraform\.tfvars|.*\.auto\.tfvars|override\.tf|.*_override\.tf|\..*)$|(^|/)\."
)


def renamed(case: Case) -> Mapping[str, str]:
    """Old to new name of files whose names mean nothing: manifests that nothing names, files of Terraform."""
    everything = {**case.base, **case.head}
    every_text = b"\n".join((*case.base.values(), *case.head.values()))
    found = {}
    for path, data in everything.items():
        directory, _, name = path.rpartition("/")
        stem, _, extension = name.rpartition(".")
        if _FIXED_NAMES.search(path) or "templates" in directory.split("/"):
            continue
        is_manifest = extension in {"yaml", "yml"} and _OBJECT.search(data) is not None
        named = name.encode() in every_text or path.encode() in every_text
        if (is_manifest or extension == "tf") and not named and b"generat" not in data.lower():
            found[path] = f"{directory}/{stem}-z.{extension}".lstrip("/")
    return found


def with_names(files: Files, names: Mapping[str, str]) -> dict[str, bytes]:
    """`files`, those in `names` under their other name."""
    return {names.get(path, path): data for path, data in files.items()}


def split(files: Files, only: Iterable[str]) -> dict[str, bytes]:
    """Each manifest of `only` that holds several objects in files of one object each; each Terraform file of
    several blocks in two."""
    found: dict[str, bytes] = {}
    for path, data in files.items():
        parts = _parts(path, data) if path in only else [data]
        stem, _, extension = path.rpartition(".")
        names = [path, *(f"{stem}-part-{number}.{extension}" for number in range(1, len(parts)))]
        found.update(zip(names, parts, strict=True))
    return found


def _parts(path: str, data: bytes) -> list[bytes]:
    if path.endswith((".yaml", ".yml")):
        parts = [part for part in re.split(rb"^---[ \t]*\n", data, flags=re.MULTILINE) if part.strip()]
        return parts or [data]
    at = [match.start() for match in re.finditer(rb"^\w", data, re.MULTILINE)]
    flat = b"<<" not in data and b"/*" not in data and b"//" not in data and b"#" not in data
    return [data[: at[-1]], data[at[-1] :]] if len(at) > 1 and flat else [data]


def with_head(case: Case, head: Files) -> Case:
    """`case` with another head."""
    return replace(case, head=head)
