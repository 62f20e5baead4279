"""Waivers for just the findings that block one change, and how they get into a policy file.

The subset rule: such a waiver lists fingerprints. A change that does less keeps it; one that does anything else is
not covered.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from riskcheck.documents.quoting import quoted
from riskcheck.judged import Waiver
from riskcheck.nodes import Mapping, Scalar, Sequence
from riskcheck.policy.build import is_address

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskcheck.documents.store import Document
    from riskcheck.judged import Finding


class NoPlaceError(Exception):
    """Waivers cannot be put into a policy file as it is written. ``str()`` says why, for people."""


def waivers_for(findings: Iterable[Finding], owner: str, reason: str, until: str) -> tuple[Waiver, ...]:
    """The waivers that cover just `findings`: one for each rule, place, level and set of environments."""
    grouped: dict[tuple[object, ...], Waiver] = {}
    for finding in findings:
        names = tuple(sorted({environment.name for environment in finding.environments}))
        key = (finding.code, place_of(finding), finding.level, names)
        known = grouped.get(key)
        prints = {finding.fingerprint, *(known.fingerprints if known else ())}
        grouped[key] = Waiver(
            rule=finding.code,
            where=place_of(finding),
            owner=owner,
            reason=reason,
            until=until,
            environments=names,
            max_level=finding.level,
            fingerprints=tuple(sorted(prints)),
        )
    return tuple(sorted(grouped.values(), key=lambda one: (one.rule, one.where, one.environments)))


def place_of(finding: Finding) -> str:
    """The resource of `finding`; its file, where it is about several resources or none."""
    if finding.resources in ((), (finding.resource,)) and is_address(finding.resource):
        return finding.resource
    return re.sub(r"([\\*?\[\]{}])", r"\\\1", finding.location.path)


def entries(waivers: Iterable[Waiver], indent: str = "  ") -> list[str]:
    """The lines of a YAML list of `waivers`, `indent` before each item. All text is quoted."""
    lines: list[str] = []
    for one in waivers:
        fields = [
            ("rule", one.rule),
            ("where", quoted(one.where)),
            ("environments", f"[{', '.join(map(quoted, one.environments))}]" if one.environments else ""),
            ("max_level", one.max_level),
            ("owner", quoted(one.owner)),
            ("reason", quoted(one.reason)),
            ("until", one.until),
            ("fingerprints", f"[{', '.join(map(quoted, one.fingerprints))}]"),
        ]
        said = [f"{key}: {value}" for key, value in fields if value]
        lines += [f"{indent}- {said[0]}", *(f"{indent}  {line}" for line in said[1:])]
    return lines


def with_waivers(document: Document | None, waivers: Iterable[Waiver]) -> str:
    """The text of a policy file with `waivers` in it, all else as it was. None: of a new file.

    Raises `NoPlaceError`.
    """
    if document is None:
        return "\n".join(["version: 1", "waivers:", *entries(waivers), ""])
    text = document.text
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.split(end)
    root = document.root
    if not isinstance(root, Mapping) or len([one for one in document.chunks if one.root is not None]) != 1:
        raise NoPlaceError("is not one mapping")
    key = next((one for one, _ in root.entries if one.raw == "waivers"), None)
    if key is None:
        if any(line.startswith("...") for line in lines):
            raise NoPlaceError("ends with `...`")
        while lines and not lines[-1].strip():
            lines.pop()
        return end.join([*lines, "waivers:", *entries(waivers), ""])
    return end.join(_inside(lines, key, root, waivers))


def _inside(lines: list[str], key: Scalar, root: Mapping, waivers: Iterable[Waiver]) -> list[str]:
    """`lines` with `waivers` before the first item of the list under `key`."""
    listed = root.get("waivers")
    number = key.file_line
    behind = lines[number - 1].partition(":")[2].strip()
    if behind and not behind.startswith("#"):
        raise NoPlaceError(
            f"line {number} holds the waivers in one line; write one item a line below `waivers:`"
        )
    indent = "  "
    if isinstance(listed, Sequence) and listed.items:
        first = lines[listed.items[0].file_line - 1]
        if not first.lstrip().startswith("- "):
            raise NoPlaceError(f"line {listed.items[0].file_line} does not begin with `- `")
        indent = first[: len(first) - len(first.lstrip())]
    return [*lines[:number], *entries(waivers, indent), *lines[number:]]
