"""Resources that are several: a group of records is each of its records, as rules see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

_GROUP: Final = "AWS::Route53::RecordSetGroup"
_RECORD: Final = "AWS::Route53::RecordSet"
_TOLD_BY: Final = ("Name", "Type", "SetIdentifier")


def parts_of(kind: str, name: str, body: Mapping) -> Iterator[tuple[str, str, Mapping]]:
    """Kind, name and properties of what a resource consists of: mostly itself. A group of which the records are not
    known stays one."""
    held = body.get("RecordSets")
    records = held.items if kind == _GROUP and isinstance(held, Sequence) else []
    found = {}
    for record in records:
        if not isinstance(record, Mapping) or record.get("Name") is None:
            break
        told = (record.get(field) for field in _TOLD_BY)
        label = " ".join(one.raw for one in told if isinstance(one, Scalar))
        inherited = [entry for entry in body.entries if entry[0].raw not in ("RecordSets", "Comment")]
        own = {key.raw for key, _ in record.entries}
        kept = [entry for entry in inherited if entry[0].raw not in own]
        found[f"{name}[{label}]"] = record.with_entries([*record.entries, *kept])
    if not records or len(found) != len(records):
        yield kind, name, body
        return
    for label, record in found.items():
        yield _RECORD, label, record
