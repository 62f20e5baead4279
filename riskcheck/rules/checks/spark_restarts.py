"""Applications of the Spark operator that are no longer started again, or are by an edit (SPK-010, SPK-011)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match, Resource
from riskcheck.nodes import render_path
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.rules.checks.kubernetes_objects import (
    is_first,
    is_preview,
    labels_of,
    mapping_at,
    name_of,
    number_at,
    text_at,
)
from riskcheck.sparkapps import (
    PATHS,
    SCHEDULED,
    application_of,
    is_suspended,
    resubmits,
    runs_on_because,
    within_application,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Mapping, Value
    from riskcheck.rules.context import CheckContext

_FOREVER: Final = 10**9
"""Retries of ``Always``, which knows no bound."""


class _Policy(NamedTuple):
    """kind: ``Never``, ``OnFailure`` or ``Always``. runs, submissions: how often a failed run, or submission, is
    tried again. Without a number, ``OnFailure`` never does (pkg/util/sparkapplication.go)."""

    kind: str
    runs: int
    submissions: int


def restart_weakened(change: Change, context: CheckContext) -> Iterator[Match]:
    """A failed application is started again less often, or a batch without end.

    Values: problem (text), retries (int: how often a failed run is still tried again; 10**9 without a bound),
    endless (bool: a batch that starts again whenever it ends).
    """
    before, after = (application_of(one) for one in (change.resource_before, change.resource_after))
    if before is None or after is None or is_preview(change):
        return
    section = (*PATHS[change.resource.kind], "restartPolicy")
    if not is_first(change, context, section) or _is_single(change.resource, context.options.get("once")):
        return
    old, new = _policy(before), _policy(after)
    if old is None or new is None:
        return
    if new.kind == "Always" != old.kind:
        if _is_batch(change.resource, after):
            yield _match("a batch is started again whenever it ends, for ever (Always)", new, endless=True)
        return
    problem = _less(old, new)
    if problem:
        yield _match(problem, new)


def _match(problem: str, policy: _Policy, *, endless: bool = False) -> Match:
    return Match(values={"problem": problem, "retries": policy.runs, "endless": endless})


def _policy(spec: Mapping) -> _Policy | None:
    kind = text_at(spec, "restartPolicy", "type")
    if kind == "Always":
        return _Policy(kind, _FOREVER, _FOREVER)
    if kind == "Never":
        return _Policy(kind, 0, 0)
    if kind != "OnFailure":
        return None
    stated = mapping_at(spec, "restartPolicy")
    counts = [number_at(stated, field) or 0 for field in ("onFailureRetries", "onSubmissionFailureRetries")]
    return _Policy(kind, counts[0], counts[1])


def _less(old: _Policy, new: _Policy) -> str | None:
    if new.kind == "Never" and old.kind != "Never":
        had = "without end" if old.runs == _FOREVER else _times(old.runs)
        return f"a failed run is not started again (restartPolicy {old.kind}, {had}, becomes Never)"
    if old.runs == _FOREVER and new.kind == "OnFailure":
        return f"a run that ends is not started again, a failed one {_times(new.runs)} (Always becomes OnFailure)"
    if new.runs < old.runs:
        return f"a failed run is started again {_times(new.runs)} instead of {_times(old.runs)}"
    if new.submissions < old.submissions:
        return f"a failed submission is tried again {_times(new.submissions)} instead of {_times(old.submissions)}"
    return None


def _times(count: int) -> str:
    return {0: "never", 1: "once"}.get(count, f"{count} times")


def _is_batch(resource: Resource, spec: Mapping) -> bool:
    """A scheduled run, or one that is thrown away once it ended, is meant to end."""
    return resource.kind == SCHEDULED or text_at(spec, "timeToLiveSeconds") is not None


def _is_single(resource: Resource, words: Value) -> bool:
    """Meant to run once, as its name or a label says: a migration, a backfill."""
    known = [str(word) for word in words] if isinstance(words, list) else []
    if not known:
        return False
    pattern = re.compile(rf"(?:^|[^a-z])(?:{'|'.join(map(re.escape, known))})(?:[^a-z]|$)")
    return any(pattern.search(one.lower()) for one in (name_of(resource), *labels_of(resource).values()))


def running_resubmitted(change: Change, context: CheckContext) -> Iterator[Match]:
    """An edit that ends a run that was not to end, and submits it again.

    Values: fields (text: what was edited), because (text: why the application counts as one that runs on).
    """
    before, after = (application_of(one) for one in (change.resource_before, change.resource_after))
    partial = context.options.get("partial_restart") is True
    if before is None or after is None or not resubmits(change, partial=partial) or is_preview(change):
        return
    if is_suspended(change.resource_before) or is_suspended(change.resource_after):
        return
    edits = [one for one in context.changes_of(change.resource) if resubmits(one, partial=partial)]
    because = runs_on_because(before, name_of(change.resource))
    if because is None or not edits or change is not edits[0]:
        return
    fields = [render_path(within_application(one) or ()) for one in edits]
    yield Match(values={"fields": listed(list(dict.fromkeys(fields))), "because": because})
