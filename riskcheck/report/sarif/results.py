"""One finding as a result, with its places."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from riskcheck.models import LEVELS, changed_value
from riskcheck.report.json import plain_value
from riskcheck.report.people import values_of
from riskcheck.report.places import is_of_repository, place_in_head
from riskcheck.report.safe import name_bytes, without_addresses
from riskcheck.report.sarif.rules import sarif_level
from riskcheck.report.selected import one_line, rows
from riskcheck.report.waived import waiver_words

if TYPE_CHECKING:
    from riskcheck.judged import Finding, Waiver
    from riskcheck.models import Location
    from riskcheck.report.json import Json
    from riskcheck.report.places import Place
    from riskcheck.results import Report

OWN_FINGERPRINT: Final = "riskcheckFingerprint/v1"
GITHUB_FINGERPRINT: Final = "primaryLocationLineHash"
"""The only one that GitHub and Azure DevOps look at."""

MOST_RELATED: Final = 100
"""GitHub shows 100 places of a result and takes 1,000."""

MOST_LINKS: Final = 5

TOLD: Final = ("blocks", "reaches", "canary", "rollback", "fix")
"""What a message says behind the finding itself; why it matters is in the help of the rule."""


def result(finding: Finding, report: Report, rule_index: int, number: int) -> Json:
    """`finding` as a `result` object. rule_index: of its rule in the driver. number: from 1, among those of
    its fingerprint."""
    related = _related(finding, report)
    made: dict[str, Json] = {
        "ruleId": finding.code,
        "ruleIndex": rule_index,
        "level": sarif_level(finding),
        "rank": LEVELS.index(finding.level) * 25.0,
        "message": {"text": _message(finding, report, related)},
        "locations": [location(finding.location, report)],
        "partialFingerprints": {
            OWN_FINGERPRINT: f"{finding.fingerprint}:{number}",
            GITHUB_FINGERPRINT: f"{finding.fingerprint}:{number}",
        },
        "properties": _properties(finding),
    }
    if related:
        made["relatedLocations"] = [
            {"id": identity, **location(place, report), "message": {"text": words}}
            for identity, words, place in related
        ]
    if finding.waiver is not None:
        made["suppressions"] = [_suppression(finding, finding.waiver)]
    return made


def location(place: Location, report: Report) -> dict[str, Json]:
    """A `location` object in head."""
    there = place_in_head(place, report)
    made: dict[str, Json] = {
        "physicalLocation": {"artifactLocation": _artifact(there), "region": _region(there)}
    }
    if there.remark:
        made["message"] = {"text": one_line(there.remark)}
    return made


def _artifact(place: Place) -> Json:
    return {"uri": uri(place.path), "uriBaseId": "%SRCROOT%"}


def _region(place: Place) -> Json:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.line,
        "endColumn": place.end_column,
    }


def uri(path: str) -> str:
    """`path` of the repository as a relative reference (RFC 3986), percent-encoded, without mail addresses."""
    return quote(name_bytes(without_addresses(path)), safe="/")


def _message(finding: Finding, report: Report, related: list[tuple[int, str, Location]]) -> str:
    """The finding first: where there is little room, only the first sentence is shown."""
    words = [_sentence(finding.message)]
    remark = place_in_head(finding.location, report).remark
    if remark:
        words.append(_sentence(f"Place: {remark}"))
    if finding.waiver is not None:
        words.append(_sentence(waiver_words(finding).capitalize()))
    words += [_sentence(f"{label.capitalize()}: {text}") for label, text in rows(finding) if label in TOLD]
    links = [f"[{_escaped(text)}]({identity})" for identity, text, _ in related[:MOST_LINKS]]
    if links:
        words.append(f"See {', '.join(links)}.")
    return " ".join(words)


def _sentence(text: str) -> str:
    said = _unlinked(one_line(text))
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _unlinked(text: str) -> str:
    r"""`text` in which nothing is a link: SARIF reads ``[words](target)`` in messages, and ``\[`` as a bracket."""
    return _escaped(text) if "](" in text else text


def _escaped(text: str) -> str:
    return re.sub(r"([\\\[\]])", r"\\\1", text)


def _related(finding: Finding, report: Report) -> list[tuple[int, str, Location]]:
    """Places that explain the finding and are other than its own: number from 1, what is there, place."""
    own = place_in_head(finding.location, report)
    told: dict[tuple[str, int], tuple[int, str, Location]] = {}
    for one in finding.related:
        place = place_in_head(one.location, report)
        name = (place.path, place.line)
        # What was before at the same place stands in no file of head.
        old = one.role == "before" and one.location.side == "base"
        if old or name == (own.path, own.line) or name in told or not is_of_repository(one.location.path):
            continue
        told[name] = (len(told) + 1, one_line(f"{one.role}: {place.name}"), one.location)
    return list(told.values())[:MOST_RELATED]


def _suppression(finding: Finding, waiver: Waiver) -> Json:
    about: dict[str, Json] = {"kind": waiver.kind, "source": waiver.source}
    if not waiver.baseline:
        about |= {"owner": waiver.owner, "until": waiver.until}
    return {
        "kind": "inSource" if waiver.inline else "external",
        "status": "accepted",
        "justification": waiver_words(finding),
        "properties": about,
    }


def _properties(finding: Finding) -> Json:
    before, after = values_of(finding)
    return {
        "level": finding.level,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "blocking": finding.blocking,
        "cause": finding.cause,
        "side": finding.location.side,
        "resource": finding.resource,
        "resources": list(finding.resources),
        "service": finding.service,
        "environments": [one.name for one in finding.environments],
        "before": plain_value(changed_value(before)),
        "after": plain_value(changed_value(after)),
        "reversibility": finding.reversibility,
        "canary_covered": finding.canary_covered,
        "rollback_ready": finding.rollback_ready,
        "steps": [{"reason": one.reason, "delta": one.delta} for one in finding.steps],
    }
