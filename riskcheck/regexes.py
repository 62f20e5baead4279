"""Regular expressions that are compiled at their first use: a run defines a hundred and needs half of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, AnyStr

_ASKED = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer", "pattern", "flags")


class _Regex:
    """Stands for a compiled pattern until something of it is asked for, and hands on to it from then."""

    def __init__(self, written: Any, flags: int = 0) -> None:
        self._written = (written, flags)

    def __getattr__(self, name: str) -> object:
        compiled = re.compile(*self._written)
        # Later questions find the methods of the compiled pattern here, at the cost that they have there.
        self.__dict__.update((asked, getattr(compiled, asked)) for asked in _ASKED)
        return getattr(compiled, name)


if TYPE_CHECKING:

    def regex(written: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
        """As `re.compile`, at the first use, which is when an error in `written` is raised, too."""
        return re.compile(written, flags)

else:
    regex = _Regex
