"""Checks and reads the document of a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.policy.build import Builder
from riskcheck.policy.model import Policy
from riskcheck.policy.problems import Problem
from riskcheck.policy.schema import Schema, faults

if TYPE_CHECKING:
    from riskcheck.documents.store import Document


def read_policy(document: Document, digest: str = "") -> tuple[Policy, tuple[Problem, ...]]:
    """The policy that `document` states, and all that is wrong with it. digest: content id of the file."""
    path = document.path
    if document.unreadable is not None:
        reason = document.error.reason if document.error else document.unreadable
        return Policy(), (Problem(path, 1, reason),)
    chunks = [chunk for chunk in document.chunks if chunk.error or chunk.root is not None]
    problems = [Problem(path, chunk.error.line, chunk.error.reason) for chunk in chunks if chunk.error]
    problems += [
        Problem(path, double.line, double.reason) for chunk in chunks for double in chunk.duplicate_keys
    ]
    if len(chunks) > 1:
        problems.append(Problem(path, chunks[1].first_line, "a policy is one document"))
    root = chunks[0].root if chunks else None
    if root is None:
        return Policy(), tuple(problems) or (Problem(path, 1, "is empty; a policy begins with `version: 1`"),)
    builder = Builder(path, root)
    policy = builder.policy(digest)
    for fault in (*faults(root, _schema()), *builder.faults):
        message = f"{fault.where}: {fault.message}".removeprefix(": ")
        problems.append(Problem(path, fault.node.file_line, message))
    return policy, tuple(problems)


def _schema() -> Schema:
    import json

    from riskcheck.data import data_text

    loaded: Schema = json.loads(data_text("schemas", "config.schema.json"))
    return loaded
