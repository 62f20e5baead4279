"""Workflows that anybody can start by a pull request and that hold a token that can write.

https://docs.github.com/en/actions/reference/security/secure-use
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.phrases import listed
from riskcheck.regexes import regex
from riskcheck.rules.checks.gate_jobs import jobs_of, steps_of
from riskcheck.rules.checks.gate_values import Weakening, at, part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.rules.checks.gate_values import Plain

_EVENT: Final = "pull_request_target"
_WRITES: Final = frozenset(
    {"contents", "actions", "checks", "statuses", "deployments", "id-token", "packages", "security-events"}
)
"""Permissions with which a workflow can change code, checks or deployments. Labels and comments cannot."""
_HEAD: Final = regex(r"pull_request\.head|github\.head_ref|refs/pull/")
_CHECKS_OUT: Final = regex(r"\bgh pr checkout\b")
_FETCHES: Final = regex(r"\bgit (?:fetch|pull|checkout)\b")
_THEIRS: Final = regex(r"\bpull/|pull_request\.head|github\.head_ref")
_THEIR_WORDS: Final = regex(
    r"\$\{\{[^{}]*(?:github\.event\.pull_request\.(?:title|body|head\.ref|head\.label)|github\.head_ref)"
)
"""Texts that whoever opens a pull request chooses, put into a script before it runs."""


def weakenings(before: Plain, after: Plain) -> Iterator[Weakening]:
    """Code from a fork meets a token that can write. Without their code or words in it, what the workflow does with
    the token is the repository's own, and is only shown."""
    known = [one for kind in _reached(before) for one in kind]
    may, runs = _reached(after)
    if all(one in known for one in (*may, *runs)):
        return
    path = at("permissions") if _EVENT in part(before, "triggers") else at("triggers", _EVENT)
    yield Weakening(path, f"{_EVENT} runs with {listed([*may, *runs])}", shown=not runs)


def _reached(definition: Plain) -> tuple[list[str], list[str]]:
    """What a workflow that forks trigger may write, and what of theirs is run with any such token."""
    if _EVENT not in part(definition, "triggers"):
        return [], []
    may: dict[str, None] = {}
    runs: dict[str, None] = {}
    for job in jobs_of(definition).values():
        stated = job.get("permissions", definition.get("permissions"))
        writes = [name for name, access in part(stated).items() if access == "write"]
        may.update(dict.fromkeys(f"write access to {name}" for name in writes if name in _WRITES))
        if stated == "write-all":
            may["write access to everything"] = None
        if writes or stated in (None, "write-all"):
            runs.update(dict.fromkeys(_theirs(job)))
    return list(may), list(runs)


def _theirs(job: Plain) -> Iterator[str]:
    for step in steps_of(job).values():
        inputs = part(step, "inputs")
        uses, script = str(step.get("uses") or ""), str(step.get("run") or "")
        places = f"{inputs.get('ref', '')} {inputs.get('repository', '')}"
        if ("checkout" in uses and _HEAD.search(places)) or _fetches_head(script):
            yield "the code of the pull request checked out"
        if _THEIR_WORDS.search(script) or _THEIR_WORDS.search(str(inputs.get("script") or "")):
            yield "words of the pull request in a script"


def _fetches_head(script: str) -> bool:
    """Whether a script fetches what a pull request would merge: a line fetches, and names it behind that."""
    if _CHECKS_OUT.search(script):
        return True
    fetched = ((line, _FETCHES.search(line)) for line in script.split("\n"))
    return any(found is not None and _THEIRS.search(line, found.end()) for line, found in fetched)
