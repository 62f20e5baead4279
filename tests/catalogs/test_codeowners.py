from __future__ import annotations

import pytest

from riskcheck.catalogs.codeowners import read
from riskcheck.catalogs.teams import team
from tests.catalogs.support import document

TEXT = """\
# a comment
*            @acme/platform
/apps/       @acme/apps @jane @bob
docs/*       @acme/writers
/apps/free/
build/       jane@example.com   # a person
"""


def owner(path: str, text: str = TEXT) -> tuple[tuple[str, ...], int, int] | None:
    owners, limits = read(document("CODEOWNERS", text))
    assert limits == ()
    found = owners.of(path)
    return None if found is None else (found.teams, found.individuals, found.location.line)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("README.md", (("platform",), 0, 2)),
        ("apps/web/x.yaml", (("apps",), 2, 3)),
        ("docs/a.md", (("writers",), 0, 4)),
        ("docs/more/a.md", (("platform",), 0, 2)),
        ("apps/free/x.yaml", None),
        ("x/build/y.yaml", ((), 1, 6)),
    ],
)
def test_the_last_pattern_that_matches_counts(path: str, expected: object) -> None:
    assert owner(path) == expected


def test_no_person_is_named() -> None:
    owners, _ = read(document("CODEOWNERS", TEXT))
    (entry,) = owners.entries([("builder", "build/x.yaml"), ("free", "apps/free/x.yaml")])
    assert (entry.service.name, entry.service.owner) == ("builder", "an individual")
    assert entry.fields == (("owner", entry.location),)
    shown = repr([owners.of(path) for path in ("apps/a", "build/x", "README.md")])
    assert "jane" not in shown and "bob" not in shown


def test_sections_of_gitlab_count_side_by_side() -> None:
    text = "[Apps] @acme/apps\n/apps/\n^[Docs]\n*.md @@writer\n"
    assert owner("apps/a.md", text) == (("apps", "writer"), 0, 2)


def test_hostile_files_are_read() -> None:
    assert owner("a.yaml", "[\n\\\n{a,{b,c}} @acme/x\n**/**/**a @acme/y\n[z-a] @acme/z\n") is None
    owners, limits = read(document("CODEOWNERS", b"\xff\xfe\x00"))
    assert owners.of("a") is None
    assert [limit.kind for limit in limits] in (["binary"], ["not-utf-8"], [])
    long = "a @acme/x\n" * 20_001
    _, limits = read(document("CODEOWNERS", long))
    assert [(limit.kind, limit.line) for limit in limits] == [("too-large", 20_000)]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("group:default/payments", "payments"),
        ("@acme/payments", "payments"),
        ("payments", "payments"),
        ("@jane", "an individual"),
        ("jane@example.com", "an individual"),
        ("user:default/jane", "an individual"),
        ("Unknown", None),
        ("group:default/unknown", None),
        ("TBD", None),
        (" ", None),
        (None, None),
    ],
)
def test_owners_are_teams(written: str | None, name: str | None) -> None:
    assert team(written) == name
