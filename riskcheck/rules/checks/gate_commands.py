"""Calls of riskcheck in CI steps and hooks: whether they happen, and whether what they say still counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

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


class Call(NamedTuple):
    """One call. options: long option to its value, "" for a flag. masked: its exit code is thrown away. source: the
    action or component that makes the call, without its version; pinned: that version cannot move."""

    options: Mapping[str, str]
    masked: bool
    source: str = ""
    pinned: bool = False


def calls(script: str) -> Iterator[Call]:
    """The calls of riskcheck in a script."""
    if "riskcheck" not in script:
        return
    piped_safely = "pipefail" in script
    carries_on = False
    for statement in statements(script):
        found = list(statement.words)
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
        yield Call(options(found[number + 1 :]), masked)


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
    """The options that a pre-commit hook passes on."""
    return options([*(text(hook.get("entry")) or "").split(), *words(hook.get("args"))])
