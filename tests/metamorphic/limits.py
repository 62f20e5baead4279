"""Cases that a law does not hold for, each with the reason. Nothing else is left out."""

from __future__ import annotations

from typing import Final

_BROKEN: Final = "the file is broken on one side, and the finding names the file and the line where it breaks"

_OF_FILES: Final = "the finding is about the file itself, which is its resource"
_EDITED: Final = "whoever writes a line anew that holds a secret is told so"

LIMITS: Final[dict[tuple[str, str], str]] = {
    ("*", "GOV-010"): _BROKEN,
    ("*", "TFP-001 the only file of a root cannot be parsed any more"): _BROKEN,
    ("*", "GOV-007 names, versions, digests and addresses under keys that sound secret"): _BROKEN,
    ("*", "GOV-004 hostile objectives and backups"): _BROKEN,
    ("unrelated files", "GOV-011"): (
        "stated in the rule's false positives: anything else that changes may be what the rendering reads"
    ),
    (
        "renamed on both sides",
        "GOV-011",
    ): "the rendering names its source, and the fingerprint holds that name",
    ("renamed with its edit", "GOV-011"): "a renamed rendering is no longer a copy that was edited alone",
    ("renamed on both sides", "TFP-010"): _OF_FILES,
    ("renamed with its edit", "TFP-010"): _OF_FILES,
    ("*", "TFP-013 a root of Azure moves to another directory and to another key"): (
        "a file that moves is known by its unchanged bytes, as in git"
    ),
    (
        "renamed with its edit",
        "GOV-004 the claim is snapshotted every ten minutes and the restore was exercised",
    ): ("a backup counts where the file that schedules it is unchanged"),
    ("keys", "CAN-014 a fault that was there is left in place"): (
        "faults are compared with the order of their keys; one that is written in another order counts as another"
    ),
    ("flow style", "GOV-011 the source changes with it"): (
        "the comment that says which file was generated is gone, and with it what tells a copy"
    ),
    ("flow style", "SPK-017 the entry goes as a whole"): "entries of a text in one line are one edit",
    ("other indentation", "SPK-017 the entry goes as a whole"): "entries of a text in one line are one edit",
}
"""(law, rule or case) to reason; ``*`` is every law. All but the first are tried with every other law."""

_WRITTEN_ANEW: Final = {"GOV-007": _EDITED}
"""Rules that look at the text of edited lines: not asked where only the text changes."""

OWN_PACK: Final = "policies/own/first.yaml"
"""Broken in base in cases of GOV-006: whoever edits it is told so, whatever the edit. It stays as it is."""

QUERY: Final = ("dbt:", ("query",))
"""A query is listed among what changed where its text does, though only a comment came; no rule speaks."""


def limit(law: str, case: str) -> str | None:
    """Why `law` is not asked of `case`, None where it is."""
    code = case.partition(" ")[0]
    names = ((law, case), (law, code), ("*", case), ("*", code))
    found = next((LIMITS[name] for name in names if name in LIMITS), None)
    return found or _WRITTEN_ANEW.get(code)
