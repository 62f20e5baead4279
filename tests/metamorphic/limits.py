"""Cases that a law does not hold for, each with the reason. Nothing else is left out."""

from __future__ import annotations

from typing import Final

_BROKEN: Final = (
    "the file is broken on one side: what it declared is not known there, and the finding names the file"
)
_LINE: Final = "the finding says at which line the file breaks"
_OF_FILES: Final = "the finding is about the file itself, which is its resource"
_EDITED: Final = "whoever writes a line anew that holds a secret is told so"
_UNTOUCHED: Final = (
    "what cannot be used is told of files that the change touches, as in the whole of a large repository \
it would be told of every change"
)
_COMMENTS: Final = "the comment that says which file was generated is gone, and with it what tells a copy"
_BYTES: Final = (
    "where a root moved to is known by its unchanged bytes; without them the finding does not say it"
)
_UNDEPLOYED: Final = "nothing deploys the directory any more, and only files that the change touches show it"

NAMES: Final = ("renamed on both sides", "renamed with its edit")
_GENERATED: Final = (
    "GOV-011 the rendering for production gets a value that its source lacks",
    "GOV-011 an object is taken out of a rendering alone",
)
_PLANS: Final = ("TFP-010 a plan with -target", "TFP-010 an error, deferred actions and a check")
_BREAKS: Final = (
    "GOV-010 a manifest that could be read is broken",
    "GOV-007 names, versions, digests and addresses under keys that sound secret",
    "TFP-001 the only file of a root cannot be parsed any more",
)
_TEXTS: Final = ("other indentation", "flow style", "comments", "trailing spaces", "carriage returns")
_TOKEN: Final = "GOV-007 a token in files that no environment runs, and in a comment"
_HOSTILE: Final = "GOV-004 hostile objectives and backups"
_MOVES: Final = "TFP-013 a root of Azure moves to another directory and to another key"
_BACKUP: Final = "GOV-004 the claim is snapshotted every ten minutes and the restore was exercised"
_ENTRY: Final = "SPK-017 the entry goes as a whole"
_REPEATS: Final = (
    "GOV-021 a file that was added, removed again, and is added once more",
    "GOV-021 another value this time",
    "GOV-021 the same value again, three days after it was taken back",
)
_REVERTED: Final = "what was reverted is known by its path, and the finding is about that file"
_WHOLE: Final = "a file as a whole is the one that was taken back where its bytes are"
_RESTORES: Final = "GOV-020 the edit restores what was there"
_SAME_BYTES: Final = "what was there before is known by its bytes"

LIMITS: Final[dict[tuple[str, str], str]] = {
    **{(law, case): _BROKEN for law in (*NAMES, "swapped") for case in _BREAKS},
    ("comments", _BREAKS[-1]): _LINE,
    **{
        (law, _HOSTILE): _UNTOUCHED
        for law in (
            *_TEXTS,
            *(
                "keys",
                "documents",
                "renamed alone",
                "renamed with its edit",
                "split alone",
                "split with its edit",
            ),
        )
    },
    **{
        (law, f"GOV-007 {case}"): _EDITED
        for law in _TEXTS
        for case in ("a credential moves to another file", "a file with a token is edited elsewhere")
    },
    **{
        (law, _TOKEN): "the comment that holds the token is gone"
        for law in ("other indentation", "flow style", "documents")
    },
    ("flow style", "GOV-007 a Secret with its values"): "secrets on one line are one finding",
    **{
        ("unrelated files", case): (
            "stated in the rule's false positives: anything else that changes may be what the rendering reads"
        )
        for case in _GENERATED
    },
    **{
        ("renamed on both sides", case): "the rendering names its source, and the fingerprint holds that name"
        for case in _GENERATED
    },
    **{
        ("renamed with its edit", case): "a renamed rendering is no longer a copy that was edited alone"
        for case in _GENERATED
    },
    **{(law, case): _OF_FILES for law in NAMES for case in _PLANS},
    **{(law, case): _REVERTED for law in (*NAMES, "swapped") for case in _REPEATS},
    **{("evidence", case): "the revert is in the history that is gone" for case in _REPEATS},
    **{
        (law, _REPEATS[0]): _WHOLE for law in (*_TEXTS, "byte order mark", "keys", "documents", "named items")
    },
    **{
        (law, _RESTORES): _SAME_BYTES
        for law in (*_TEXTS, "byte order mark", "keys", "documents", "named items")
    },
    **{
        ("includes", case): "what cannot be resolved is told of the file that it stands in"
        for case in (
            "DAB-031 a new task with a cluster of its own",
            "DAB-045 a runtime that the platform picks, and what is not resolved",
            "DAB-029 sizes that are none",
            "DAB-016 the principal comes from a variable",
            "GOV-010 production refers to a variable that nothing defines",
        )
    },
    **{
        (law, _MOVES): _BYTES
        for law in ("other indentation", "comments", "carriage returns", "byte order mark")
    },
    (
        "swapped",
        _MOVES,
    ): "of the two directories, the one that is gone leaves something behind, whichever it is",
    (
        "renamed with its edit",
        _BACKUP,
    ): "stated in the rule's false positives: a backup counts where its file stays",
    **{
        ("renamed with its edit", f"K8S-032 {case}"): _UNDEPLOYED
        for case in (
            "a Kustomization goes and its directory stays",
            "an ApplicationSet goes and its directories stay",
        )
    },
    ("keys", _GENERATED[0]): _COMMENTS,
    ("keys", _GENERATED[1]): "the source is edited with it, and stands no longer against the edit",
    **{(law, "GOV-011 the source changes with it"): _COMMENTS for law in ("keys", "flow style")},
    **{
        (law, _ENTRY): "entries of a text in one line are one edit, which counts once in the score"
        for law in ("flow style", "other indentation")
    },
}
"""(law, case) to reason. All have been seen to break the law, and the rest of their rules' cases keep it."""

OWN_PACK: Final = "policies/own/first.yaml"
"""Broken in base in cases of GOV-006: whoever edits it is told so, whatever the edit. It stays as it is."""

QUERY: Final = ("dbt:", ("query",))
"""A query is listed among what changed where its text does, though only a comment came; no rule speaks."""


def limit(law: str, case: str) -> str | None:
    """Why `law` is not asked of `case`, None where it is."""
    return LIMITS.get((law, case))
