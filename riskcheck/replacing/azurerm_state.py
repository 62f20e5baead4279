"""What holds data in the azurerm provider: attributes that force a new resource (`riskcheck.replacing`).

From https://github.com/hashicorp/terraform-provider-azurerm/tree/69697b7fe6/website/docs/r
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FORCES_NEW: Final[Mapping[str, str]] = {}
