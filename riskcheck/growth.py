"""How much text references may make of little: 60,000 characters that are used 60,000 times are 3 GiB."""

from __future__ import annotations

from typing import Final

MAX_TEXTS: Final = 16 * 1024 * 1024
"""Characters of all texts together that are put together for one bundle, root configuration, template or build."""


class Growth:
    """What is left for the texts of one of them."""

    __slots__ = ("_left", "met")

    def __init__(self, most: int = MAX_TEXTS) -> None:
        self._left = most
        self.met = False
        """Whether a text was refused."""

    def takes(self, length: int) -> bool:
        """Whether one more text of `length` characters is put together; if so, it is counted."""
        if length > self._left:
            self.met = True
            return False
        self._left -= length
        return True
