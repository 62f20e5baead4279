"""Calls of riskcheck in CI steps and hooks: whether they happen, and whether what they say still counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple
from riskcheck.rules.checks.gate_sources import elsewhere, fixed, runner
from riskcheck.rules.checks.gate_values import part, text, words
from riskcheck.shell import statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from riskcheck.nodes import Value

LEVELS: Final = {"never": 0, "p0": 1, None: 2, "p1": 3, "p2": 4, "p3": 5}
"""Thresholds of ``--fail-on`` from the one that blocks least; without one the default rules hold, which let P1 pass
only with evidence."""
_NOT_A_RUN: Final = frozenset(
    {"install", "add", "download", "--version", "--help", "explain", "rules", "init", "echo"}
)
_SETTINGS: Final = ("exit-zero", "fail-on", "ignore", "select", "config", "no-waivers", "base", "head")
_OFF: Final = frozenset({"", "0", "false", "no", "off"})
_COMMANDS: Final = frozenset(
    {"diff", "lint", "graph", "plan", "rules", "explain", "init", "baseline", "evidence", "lsp"}
)
_OPENING: Final = frozenset({"if", "for", "while", "until", "case", "select"})
_CLOSING: Final = frozenset({"fi", "done", "esac"})
_FLAGS: Final = frozenset(
    {"staged", "exit-zero", "no-waivers", "no-cache", "explain", "quiet", "hook", "help", "version"}
)
"""Options of riskcheck that take no value: the word behind one stands for itself."""


class Call(NamedTuple):
    """One call. options: long option to its value, "" for a flag; ``command``, ``revision`` and ``paths`` are those
    that are given without a name. masked: its exit code is thrown away. source: the action or component that makes
    the call, without its version; pinned: that version cannot move."""

    options: Mapping[str, str]
    masked: bool
    source: str = ""
    pinned: bool = False


def calls(script: str) -> Iterator[Call]:
    """The calls of riskcheck in a script, as far as it is sure to get."""
    if "riskcheck" not in script:
        return
    piped_safely = "pipefail" in script
    carries_on = False
    depth, before = 0, ""
    for statement in statements(script):
        found = list(statement.words)
        depth += found[0] in _OPENING
        depth -= found[0] in _CLOSING
        if found[0] in ("exit", "return") and depth == 0 and before not in ("&&", "||"):
            return
        before = statement.ends
        if found[0] == "set":
            carries_on = carries_on or "+e" in found
        number = next((index for index, word in enumerate(found) if _is_riskcheck(word)), None)
        if number is None or not _NOT_A_RUN.isdisjoint(found):
            continue
        leading = set(found[:number])
        masked = (
            statement.ends in ("||", "&")
            or (statement.ends == "|" and not piped_safely)
            or carries_on
            or not leading.isdisjoint({"if", "!", "while", "until"})
        )
        yield Call(called_with(found[number + 1 :]), masked)


def _is_riskcheck(word: str) -> bool:
    name = word.rpartition("/")[2]
    return name == "riskcheck" or name.startswith(("riskcheck@", "riskcheck:", "riskcheck=="))


def options(arguments: Sequence[str]) -> dict[str, str]:
    """``--fail-on P1 --exit-zero --ignore=X`` as a mapping; of equal options the values are joined."""
    found: dict[str, str] = {}
    for number, word in enumerate(arguments):
        if not word.startswith("--"):
            continue
        name, equals, value = word[2:].partition("=")
        if not equals and number + 1 < len(arguments) and not arguments[number + 1].startswith("-"):
            value = arguments[number + 1]
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def called_with(arguments: Sequence[str]) -> dict[str, str]:
    """The options of one call, with what is given without a name: ``diff origin/main -- clusters``."""
    named, behind = list(arguments), []
    if "--" in named:
        cut = named.index("--")
        named, behind = named[:cut], named[cut + 1 :]
    found = options(named)
    plain: list[str] = []
    takes_value = False
    for word in named:
        if word.startswith("-"):
            takes_value = word.startswith("--") and "=" not in word and word[2:] not in _FLAGS
        elif not takes_value:
            plain.append(word)
        else:
            takes_value = False
    if plain and plain[0] in _COMMANDS:
        found["command"] = plain.pop(0)
    if plain:
        found["revision"] = plain[0]
    paths = " ".join([*plain[1:], *behind])
    return {**found, "paths": paths} if paths else found


def from_environment(env: object) -> dict[str, str]:
    """What ``RISKCHECK_*`` variables and pre-commit's ``SKIP`` ask for, as options."""
    found: dict[str, str] = {}
    for name, value in part(env).items():
        key = name.lower().removeprefix("riskcheck_").replace("_", "-")
        said = str(value).lower() if isinstance(value, bool) else str(value)
        if name.startswith("RISKCHECK_") and key in _SETTINGS and said.lower() not in _OFF:
            found[key] = "" if key in ("exit-zero", "no-waivers") else said
        elif name == "SKIP" and "riskcheck" in said.split(","):
            found["skip"] = ""
    return found


def relaxed(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """What options `after` let through that `before` did not."""
    if "exit-zero" in after and "exit-zero" not in before:
        yield "riskcheck is run with --exit-zero"
    if "skip" in after and "skip" not in before:
        yield "the hook riskcheck is skipped"
    if _threshold(after) < _threshold(before):
        yield f"riskcheck is run with --fail-on {after.get('fail-on', 'at its default')}"
    ignored = [name for name in _names(after, "ignore") if name not in _names(before, "ignore")]
    if ignored:
        yield f"riskcheck is run with --ignore {','.join(ignored)}"
    selected = _names(after, "select")
    if selected and (
        not _names(before, "select") or any(one not in selected for one in _names(before, "select"))
    ):
        yield f"riskcheck is run with --select {','.join(selected)}"
    if after.get("config") != before.get("config"):
        yield f"riskcheck is run with another policy file ({after.get('config', 'the one at the root')})"
    if "no-waivers" in before and "no-waivers" not in after:
        yield "riskcheck honours waivers again"
    yield from elsewhere(before, after)
    yield from _looks_at_less(before, after)


def _looks_at_less(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    command = after.get("command", "diff")
    if command != "diff" and before.get("command", "diff") == "diff":
        yield f"`riskcheck {command}` is run instead of `riskcheck diff`, which alone judges a change"
        return
    paths, left = before.get("paths", "").split(), after.get("paths", "").split()
    if left and (not paths or any(one not in left for one in paths)):
        yield f"riskcheck only looks at {', '.join(left)}"
    if _own(after) and not _own(before):
        base = after.get("base") or after.get("revision")
        yield f"riskcheck compares with {base}, a state of the change itself"
    approvals = after.get("approvals")
    if approvals and approvals != before.get("approvals"):
        yield f"riskcheck takes approvals from {approvals}"


def _own(given: Mapping[str, str]) -> bool:
    """Whether what is compared with is named by the change's own commits, so that one more commit hides another."""
    base = given.get("base") or given.get("revision") or ""
    return base.partition("..")[0].rstrip("~^0123456789") in ("HEAD", "@")


def _threshold(given: Mapping[str, str]) -> int:
    level = given.get("fail-on")
    return LEVELS.get(level.lower() if level is not None else None, LEVELS[None])


def _names(given: Mapping[str, str], option: str) -> list[str]:
    return [name.strip() for name in given.get(option, "").split(",") if name.strip()]


def step_calls(step: Mapping[str, Value]) -> list[Call]:
    """The calls in one step of a job: in its script, or by an action called riskcheck."""
    script = text(step.get("run"))
    if script is not None:
        return list(calls(script))
    uses, _, version = (text(step.get("uses")) or "").partition("@")
    if "riskcheck" not in uses.split("/")[-1]:
        return []
    inputs = part(step.get("inputs"))
    given = {name.replace("_", "-"): str(value) for name, value in inputs.items()}
    found = options((text(inputs.get("args")) or "").split())
    for name in _SETTINGS:
        if given.get(name, "").lower() not in _OFF:
            found[name] = given[name]
    return [Call({**found, **runner(given)}, False, uses, fixed(version))]


def arguments(hook: Mapping[str, Value]) -> dict[str, str]:
    """What a pre-commit hook passes on."""
    entry = (text(hook.get("entry")) or "riskcheck diff --hook").split()
    return called_with([*entry[1:], *words(hook.get("args"))])
