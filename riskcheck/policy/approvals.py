"""The approvals that CI hands in: which team approved which scope, and when."""

from __future__ import annotations

from riskcheck.durations import parse_moment
from riskcheck.policy.model import Approval
from riskcheck.policy.problems import PolicyError, Problem

_KEYS = ("team", "scope", "at")


def read_approvals(path: str, text: str) -> tuple[Approval, ...]:
    """The approvals of a JSON file, ``[{"team": "team-a", "scope": "sox", "at": "2027-01-15T07:00:00Z"}]``.

    path: for messages. Other keys are dropped unread: CI may know who approved, riskcheck never does. Raises
    `PolicyError` with all problems; a file that is only half understood approves nothing.
    """
    import json

    try:
        held = json.loads(text)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise PolicyError([Problem(path, line, f"is not JSON: {getattr(error, 'msg', error)}")]) from None
    except RecursionError:
        raise PolicyError([Problem(path, 1, "is nested too deeply")]) from None
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
        else:
            approvals.append(Approval(*texts))
    if problems:
        raise PolicyError(problems)
    return tuple(approvals)
