"""Small grammars: times, durations, quantities, addresses, schedules, types. Against the standard library's readers
where it has them."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from fuzz.model import Target
from riskcheck.cadence import rate
from riskcheck.cadence.clock import offsets, zone
from riskcheck.durations import parse_duration, parse_moment, spell, suggest_duration
from riskcheck.globs import GlobError, GlobSet, wildcard
from riskcheck.network.addresses import addresses, span
from riskcheck.quantities import NANO, quantity_nanos
from riskcheck.redact import redact_line, redact_text
from riskcheck.report.safe import plain
from riskcheck.rules.functions import bytes_of, quantity, seconds, version_part
from riskcheck.runbooks import path_of
from riskcheck.spark.sizes import bytes_of_key, seconds_in, seconds_of_key, size_in_bytes
from riskcheck.strictjson import NotJsonError, strict
from riskcheck.tables.read import interval_seconds
from riskcheck.tables.types import canonical, parse_type, type_changes, widens


def _lines(read: Callable[[str], object]) -> Callable[[bytes], object]:
    """Each line of the input as a value of its own."""

    def run(data: bytes) -> object:
        return repr([read(line) for line in data.decode("utf-8", "replace").split("\n")[:50]])

    return run


def moment(text: str) -> object:
    found = parse_moment(text)
    try:
        meant = datetime.fromisoformat(text)
    except ValueError:
        assert found is None, text
        return None
    aware = meant if meant.tzinfo else meant.replace(tzinfo=UTC)
    assert (
        found == int((aware - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() // 1)
        or found is None
        or (abs(found - (aware - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) < 1)
    ), text
    later = parse_moment(text, end=True)
    assert later is not None
    assert found is not None
    assert later - found in (0, 86_400), text
    return found


def duration(text: str) -> object:
    found = parse_duration(text)
    meant = suggest_duration(text)
    assert meant is None or parse_duration(meant) is not None, text
    if found is not None:
        assert found >= 0
        assert text.isascii()
        again = parse_duration(spell(found))  # None for more days than any policy may state
        assert again is None or again <= found, (text, spell(found))
    return (
        found,
        meant,
        seconds(text),
        interval_seconds(text),
        seconds_in(text),
        seconds_of_key("spark.x", text),
    )


def amount(text: str) -> object:
    nanos = quantity_nanos(text)
    try:
        number = Decimal(text) if text.isascii() and "_" not in text else None
    except InvalidOperation:
        number = None
    if number is not None and number.is_finite() and abs(number.adjusted()) < 30 and len(text) < 30:
        # Every plain number is a quantity, rounded away from zero.
        assert nanos is not None, text
        assert 0 <= abs(nanos) - abs(number) * NANO < 1, text
    if nanos is not None:
        assert quantity(text) == nanos / NANO or len(text) > 200
    return (
        nanos,
        bytes_of(text),
        size_in_bytes(text),
        bytes_of_key("spark.driver.memory", text),
        version_part(text, 0),
    )


def address(text: str) -> object:
    told = text.strip()
    found = span(told)
    try:
        network = ipaddress.ip_network(told, strict=False)
    except ValueError:
        assert found is None or "-" in told, told
    else:
        expected = (network.version, (int(network.network_address), int(network.broadcast_address)))
        assert found == expected or "%" in told, told
    both = addresses([told, *told.split(",")])
    written = list(both.written())
    again = addresses(written)
    if not both.names and not both.everybody:
        assert (again.v4, again.v6) == (both.v4, both.v6), (told, written)
    return written


def schedule(text: str) -> object:
    expression, _, name = text.partition("|")
    said: list[object] = [zone(name) is None, offsets(name, "Europe/Berlin")]
    for read in (rate.quartz, rate.unix):
        found = read(expression, name or "UTC")
        if found is not None:
            assert found.runs_per_day > 0, text
            said.append((found.runs_per_day, found.longest_gap(), rate.moved_by(found, found)))
    return said


def column_type(text: str) -> object:
    found = parse_type(text)
    if found is not None:
        said = canonical(text)
        assert canonical(said) == said, (text, said)
        assert parse_type(said) == found, (text, said)
        assert widens(found, found)
        assert list(type_changes(found, found)) == []
    return found


def glob(text: str) -> object:
    pattern, _, name = text.partition(" ")
    try:
        found = GlobSet([pattern]).first(name)
    except GlobError as error:
        assert str(error).strip()
        return str(error)
    return found, wildcard(pattern, name)


def shown(text: str) -> object:
    """Text as reports show it: nothing that a terminal obeys, and secrets gone for good."""
    said = plain(text)
    assert not any((sign < " " and sign != "\n") or sign in "\x7f\x85\u2028\u202e" for sign in said), said
    hidden = redact_text(text)
    assert redact_text(hidden) == hidden, (text, hidden)
    return said, hidden, redact_line(text), path_of(text)


def strict_json(data: bytes) -> object:
    try:
        return repr(strict(data.decode("utf-8", "replace")))
    except NotJsonError as error:
        assert 1 <= error.line <= data.count(b"\n") + 1
        return str(error)


def _given(*lines: str) -> Callable[[], Iterator[bytes]]:
    return lambda: (line.encode() for line in (*lines, "\n".join(lines)))


_MOMENTS = (
    "2027-01-15",
    "2027-01-15T07:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "20270115",
)
_DURATIONS = (
    "30m",
    "1h30m",
    "2 days",
    "interval 7 days",
    "PT5M",
    "P1DT2H",
    "500ms",
    "1.5h",
    "99999999w",
    "10us",
)
_AMOUNTS = (
    "512Mi",
    "250m",
    "1.5Gi",
    "2e3",
    "1E",
    "1E2",
    "-.5",
    "+1.",
    "4g",
    "100n",
    "1e-99",
    "15.4.x-scala2.12",
)
_ADDRESSES = (
    "10.0.0.0/8",
    "192.0.2.7-192.0.2.9",
    "::ffff:1.2.3.4/96",
    "fe80::1%eth0",
    "*",
    "Internet",
    "010.0.0.1/24",
)
_SCHEDULES = (
    "0 0 12 * * ?|UTC",
    "0 15 10 ? * 6L 2027|Europe/Paris",
    "*/5 * * * *",
    "@daily",
    "0 0 0 LW * ?",
    "@every 6h",
)
_TYPES = (
    "array<struct<a:int,b:map<string,decimal(10,2)>>>",
    "struct<`a b`:int NOT NULL COMMENT 'x'>",
    "varchar(3)",
)
_GLOBS = (
    "**/a/*.yaml a/b.yaml",
    "{a,b}/** a/x",
    "a[!b]c abc",
    "./x/ x/y",
    "*?*?*?*x aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
)
_SHOWN = (
    "password: hunter2",
    "https://u:p@h.example/x",
    "AKIAIOSFODNN7EXAMPLE",
    "\x1b[31m::error::",
    "docs/a.md#b",
)

TARGETS = (
    Target("moments", "dates and times, against datetime", _lines(moment), _given(*_MOMENTS), _MOMENTS),
    Target(
        "durations", "durations of policies, rules, Spark", _lines(duration), _given(*_DURATIONS), _DURATIONS
    ),
    Target("amounts", "quantities, against decimal", _lines(amount), _given(*_AMOUNTS), _AMOUNTS),
    Target("addresses", "addresses, against ipaddress", _lines(address), _given(*_ADDRESSES), _ADDRESSES),
    Target("schedules", "schedules and time zones", _lines(schedule), _given(*_SCHEDULES), _SCHEDULES),
    Target(
        "types", "types of columns", _lines(column_type), _given(*_TYPES), (*_TYPES, "<", ">", ":", "`", "(")
    ),
    Target(
        "globs", "patterns of paths", _lines(glob), _given(*_GLOBS), ("**", "*", "?", "[", "{", ",", "}", "/")
    ),
    Target(
        "shown",
        "text as it is shown, secrets",
        _lines(shown),
        _given(*_SHOWN),
        ("password=", "token: ", "Bearer "),
    ),
    Target(
        "strict-json",
        "JSON that decides",
        strict_json,
        _given('{"a": [1, {"b": null}]}'),
        ("NaN", "1e999", '"a":'),
    ),
)
