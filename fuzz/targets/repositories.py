"""Real git repositories, and the command line: whatever they hold and are asked, 0, 1 or 2 and words."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from functools import cache

from fuzz import commands
from fuzz.model import Target
from fuzz.repositories import environment, repository
from tests.report.formats import read_github
from tests.sources.support import CLOCK

_DATE = {"SOURCE_DATE_EPOCH": str(CLOCK), "TZ": "UTC"}
_ASKED = (
    ("diff", "HEAD~1..HEAD", "--format", "json"),
    ("diff", "HEAD~1..HEAD", "--format", "sarif"),
    ("diff", "HEAD~1..HEAD", "--explain"),
    ("diff", "HEAD~1", "--format", "markdown"),
    ("diff", "--staged", "--format", "json"),
    ("diff", "--format", "json"),
    ("lint", "--format", "json"),
    ("graph", "--format", "json"),
    ("plan", "HEAD~1..HEAD"),
    ("init", "--dry-run"),
    ("baseline", "write", "--output", "-"),
)


def tree(data: bytes) -> object:
    """Two commits of any shape, asked one question of several; the working tree is there for every second one."""
    number = zlib.crc32(data)
    asked = _ASKED[number % len(_ASKED)]
    with repository(data, checkout=number % 2 == 0) as place:
        if place is None:
            return None
        ended = commands.run((*asked, "--no-cache") if asked[0] == "diff" else asked, place, environment())
        _sound(ended)
        if "json" in asked and ended.code < 2:
            json.loads(ended.out)
        return _steady(ended, str(place))


def _steady(ended: commands.Ended, place: str) -> object:
    """What must be the same twice: not the folder, nor when it was."""
    said = re.sub(r'"as_of": "[^"]*"|\d{4}-\d{2}-\d{2}(?:T[0-9:]+Z)?', "", ended.out)
    return ended.code, said.replace(place, "").replace(place.rpartition("/")[0].rpartition("/")[2], "")


def command_line(data: bytes) -> object:
    """Arguments, one a line, in a small repository. What names a place elsewhere is not tried."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    arguments = [_inside(line) for line in lines if "\0" not in line][:12]
    if not arguments or "lsp" in arguments or "test" in arguments:
        return None  # lsp waits for an editor, `rules test` for all cases
    with repository(_SMALL, checkout=True) as place:
        assert place is not None
        ended = commands.run(arguments, place, environment())
        _sound(ended)
        return ended.code


def _inside(argument: str) -> str:
    return argument if argument in _KNOWN else argument.replace("/", "_").replace("..", "__")


def _sound(ended: commands.Ended) -> None:
    assert ended.code in (0, 1, 2), ended.code
    assert "Traceback" not in ended.err
    assert ended.code != 2 or ended.err.strip(), "2 without words"
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u202e]", ended.err), ended.err[:500]
    assert not read_github(ended.err), ended.err[:500]


_WEB = b"""apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 3
  template: {spec: {containers: [{name: web, image: "web:1"}]}}
"""
_BUNDLE = b"bundle: {name: orders}\ntargets: {dev: {}, prod: {}}\nresources: {jobs: {a: {name: b}}}\n"
_SMALL = (
    b"-- base/clusters/prod/web.yaml --\n"
    + _WEB
    + b"-- base/databricks.yml --\n"
    + _BUNDLE
    + b"-- head/clusters/prod/web.yaml --\n"
    + _WEB.replace(b"3", b"0")
    + b"-- head/databricks.yml --\n"
    + _BUNDLE
    + b"-- head/riskcheck.yaml --\nversion: 1\n"
)

_NAMES = (
    "a%0Ab",
    "%1B[31m",
    "%FF%FE",
    "a b",
    "%22q%22",
    "back%5Cslash",
    "n" * 250,
    "caf%C3%A9",
    "cafe%CC%81",
    "A",
    "a",
    "%E2%80%AE",
    "::error::x",
    "-x",
    "--upload-pack=x",
    ":(top)x",
    "*",
    "[x]",
    "%09",
    "%7F",
    "con",
    "a.lock",
    "~",
    "@{0}",
)


def _trees() -> Iterator[bytes]:
    files = {"web.yaml": _WEB, "databricks.yml": _BUNDLE, "main.tf": b'resource "aws_instance" "a" {}\n'}
    for number, name in enumerate(_NAMES):
        file, body = [*files.items()][number % len(files)]
        modes = [b"", b" (100755)", b" (120000)", b" (160000)"]
        path = f"clusters/{name}/{file}".encode() if number % 3 else f"{name}.{file}".encode()
        changed = body.replace(b"3", b"0").replace(b"name: b", b"name: c")
        yield (
            b"-- base/%s --\n%s-- head/%s%s --\n%s" % (path, body, path, modes[number % 4], changed)
            + b"-- base/x%d.yaml --\na: 1\n-- head/other/%s.yaml --\na: 1\n" % (number, name.encode())
        )
    yield b"-- base/a.yaml --\na: 1\n-- head/a.yaml (120000) --\n../../etc/passwd-- head/A.yaml (120000) --\na.yaml"
    yield _SMALL


def _questions() -> Iterator[bytes]:
    for line in (
        "diff",
        "diff\nHEAD~1..HEAD\n--format\nhtml",
        "diff\nmain\n--output\njson:out.json\n--fail-on\nP1",
        "diff\n--staged\n--select\nK8S-001",
        "lint\n--format\nsarif",
        "graph\n--format\nmermaid",
        "plan\n--format\njson",
        "rules\nlist",
        "rules\nshow\nK8S-001",
        "explain\nDAB-009",
        "schema\nconfig",
        "completion\nbash",
        "init\n--dry-run",
        "baseline\nwrite\n--output\n-",
        "acknowledge\n--owner\na\n--reason\nb\n--until\n2027-01-31",
        "evidence\nverify\nx.json",
        "diff\n--from\nclusters\n--to\nclusters",
        "diff\n--terraform-plan\nprod=riskcheck.yaml",
        "--version",
        "--help",
        "diff\n--approvals\ndatabricks.yml",
        "diff\n--evidence\ne.json\n--jobs\n2",
        "diff\n--pushed\n--hook",
        "diff\n--base\nx",
    ):
        yield line.encode()


_LINES = (
    *(
        "\n--format\n",
        "\n--output\n",
        "\nhtml:out",
        "\n--select\n",
        "\n--base\nmain",
        "\n--head\nHEAD",
        "\n--from\n.",
        "\n--to\n.",
    ),
    *(
        "\n--config\n",
        "\nriskcheck.yaml",
        "\n--jobs\n0",
        "\n--jobs\n-1",
        "\n--color\nalways",
        "\n--\n",
        "\n-q",
        "\n--no-waivers",
    ),
    *(
        "\n--explain",
        "\nHEAD~99",
        "\nHEAD@{1}",
        "\n:1:a",
        "\n^HEAD",
        "\nHEAD^{tree}",
        "\n--exit-zero",
        "\n\udcff",
        "\nmain...HEAD",
    ),
    *(
        "\n--staged",
        "\n--until\n2027-01-31",
        "\n--owner\nx",
        "\n--reason\n",
        "\n-h",
        "\n--service\nweb",
        "\n--evidence\n",
    ),
)


@cache
def _known() -> frozenset[str]:
    return frozenset(line for data in _questions() for line in data.decode().split("\n"))


_KNOWN = _known()

TARGETS = (
    Target("git-trees", "real git repositories", tree, _trees, (" (120000) --\n", "%0A", "%FF", *_NAMES)),
    Target("command-line", "options, revisions and paths", command_line, _questions, _LINES),
)
