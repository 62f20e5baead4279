"""Feature flags whose rollout jumps: configuration that reaches everyone at once, with no pod that restarts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Change, Match
from riskcheck.nodes import Mapping, Scalar
from riskcheck.progressive.flagformats import flag_of
from riskcheck.progressive.flagjumps import jump
from riskcheck.progressive.flags import Segment, is_flag_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as MappingOf

    from riskcheck.models import Resource
    from riskcheck.nodes import KeyPath, Node, Value
    from riskcheck.rules.context import CheckContext

_CONTAINERS: Final = (
    "flags",
    "features",
    "featureflags",
    "toggles",
    "featuretoggles",
    "experiments",
    "rollouts",
)
_FILE_WORDS: Final = ("flag", "feature", "toggle", "rollout", "experiment")
_CRDS: Final = ("FeatureFlag", "FeatureFlagConfiguration")
_MOST_TEXT: Final = 1_000_000


def rollout_jumped(change: Change, context: CheckContext) -> Iterator[Match]:
    """A flag that more people get at once than a ramp would give, or whose default flips. Values: flag, problem.

    options: max_jump, first_exposure (percentage points of the population).
    """
    before, after = change.resource_before, change.resource_after
    if before is None or after is None:
        return
    limits = _share(context.options, "max_jump", 50), _share(context.options, "first_exposure", 25)
    if after.kind == "ConfigMap":
        yield from _in_text(change, limits)
        return
    if not _holds_flags(after, change.path):
        return
    path = _flag_path(change, before, after, context)
    if path is not None and _leads(change, path, context):
        name = path[-1].strip("[]").removeprefix("\\")
        yield from _of_flag(name, context.node(before, path), context.node(after, path), limits)


def _of_flag(
    name: str, before: Node | None, after: Node | None, limits: tuple[float, float]
) -> Iterator[Match]:
    """What happened to one flag: the first part of it that jumps."""
    old = {flag.name: flag for flag in flag_of(name, before)}
    new = {flag.name: flag for flag in flag_of(name, after)}
    for flag in new.values():
        problem = jump(old.get(flag.name), flag, *limits)
        if problem:
            yield Match({"flag": flag.name, "problem": problem})
            return
    for key in old.keys() - new.keys() if new else ():
        if Segment(f'"{key.removeprefix(f"{name} in ")}"', None).production:
            yield Match({"flag": name, "problem": "says nothing of production any more"})
            return


def _in_text(change: Change, limits: tuple[float, float]) -> Iterator[Match]:
    """A flag file that is the value of a ConfigMap: flagd's usual home in a cluster."""
    before, after = (_flags_in(node) for node in (change.node_before, change.node_after))
    if before is None or after is None:
        return
    for key, node in after.entries:
        yield from _of_flag(key.raw, before.get(key.raw), node, limits)


def _flags_in(node: Node | None) -> Mapping | None:
    """The flags of a file that is embedded as text; None where it is none."""
    if not isinstance(node, Scalar) or len(node.raw) > _MOST_TEXT:
        return None
    if "flags" not in node.raw or ("variants" not in node.raw and "variations" not in node.raw):
        return None
    from riskcheck.documents.store import DocumentStore
    from riskcheck.trees import MemoryTree

    name = "flags.json" if node.raw.lstrip().startswith("{") else "flags.yaml"
    tree = MemoryTree({name: node.raw.encode("utf-8", "replace")}, node.source.side, "embedded")
    root = DocumentStore(tree).get(name).root
    flags = root.get("flags") if isinstance(root, Mapping) and is_flag_file(root) else None
    return flags if isinstance(flags, Mapping) else None


def _share(options: MappingOf[str, Value], name: str, default: float) -> float:
    found = options.get(name, default)
    number = float(found) if isinstance(found, int | float) and not isinstance(found, bool) else default
    return number / 100


def _holds_flags(resource: Resource, path: KeyPath) -> bool:
    """Whether `resource` is about flags: a flag object, a file that is one by content, by name or by section."""
    if resource.kind in _CRDS:
        return True
    if resource.platform != "plain":
        return False
    directory, _, name = resource.unit.lower().rpartition("/")
    return (
        any(word in step for step in (name, directory.rpartition("/")[2]) for word in _FILE_WORDS)
        or any(_plain(step) in _CONTAINERS for step in path[:-1])
        or is_flag_file(resource.body)
    )


def _plain(step: str) -> str:
    return step.lower().replace("_", "").replace("-", "")


def _flag_path(change: Change, before: Resource, after: Resource, context: CheckContext) -> KeyPath | None:
    """The outermost mapping on the way to the change that reads as a flag on either side; of features within
    features the one that the change is of."""
    found = None
    for depth in range(1, len(change.path) + 1):
        path = change.path[:depth]
        nodes = (context.node(after, path), context.node(before, path))
        if any(isinstance(node, Mapping) and flag_of("", node) for node in nodes):
            found = path
        if found is not None and change.path[len(found) : len(found) + 1] != ("features",):
            return found
    return found


def _leads(change: Change, path: KeyPath, context: CheckContext) -> bool:
    """Whether `change` is the first one of its flag."""
    for other in context.changes_of(change.resource):
        short = min(len(other.path), len(path))
        if other.path[:short] == path[:short]:
            return change.path == other.path or context.within is not None
    return True
