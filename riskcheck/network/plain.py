"""Allow-lists in files of no known platform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.network.allowlists import lists_in_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.models import Resource
    from riskcheck.network.model import AddressList, TrafficRule

RULES: Final[dict[str, Callable[[Resource], Iterator[TrafficRule]]]] = {}

LISTS: Final[dict[str, Callable[[Resource], Iterator[AddressList]]]] = {"file": lists_in_file}
