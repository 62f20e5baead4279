"""Which of the loaded rules run, and how severe they are: the policy's word, then the command line's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from riskcheck.models import Rule, Severity


class UnknownRuleError(RunError):
    """Somebody named a rule that does not exist. The message names the nearest ones."""


def choose(
    rules: Sequence[Rule],
    select: Iterable[str],
    ignore: Iterable[str],
    severity: Mapping[str, Severity] | None = None,
) -> Sequence[Rule]:
    """`rules` without the ignored ones, only the selected ones where any are named.

    Names are ids or codes, in any case. severity: name to the severity that replaces the rule's own; escalations
    still hold. Raises `UnknownRuleError`.
    """
    select, ignore = tuple(select), tuple(ignore)
    if not select and not ignore and not severity:
        return rules
    names: dict[str, Rule] = {}
    for rule in rules:
        names[rule.id.lower()] = names[rule.code.lower()] = rule
    selected = {_found(name, names).id for name in select}
    ignored = {_found(name, names).id for name in ignore}
    severities = {_found(name, names).id: value for name, value in (severity or {}).items()}
    return tuple(
        rule._replace(severity=severities[rule.id]) if rule.id in severities else rule
        for rule in rules
        if rule.id not in ignored and (not selected or rule.id in selected)
    )


def _found(name: str, names: Mapping[str, Rule]) -> Rule:
    rule = names.get(name.lower())
    if rule is None:
        from difflib import get_close_matches

        close = (names[key] for key in get_close_matches(name.lower(), names, n=3))
        near = [f"{rule.code} {rule.id}" for rule in close]
        hint = (
            f"did you mean {', '.join(dict.fromkeys(near))}?" if near else "`riskcheck rules list` lists them"
        )
        raise UnknownRuleError(f"no rule is called {name}; {hint}")
    return rule
