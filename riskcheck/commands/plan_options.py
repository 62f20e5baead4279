"""The plan files that a run is given on the command line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskcheck.planfiles.model import DeploymentPlan


def read_plans(databricks: Sequence[str], terraform: Sequence[str]) -> tuple[DeploymentPlan, ...]:
    """The plans of ``[NAME=]FILE``, in their order. Raises `RunError` where a file is no plan, `click.UsageError`
    where it cannot be read."""
    return (*_databricks(databricks), *_terraform(terraform))


def _databricks(given: Sequence[str]) -> Iterator[DeploymentPlan]:
    if not given:
        return
    from riskcheck.planfiles.databricks import MOST_BYTES, read_plan

    for one in given:
        target, path = named(one)
        try:
            with open(path, "rb") as file:
                data = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise click.UsageError(f"--databricks-plan {path}: cannot be read ({error.strerror})") from None
        yield read_plan(path, data, target)


def _terraform(given: Sequence[str]) -> Iterator[DeploymentPlan]:
    if not given:
        return
    from riskcheck.planfiles.terraform import read_plan

    for one in given:
        environment, path = named(one)
        try:
            with open(path, "rb") as file:
                plan = read_plan(path, file, environment)
        except OSError as error:
            raise click.UsageError(f"--terraform-plan {path}: cannot be read ({error.strerror})") from None
        yield plan


def named(given: str) -> tuple[str | None, str]:
    """Name and path of ``[NAME=]FILE``; a file of the whole name is meant where there is one."""
    name, equals, path = given.partition("=")
    if not equals or os.path.exists(given):
        return None, given
    return name or None, path
