"""ConfigMap and Secret generators, and the content hash in the names of what they make.

Facts: https://github.com/kubernetes-sigs/kustomize/tree/kustomize/v5.5.0/api/kv, ../internal/generators, ../hasher.
Each generated value is a node at its source: the literal, the line of the env file, the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import plain_value
from riskcheck.models import Setting
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, Source, Value, made
from riskcheck.platforms.kubernetes.edit import is_true, key_at, mapping_at, put, text
from riskcheck.platforms.kubernetes.objects import KubeObject
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LINE_LENGTH: Final = 70
"""Base64 longer than this is cut into lines, each ended by a newline; the hash covers them."""

_ENV_NAME: Final = regex(r"[-._a-zA-Z][-._a-zA-Z0-9]*\Z")
_DATA_KEY: Final = regex(r"[-._a-zA-Z0-9]{1,253}\Z")
_HASH_LETTERS: Final = str.maketrans("013ae", "ghkmt")
_GO_ESCAPES: Final = (
    ("<", "\\u003c"),
    (">", "\\u003e"),
    ("&", "\\u0026"),
    ("\u2028", "\\u2028"),
    ("\u2029", "\\u2029"),
)


class GeneratorError(Exception):
    """A generator that cannot be followed. node: the part of it that is wrong."""

    def __init__(self, message: str, node: Node) -> None:
        super().__init__(message)
        self.node = node


class Pair(NamedTuple):
    """One key and value that a generator puts in; node: where it is written."""

    key: str
    value: bytes
    node: Node


class Generated(NamedTuple):
    """What a generator makes and how it meets what is there already (``create``, ``merge`` or ``replace``)."""

    made: KubeObject
    behavior: str


def generate(
    kind: str,
    arguments: Mapping,
    options: Mapping | None,
    read: Callable[[Scalar, str], tuple[bytes, Source]],
) -> Generated:
    """The object that one entry of ``configMapGenerator`` or ``secretGenerator`` makes.

    options: the kustomization's ``generatorOptions``. read: content of the file that a scalar names, by the
    path in it, and its source. Raises `GeneratorError`, and what `read` raises.
    """
    name = arguments.get("name")
    if not isinstance(name, Scalar) or not name.raw:
        raise GeneratorError("a generator without a name", arguments)
    own = arguments.get("options")
    local = own if isinstance(own, Mapping) else None
    data: list[tuple[Scalar, Node]] = []
    binary: list[tuple[Scalar, Node]] = []
    seen: set[str] = set()
    for pair in _pairs(arguments, read):
        if pair.key in seen:
            raise GeneratorError(f"{name.raw} has the key {pair.key} twice", pair.node)
        if not _DATA_KEY.match(pair.key):
            raise GeneratorError(f"{pair.key!r} is no legal key", pair.node)
        seen.add(pair.key)
        value, is_text = _content(pair.value, kind)
        (data if is_text else binary).append((key_at(pair.key, pair.node), _placed(value, pair.node)))
    metadata: list[tuple[Scalar, Node]] = [(key_at("name", name), name)]
    namespace = arguments.get("namespace")
    if isinstance(namespace, Scalar) and namespace.raw:
        metadata.append((key_at("namespace", namespace), namespace))
    for field in ("labels", "annotations"):
        merged = _options_map(field, local, options)
        if merged is not None:
            metadata.append((key_at(field, merged), merged))
    entries: list[tuple[Scalar, Node]] = [
        (key_at("apiVersion", arguments), made("v1", arguments)),
        (key_at("kind", arguments), made(kind, arguments)),
        (key_at("metadata", arguments), mapping_at(metadata, arguments)),
    ]
    if kind == "Secret":
        stated = arguments.get("type")
        entries.append(
            (key_at("type", arguments), stated if text(stated) and stated else made("Opaque", arguments))
        )
    for field, content in (("data", data), ("binaryData", binary)):
        if content or (field == "data" and kind == "Secret"):
            content.sort(key=lambda entry: entry[0].raw)
            entries.append((key_at(field, arguments), mapping_at(content, arguments)))
    if any(is_true(found.get("immutable")) for found in (local, options) if found is not None):
        entries.append((key_at("immutable", arguments), made(True, arguments)))
    unhashed = [
        option
        for found in (local, options)
        if found is not None
        and (option := found.get("disableNameSuffixHash")) is not None
        and is_true(option)
    ]
    body = mapping_at(entries, arguments)
    behavior = text(arguments.get("behavior")) or "create"
    result = KubeObject(body, arguments, generated=True, hashed=not unhashed)
    result.settings = tuple(Setting("unhashed", option) for option in unhashed[:1])
    return Generated(result, behavior)


def _placed(value: str, node: Node) -> Scalar:
    """A string written at `node`; not synthetic, since the file states it."""
    return Scalar(
        value, node.source, node.line, node.column, node.end_line, node.end_column, "native", None, value
    )


def _options_map(field: str, local: Mapping | None, options: Mapping | None) -> Mapping | None:
    """Labels or annotations: the generator's own win over the kustomization's."""
    merged: Mapping | None = None
    for source in (options, local):
        found = source.get(field) if source is not None else None
        if isinstance(found, Mapping):
            if merged is None:
                merged = found
            else:
                for key, value in found.entries:
                    merged = put(merged, key.raw, value, key)
    return merged


def _pairs(arguments: Mapping, read: Callable[[Scalar, str], tuple[bytes, Source]]) -> Iterator[Pair]:
    for field in ("envs", "env"):
        for node in _strings(arguments.get(field)):
            content, source = read(node, node.raw)
            yield from _env_lines(content, source, node)
    for node in _strings(arguments.get("literals")):
        key, equals, value = node.raw.partition("=")
        if not equals or not key:
            raise GeneratorError(f"the literal {node.raw!r} is not key=value", node)
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        yield Pair(key, value.encode(), node)
    for node in _strings(arguments.get("files")):
        key, equals, path = node.raw.partition("=")
        if not equals:
            key, path = node.raw.rpartition("/")[2], node.raw
        content, source = read(node, path)
        yield Pair(key, content, Scalar("", source, 0, 0, max(content.count(b"\n") - 1, 0), 0, "native"))


def _strings(node: Node | None) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node] if node.raw else []
    items = node.items if isinstance(node, Sequence) else []
    return [item for item in items if isinstance(item, Scalar)]


def _env_lines(content: bytes, source: Source, named_by: Scalar) -> Iterator[Pair]:
    try:
        lines = content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise GeneratorError(f"{source.path} is not UTF-8 text", named_by) from None
    for number, line in enumerate(lines):
        stated = line.removesuffix("\r").lstrip()
        if not stated or stated.startswith("#"):
            continue
        key, _, value = stated.partition("=")
        if not _ENV_NAME.match(key):
            raise GeneratorError(f"{source.path}:{number + 1}: {key!r} is no variable name", named_by)
        yield Pair(key, value.encode(), Scalar("", source, number, 0, number, len(line), "native"))


def _content(content: bytes, kind: str) -> tuple[str, bool]:
    """The value as the object holds it, and whether that is under ``data``."""
    if kind == "ConfigMap":
        try:
            return content.decode(), True
        except UnicodeDecodeError:
            return _base64(content), False
    return _base64(content), True


def _base64(content: bytes) -> str:
    from base64 import b64encode

    encoded = b64encode(content).decode()
    if len(encoded) < _LINE_LENGTH:
        return encoded
    lines = [encoded[start : start + _LINE_LENGTH] for start in range(0, len(encoded), _LINE_LENGTH)]
    return "".join(f"{line}\n" for line in lines)


def combined(old: KubeObject, generated: Generated) -> KubeObject:
    """What is left in the place of `old` when a generator with behavior merge or replace meets it."""
    new = generated.made.body
    metadata = new.get("metadata")
    assert isinstance(metadata, Mapping)
    before = old.body.get("metadata")
    if isinstance(before, Mapping):
        for field in ("labels", "annotations"):
            metadata = _over(metadata, field, before.get(field))
        for field in ("name", "namespace"):
            kept = before.get(field)
            if kept is not None:
                metadata = put(metadata, field, kept)
    body = put(new, "metadata", metadata)
    if generated.behavior == "merge":
        for field in ("data", "binaryData"):
            body = _over(body, field, old.body.get(field))
    result = old.evolve(body)
    result.hashed = old.hashed and generated.made.hashed
    result.settings = (*old.settings, *generated.made.settings)
    return result


def _over(new: Mapping, field: str, old: Node | None) -> Mapping:
    """`new` with the entries of `old` that its `field` does not state."""
    if not isinstance(old, Mapping) or not old.entries:
        return new
    stated = new.get(field)
    merged = old
    if isinstance(stated, Mapping):
        for key, value in stated.entries:
            merged = put(merged, key.raw, value, key)
    return put(new, field, merged, merged)


def with_hash(found: KubeObject) -> KubeObject:
    """`found` with the content hash at the end of its name."""
    name = found.body.at("metadata", "name")
    if name is None:
        return found
    metadata = found.body.get("metadata")
    assert isinstance(metadata, Mapping)
    hashed = made(f"{found.name}-{content_hash(found)}", name, (name,))
    return found.evolve(put(found.body, "metadata", put(metadata, "name", hashed)), remember=True)


def content_hash(found: KubeObject) -> str:
    """The ten characters that kustomize appends. The name takes no part in it (its lookup misses, always)."""
    from hashlib import sha256

    values: dict[str, Value] = {"kind": found.kind, "name": ""}
    if found.kind == "ConfigMap":
        fields = ("data", "binaryData")
    else:
        fields = ("data", "stringData")
        values["type"] = text(found.body.get("type"))
    for field in fields:
        node = found.body.get(field)
        if isinstance(node, Mapping):
            values[field] = plain_value(node, "kustomize")
        elif field == "data":
            values[field] = ""
    return sha256(_go_json(values).encode()).hexdigest()[:10].translate(_HASH_LETTERS)


def _go_json(value: Value) -> str:
    """As Go's encoding/json writes it: keys sorted, ``<``, ``>`` and ``&`` escaped."""
    import json

    written = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    for character, escape in _GO_ESCAPES:
        written = written.replace(character, escape)
    return written
