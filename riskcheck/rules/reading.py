"""One rule file into a rule. Everything that is wrong with it is found, with its line and what to do about it."""

from __future__ import annotations

import re
from typing import Final, TypeVar, get_args

from riskcheck.documents.scalars import plain_value, scalar_value
from riskcheck.documents.store import DocumentStore
from riskcheck.errors import suggestion
from riskcheck.models import (
    CanaryKind,
    Category,
    ChangeKind,
    Confidence,
    Reversibility,
    RollbackKind,
    Severity,
)
from riskcheck.nodes import Mapping as MappingNode
from riskcheck.nodes import Node, Scalar, Sequence, Value
from riskcheck.rules.compiled import Compiled, CompiledEscalation, CompiledMatch, Subject
from riskcheck.rules.problems import Problem
from riskcheck.rules.selector import Pattern, parse_path
from riskcheck.trees import MemoryTree

T = TypeVar("T")

ID_PATTERN: Final = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+"
CODE_PATTERN: Final = r"[A-Z][A-Z0-9]{1,7}-[0-9]{3,4}"
CHECK_PATTERN: Final = r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*"

_REQUIRED: Final = (
    *("id", "code", "title", "severity", "confidence", "reversibility", "category"),
    *("match", "message", "why", "fix"),
)
_OPTIONAL: Final = (
    "escalate",
    "when",
    "check",
    "options",
    "evidence",
    "false_positives",
    "references",
    "since",
)
_MATCH_KEYS: Final = ("platform", "kind", "path", "change", "subject")


def read_rule(path: str, data: bytes) -> tuple[Compiled | None, list[Problem]]:
    """The rule in the file `path`, and what is wrong with it; None where it cannot be used."""
    root, problems = parse_document(path, data)
    if root is None:
        return None, problems
    reader = _Reader(path)
    compiled = reader.rule(root)
    problems += reader.problems
    return (None if problems else compiled), problems


def parse_document(path: str, data: bytes) -> tuple[MappingNode | None, list[Problem]]:
    """The one mapping that a YAML file of ours holds, and what keeps it from being read."""
    document = DocumentStore(MemoryTree({path: data}, "base", "rules")).get(path, "yaml")
    chunks = [chunk for chunk in document.chunks if chunk.error or chunk.root is not None]
    problems = [
        Problem(path, found.line, found.reason)
        for chunk in chunks
        for found in (*((chunk.error,) if chunk.error else ()), *chunk.duplicate_keys)
    ]
    if document.error is not None and not problems:
        problems.append(Problem(path, document.error.line, document.error.reason))
    if len(chunks) > 1:
        problems.append(Problem(path, chunks[1].first_line, "a second document; keep one in each file"))
    root = chunks[0].root if chunks else None
    if root is None and not problems:
        problems.append(Problem(path, 1, "the file is empty"))
    if root is not None and not isinstance(root, MappingNode):
        problems.append(Problem(path, 1, "must be a mapping of keys"))
        root = None
    return root, problems


def line_of(path: str, data: bytes, source: str) -> int:
    """1-based line of the condition or check `source` in the rule file `path`."""
    root, _ = parse_document(path, data)
    pending: list[Node] = [] if root is None else [root]
    while pending:
        node = pending.pop()
        if isinstance(node, MappingNode):
            pending += [child for key, child in node.entries if key.raw in ("when", "escalate", "check")]
        elif isinstance(node, Sequence):
            pending += node.items
        elif isinstance(node, Scalar) and node.raw.strip() == source:
            return node.file_line
    return 1


class _Reader:
    """Reads the fields of one rule, noting what is wrong. Where a field is, some valid value stands in for it."""

    def __init__(self, path: str) -> None:
        self.problems: list[Problem] = []
        self._path = path

    def _problem(self, node: Node, message: str) -> None:
        self.problems.append(Problem(self._path, node.file_line, message))

    def rule(self, root: MappingNode) -> Compiled:
        self._keys(root, "", _REQUIRED + _OPTIONAL)
        for name in _REQUIRED:
            if root.get(name) is None:
                self._problem(root, f"{name} is missing")
        evidence = self._mapping(root, "evidence", ("canary", "rollback"))
        compiled = Compiled(
            id=self._form(root, "id", ID_PATTERN, "lower-case words joined by '-', such as replicas-reduced")
            or "",
            code=self._form(root, "code", CODE_PATTERN, "a family and a number, such as K8S-001") or "",
            title=self._text(root, "title") or "",
            severity=self._choice(root, "severity", get_args(Severity)),
            confidence=self._choice(root, "confidence", get_args(Confidence)),
            reversibility=self._choice(root, "reversibility", get_args(Reversibility)),
            category=self._choice(root, "category", get_args(Category)),
            match=self._match(self._mapping(root, "match", _MATCH_KEYS)),
            message=self._text(root, "message") or "",
            why=self._text(root, "why") or "",
            fix=self._text(root, "fix") or "",
            when=self._text(root, "when"),
            check=self._form(root, "check", CHECK_PATTERN, "<module>.<function>"),
            escalate=self._escalate(root),
            options=self._options(root),
            canary=self._choices(evidence, "canary", get_args(CanaryKind)),
            rollback=self._choices(evidence, "rollback", get_args(RollbackKind)),
            false_positives=self._texts(root, "false_positives"),
            references=self._texts(root, "references"),
            since=self._text(root, "since") or "",
        )
        self._agreement(root, compiled)
        return compiled

    def _agreement(self, root: MappingNode, compiled: Compiled) -> None:
        """What holds between fields, and between the file and its name."""
        stem = self._path.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]
        if compiled["id"] and compiled["id"] != stem:
            self._problem(root.index["id"], f"the id must be the name of the file, {stem}")
        subject = compiled["match"]["subject"]
        if subject != "change" and compiled["check"] is None:
            self._problem(root.index["match"], f"a rule of subject {subject} needs a check")
        if subject != "change" and compiled["when"] is not None:
            self._problem(root.index["when"], f"a rule of subject {subject} has no when; its check decides")
        stated = root.get("severity")
        for entry in compiled["escalate"]:
            if isinstance(stated, Scalar) and stated.raw == compiled["severity"] <= entry["to"]:
                message = (
                    f"escalating to {entry['to']} has no effect: the rule has {compiled['severity']} already"
                )
                self._problem(root.index["escalate"], message)

    def _match(self, node: MappingNode) -> CompiledMatch:
        paths = None
        if node.get("path") is not None:
            paths = [
                list(pattern) for text in self._scalars(node, "path") for pattern in self._patterns(text)
            ]
        return CompiledMatch(
            platforms=self._texts(node, "platform"),
            kinds=self._texts(node, "kind"),
            paths=paths,
            changes=self._choices(node, "change", get_args(ChangeKind)),
            subject=self._choice(node, "subject", get_args(Subject)),
        )

    def _patterns(self, text: Scalar) -> tuple[Pattern, ...]:
        try:
            return parse_path(text.raw)
        except ValueError as error:
            self._problem(text, f"match.path: {error}")
            return ()

    def _escalate(self, root: MappingNode) -> list[CompiledEscalation]:
        node = root.get("escalate")
        if node is not None and not isinstance(node, Sequence):
            self._problem(node, "escalate must be a list of {when: …, to: …}")
        out: list[CompiledEscalation] = []
        for item in node.items if isinstance(node, Sequence) else ():
            if not isinstance(item, MappingNode) or item.get("when") is None or item.get("to") is None:
                self._problem(item, "each entry of escalate has a condition `when` and a severity `to`")
                continue
            self._keys(item, "escalate.", ("when", "to"))
            to: Severity = self._choice(item, "to", get_args(Severity))
            out.append(CompiledEscalation(when=self._text(item, "when") or "false", to=to))
        return out

    def _options(self, root: MappingNode) -> dict[str, Value] | None:
        node = root.get("options")
        if node is None:
            return None
        value = plain_value(node, "yaml-1.2")
        if isinstance(value, dict):
            return value
        self._problem(node, "options must be a mapping of names to values")
        return None

    def _mapping(self, root: MappingNode, name: str, known: tuple[str, ...]) -> MappingNode:
        """The mapping under `name`; an empty one where there is none."""
        node = root.get(name)
        if isinstance(node, MappingNode):
            self._keys(node, f"{name}.", known)
            return node
        if node is not None:
            self._problem(node, f"{name} must be a mapping; it may have {', '.join(known)}")
        return root.with_entries([])

    def _keys(self, node: MappingNode, where: str, known: tuple[str, ...]) -> None:
        for key, _ in node.entries:
            if key.raw not in known:
                self._problem(key, f"unknown key {where}{key.raw}{suggestion(key.raw, known)}")

    def _text(self, node: MappingNode, name: str) -> str | None:
        child = node.get(name)
        if child is None:
            return None
        if not isinstance(child, Scalar) or not isinstance(scalar_value(child, "yaml-1.2"), str):
            self._problem(child, f"{name} must be text" + ("; quote it" if isinstance(child, Scalar) else ""))
            return None
        if not child.raw.strip():
            self._problem(child, f"{name} is empty")
            return None
        return child.raw.strip()

    def _form(self, node: MappingNode, name: str, pattern: str, form: str) -> str | None:
        text = self._text(node, name)
        if text is not None and re.fullmatch(pattern, text) is None:
            self._problem(node.index[name], f"{name} {text!r} must be {form}")
            return None
        return text

    def _choice(self, node: MappingNode, name: str, choices: tuple[T, ...]) -> T:
        """The one of `choices` that stands under `name`; the first where nothing does."""
        return next(iter(self._choices(node, name, choices)), choices[0])

    def _choices(self, node: MappingNode, name: str, choices: tuple[T, ...]) -> list[T]:
        out: list[T] = []
        for scalar in self._scalars(node, name):
            if scalar.raw in choices:
                out.append(choices[choices.index(scalar.raw)])
            else:
                near = suggestion(scalar.raw, map(str, choices))
                self._problem(scalar, f"{name} {scalar.raw!r} is unknown{near}")
        return out

    def _texts(self, node: MappingNode, name: str) -> list[str]:
        return [scalar.raw.strip() for scalar in self._scalars(node, name)]

    def _scalars(self, node: MappingNode, name: str) -> list[Scalar]:
        """One text, or a list of texts."""
        child = node.get(name)
        items = child.items if isinstance(child, Sequence) else [] if child is None else [child]
        for item in items:
            if not isinstance(item, Scalar):
                hint = "; a text with a colon in it needs quotes" if isinstance(item, MappingNode) else ""
                self._problem(item, f"{name} must be text or a list of texts{hint}")
        return [item for item in items if isinstance(item, Scalar)]
