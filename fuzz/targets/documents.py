"""The parsers, each against another reader of its format where there is one."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterator
from functools import partial
from warnings import catch_warnings, simplefilter

from fuzz import seeds
from fuzz.model import Target
from riskcheck.documents.embedded import properties_within
from riskcheck.documents.errors import Rejected
from riskcheck.documents.scalars import equal_values, plain_value
from riskcheck.documents.store import DocumentStore
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, Source, Value
from tests.support import MemoryTree


def yaml(data: bytes) -> object:
    """Documents, templates, comments and trees of any bytes; each document against ruamel's own loader."""
    document = DocumentStore(MemoryTree({"a.yaml": data})).get("a.yaml")
    said: list[object] = [
        document.error,
        document.template,
        document.encrypted,
        document.comments,
        document.unreadable,
    ]
    lines = document.text.count("\n") + 1
    for chunk in document.chunks:
        error = chunk.error
        if error is not None:
            assert 1 <= error.line <= lines, error
            assert error.column >= 1, error
            assert error.reason, error
        if chunk.root is not None:
            _placed(chunk.root, document.text, chunk.first_line)
            said += [plain_value(chunk.root, "yaml-1.1"), plain_value(chunk.root, "databricks")]
            said += [plain_value(chunk.root, "kustomize")]
            _against_ruamel(chunk.text, chunk.root, bool(chunk.duplicate_keys))
    return repr(said)


_ONLY_IN_1_1 = re.compile("[\x85\u2028\u2029]|[&*][\\w-]*[^\\s\\w-]")


def _placed(root: Node, text: str, first_line: int) -> None:
    """Every node stands in the text, and ends no earlier than it begins."""
    lines = text.split("\n")
    for node in _nodes(root):
        assert 0 <= node.line <= node.end_line, node
        assert first_line - 1 + node.line < len(lines), (node, node.line)
        assert (node.line, node.column) <= (node.end_line, node.end_column), node
        assert node.column <= len(lines[first_line - 1 + node.line]), (node, node.column)


def _nodes(root: Node) -> Iterator[Node]:
    seen: set[int] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, Mapping):
            stack += [part for entry in node.entries for part in entry]
        elif isinstance(node, Sequence):
            stack += node.items


def _against_ruamel(text: str, root: Node, duplicates: bool) -> None:
    """What ruamel's loader in Python reads, too, must have the same shape and the same text in every scalar.
    It reads YAML 1.2, where fewer signs break lines and names of anchors may hold more (``&a:``)."""
    if duplicates or len(text) > 3_000 or "<<" in text or _ONLY_IN_1_1.search(text):
        return
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    reader = YAML(typ="safe", pure=True)
    try:
        with catch_warnings():
            simplefilter("ignore")
            composed = reader.compose(text)
    except (YAMLError, ValueError, IndexError, AssertionError, AttributeError, TypeError, RecursionError):
        return
    if composed is not None:
        _same_shape(root, composed, 0)


def _same_shape(ours: Node, theirs: object, depth: int) -> None:
    kind = type(theirs).__name__
    value = getattr(theirs, "value", None)
    if isinstance(ours, Mapping):
        assert kind == "MappingNode", (kind, ours)
        assert isinstance(value, list)
        assert len(ours.entries) == len(value), (len(ours.entries), len(value))
        for (_, child), (_, other) in zip(ours.entries, value, strict=True):
            _same_shape(child, other, depth + 1)
    elif isinstance(ours, Sequence):
        assert kind == "SequenceNode", (kind, ours)
        assert isinstance(value, list)
        assert len(ours.items) == len(value)
        for child, other in zip(ours.items, value, strict=True):
            _same_shape(child, other, depth + 1)
    else:
        assert isinstance(ours, Scalar)
        assert kind == "ScalarNode", (kind, ours)
        if isinstance(value, str) and not any("\ud800" <= sign <= "\udfff" for sign in value):
            assert ours.raw == value, (ours.raw, value)


def json_text(data: bytes) -> object:
    """JSON against the standard library's reader."""
    document = DocumentStore(MemoryTree({"a.json": data})).get("a.json")
    error, root = document.error, document.root
    if error is not None and document.unreadable is None:
        assert 1 <= error.line <= document.text.count("\n") + 1, error
    try:
        meant = json.loads(document.text)
    except (ValueError, RecursionError):
        return repr((error, root and plain_value(root, "yaml-1.2")))
    if document.unreadable is None and root is not None:
        _placed(root, document.text, 1)
        read = plain_value(root, "yaml-1.2")
        assert _is_odd(meant) or equal_values(read, meant), (read, meant)
    return repr(error)


def _is_odd(value: object) -> bool:
    """What the standard library reads beyond JSON, or what no tool keeps: not a number, halves of signs."""
    if isinstance(value, dict):
        return any(_is_odd(key) or _is_odd(child) for key, child in value.items())
    if isinstance(value, list):
        return any(map(_is_odd, value))
    if isinstance(value, str):
        return any("\ud800" <= sign <= "\udfff" for sign in value)
    return isinstance(value, float) and not math.isfinite(value)


def commented_json(data: bytes) -> object:
    document = DocumentStore(MemoryTree({"a.jsonc": data})).get("a.jsonc")
    if document.root is not None:
        _placed(document.root, document.text, 1)
    return repr((document.error, document.root and plain_value(document.root, "yaml-1.2"), document.comments))


def toml(data: bytes) -> object:
    """TOML: what the standard library reads is read alike, with places; what it refuses is refused."""
    document = DocumentStore(MemoryTree({"a.toml": data})).get("a.toml")
    if document.unreadable is not None:
        return document.unreadable
    try:
        meant = tomllib.loads(document.text)
    except (ValueError, RecursionError):
        assert document.error is not None, "refused by the standard library, read here"
        assert 1 <= document.error.line <= document.text.count("\n") + 1, document.error
        return repr(document.error)
    root = document.root
    if root is None:
        reason = document.error.reason if document.error else ""
        assert "places of its keys" not in reason, reason
        return reason
    _placed(root, document.text, 1)
    assert _shape(plain_value(root, "yaml-1.2")) == _shape(meant)
    return repr(meant)


def _shape(value: object) -> object:
    """Keys and nesting; numbers, dates and texts have their own tests."""
    if isinstance(value, dict):
        return {key: _shape(child) for key, child in value.items()}
    return [_shape(child) for child in value] if isinstance(value, list) else None


def properties(data: bytes) -> object:
    """Properties, in a file of their own and inside a ConfigMap."""
    document = DocumentStore(MemoryTree({"a.properties": data})).get("a.properties")
    said: list[Value] = []
    if document.root is not None:
        _placed(document.root, document.text, 1)
        said.append(plain_value(document.root, "yaml-1.1"))
    indented = b"data:\n  app: |\n" + b"".join(b"    %s\n" % line for line in data.split(b"\n"))
    outer = DocumentStore(MemoryTree({"a.yaml": indented})).get("a.yaml")
    entry = outer.root.at("data", "app") if isinstance(outer.root, Mapping) else None
    if isinstance(entry, Scalar):
        inner = properties_within(entry)
        if inner is not None:
            lines = outer.text.count("\n") + 1
            assert all(0 <= node.line < lines for node in _nodes(inner))
            said.append(plain_value(inner, "yaml-1.1"))
    return repr((document.error, said))


def hcl(data: bytes) -> object:
    """Terraform's language as text, and what each of its expressions comes to by itself."""
    document = DocumentStore(MemoryTree({"a.tf": data})).get("a.tf")
    if document.error is not None and document.unreadable is None:
        assert 1 <= document.error.line <= document.text.count("\n") + 1, document.error
    root = document.root
    if root is None:
        return repr((document.error, document.template))
    lines = document.text.split("\n")
    for node in _nodes(root):
        assert 0 <= node.line <= node.end_line < len(lines), (node, node.line)
    return repr((document.error, plain_value(root, "yaml-1.2"), document.comments))


def expression(data: bytes) -> object:
    """One expression of Terraform."""
    from riskcheck.platforms.terraform import expressions
    from riskcheck.platforms.terraform.evaluation import Evaluation
    from riskcheck.platforms.terraform.values import Failure
    from tests.platforms.terraform.test_expressions import scope

    text = data.decode("utf-8", "replace")
    parsed = expressions.expression(text)
    if parsed is None:
        return None
    near = Scalar("x", Source("main.tf", "head"), 0, 0, 0, 1)
    try:
        node = Evaluation(scope(), parsed, near).of(parsed.root)
    except Failure as failure:
        return str(failure)
    return repr(plain_value(node, "yaml-1.2"))


def split(data: bytes) -> object:
    """Files of several formats under names that promise another one."""
    said = []
    for name in ("a.yaml", "a.json", "a.toml", "a.properties", "a.tfvars", "spark-defaults.conf"):
        document = DocumentStore(MemoryTree({name: data})).get(name)
        said.append((name, document.error, document.template, document.comments, document.line(1)))
    try:
        return repr(said)
    except Rejected as error:  # pragma: no cover
        raise AssertionError("a rejection left the parser") from error


def _expressions() -> Iterator[bytes]:
    from tests.platforms.terraform.known_expressions import KNOWN, SYMBOLIC

    yield from (text.encode() for text, _ in KNOWN)
    yield from (text.encode() for text in SYMBOLIC)


def _toml() -> Iterator[bytes]:
    yield from seeds.files(".toml")
    yield b'a.b."c" = 1\n[x]\ny = [1, [2, {z = "q"}]]\n[[t]]\nu = """\n\\\n v"""\n[[t]]\nw = 1979-05-27T07:32:00Z\n'
    yield b"[a.b]\nc = {d.e = 1, f = []}\n[a]\nx = 0xFF\n'k' = '''l'''\n"
    yield b'title = "x" # riskcheck: ignore[X] until=2027-01-01 why\n[owner]\ndob = 1979-05-27\nn = inf\n'


def _properties() -> Iterator[bytes]:
    yield from seeds.files(".properties", ".conf")
    yield b"# c\na = b\\\n   c\nb:c\nd e\n\\u00e9 = \\ud83d\\ude00\n! x\nf\\ g=h\n"


_COMMENTED = b'{\n  // one\n  "a": [1, 2,], /* two\n */ "b": {"c": null,},\n}\n'
_YAML_WORDS = (
    "riskcheck: ignore[X] until=2027-01-01 owner=a why",
    "&a ",
    "*a",
    "<<: *a",
    "!!str ",
    "|2-",
    ">+",
    "? ",
)
_HCL_WORDS = (
    *(
        "resource",
        "module",
        "variable",
        "locals",
        "dynamic",
        "for_each",
        "count",
        "each.key",
        "var.",
        "local.",
    ),
    *(
        "<<EOT\n",
        "<<-EOT\n",
        "%{ for x in y }",
        "%{ if }",
        "~}",
        "...",
        "=>",
        "? :",
        "[*]",
        ".*.",
        "merge(",
        "try(",
    ),
)
_CALLS = (
    "format(",
    "regex(",
    "cidrsubnet(",
    "jsondecode(",
    "yamldecode(",
    "templatefile(",
    "setproduct(",
    "range(",
)

TARGETS = (
    Target("yaml", "YAML, against ruamel's loader", yaml, partial(seeds.files, ".yaml", ".yml"), _YAML_WORDS),
    Target(
        "json",
        "JSON, against the standard library",
        json_text,
        partial(seeds.files, ".json"),
        ('{"a": [', "1e5"),
    ),
    Target(
        "jsonc",
        "JSON with comments",
        commented_json,
        lambda: [_COMMENTED, *seeds.files(".json")],
        ("//", "/*"),
    ),
    Target(
        "toml",
        "TOML, against the standard library",
        toml,
        _toml,
        ("[[", "]]", '"""', "'''", "a.b", "= {", "inf"),
    ),
    Target(
        "properties", "properties, alone and inside YAML", properties, _properties, ("\\\n", "\\u00", "=")
    ),
    Target(
        "hcl", "the language of Terraform", hcl, partial(seeds.files, ".tf", ".tfvars", ".hcl"), _HCL_WORDS
    ),
    Target("expressions", "expressions of Terraform", expression, _expressions, (*_HCL_WORDS, *_CALLS)),
    Target(
        "names", "text of one format under the name of another", split, partial(seeds.files, ""), _YAML_WORDS
    ),
)
