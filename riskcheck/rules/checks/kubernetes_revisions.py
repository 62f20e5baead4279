"""Which revision of a repository, chart or artifact is deployed: one that stays, or one that moves by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex
from riskcheck.rules.checks.kubernetes_gitops import subject_of
from riskcheck.rules.checks.kubernetes_objects import group_of, text_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource
    from riskcheck.rules.context import CheckContext

_SHA: Final = regex(r"[0-9a-f]{7,64}")
_VERSION: Final = regex(
    r"(?:refs/tags/.{1,200}|(?:[\w.-]{1,80}[-/])?v?[0-9]{1,8}(?:\.[0-9]{1,8}){1,3}(?:[-+.][\w.+-]{1,80})?)"
)
_EXACT: Final = regex(r"=?\s{0,3}v?[0-9]{1,8}\.[0-9]{1,8}\.[0-9]{1,8}(?:[-+][\w.+-]{1,80})?")
_MOVING_TAGS: Final = frozenset(
    {"latest", "main", "master", "edge", "nightly", "stable", "dev", "develop", "head"}
)


def moving_revision(change: Change, context: CheckContext) -> Iterator[Match]:
    """Values: subject, old, new (text)."""
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return
    group = group_of(after)
    if group == "argoproj.io" and change.path[-1] == "targetRevision":
        parent = context.node(after, change.path[:-1])
        chart = text_at(parent, "chart") is not None
        yield from _argo(change, chart)
    elif group == "source.toolkit.fluxcd.io" and after.kind in ("GitRepository", "OCIRepository"):
        old, new = _followed(before), _followed(after)
        told_by = old.field if _stated(before, new.field) == _stated(after, new.field) else new.field
        if old.stays and not new.stays and change.path[-1] == told_by:
            yield Match({"subject": subject_of(after), "old": old.shown, "new": new.shown})
    elif group == "image.toolkit.fluxcd.io" and _is_exact(change.before) and not _is_exact(change.after):
        yield Match({"subject": subject_of(after), "old": str(change.before), "new": str(change.after)})


def _argo(change: Change, chart: bool) -> Iterator[Match]:
    old, new = change.before, change.after
    if not isinstance(old, str) or "{{" in old or "${" in old:
        return
    if not isinstance(new, str):
        moves = change.kind == "removed"
        shown = "HEAD" if not chart else "the latest version"
    else:
        moves = "{{" not in new and "${" not in new and not (_is_exact(new) if chart else _is_pinned(new))
        shown = new or "HEAD"
    if moves and (_is_exact(old) if chart else _is_pinned(old)):
        yield Match({"subject": subject_of(change.resource), "old": old, "new": shown})


def _is_exact(version: object) -> bool:
    """Whether a chart version allows no other."""
    return isinstance(version, str) and _EXACT.fullmatch(version.strip()) is not None


def _is_pinned(revision: str) -> bool:
    """Whether a revision of git is a commit, or a tag that looks like a version."""
    return _SHA.fullmatch(revision) is not None or _VERSION.fullmatch(revision) is not None


class _Followed(NamedTuple):
    """field: of ``spec.ref``, which decides. stays: nobody moves it by a push."""

    field: str
    shown: str
    stays: bool


def _stated(source: Resource, field: str) -> str | None:
    return text_at(source.body, "spec", "ref", field)


def _followed(source: Resource) -> _Followed:
    """What a source of Flux follows. The field that wins comes first.

    https://fluxcd.io/flux/components/source/gitrepositories/#reference ,
    https://fluxcd.io/flux/components/source/ocirepositories/#reference
    """
    oci = source.kind == "OCIRepository"
    for field in ("digest", "semver", "tag") if oci else ("commit", "name", "semver", "tag", "branch"):
        value = _stated(source, field)
        if not value:
            continue
        if field in ("commit", "digest"):
            return _Followed(field, f"{field} {value}", stays=True)
        if field == "name":
            return _Followed(field, value, value.startswith("refs/tags/"))
        if field == "semver":
            return _Followed(field, f"versions {value}", _is_exact(value))
        if field == "tag":
            return _Followed(field, f"tag {value}", value.lower() not in _MOVING_TAGS)
        return _Followed(field, f"branch {value}", stays=False)
    return (
        _Followed("tag", "tag latest", stays=False)
        if oci
        else _Followed("branch", "branch master", stays=False)
    )
