"""Addresses in use: lists that the policy names, and files that name an address."""

from __future__ import annotations

from riskcheck.network.addresses import addresses
from riskcheck.network.known import AddressBook
from tests.support import MemoryTree


def book(files: dict[str, str], *patterns: str, touched: tuple[str, ...] = ()) -> AddressBook:
    tree = MemoryTree(files)
    return AddressBook(tree, tree, patterns, touched)


def found(held: AddressBook) -> list[tuple[str, str, int]]:
    return [(one.text, one.location.path, one.location.line) for one in held.known]


def test_lists_of_all_formats() -> None:
    held = book(
        {
            "n/a.csv": 'owner,range\nfinance,"192.0.2.0/24"\n\ndata;198.51.100.1-198.51.100.9\n',
            "n/b.txt": "# legacy\n203.0.113.7   # the old one\n",
            "n/c.yaml": "partners:\n  - name: a\n    from: [2001:db8::/32]\n    port: 443\n",
        },
        "n/*",
    )
    assert found(held) == [
        ("192.0.2.0/24", "n/a.csv", 2),
        ("198.51.100.1-198.51.100.9", "n/a.csv", 4),
        ("203.0.113.7", "n/b.txt", 2),
        ("2001:db8::/32", "n/c.yaml", 3),
    ]
    assert held.limitations == ()
    assert [one.text for one in held.known_in(addresses(["192.0.2.9", "198.51.100.0/30"]))] == [
        "192.0.2.0/24",
        "198.51.100.1-198.51.100.9",
    ]


def test_bad_lines_are_limitations() -> None:
    held = book(
        {"n/a.csv": "range\n300.1.1.1\n10.0.0.1\nnothing\n", "n/c.yaml": "a: 10.0.0.0/40\nb: [\n"},
        "n/*",
        "gone/*.csv",
    )
    assert [one.text for one in held.known] == ["10.0.0.1"]
    told = [(one.path, one.line) for one in held.limitations]
    assert ("gone/*.csv", None) in told
    assert {("n/a.csv", 2), ("n/a.csv", 4)} <= set(told)
    assert any(path == "n/c.yaml" for path, _ in told)


def test_bad_lines_are_bounded() -> None:
    held = book({"n/a.txt": "x\n" * 10_000}, "n/*")
    assert 0 < len(held.limitations) <= 20


def test_bytes_that_are_no_text() -> None:
    held = AddressBook(*(MemoryTree({"n/a.txt": "\x00\ufffd\n10.0.0.1"}),) * 2, ("n/*",), ())
    assert [one.text for one in held.known] == ["10.0.0.1"]


def test_places_that_name_an_address() -> None:
    files = {
        "a/values.yaml": "from: 192.0.2.7\n# 192.0.2.8\nto: 192.0.2.0/24\nversion: 1.192.0.2.7.1\n",
        "b/main.tf": 'x = "192.0.2.9/32"\n',
        "c/main.tf": 'x = "192.0.2.10"\n',
        "tests/main.tf": 'x = "192.0.2.11"\n',
        "README.md": "192.0.2.12\n",
    }
    held = book(files, touched=("c/main.tf",))
    assert [
        (one.text, one.location.path, one.location.line) for one in held.named_in(addresses(["192.0.2.0/25"]))
    ] == [
        ("192.0.2.7", "a/values.yaml", 1),
        ("192.0.2.9/32", "b/main.tf", 1),
    ]
    assert held.named_in(addresses(["sg-1"])) == ()
