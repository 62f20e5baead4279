"""What the peers know that read no manifests: CloudFormation templates, workflows of GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.estates.writing import Estate


def stack_estate(root: Path, stacks: int = 40) -> Path:
    """`stacks` CloudFormation templates with parameters of two stages; the last commit edits five templates."""
    with Estate(root) as estate:
        estate.commit("base", _stacks(stacks))
        estate.commit("five files", (_stack(number, 2) for number in range(5)))
    return root


def workflow_estate(root: Path, workflows: int = 20) -> Path:
    """`workflows` workflows; the last commit edits five."""
    with Estate(root) as estate:
        estate.commit("base", (_workflow(number, 30) for number in range(workflows)))
        estate.commit("five files", (_workflow(number, 20) for number in range(5)))
    return root


def _stacks(stacks: int) -> Iterator[tuple[str, str]]:
    for number in range(stacks):
        yield _stack(number, 1)
        for stage in ("staging", "production"):
            yield f"stacks/s{number:02}/{stage}.json", _PARAMETERS.format(stage=stage)


def _stack(number: int, delay: int) -> tuple[str, str]:
    return f"stacks/s{number:02}/template.yaml", _STACK.format(number=number, delay=delay * 30)


def _workflow(number: int, minutes: int) -> tuple[str, str]:
    return f".github/workflows/w{number:02}.yml", _WORKFLOW.format(number=number, minutes=minutes)


_STACK = """\
AWSTemplateFormatVersion: "2010-09-09"
Description: Queue and table of service {number}
Parameters:
  Stage:
    Type: String
    AllowedValues: [staging, production]
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "service-{number}-${{Stage}}"
      VisibilityTimeout: {delay}
      KmsMasterKeyId: alias/aws/sqs
  Table:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      TableName: !Sub "service-{number}-${{Stage}}"
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]
      KeySchema: [{{AttributeName: id, KeyType: HASH}}]
      PointInTimeRecoverySpecification: {{PointInTimeRecoveryEnabled: true}}
Outputs:
  QueueArn:
    Value: !GetAtt Queue.Arn
"""
_PARAMETERS = """\
[{{"ParameterKey": "Stage", "ParameterValue": "{stage}"}}]
"""
_WORKFLOW = """\
name: check-{number}
on:
  pull_request:
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-24.04
    timeout-minutes: {minutes}
    steps:
      - run: make check
      - run: make test
"""
