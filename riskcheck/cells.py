"""What words say about a cell: stage, tier, region.

Words are whole: ``product`` is not ``prod``. Sources of the region forms:
https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html,
https://learn.microsoft.com/azure/reliability/regions-list, https://cloud.google.com/compute/docs/regions-zones.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from riskcheck.models import Stage

_SURE: Final[dict[str, Stage]] = {
    **dict.fromkeys(("dev", "devel", "development", "sbx"), "dev"),
    **dict.fromkeys(("staging", "stg", "stage", "uat", "preprod", "preproduction", "nonprod"), "staging"),
    **dict.fromkeys(("prod", "production", "prd"), "prod"),
}
_UNSURE: Final[dict[str, Stage]] = {
    **dict.fromkeys(("test", "tst", "qa", "int", "integration", "sandbox", "local", "preview", "ci"), "dev"),
    **dict.fromkeys(("acc", "acceptance", "nonproduction", "nprd"), "staging"),
    **dict.fromkeys(("canary", "pilot"), "canary"),
    "live": "prod",
}
"""Words that elsewhere name a component or a folder of code."""

_STAGES: Final[dict[str, Stage]] = {**_SURE, **_UNSURE}
_QUALIFIERS: Final = {"pre": "preprod", "non": "nonprod", "not": "nonprod"}
_TIERS: Final = frozenset({"free", "standard", "premium", "enterprise"})
_SHORT_REGION: Final = r"(?:eu|us|uk|emea|apac|amer|latam)\d?"

_EDGE: Final = r"(?<![a-z0-9])(?:{})(?![a-z0-9])"
_AWS: Final = (
    r"(?:us|eu|ap|sa|ca|me|af|il|mx|cn|us-gov)-"
    r"(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-[1-9]"
)
_GCP: Final = (
    r"(?:us|europe|asia|australia|northamerica|southamerica|me|africa)-"
    r"(?:north|south|east|west|central|northeast|northwest|southeast|southwest)[1-9][0-9]?"
)
_AZURE: Final = (
    r"(?:(?:north|south|east|west|central)(?:east|west|central)?(?:us|europe|asia|india)"
    r"|(?:australia|brazil|canada|china|france|germany|italy|japan|korea|mexico|newzealand|norway|poland|qatar"
    r"|southafrica|spain|sweden|switzerland|uae|uk|israel|usgov|usdod)"
    r"(?:north|south|east|west|central){1,2})[1-9]?"
)
_REGION: Final = _EDGE.format("|".join((_AWS, _GCP, _AZURE)))
"""Kept as text: it takes long to compile, and few names have a direction in them."""
_DIRECTIONS: Final = ("north", "south", "east", "west", "central")
_WORD: Final = regex(r"[^-_./ :]+")
_HUMP: Final = regex(r"(?<=[a-z0-9])(?=[A-Z])")
_ORDINAL: Final = regex(r"[a-z]{0,3}\d{1,3}")
_PADDED: Final = regex(r"(?!v)[a-z]{0,3}0\d+")
_NUMBERED: Final = regex(r"(?:cluster|eks|aks|gke|ocp|rke)\d+")


class Told(NamedTuple):
    """What a text says.

    sure: its stage word hardly means anything else. whole: every word was understood.
    """

    stage: Stage | None = None
    tier: str | None = None
    region: str | None = None
    sure: bool = False
    whole: bool = False


_REMEMBERED: dict[tuple[str, bool], Told] = {}
_MOST_REMEMBERED: Final = 10_000
_LONGEST: Final = 500
"""Characters of a text that is looked at: names are shorter, and hosts and paths hardly longer."""


def tell(text: str, beside: bool = False) -> Told:
    """What the words of `text` (a directory, a bundle target, a cluster) say.

    beside: a stage is known from next to it, so that ``premium`` or ``eu`` alone is a tier or region.
    """
    key = (text, beside)
    told = _REMEMBERED.get(key)
    if told is None:
        if len(_REMEMBERED) >= _MOST_REMEMBERED:
            _REMEMBERED.clear()
        told = _REMEMBERED[key] = _read(text, beside)
    return told


def tells_at_an_end(name: str) -> bool:
    """Whether the first or the last word of `name`, numbers left out, is a stage."""
    words = _joined([word for word in _words(name) if not _ORDINAL.fullmatch(word)])
    return bool(words) and (_stage(words[0]) is not None or _stage(words[-1]) is not None)


def looks_like_cluster(name: str) -> bool:
    """Whether a directory below an environment names one cluster of it: ``shop-prod-p1``, ``lab-dev``,
    ``fedora-01``, ``eks-2``, ``eastus2``; not ``monitoring``, ``postgres-16``, ``s3``, ``dev-tools``."""
    words = _words(name)
    if not words:
        return False
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    return bool(
        tell(name).region
        or _stem(last) in _SURE
        or (_stem(before) in _SURE and _ORDINAL.fullmatch(last))
        or (before and _PADDED.fullmatch(last))
        or _NUMBERED.fullmatch(before + last)
        or _NUMBERED.fullmatch(last)
    )


def canonical(word: str) -> str:
    """One spelling for the plain synonyms of a stage, so that ``production`` and ``prod`` are one name."""
    lower = word.lower()
    stage = _SURE.get(lower)
    if lower in ("dev", "devel", "development", "staging", "stg", "stage", "prod", "production", "prd"):
        assert stage is not None
        return stage
    return lower


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(_HUMP.sub("-", text))]


def _read(text: str, beside: bool) -> Told:
    if len(text) > _LONGEST:
        return Told()
    lowered = _HUMP.sub("-", text).lower().replace("_", "-")
    found = re.search(_REGION, lowered) if any(word in lowered for word in _DIRECTIONS) else None
    region = found[0] if found else None
    rest = lowered[: found.start()] + "-" + lowered[found.end() :] if found else lowered
    words = _joined(_WORD.findall(rest))
    stages = [(word, stage) for word in words if (stage := _stage(word)) is not None]
    tier = next((word for word in words if word.startswith("ring-")), None)
    if tier is None and (stages or beside or region):
        tier = next((word for word in words if word in _TIERS), None)
    if region is None and words and (stages or beside):
        region = next((word for word in (words[-1], words[0]) if re.fullmatch(_SHORT_REGION, word)), None)
    understood = {word for word, _ in stages} | {tier, region}
    whole = bool(stages or tier or region) and all(word in understood or word.isdecimal() for word in words)
    stage = _leading(stages)
    sure = any(_stem(word) in _SURE for word, _ in stages)
    return Told(stage, tier, region, sure, whole)


def _joined(words: list[str]) -> list[str]:
    """``pre-prod``, ``non-prod`` and ``ring-1`` are one word each; so is ``stage-1``, a step of something."""
    joined: list[str] = []
    for word in words:
        last = joined[-1] if joined else ""
        if last in _QUALIFIERS and _STAGES.get(word) == "prod":
            joined[-1] = _QUALIFIERS[last]
        elif last in ("ring", "stage") and word.isdecimal():
            joined[-1] = f"{last}-{word}"
        elif word.startswith("ring") and word[4:].isdecimal():
            joined.append(f"ring-{word[4:]}")
        else:
            joined.append(word)
    return joined


def _stem(word: str) -> str:
    """A stage word without its number: ``prod2``; but ``stage1`` is a step and ``int8`` a type."""
    stem = word.rstrip("0123456789")
    return word if stem in ("stage", "int") else stem


def _stage(word: str) -> Stage | None:
    return _STAGES.get(_stem(word))


def _leading(stages: list[tuple[str, Stage]]) -> Stage | None:
    """``prod-canary`` is a canary; of other combinations the surer word counts, then the first."""
    if any(stage == "canary" for _, stage in stages):
        return "canary"
    sure = next((stage for word, stage in stages if _stem(word) in _SURE), None)
    return sure or next((stage for _, stage in stages), None)
