"""Databricks runtimes and serverless environment versions: what their names tell about an upgrade."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from riskcheck.models import Change, Match, Resource
from riskcheck.nodes import MISSING, Mapping, MaybeValue
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex
from riskcheck.rules.checks.databricks_values import entry, mapping_along, shown, speaks_for, subject

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from riskcheck.rules.context import CheckContext

_RUNTIME = regex(r"(\d{1,3})(?:\.(\d{1,3}))?(?:\.(?:x|\d{1,4}))?(?:-[a-z0-9.-]*)?", re.ASCII)
_SCALA = regex(r"-scala(\d{1,2}\.\d{1,2})", re.ASCII)

_ENVIRONMENT_FIELDS = (("environment_version",), ("client",))


class Runtime(NamedTuple):
    """``15.4.x-cpu-ml-scala2.12``. minor is None, scala empty where the name does not state them."""

    major: int
    minor: int | None
    scala: str

    @property
    def version(self) -> str:
        return str(self.major) if self.minor is None else f"{self.major}.{self.minor}"


def runtime_of(text: str) -> Runtime | None:
    """The runtime that a ``spark_version`` names; None for ``custom:…``, ``auto:…`` and references."""
    match = _RUNTIME.fullmatch(text.strip())
    if match is None:
        return None
    scala = _SCALA.search(text)
    return Runtime(int(match[1]), int(match[2]) if match[2] else None, scala[1] if scala else "")


def runtime_reason(before: Runtime, after: Runtime, long_term: Collection[str]) -> str | None:
    """Why the step from `before` to `after` may break code; None for maintenance and feature releases.

    long_term: versions under long-term support; ``18`` means all releases of that major version.
    """
    if after.major != before.major:
        return (
            "a downgrade to an older major version" if after.major < before.major else "a new major version"
        )
    if before.minor is not None and after.minor is not None and after.minor < before.minor:
        return "a downgrade to an older feature release"
    if _is_long_term(before, long_term) and not _is_long_term(after, long_term):
        return "a release without long-term support"
    if before.scala and after.scala and before.scala != after.scala:
        return f"built for Scala {after.scala} instead of {before.scala}"
    return None


def _is_long_term(runtime: Runtime, long_term: Collection[str]) -> bool:
    return runtime.version in long_term or str(runtime.major) in long_term


def runtime_changed(change: Change, context: CheckContext) -> Iterator[Match]:
    """The runtime, environment version or release channel moved to one that may break code.

    Values: ``subject``, ``what``, ``was``, ``becomes``, ``reason``.
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return
    field, block = change.path[-1], change.path[:-1]
    if field == "spark_version":
        what, was, becomes = "runtime", change.before, change.after
        reason = _of_runtime(was, becomes, context)
    elif field in {"client", "environment_version"}:
        if not speaks_for(change, context, block, _ENVIRONMENT_FIELDS):
            return
        what = "environment version"
        was = _environment(mapping_along(context, before, block), before)
        becomes = _environment(mapping_along(context, after, block), after)
        reason = _of_environment(was, becomes)
    else:
        what, was, becomes = "channel", _channel(change.before), _channel(change.after)
        reason = "its releases are still being tried" if becomes == "PREVIEW" != was else None
    if reason is not None:
        values = {"what": what, "was": shown(was), "becomes": shown(becomes), "reason": reason}
        yield Match(values={"subject": subject(after), **values})


def _of_runtime(was: MaybeValue, becomes: MaybeValue, context: CheckContext) -> str | None:
    old, new = runtime_of(str(was)), runtime_of(str(becomes))
    long_term = context.options.get("long_term", [])
    if old is None or new is None or not isinstance(long_term, list):
        return None
    return runtime_reason(old, new, {str(version) for version in long_term})


def _environment(spec: Mapping | None, resource: Resource) -> MaybeValue:
    """The environment version in force: ``client`` is the deprecated name of the same setting."""
    version = entry(spec, "environment_version", resource)
    return entry(spec, "client", resource) if version is MISSING else version


def _of_environment(was: MaybeValue, becomes: MaybeValue) -> str | None:
    old, new = _number(was), _number(becomes)
    if old is None or new is None or old == new:
        return None
    return "an older one" if new < old else "it has a Python and packages of its own"


def _number(value: MaybeValue) -> int | None:
    text = shown(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _channel(value: MaybeValue) -> str:
    """The channel of a pipeline is its name, that of a warehouse a block with a name; CURRENT is the default."""
    name = value.get("name") if isinstance(value, dict) else value
    return str(name or "CURRENT").removeprefix("CHANNEL_NAME_")
