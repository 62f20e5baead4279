"""The documentation pages of rules, made from their files: one page each, and an index."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from riskcheck.rules.describing import CANARY, REVERSIBILITY, ROLLBACK, Description

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.models import Rule

INDEX: Final = "index.md"
BY_SEVERITY: Final = "by-severity.md"
BY_PLATFORM: Final = "by-platform.md"

MADE: Final = "<!-- Made by `riskcheck rules docs` from the rule files; what is edited here is lost. -->"
"""Last line of every page, by which the command knows its own."""


def page_name(rule: Rule) -> str:
    """The file name of a rule's page."""
    return f"{rule.code}-{rule.id}.md"


def pages(descriptions: Sequence[Description]) -> dict[str, str]:
    """File name to content of every page."""
    lines = {page_name(one.rule): _page(one) for one in descriptions}
    rules = sorted((one.rule for one in descriptions), key=lambda rule: (rule.pack, rule.code))
    lines[INDEX] = _index(rules)
    lines[BY_SEVERITY] = _by_severity(rules)
    lines[BY_PLATFORM] = _by_platform(rules)
    return {name: "\n".join((*page, "", MADE, "")) for name, page in lines.items()}


def _page(description: Description) -> Iterator[str]:
    rule = description.rule
    yield f"# {rule.code}: {rule.title}"
    yield ""
    yield from _table(
        [
            ("Id", f"`{rule.id}`"),
            ("Pack", rule.pack),
            ("Severity", "; ".join(_severity(text) for text in description.severities())),
            ("Confidence", rule.confidence),
            ("Reversibility", f"{rule.reversibility}: {REVERSIBILITY[rule.reversibility]}"),
            ("Category", rule.category),
            *([("Since", rule.since)] if rule.since else []),
        ]
    )
    yield from ("", "## Why", "", rule.why, "", "## When it fires", "")
    for fact in description.fires():
        yield f"- {fact.words} {', '.join(f'`{code}`' for code in fact.code)}".rstrip()
    if rule.options:
        yield from ("", "Options, which a policy may override under `rules.options`:", "")
        yield from (f"- `{name}`: `{value}`" for name, value in rule.options.items())
    yield from _example(description)
    yield from ("", "## What to do", "", rule.fix)
    yield from _silence(description)
    yield from _mitigation(rule)
    if rule.references:
        yield from ("", "## References", "")
        yield from (f"- <{url}>" for url in rule.references)


def _severity(text: str) -> str:
    level, _, condition = text.partition(" when ")
    return f"{level} when `{condition}`" if condition else level


def _example(description: Description) -> Iterator[str]:
    example = description.example
    if example is None:
        return
    yield from ("", f"## Example: {example.name}", "", "```diff", *example.diff, "```", "")
    for said in example.said:
        yield f"- `{said.place}` **{said.severity}** {_escaped(said.message)}"


def _silence(description: Description) -> Iterator[str]:
    if description.rule.false_positives:
        yield from ("", "## False positives", "")
        yield from (f"- {text}" for text in description.rule.false_positives)
    if description.silent:
        yield from ("", "Tested to stay silent:", "")
        yield from (f"- {name}: {reason}" for name, reason in description.silent)


def _mitigation(rule: Rule) -> Iterator[str]:
    if not rule.canary and not rule.rollback:
        return
    yield from ("", "## What mitigates it", "")
    yield from (f"- canary `{kind}`: {CANARY[kind]}" for kind in CANARY if kind in rule.canary)
    yield from (f"- rollback `{kind}`: {ROLLBACK[kind]}" for kind in ROLLBACK if kind in rule.rollback)


def _index(rules: Sequence[Rule]) -> Iterator[str]:
    ways = f"By pack. [By severity]({BY_SEVERITY}) · [by platform]({BY_PLATFORM})"
    said = "`riskcheck explain CODE` shows the same pages in a terminal."
    return _listing("Rules", ways, said, groupby(rules, lambda rule: rule.pack))


def _by_severity(rules: Sequence[Rule]) -> Iterator[str]:
    ways = f"[By pack]({INDEX}) · [by platform]({BY_PLATFORM})"
    said = "As for one production cell of an ordinary service, before what a rule escalates to."
    ranked = sorted(rules, key=lambda rule: rule.severity)
    return _listing("Rules by severity", ways, said, groupby(ranked, lambda rule: rule.severity))


def _by_platform(rules: Sequence[Rule]) -> Iterator[str]:
    ways = f"[By pack]({INDEX}) · [by severity]({BY_SEVERITY})"
    said = "A rule that looks at several platforms is listed with each."
    platforms = sorted({name for rule in rules for name in rule.match.platforms})
    groups = [(name, [rule for rule in rules if name in rule.match.platforms]) for name in platforms]
    every = [rule for rule in rules if not rule.match.platforms]
    if every:
        groups.append(("any platform", every))
    return _listing("Rules by platform", ways, said, groups)


def _listing(title: str, ways: str, said: str, groups: Iterable[tuple[str, Iterable[Rule]]]) -> Iterator[str]:
    """A page of rules in groups. ways: links to the other pages."""
    yield from (f"# {title}", "", ways, "", said)
    for name, rules in groups:
        yield from ("", f"## {name}", "", *_listed(rules))


def _listed(rules: Iterable[Rule]) -> Iterator[str]:
    yield "| code | rule | severity | what happened |"
    yield "|---|---|---|---|"
    for rule in rules:
        worst = min((rule.severity, *(one.to for one in rule.escalate)))
        severity = rule.severity if worst == rule.severity else f"{rule.severity}, up to {worst}"
        title = rule.title.replace("|", "\\|")
        yield f"| [{rule.code}]({page_name(rule)}) | `{rule.id}` | {severity} | {title} |"


def _table(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield "| | |"
    yield "|---|---|"
    for name, text in rows:
        cell = text.replace("|", "\\|")
        yield f"| {name} | {cell} |"


def _escaped(text: str) -> str:
    """Text in which `*` and `_` stand for themselves."""
    for sign in "\\*_<>[]":
        text = text.replace(sign, f"\\{sign}")
    return text
