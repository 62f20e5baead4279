from __future__ import annotations

import json
from collections.abc import Mapping
from textwrap import dedent

import pytest

from riskcheck.changes.compare import compare
from riskcheck.documents.hcl import EXPRESSION
from riskcheck.documents.scalars import plain_value
from riskcheck.documents.store import DocumentStore
from riskcheck.environments import EnvironmentModel
from riskcheck.models import Action, Change, Resolution, Side, location_of
from riskcheck.nodes import Scalar, Value
from riskcheck.platforms.base import Workspace
from riskcheck.platforms.cloudformation import PLATFORM
from riskcheck.redact import REDACTED
from tests.support import MemoryTree

NETWORK = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Environment: {Type: String}
  OfficeCidr: {Type: String, Default: 192.0.2.0/24}
  Ports: {Type: CommaDelimitedList, Default: "80, 443"}
  Password: {Type: String, NoEcho: true, Default: hunter2}
  Image: {Type: "AWS::SSM::Parameter::Value<String>", Default: /images/latest}
Mappings:
  Sizes:
    prod: {Count: 3}
    dev: {Count: 1}
Conditions:
  IsProd: !Equals [!Ref Environment, prod]
  IsDev: !Not [!Condition IsProd]
  Both: {"Fn::And": [{Condition: IsProd}, !Equals [a, a]]}
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16}
  Web:
    Type: AWS::EC2::SecurityGroup
    DeletionPolicy: Retain
    DependsOn: [Bucket, Nobody]
    Properties:
      GroupDescription: !Sub "${Environment} web of ${Vpc.CidrBlock} ${!Kept}"
      VpcId: !Ref Vpc
      Count: !FindInMap [Sizes, !Ref Environment, Count]
      Second: !Select [1, !Ref Ports]
      Joined: !Join [".", [web, !Ref Environment, !Ref "AWS::Region"]]
      Known: {"Fn::Join": ["-", [a, !Ref Environment]]}
      Parts: !Split [",", "1,b"]
      Optional: !If [IsDev, only-dev, !Ref "AWS::NoValue"]
      Image: !Ref Image
      Secret: !Ref Password
      Shared: !ImportValue hub-vpc
      Account: 012345678901
      Port: "443"
      Zones: !GetAZs ""
  Bucket:
    Type: AWS::S3::Bucket
    Condition: Both
Outputs:
  VpcId:
    Value: !Ref Vpc
    Export: {Name: !Sub "${Environment}-vpc"}
"""


def resolved(files: Mapping[str, str], side: Side = "head") -> Resolution:
    tree = MemoryTree({path: dedent(text) for path, text in files.items()}, side=side)
    environments = EnvironmentModel(paths=lambda: tree.entries())
    space = Workspace(tree, DocumentStore(tree), environments, frozenset(files), None)
    return PLATFORM.resolve(space, PLATFORM.units(space, list(files)))


def bodies(resolution: Resolution) -> dict[tuple[str, str], Value]:
    found = {
        (one.name, one.environment.name): plain_value(one.body, one.reading) for one in resolution.resources
    }
    assert len(found) == len(resolution.resources)
    return found


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    base = MemoryTree({path: dedent(text) for path, text in before.items()}, side="base")
    head = MemoryTree({path: dedent(text) for path, text in after.items()}, side="head")
    environments = EnvironmentModel(paths=lambda: (*base.entries(), *head.entries()))
    stores = DocumentStore(base), DocumentStore(head)
    one = Workspace(base, stores[0], environments, frozenset(before), stores[1])
    other = Workspace(head, stores[1], environments, frozenset(after), stores[0])
    units = PLATFORM.units(one, before) | PLATFORM.units(other, after)
    old, new = PLATFORM.resolve(one, units), PLATFORM.resolve(other, units)
    keys = PLATFORM.natural_keys
    return list(compare(old.resources, new.resources, lambda owner: lambda field: keys(owner.kind, field)))


def actions(before: str, after: str) -> dict[str, Action]:
    found: dict[str, list[Change]] = {}
    for change in changed({"prod/app.yaml": before}, {"prod/app.yaml": after}):
        found.setdefault(change.resource.name, []).append(change)
    return {name: PLATFORM.action(held) for name, held in found.items()}


def template(resources: str) -> str:
    return f"AWSTemplateFormatVersion: '2010-09-09'\nResources:\n{resources}"


PARAMETERS = {
    "network.yaml": NETWORK,
    "params/prod.json": '[{"ParameterKey": "Environment", "ParameterValue": "prod"}]',
    "params/dev.json": '{"Parameters": {"Environment": "dev", "OfficeCidr": "198.51.100.0/24"}}',
}


def test_functions_come_to_what_template_and_parameters_say() -> None:
    found = bodies(resolved(PARAMETERS))
    web = found[("network/Web", "prod")]
    assert isinstance(web, dict)
    assert web == {
        "GroupDescription": "prod web of ${Vpc.CidrBlock} ${Kept}",
        "VpcId": "${Vpc}",
        "Count": 3,
        "Second": 443,
        "Joined": "web.prod.${AWS::Region}",
        "Known": "a-prod",
        "Parts": [1, "b"],
        "Image": "${Image}",
        "Secret": "hunter2",
        "Shared": "${ImportValue:hub-vpc}",
        "Account": "012345678901",
        "Port": 443,
        "Zones": {"Fn::GetAZs": ""},
        "resource_attributes": {"DeletionPolicy": "Retain", "DependsOn": ["Bucket", "Nobody"]},
    }
    dev = found[("network/Web", "dev")]
    assert isinstance(dev, dict)
    assert (dev["Count"], dev["Optional"]) == (1, "only-dev")
    assert ("network/Bucket", "prod") in found
    assert ("network/Bucket", "dev") not in found


def test_what_is_not_known_is_an_expression() -> None:
    web = next(one for one in resolved(PARAMETERS).resources if one.name == "network/Web")
    open_ = {key.raw for key, node in web.body.entries if isinstance(node, Scalar) and node.tag == EXPRESSION}
    assert open_ == {"GroupDescription", "VpcId", "Joined", "Image", "Shared"}


def test_a_value_points_at_the_line_that_states_it() -> None:
    found = resolved({"prod/a.yaml": NETWORK})
    web = next(one for one in found.resources if one.kind == "AWS::EC2::SecurityGroup")
    secret = web.body.get("Secret")
    assert secret is not None
    assert location_of(secret).line == 6


def test_resources_know_each_other() -> None:
    found = {one.name: one for one in resolved(PARAMETERS).resources if one.environment.name == "prod"}
    targets = [(one.target, one.relation) for one in found["network/Web"].references]
    assert targets == [
        ("cloudformation:AWS::EC2::VPC.network/Vpc", "refers to"),
        ("cloudformation:AWS::S3::Bucket.network/Bucket", "depends on"),
        ("cfn-export:hub-vpc", "imports"),
    ]
    assert found["network/Vpc"].provides == ("cfn-export:prod-vpc",)


def test_json_is_the_same_and_a_template_without_version_is_one() -> None:
    resources = {
        "Web": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"VpcId": {"Ref": "Vpc"}, "Port": "80"}}
    }
    text = json.dumps({"Resources": resources}, indent=1)
    yaml = (
        "Resources:\n  Web:\n    Type: AWS::EC2::SecurityGroup\n    Properties: {VpcId: !Ref Vpc, Port: 80}\n"
    )
    one = bodies(resolved({"prod/web.template": text}))
    assert one == bodies(resolved({"prod/web.json": text})) == bodies(resolved({"prod/web.yaml": yaml}))
    assert not changed({"prod/web.template": text}, {"prod/web.template": yaml})


def test_globals_of_sam_reach_each_function() -> None:
    text = """\
        Transform: AWS::Serverless-2016-10-31
        Globals:
          Function: {Timeout: 3, Environment: {Variables: {A: 1, B: 2}}, Layers: [one]}
        Resources:
          Handler:
            Type: AWS::Serverless::Function
            Properties: {Environment: {Variables: {B: 3}}, Layers: [two]}
        """
    found = bodies(resolved({"api/prod/template.yaml": text}))
    assert found == {
        ("api/Handler", "prod"): {
            "Timeout": 3,
            "Environment": {"Variables": {"A": 1, "B": 3}},
            "Layers": ["one", "two"],
        }
    }


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("params/prod.json", {"prod"}),
        ("network-prod.json", {"prod"}),
        ("parameters/network/production.json", {"production"}),
        ("envs/staging/network-params.json", {"staging"}),
        ("params/database-prod.json", {"default"}),
        ("other/network-prod.json", {"default"}),
    ],
)
def test_files_of_values_belong_to_the_template_that_their_path_means(path: str, found: set[str]) -> None:
    values = '[{"ParameterKey": "Environment", "ParameterValue": "prod"}]'
    resolution = resolved({"network.yaml": NETWORK, path: values})
    assert {one.environment.name for one in resolution.resources} == found


def test_values_that_the_template_does_not_declare_are_of_another_one() -> None:
    values = '{"Parameters": {"Environment": "prod", "Another": "1"}}'
    resolution = resolved({"network.yaml": NETWORK, "params/prod.json": values})
    assert {one.environment.stage for one in resolution.resources} == {"unknown"}


def test_an_edit_of_values_is_one_of_the_resources() -> None:
    text = template("  Web: {Type: AWS::EC2::Subnet, Properties: {CidrBlock: !Ref Cidr}}\n")
    text = f"Parameters: {{Cidr: {{Type: String}}}}\n{text}"
    values = '[{"ParameterKey": "Cidr", "ParameterValue": "10.0.1.0/24"}]'
    before = {"web.yaml": text, "params/prod.json": values}
    after = {"web.yaml": text, "params/prod.json": values.replace("10.0.1", "10.0.2")}
    (change,) = changed(before, after)
    assert (change.environment.name, change.path, change.after) == ("prod", ("CidrBlock",), "10.0.2.0/24")
    assert location_of(change.node).path == "params/prod.json"
    assert PLATFORM.action([change]) == "recreate"


def test_what_nobody_should_read_is_not_shown() -> None:
    text = NETWORK.replace("hunter2", "hunter3")
    changes = changed({"prod/a.yaml": NETWORK}, {"prod/a.yaml": text})
    assert [(change.path, change.before, change.after) for change in changes] == [
        (("Secret",), REDACTED, REDACTED)
    ]


BUCKET = "  Data: {Type: AWS::S3::Bucket, %s Properties: {BucketName: a}}\n"
OTHER = "  Other: {Type: AWS::SNS::Topic}\n"


@pytest.mark.parametrize(
    ("attributes", "action"),
    [("", "delete"), ("DeletionPolicy: Retain,", "none"), ("DeletionPolicy: RetainExceptOnCreate,", "none")],
)
def test_a_resource_that_goes_is_deleted_unless_it_is_retained(attributes: str, action: Action) -> None:
    before = template(BUCKET % attributes + OTHER)
    assert actions(before, template(OTHER)) == {"app/Data": action}


def test_another_logical_id_is_another_resource() -> None:
    before = template(BUCKET % "")
    assert actions(before, before.replace("Data", "Lake")) == {"app/Data": "delete", "app/Lake": "create"}


@pytest.mark.parametrize(
    ("old", "new", "action"),
    [
        ("BucketName: a", "BucketName: b", "recreate"),
        ("BucketName: a", "BucketName: a, Tags: [{Key: a, Value: b}]", "update"),
        ("BucketName: a", 'BucketName: !Sub "${AWS::StackName}"', "unknown"),
        ("AWS::S3::Bucket,", "AWS::S3::Bucket, DeletionPolicy: Retain,", "none"),
    ],
)
def test_what_an_edit_does(old: str, new: str, action: Action) -> None:
    before = template(BUCKET % "")
    assert actions(before, before.replace(old, new)) == {"app/Data": action}


def test_an_expression_in_another_text_replaces() -> None:
    before = template(
        '  Web: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: !Sub "${A} web"}}\n'
    )
    assert actions(before, before.replace(" web", " api")) == {"app/Web": "recreate"}
    assert actions(before, before.replace("${A}", "${B}")) == {"app/Web": "unknown"}


def test_a_template_that_moves_is_the_same_stack() -> None:
    text = template(BUCKET % "" + OTHER)
    assert not changed({"prod/app.yaml": text}, {"prod/lake.yaml": text})
    assert not changed({"prod/app.yaml": text}, {"infra/prod/app.yaml": text})


@pytest.mark.parametrize(
    "text",
    [
        template("  A: {Type: AWS::S3::Bucket, Properties: 3}\n"),
        "Resources:\n  A: {Type: [AWS::S3::Bucket]}\n",
        "Resources:\n  A: {Properties: {B: 1}}\n  C: {Type: AWS::S3::Bucket}\n",
        "Resources: [{Type: AWS::S3::Bucket}]\n",
        template("  A: {Type: AWS::S3::Bucket, Properties: {B: !If [x], C: !Sub [], D: !Join [1, 2, 3]}}\n"),
        template(
            "  A: {Type: AWS::S3::Bucket, Properties: {B: !Select [9, [a]], C: !GetAtt [], D: !Ref {a: b}}}\n"
        ),
        template("  A: {Type: AWS::S3::Bucket, Properties: {B: !FindInMap [a, b], C: !Split ['', a]}}\n"),
        "Conditions: {A: !Condition B, B: !Condition A}\nResources:\n  A: {Type: AWS::S3::Bucket, Condition: A}\n",
        "Conditions: {A: !Not [3], B: !Equals [1]}\nResources:\n  A: {Type: AWS::S3::Bucket, Condition: [A]}\n",
        "Parameters: [1]\nMappings: 3\nOutputs: {A: 1, B: {Export: 2}}\nResources: {A: {Type: AWS::S3::Bucket}}\n",
        "Parameters: {B: {Type: [], Default: {}}}\nResources:\n  A: {Type: AWS::S3::Bucket, DependsOn: {a: b}}\n",
        "Transform: {a: b}\nGlobals: {Function: 3}\nResources:\n  A: {Type: AWS::Serverless::Function}\n",
        "Resources:\n  Fn::ForEach::A: [B, [1], {C: {Type: AWS::S3::Bucket}}]\n",
        "Resources:\n  A: {Type: AWS::S3::Bucket",
    ],
)
def test_bad_templates_limit(text: str) -> None:
    resolution = resolved({"prod/a.yaml": text})
    for one in resolution.resources:
        plain_value(one.body, one.reading)
    assert all(one.path == "prod/a.yaml" for one in resolution.limitations)


def test_deep_nesting_ends() -> None:
    deep = "!Sub a"
    for _ in range(90):
        deep = f'{{"Fn::If": [x, {deep}, b]}}'
    text = f"Resources:\n  A: {{Type: AWS::S3::Bucket, Properties: {{B: {deep}}}}}\n"
    assert resolved({"prod/a.yaml": text}).resources
    chain = "".join(f"  C{number}: !Condition C{number + 1}\n" for number in range(2_000))
    text = f"Conditions:\n{chain}Resources:\n  A: {{Type: AWS::S3::Bucket, Condition: C0}}\n"
    assert resolved({"prod/a.yaml": text}).resources


def test_what_is_not_understood_is_said() -> None:
    text = """\
        Transform: [AWS::Serverless-2016-10-31, Company::Network]
        Resources:
          "Fn::ForEach::Topics": [Name, [a], {}]
          Bare: {Properties: {}}
          Topic: {Type: AWS::SNS::Topic}
        """
    found = resolved({"prod/a.yaml": text})
    assert [(one.line, one.kind) for one in found.limitations] == [
        (1, "unsupported"),
        (3, "unsupported"),
        (4, "unsupported"),
    ]
    assert [one.name for one in found.resources] == ["a/Topic"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("deploy.yaml", "kind: Service\nspec: {Type: 'AWS::S3::Bucket'}\n"),
        ("policy.json", '{"Statement": [{"Resource": "AWS::S3"}]}'),
        ("notes.md", NETWORK),
    ],
)
def test_other_files_are_no_templates(path: str, text: str) -> None:
    assert not resolved({path: text}).resources


def test_without_values_conditions_stay_open_and_an_empty_default_is_none() -> None:
    text = """\
        Parameters:
          Tier: {Type: String, Default: small}
          Zone: {Type: String, Default: ""}
        Conditions: {Large: !Equals [!Ref Tier, large], Always: !Equals [a, a], Never: !Not [!Condition Always]}
        Resources:
          Extra:
            Type: AWS::SNS::Topic
            Condition: Large
            Properties: {Name: !Ref Tier, Zone: !Ref Zone, Size: !If [Large, 9, 1], Kind: !If [Always, a, b]}
          Gone: {Type: AWS::SNS::Topic, Condition: Never}
        """
    found = bodies(resolved({"prod/app.yaml": text}))
    assert found == {
        ("app/Extra", "prod"): {
            "Name": "small",
            "Zone": "${Zone}",
            "Size": {"Fn::If": ["Large", 9, 1]},
            "Kind": "a",
            "resource_attributes": {"Condition": "Large"},
        }
    }
    values = '{"Parameters": {"Zone": "z"}}'
    assert not bodies(
        resolved({"app.yaml": text.replace("Tier, large", "Tier, huge"), "params/prod.json": values})
    )


def test_records_of_a_group_are_records() -> None:
    text = """\
        Resources:
          Names:
            Type: AWS::Route53::RecordSetGroup
            Properties:
              HostedZoneName: example.com.
              RecordSets:
                - {Name: a.example.com, Type: A, ResourceRecords: [192.0.2.1]}
                - {Name: a.example.com, Type: AAAA, ResourceRecords: ["2001:db8::1"]}
          Same:
            Type: AWS::Route53::RecordSetGroup
            Properties: {RecordSets: [{Name: a, Type: A}, {Name: a, Type: A}]}
        """
    found = resolved({"prod/dns.yaml": text}).resources
    assert [(one.kind.rpartition("::")[2], one.name) for one in found] == [
        ("RecordSet", "dns/Names[a.example.com A]"),
        ("RecordSet", "dns/Names[a.example.com AAAA]"),
        ("RecordSetGroup", "dns/Same"),
    ]
    value = plain_value(found[0].body, "yaml-1.2")
    assert isinstance(value, dict)
    assert value["HostedZoneName"] == "example.com."
