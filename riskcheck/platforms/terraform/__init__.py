"""Terraform and OpenTofu configuration, without a provider and without a state.

`discovery` finds root modules, what they call and their variable files, `modules` says what names mean in a module,
`evaluate` and `functions` compute expressions, `resolve` makes the resources, `fields` says what forces a new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.platforms.terraform.platform import Terraform

if TYPE_CHECKING:
    from riskcheck.platforms.base import Platform

PLATFORM: Final[Platform] = Terraform()
