"""The approvals that CI hands in: which team approved which scope, and when."""

from __future__ import annotations

import re

from riskcheck.durations import parse_moment
from riskcheck.policy.model import Approval
from riskcheck.policy.problems import PolicyError, Problem
from riskcheck.strictjson import NotJsonError, strict

_KEYS = ("team", "scope", "at")


def read_approvals(path: str, text: str) -> tuple[Approval, ...]:
    """The approvals of a JSON file, ``[{"team": "team-a", "scope": "sox", "at": "2027-01-15T07:00:00Z"}]``.

    ``findings`` may list fingerprints: then it holds while no other finding is in its scope. path: for messages.
    Other keys are dropped unread: CI may know who approved, riskcheck never does. Raises
    `PolicyError` with all problems; a file that is only half understood approves nothing.
    """
    try:
        held = strict(text)
    except NotJsonError as error:
        raise PolicyError([Problem(path, error.line, str(error))]) from None
    if not isinstance(held, list):
        raise PolicyError([Problem(path, 1, "must be a list of approvals")])
    problems: list[Problem] = []
    approvals: list[Approval] = []
    for number, item in enumerate(held):
        given = [item.get(key) for key in _KEYS] if isinstance(item, dict) else []
        texts = [value for value in given if isinstance(value, str) and value]
        if len(texts) < len(_KEYS):
            problems.append(Problem(path, 1, f"[{number}] needs team, scope and at, as text"))
        elif parse_moment(texts[2]) is None:
            problems.append(Problem(path, 1, f"[{number}].at is not a time; write 2027-01-15T07:00:00Z"))
        elif "findings" in item and not _are_fingerprints(item["findings"]):
            told = f"[{number}].findings must be a list of fingerprints, as reports state them"
            problems.append(Problem(path, 1, told))
        else:
            listed = frozenset(item["findings"]) if "findings" in item else None
            approvals.append(Approval(texts[0], texts[1], texts[2], listed))
    if problems:
        raise PolicyError(problems)
    return tuple(approvals)


def _are_fingerprints(listed: object) -> bool:
    """Whether `listed` is a list of fingerprints. Nothing else is: what is null would approve everything."""
    return isinstance(listed, list) and all(
        isinstance(one, str) and re.fullmatch("[0-9a-f]{16}", one) for one in listed
    )
