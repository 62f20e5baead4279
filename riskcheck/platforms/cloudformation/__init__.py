"""AWS CloudFormation and SAM templates, without an account and without macros.

`files` tells templates and parameter files, `parameters` which of them belong together and for which environment,
`template` reads the sections, `conditions` and `evaluate` compute intrinsic functions, `naming` says what a stack
is called, `resolve` makes the resources.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.platforms.cloudformation.platform import CloudFormation

if TYPE_CHECKING:
    from riskcheck.platforms.base import Platform

PLATFORM: Final[Platform] = CloudFormation()
"""CloudFormation templates, resolved for each file of parameters that belongs to one."""
