from __future__ import annotations

import pytest

from riskcheck.changes.compare import compare
from riskcheck.documents.store import DocumentStore
from riskcheck.environments import EnvironmentModel
from riskcheck.nodes import Value
from riskcheck.platforms.base import Workspace
from riskcheck.platforms.cloudformation import PLATFORM
from riskcheck.rules.checks.stack_stores import destroyed
from riskcheck.rules.context import Contexts
from riskcheck.trees import MemoryTree
from tests.rules.samples import rule

TABLE = """\
  Orders:
    Type: AWS::DynamoDB::Table
    Properties: {KeySchema: [{AttributeName: id, KeyType: HASH}]}
"""
TOPIC = "  Topic: {Type: AWS::SNS::Topic}\n"


def told(before: str, after: str | None) -> list[tuple[str, Value, Value]]:
    """What is said, whether the data is lost, and whether it is severe."""
    sides = []
    for side, text in (("base", before), ("head", after)):
        files = {} if text is None else {"prod/data.yaml": f"Resources:\n{text}".encode()}
        sides.append(MemoryTree(files, "base" if side == "base" else "head", side))
    stores = [DocumentStore(tree) for tree in sides]
    model = EnvironmentModel(paths=lambda: sides[0].entries())
    spaces = [
        Workspace(tree, stores[number], model, frozenset(tree.entries()), stores[1 - number])
        for number, tree in enumerate(sides)
    ]
    units = frozenset(["prod/data.yaml"])
    old, new = (PLATFORM.resolve(space, units).resources for space in spaces)
    keys = PLATFORM.natural_keys
    changes = compare(old, new, lambda one: lambda field: keys(one.kind, field))
    contexts = Contexts(old, new, changes, lambda one: lambda field: keys(one.kind, field))
    found = [match for one in changes for match in destroyed(one, contexts.bare(rule()))]
    values = [match.values or {} for match in found]
    return [(str(one["what"]), one["lost"], one["severe"]) for one in values]


def test_data_goes_with_a_resource_that_is_no_longer_declared() -> None:
    assert told(TABLE + TOPIC, TOPIC) == [
        ("AWS::DynamoDB::Table data/Orders is deleted, with its items", True, True)
    ]


def test_a_template_that_goes_as_a_whole_deletes_nothing_yet() -> None:
    assert not told(TABLE + TOPIC, None)


@pytest.mark.parametrize(
    ("attribute", "lost"),
    [
        ("DeletionPolicy: Retain", None),
        ("DeletionPolicy: !Ref Policy", False),
        ("DeletionPolicy: Delete", True),
    ],
)
def test_the_policy_decides(attribute: str, lost: bool | None) -> None:
    table = TABLE.replace("    Properties", f"    {attribute}\n    Properties")
    assert [one[1] for one in told(table + TOPIC, TOPIC)] == ([] if lost is None else [lost])


@pytest.mark.parametrize(
    ("kind", "properties", "word"),
    [
        ("AWS::RDS::DBInstance", "Engine: postgres", "a last snapshot is made"),
        ("AWS::DynamoDB::Table", "DeletionProtectionEnabled: true", "which fails half way"),
        ("AWS::S3::Bucket", "BucketName: a", "which fails where it holds anything"),
        ("AWS::KMS::Key", "KeySpec: x", "AWS keeps it 7 to 30 days"),
    ],
)
def test_what_can_be_had_back_is_severe(kind: str, properties: str, word: str) -> None:
    ((what, lost, severe),) = told(f"  A: {{Type: {kind}, Properties: {{{properties}}}}}\n{TOPIC}", TOPIC)
    assert word in what
    assert (lost, severe) == (False, True)


@pytest.mark.parametrize(
    ("extra", "word", "lost"),
    [
        ("", "the old one is deleted with its items", True),
        ("    UpdateReplacePolicy: Retain\n", "the old one is kept", False),
        ("    DeletionPolicy: Retain\n", "the old one is deleted with its items", True),
    ],
)
def test_a_replacement_is_empty(extra: str, word: str, lost: bool) -> None:
    table = TABLE.replace("    Properties", f"{extra}    Properties")
    ((what, gone, _),) = told(table, table.replace("AttributeName: id", "AttributeName: key"))
    assert "is created anew, and empty (KeySchema)" in what
    assert word in what
    assert gone is lost


def test_a_name_that_stays_refuses_a_replacement() -> None:
    table = TABLE.replace("{KeySchema", "{TableName: orders, KeySchema")
    ((what, lost, _),) = told(table, table.replace("AttributeName: id", "AttributeName: key"))
    assert "refuses under the same TableName" in what
    assert lost is False


def test_what_is_updated_in_place_says_nothing() -> None:
    assert not told(TABLE, TABLE.replace("{KeySchema", "{BillingMode: PAY_PER_REQUEST, KeySchema"))
