"""sqlglot, in its Databricks dialect: the second opinion on what the readers of this package leave open.

An optional dependency (``riskcheck[sql]``). Imported when a statement needs it: it takes longer than a silent run.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlglot.dialects.dialect import Dialect

MISSING: Final = "missing-extra"
"""Kind of the limitation where sqlglot is not installed."""

_INSTALL: Final = "not all SQL is checked: pip install 'riskcheck[sql]' brings the parser"
_MOST_REASON: Final = 120


@cache
def _dialect() -> Dialect | None:
    from importlib.util import find_spec

    if find_spec("sqlglot") is None:
        return None
    import logging

    # It warns of syntax that it keeps as opaque text, which is no news to anybody here.
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    from sqlglot.dialects.databricks import Databricks

    return Databricks()


@lru_cache(maxsize=1024)
def problem_of(text: str) -> tuple[str, str, int] | None:
    """Why one statement cannot be parsed: (kind, reason, 0-based line within it). None where it can."""
    dialect = _dialect()
    if dialect is None:
        return MISSING, _INSTALL, 0
    from sqlglot.errors import ParseError, SqlglotError

    try:
        dialect.parse(text)
    except ParseError as error:
        first = error.errors[0] if error.errors else {}
        line, reason = first.get("line") or 1, str(first.get("description") or "")
        return "parse-error", f"invalid SQL: {_short(reason)}", int(line) - 1
    except SqlglotError as error:
        return "parse-error", f"invalid SQL: {_short(str(error))}", 0
    except RecursionError:
        return "too-large", "nested too deeply to be parsed", 0
    except Exception as error:  # noqa: BLE001 -- sqlglot trips over odd statements; that is no fault of the run
        return "parse-error", f"the SQL parser cannot read this statement ({type(error).__name__})", 0
    return None


def _short(reason: str) -> str:
    """Without the internals that sqlglot puts behind the words."""
    plain = reason.partition("<Token")[0].partition(" missing for <class")[0]
    words = " ".join(plain.split()) or "the statement cannot be parsed"
    return words[:_MOST_REASON].removesuffix(" but got")
