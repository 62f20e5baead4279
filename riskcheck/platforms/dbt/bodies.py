"""Tables of a project in the shape that tables have everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.dbt.testing import KEYS, tests_of
from riskcheck.tables.quality import expectation, named_once, numbers
from riskcheck.tables.read import items_of, text_of
from riskcheck.tables.shape import column, mapping, name_node, placed, sequence, table, type_node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.platforms.dbt.project import Entry

_BUILD: Final = (
    "materialized",
    "full_refresh",
    "on_schema_change",
    "incremental_strategy",
    "unique_key",
    "partition_by",
    "strategy",
)
_TYPES: Final = {
    "view": "VIEW",
    "materialized_view": "MATERIALIZED_VIEW",
    "streaming_table": "STREAMING_TABLE",
    "table": "MANAGED",
    "incremental": "MANAGED",
    "snapshot": "MANAGED",
    "seed": "MANAGED",
}
_UNLESS_TOLD: Final = {"models": "view", "snapshots": "snapshot", "seeds": "seed"}
_CONSTRAINTS: Final = {"primary_key": "PRIMARY KEY", "foreign_key": "FOREIGN KEY", "unique": "UNIQUE"}
_PERIODS: Final = {"minute": 60, "hour": 3_600, "day": 86_400}


def body_of(
    at: Node,
    name: str,
    entry: Entry | None,
    sort: str,
    settings: dict[str, Node],
    query: Scalar | None,
    common: dict[str, Node],
) -> Mapping:
    """A model, snapshot or seed. at: where it is told. settings: from all places, the nearest one of each key.
    common: of all tests. Columns are there where they are declared; ``contract`` says whether that is held to."""
    materialized = settings.get("materialized") or placed(_UNLESS_TOLD[sort], at)
    settings = {**settings, "materialized": materialized}
    word = materialized.raw if isinstance(materialized, Scalar) else ""
    contract, enforced = _contract(settings, at)
    constraints, columns = [], []
    if entry is not None:
        told = list(_columns(entry))
        columns = [_column(one, enforced) for one in told]
        constraints = list(_constraints(entry.body, None, enforced))
        constraints += tests_of(_with_tests(entry), None, common)
        for one in told:
            constraints += [*_constraints(one, one, enforced), *tests_of(one, _name(one), common)]
    build = [(key, settings[key]) for key in _BUILD if key in settings]
    return table(
        at,
        name=name_node(name, at),
        type=placed(_TYPES[word], materialized) if word in _TYPES else None,
        format=_lower(settings.get("file_format")),
        columns=sequence(at, columns),
        partitioned_by=_listed(settings.get("partition_by")),
        clustered_by=_listed(settings.get("liquid_clustered_by")),
        properties=settings.get("tblproperties"),
        constraints=sequence(at, named_once(constraints)),
        grants=_grants(settings.get("grants")),
        query=query,
        contract=contract,
        build=mapping(at, build),
    )


def source_body(entry: Entry, name: Scalar, common: dict[str, Node]) -> Mapping:
    """A table of a source: only what is tested of it."""
    body, source = entry.body, entry.source
    constraints = [*tests_of(body, None, common), *_freshness(body, source)]
    for one in items_of(body, "columns"):
        if _name(one) is not None:
            constraints += tests_of(one, _name(one), common)
    return table(
        body,
        name=name,
        columns=sequence(body, [_column(one, False) for one in items_of(body, "columns") if _name(one)]),
        constraints=sequence(body, named_once(constraints)),
        contract=placed("declared", name),
    )


def _name(item: Mapping) -> Scalar | None:
    node = item.get("name")
    return node if isinstance(node, Scalar) and node.raw else None


def _with_tests(entry: Entry) -> Mapping:
    version = entry.version
    return entry.body if version is None or version.index.keys().isdisjoint(KEYS) else version


def _contract(settings: dict[str, Node], at: Node) -> tuple[Scalar, bool]:
    node = settings.get("contract")
    told = node.get("enforced") if isinstance(node, Mapping) else None
    enforced = isinstance(told, Scalar) and told.raw.lower() == "true"
    word = "enforced" if enforced else "declared"
    if told is None and node is None:
        return made(word, at), enforced
    return placed(word, told or node or at), enforced


def _columns(entry: Entry) -> Iterator[Mapping]:
    """Those of the model, as its version leaves some out and tells others.

    https://docs.getdbt.com/reference/resource-properties/versions
    """
    own = [one for one in items_of(entry.body, "columns") if _name(one) is not None]
    listed = list(items_of(entry.version, "columns"))
    told = [one for one in listed if _name(one) is not None]
    including = next((one for one in listed if "include" in one.index), None)
    if not told or including is not None:
        kept = {text_of(one, "name").lower() for one in told}
        left_out = including.get("exclude") if including is not None else None
        if isinstance(left_out, Sequence):
            kept |= {one.raw.lower() for one in left_out.items if isinstance(one, Scalar)}
        yield from (one for one in own if text_of(one, "name").lower() not in kept)
    yield from told


def _column(item: Mapping, enforced: bool) -> Mapping:
    name, type_ = _name(item), item.get("data_type")
    assert name is not None
    refuses = next((one for one in items_of(item, "constraints") if text_of(one, "type") == "not_null"), None)
    return column(
        item,
        name=name_node(name.raw, name),
        type=type_node(type_.raw, type_) if isinstance(type_, Scalar) and type_.raw else None,
        nullable=placed(False, refuses) if refuses is not None and enforced else None,
    )


def _constraints(holder: Mapping, column_: Mapping | None, enforced: bool) -> Iterator[Mapping]:
    """Of an enforced contract: https://docs.getdbt.com/reference/resource-properties/constraints"""
    for item in items_of(holder, "constraints") if enforced else ():
        kind = text_of(item, "type")
        type_ = "CHECK" if kind == "check" else _CONSTRAINTS.get(kind)
        if type_ is None:
            continue
        listed = item.get("columns")
        names = (
            [one.raw for one in listed.items if isinstance(one, Scalar)]
            if isinstance(listed, Sequence)
            else []
        )
        said = text_of(item, "expression") or ", ".join(names) or text_of(column_, "name")
        yield mapping(
            item,
            [
                ("name", placed(text_of(item, "name") or f"{type_} {said}".lower(), item)),
                ("type", placed(type_, item)),
                ("expression", placed(said, item)),
            ],
        )


def _freshness(body: Mapping, source: Mapping | None) -> Iterator[Mapping]:
    """https://docs.getdbt.com/reference/resource-properties/freshness : of the table, else of its source."""
    for holder in (body, source):
        for node in (holder.at("config", "freshness"), holder.get("freshness")) if holder is not None else ():
            if node is None:
                continue
            if isinstance(node, Mapping):
                for key, does in (("error_after", "fail"), ("warn_after", "warn")):
                    age = _age(node.get(key))
                    if age is not None:
                        yield expectation(
                            node,
                            name=placed(f"freshness {key}", node),
                            check=placed(f"freshness ({key})", node),
                            on_violation=placed(does, node),
                            at_most=numbers(node, {"age": age}),
                        )
            return


def _age(node: Node | None) -> float | None:
    count, size = text_of(node, "count"), _PERIODS.get(text_of(node, "period"))
    return int(count) * size if size is not None and count.isdecimal() and len(count) < 10 else None


def _grants(node: Node | None) -> Sequence | None:
    """``{select: [analysts]}`` turned round: https://docs.getdbt.com/reference/resource-configs/grants"""
    if not isinstance(node, Mapping):
        return None
    by: dict[str, list[Scalar]] = {}
    for key, holders in node.entries:
        for one in holders.items if isinstance(holders, Sequence) else (holders,):
            if isinstance(one, Scalar) and one.raw:
                by.setdefault(one.raw, []).append(placed(key.raw.removeprefix("+").upper(), one))
    items = [
        mapping(found[0], [("principal", placed(who, found[0])), ("privileges", sequence(found[0], found))])
        for who, found in by.items()
    ]
    return sequence(node, items)


def _listed(node: Node | None) -> Sequence | None:
    if isinstance(node, Sequence):
        return node
    return sequence(node, [node]) if isinstance(node, Scalar) and node.raw else None


def _lower(node: Node | None) -> Scalar | None:
    return placed(node.raw.lower(), node) if isinstance(node, Scalar) and node.raw else None
