"""Waiver comments in every format that has comments, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.documents.store import DocumentStore
from riskcheck.policy.inline import Ignore, ignores
from tests.support import MemoryTree

WORDS = "riskcheck: ignore[K8S-001] until=2027-01-31 owner=team-web agreed"


def found(text: str, path: str = "a.yaml") -> list[Ignore]:
    return list(ignores(DocumentStore(MemoryTree({path: text}, "head")).get(path)))


def only(text: str, path: str = "a.yaml") -> Ignore:
    (one,) = found(text, path)
    return one


@pytest.mark.parametrize(
    ("path", "text", "governs"),
    [
        ("a.yaml", f"# {WORDS}\nreplicas: 3\n", 2),
        ("a.yaml", f"replicas: 3 # {WORDS}\n", 1),
        ("a.yaml", f"replicas: 3  #{WORDS}\n", 1),
        ("a.yaml", f"# {WORDS}\r\nreplicas: 3\r\n", 2),
        ("a.yaml", f"web:\n  # {WORDS}\n  # and why\n  replicas: 3\n", 4),
        ("a.tf", f'resource "aws_x" "y" {{\n  # {WORDS}\n  size = 3\n}}\n', 3),
        ("a.tf", f'resource "aws_x" "y" {{\n  size = 3 // {WORDS}\n}}\n', 2),
        ("a.toml", f"# {WORDS}\nsize = 3\n", 2),
        ("a.toml", f"size = 3 # {WORDS}\n", 1),
        ("spark-defaults.conf", f"# {WORDS}\nspark.executor.memory 4g\n", 2),
        ("a.properties", f"! {WORDS}\nsize=3\n", 2),
        ("a.sql", f"-- {WORDS}\nDROP TABLE sales.orders;\n", 2),
        ("a.sql", f"DROP TABLE sales.orders; -- {WORDS}\n", 1),
    ],
)
def test_each_format_with_comments_has_them(path: str, text: str, governs: int) -> None:
    one = only(text, path)
    assert one.rules == ("K8S-001",)
    assert (one.until, one.owner, one.reason) == ("2027-01-31", "team-web", "agreed")
    assert one.governs == governs
    assert one.anchor


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.yaml", f'note: "# {WORDS}"\n'),
        ("a.yaml", f"note: |\n  # {WORDS}\n  replicas: 3\n"),
        ("a.yaml", f"note: >-\n  text\n  # {WORDS}\n"),
        ("a.yaml", f"note: 'it is\n  # {WORDS}'\n"),
        ("a.yaml", f"note: a#{WORDS}\n"),
        ("a.tf", f"locals {{\n  note = <<EOT\n  # {WORDS}\nEOT\n}}\n"),
        ("a.tf", f'locals {{\n  note = "# {WORDS}"\n}}\n'),
        ("a.toml", f'note = """\n# {WORDS}\n"""\n'),
        ("a.toml", f"note = '# {WORDS}'\n"),
        ("a.json", f'{{"note": "// {WORDS}"}}\n'),
        ("a.properties", f"size=3 # {WORDS}\n"),
    ],
)
def test_what_is_part_of_a_value_is_no_comment(path: str, text: str) -> None:
    assert found(text, path) == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ignore[A-1,B-2] owner=t until=2027-01-31 x", (("A-1", "B-2"), "2027-01-31", "t", "x", "")),
        ("ignore[ A-1 , ] x", (("A-1",), "", "", "x", "")),
        ("ignore[] x", ((), "", "", "x", "")),
        ("ignore [A-1] x", ((), "", "", "", "")),
        ("ignore[A-1 x", ((), "", "", "", "")),
        ("ignore A-1", ((), "", "", "", "")),
        ("disable[A-1]", ((), "", "", "", "")),
        (
            "ignore[A-1] until=2027-01-31 until=2099-01-31 owner=t x",
            (("A-1",), "2027-01-31", "t", "x", "until"),
        ),
        ("ignore[A-1] owner= owner=t until=2027-01-31 x", (("A-1",), "2027-01-31", "", "x", "owner")),
        ("ignore[A-1] Until=2027-01-31 owner=t x", (("A-1",), "", "t", "Until=2027-01-31 x", "")),
        ("ignore[A-1] until: 2027-01-31 owner=t", (("A-1",), "", "t", "until: 2027-01-31", "")),
        (
            "ignore[A-1] owner=t until=2027-01-31 reason=agreed by all",
            (("A-1",), "2027-01-31", "t", "agreed by all", ""),
        ),
        ("ignore[A-1] owner=t until=2027-01-31 reason=", (("A-1",), "2027-01-31", "t", "", "")),
    ],
)
def test_the_words_of_a_comment(words: str, expected: tuple[object, ...]) -> None:
    one = only(f"# riskcheck: {words}\nkey: 1\n")
    assert (one.rules, one.until, one.owner, one.reason, one.repeated) == expected


@pytest.mark.parametrize(
    ("text", "governs"),
    [
        (f"/* {WORDS} */\nsize = 3\n", 2),
        (f"size = 3 /* {WORDS} */\n", 1),
        (f"/* {WORDS} */ size = 3\n", 1),
        (f"/* {WORDS} */\n# more\nsize = 3\n", 3),
    ],
)
def test_block_comments_of_hcl(text: str, governs: int) -> None:
    one = only(text, "main.tf")
    assert (one.rules, one.owner, one.reason, one.governs) == (("K8S-001",), "team-web", "agreed", governs)


def test_what_only_looks_like_a_block_comment() -> None:
    assert found(f'size = "/* {WORDS} */"\n', "main.tf") == []
    assert found(f"key: /* {WORDS} */\n") == []


class TestStatements:
    """SQL has no keys: a comment is known by the statement it stands in."""

    def anchor(self, text: str) -> tuple[str, ...]:
        return only(text, "a.sql").anchor

    def test_other_edits_leave_it(self) -> None:
        plain = f"-- {WORDS}\nDROP TABLE sales.orders;\n"
        assert self.anchor(plain) == self.anchor(f"SELECT 1;\n\n{plain}")
        inside = f"CREATE TABLE sales.orders (\n  a INT,\n  -- {WORDS}\n  b INT\n);\n"
        assert self.anchor(inside) == self.anchor(inside.replace("a INT,", "a BIGINT,\n  c INT,"))

    def test_at_another_statement_it_is_another(self) -> None:
        plain = f"-- {WORDS}\nDROP TABLE sales.orders;\n"
        assert self.anchor(plain) != self.anchor(plain.replace("orders", "customers"))
        inside = f"CREATE TABLE sales.orders (\n  a INT,\n  -- {WORDS}\n  b INT\n);\n"
        assert self.anchor(inside) != self.anchor(inside.replace("sales.orders", "sales.items"))
        assert self.anchor(inside) != self.anchor(inside.replace("b INT", "d INT"))

    def test_a_comment_about_an_empty_line_is_about_nothing(self) -> None:
        assert self.anchor(f"-- {WORDS}\n\nDROP TABLE sales.orders;\n") == ()


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_no_comment_is_misread_whatever_it_holds(words: str) -> None:
    for one in found(f"key: 1  # riskcheck:{words}\n"):
        assert one.line >= 1
        if one.until:
            assert f"until={one.until}" in words
        if one.owner:
            assert f"owner={one.owner}" in words
        assert bool(one.rules) <= ("ignore[" in words)


WORD = st.text(alphabet="abcdefghijklmnop0123456789.-/", min_size=1, max_size=12)


@given(
    st.lists(st.from_regex(r"[A-Z][A-Z0-9]{1,4}-[0-9]{3}", fullmatch=True), min_size=1, max_size=4),
    st.dates(),
    WORD,
    st.lists(WORD, min_size=1, max_size=6),
    st.randoms(),
)
def test_what_is_written_is_read_in_any_order(
    rules: list[str], day: object, owner: str, reason: list[str], chance: object
) -> None:
    fields = [f"until={day}", f"owner={owner}", " ".join(reason)]
    chance.shuffle(fields)  # type: ignore[attr-defined]  # hypothesis' random
    one = only(f"key: 1  # riskcheck: ignore[{', '.join(rules)}] {' '.join(fields)}\n")
    assert one.rules == tuple(rules)
    assert (one.until, one.owner, one.reason) == (str(day), owner, " ".join(reason))
    assert one.repeated == ""


class TestAnchors:
    """What makes a comment the same one in another version of its file."""

    def anchor(self, text: str, path: str) -> tuple[str, ...]:
        return only(text, path).anchor

    @pytest.mark.parametrize(
        ("path", "before", "after"),
        [
            (
                "a.tf",
                'resource "aws_x" "a" {\n  # %s\n  size = 3\n}\nresource "aws_x" "b" {\n  size = 3\n}\n',
                'resource "aws_x" "a" {\n  size = 3\n}\nresource "aws_x" "b" {\n  # %s\n  size = 3\n}\n',
            ),
            ("a.toml", "[a]\n# %s\nsize = 3\n[b]\nsize = 3\n", "[a]\nsize = 3\n[b]\n# %s\nsize = 3\n"),
            ("a.yaml", "a:\n  # %s\n  size: 3\nb:\n  size: 3\n", "a:\n  size: 3\nb:\n  # %s\n  size: 3\n"),
            ("a.properties", "# %s\na=3\nb=3\n", "a=3\n# %s\nb=3\n"),
            ("a.sql", "-- %s\nDROP TABLE a;\nDROP TABLE b;\n", "DROP TABLE a;\n-- %s\nDROP TABLE b;\n"),
        ],
    )
    def test_moved_it_is_another(self, path: str, before: str, after: str) -> None:
        assert self.anchor(before % WORDS, path) != self.anchor(after % WORDS, path)

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("a.tf", 'resource "aws_x" "a" {\n  # %s\n  size = 3\n}\n'),
            ("a.yaml", "a:\n  # %s\n  size: 3\n"),
            ("a.sql", "-- %s\nDROP TABLE a;\n"),
        ],
    )
    def test_the_same_with_other_line_ends_and_more_around_it(self, path: str, text: str) -> None:
        plain = text % WORDS
        assert self.anchor(plain, path) == self.anchor(plain.replace("\n", "\r\n"), path)
        assert self.anchor(plain, path) == self.anchor(plain.replace(WORDS, WORDS.replace(" ", "  ")), path)
