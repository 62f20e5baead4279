"""What a configuration says beside its resources: versions, state, accounts, checks and the lock file."""

from __future__ import annotations

import json

import pytest

from riskcheck.changes.compare import compare
from riskcheck.documents.scalars import plain_value
from riskcheck.platforms.terraform import PLATFORM
from riskcheck.redact import REDACTED
from tests.platforms.terraform.test_terraform import resolved

MAIN = """\
terraform {
  required_version = "~> 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.0" }
    null = "3.2.1"
  }
  backend "s3" {
    bucket = "states"
    key    = "shop.tfstate"
  }
}
variable "region" { default = "eu-west-1" }
provider "aws" {
  region     = var.region
  secret_key = "abcdefghijkl"
}
provider "aws" {
  alias = "us"
  assume_role { role_arn = "arn:aws:iam::111122223333:role/deploy" }
}
module "net" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.1.0"
}
module "own" { source = "./own" }
check "health" {
  assert {
    condition     = true
    error_message = "never"
  }
}
"""
LOCK = """\
provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.72.1"
  constraints = "~> 5.0"
  hashes      = ["h1:a", "zh:b"]
}
"""
TREE = {
    "live/prod/main.tf": MAIN,
    "live/prod/.terraform.lock.hcl": LOCK,
    "live/prod/own/main.tf": 'module "deep" { source = "git::https://git.example/deep.git?ref=v1.0.0" }\n',
}


def settings(files: dict[str, str]) -> dict[str, object]:
    found = resolved(files).resources
    return {f"{one.kind}.{one.name}": plain_value(one.body, one.reading) for one in found}


def test_settings_are_resources_of_their_root_and_environment() -> None:
    found = settings(TREE)
    assert found["settings.terraform"] == {
        "required_version": "~> 1.5",
        "required_providers": {
            "aws": {"source": "hashicorp/aws", "version": "~> 5.0"},
            "null": {"version": "3.2.1"},
        },
    }
    assert found["backend.s3"] == {"bucket": "states", "key": "shop.tfstate"}
    assert found["provider.aws"] == {"region": "eu-west-1", "secret_key": "abcdefghijkl"}
    assert found["provider.aws.us"] == {
        "alias": "us",
        "assume_role": {"role_arn": "arn:aws:iam::111122223333:role/deploy"},
    }
    assert found["module.net"] == {"source": "terraform-aws-modules/vpc/aws", "version": "5.1.0"}
    assert found["module.module.own.deep"] == {"source": "git::https://git.example/deep.git?ref=v1.0.0"}
    assert found["provider_lock.registry.terraform.io/hashicorp/aws"] == {
        "version": "5.72.1",
        "constraints": "~> 5.0",
        "hashes": ["h1:a", "zh:b"],
    }
    assert "check.health" in found
    assert "module.own" not in found
    assert {one.environment.name for one in resolved(TREE).resources} == {"prod"}
    assert {one.unit for one in resolved(TREE).resources} == {"live/prod"}


def test_secrets_of_a_provider_do_not_enter_a_change() -> None:
    edited = {**TREE, "live/prod/main.tf": MAIN.replace("abcdefghijkl", "mnopqrstuvwx")}
    changes = compare(
        resolved(TREE).resources,
        resolved(edited).resources,
        lambda resource: lambda field: PLATFORM.natural_keys(resource.kind, field),
    )
    assert [(change.path, change.before, change.after) for change in changes] == [
        (("secret_key",), REDACTED, REDACTED)
    ]


def test_the_json_syntax_says_the_same() -> None:
    text = {
        "terraform": {
            "required_version": "~> 1.5",
            "required_providers": {"aws": {"source": "hashicorp/aws", "version": "~> 5.0"}},
            "backend": {"s3": {"bucket": "states", "key": "shop.tfstate"}},
        },
        "provider": {"aws": [{"region": "eu-west-1"}, {"alias": "us"}]},
        "module": {"net": {"source": "terraform-aws-modules/vpc/aws", "version": "5.1.0"}},
    }
    found = settings({"live/prod/main.tf.json": json.dumps(text)})
    assert set(found) == {"settings.terraform", "backend.s3", "provider.aws", "provider.aws.us", "module.net"}
    assert found["backend.s3"] == {"bucket": "states", "key": "shop.tfstate"}


def test_a_lock_file_belongs_to_the_root_beside_it() -> None:
    assert {one.unit for one in resolved(TREE, "live/prod/.terraform.lock.hcl").resources} == {"live/prod"}
    assert not resolved({"docs/.terraform.lock.hcl": LOCK}).resources


@pytest.mark.parametrize(
    "text",
    (
        "terraform {\n  backend = 1\n  required_providers = [1]\n  cloud = null\n}\n",
        'terraform {\n  backend "s3" "again" {}\n  required_providers {\n    aws = [1]\n  }\n}\n',
        'provider "a" "b" {}\nmodule "x" { source = [1] }\ncheck "y" {}\nvariable "v" { validation = 1 }\n',
        "provider {}\nterraform {}\n",
    ),
)
def test_odd_settings_break_nothing(text: str) -> None:
    resolved({"live/prod/main.tf": text, "live/prod/.terraform.lock.hcl": "provider {\n}\nprovider = 1\n"})
