"""The one place that knows which CEL runtime evaluates conditions.

It is cel-expr-python (https://pypi.org/project/cel-expr-python/), which wraps Google's C++ runtime. That one
is bounded by itself too: expressions nest at most 32 deep, all loops of an evaluation take at most 10,000
steps together, and the patterns of ``matches`` are linear (RE2).
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from riskcheck.rules import functions
from riskcheck.rules.terms import Terms, excess, terms_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cel_expr_python import cel

VARIABLES: Final = frozenset(
    {"before", "after", "present_before", "present_after", "change", "parent", "parent_before", "resource"}
    | {"resource_before", "environment", "service", "siblings", "facts", "options", "match"}
)
"""Names that a condition may mention; `docs/writing-rules.md` says what they hold."""


class ConditionError(Exception):
    """A condition that cannot be compiled, or that exceeds a bound. The message says why, on one line."""


class BoundError(Exception):
    """An evaluation took more steps than allowed: its result is unknown, which is not "no"."""


class Condition:
    """A compiled condition."""

    __slots__ = ("_program", "source", "terms")

    def __init__(self, source: str, program: cel.Expression, terms: Terms) -> None:
        self.source = source
        self.terms = terms
        self._program = program

    def evaluate(self, data: Mapping[str, object]) -> tuple[bool, str | None]:
        """Whether the condition holds over `data`, which has a value for every variable it mentions.

        Numbers in it are floats. A condition that cannot be computed (a missing key, operands that have no
        such operator) does not hold; the second item then says why. Raises `BoundError`.
        """
        try:
            result = self._program.eval(data=data)
        except RuntimeError as error:
            raise BoundError(_one_line(str(error))) from error
        kind = result.type().name()
        if kind == "BOOL":
            return bool(result.plain_value()), None
        if kind == "ERROR":
            try:
                return False, _explained(str(result.plain_value()))
            except TypeError:
                kind = "optional"  # which is called an error, too, and cannot be made a value of Python
        return False, f"it gives {kind.lower()}, neither true nor false"


@lru_cache(maxsize=4096)
def condition(source: str, bounded: bool = False) -> Condition:
    """Compiles `source`. bounded: it comes from a checked repository. Raises `ConditionError`."""
    fault = excess(source) if bounded else None
    if fault is not None:
        raise ConditionError(fault)
    try:
        program = _environment().compile(source)
        kind = program.return_type().name()
    except RuntimeError as error:
        raise ConditionError(_one_line(str(error))) from error
    if kind not in ("BOOL", "DYN"):
        raise ConditionError(f"it gives {kind.lower()}, neither true nor false")
    return Condition(source, program, terms_of(source, VARIABLES))


@cache
def _environment() -> cel.Env:
    from cel_expr_python import cel
    from cel_expr_python.ext import ext_optional, ext_strings

    kinds = (cel.Type.DOUBLE, cel.Type.STRING, cel.Type.INT, cel.Type.BOOL, cel.Type.NULL)

    def declared(name: str, implementation: Callable[..., float | None], *more: cel.Type) -> cel.FunctionDecl:
        # One overload a type: the runtime does not match arguments to a parameter declared DYN.
        overloads = [
            cel.Overload(
                f"{name}_{kind.name().lower()}",
                return_type=cel.Type.DYN,
                parameters=[kind, *more],
                is_member=False,
                impl=implementation,
            )
            for kind in kinds
        ]
        return cel.FunctionDecl(name, overloads)

    return cel.NewEnv(
        variables=dict.fromkeys(VARIABLES, cel.Type.DYN),
        functions=[
            declared("quantity", functions.quantity),
            declared("bytes_of", functions.bytes_of),
            declared("seconds", functions.seconds),
            declared("version_part", functions.version_part, cel.Type.INT),
        ],
        extensions=[ext_optional.ExtOptional(), ext_strings.ExtStrings()],
    )


def _one_line(text: str) -> str:
    """The complaint without the status word, the quoted source and the marker below it."""
    text = text.splitlines()[0] if text else "unknown error"
    for noise in ("INVALID_ARGUMENT: ", "INTERNAL: ", "CANCELLED: ", "ERROR: <input>:"):
        text = text.removeprefix(noise)
    return text.removesuffix(" (in container '')").split(" [", 1)[0]


def _explained(text: str) -> str:
    text = _one_line(text).removeprefix("UNKNOWN: ").removeprefix("NOT_FOUND: ")
    if "double" in text and "int64" in text:
        return f"{text} (numbers of configuration are doubles: write 2.0, not 2)"
    return text
