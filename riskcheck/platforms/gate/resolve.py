"""The files that guard merges, as resources of one production environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.filenames import POLICIES
from riskcheck.models import Environment, Limitation, Resolution, Resource
from riskcheck.nodes import Mapping, Node, Source
from riskcheck.platforms.gate import ci
from riskcheck.platforms.gate.named_files import kind_by_policy
from riskcheck.platforms.gate.paths import (
    CODE_OWNERS,
    LEFTHOOK,
    LEFTHOOK_LOCAL,
    OWNERS,
    Kind,
    System,
    is_script,
    kind_of,
    system_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from riskcheck.documents.store import Document, DocumentStore
    from riskcheck.platforms.base import Workspace

MERGE_GATE = Environment("merge gate", "prod", source="files that guard merges count as production")
PLATFORM_NAME = "gate"
MAX_JOBS = 1_000
"""Jobs of one CI definition up to which it is compared."""


def resolve(workspace: Workspace, units: Collection[str]) -> Resolution:
    """All guards in `units`, which are paths. A file that one side lacks is no limitation there."""
    resources: list[Resource] = []
    limitations: list[Limitation] = []
    read: set[str] = set()
    for unit in sorted(units):
        path = _path_of(workspace, unit, read)
        entry = workspace.tree.entry(path) if path is not None else None
        if path is None or entry is None:
            continue
        kind = "Policy" if path == workspace.policy_path else kind_of(path) or kind_by_policy(workspace, path)
        if kind in ("Prices", "Addresses"):
            # Others may judge them, too: prices by nobody, but a list of addresses may let them in.
            limitations.extend(_facts(workspace, kind, path, resources))
            continue
        read.add(path)
        if kind == "Rule" and entry.kind != "file":
            # Rules are not read by way of links.
            continue
        document = _document(workspace.documents, path)
        broken = _broken(workspace, document)
        if broken is not None:
            limitations.append(broken)
            continue
        if path == ".gitlab-ci.yml":
            included = gitlab_includes(workspace)
            read |= included
            found = (_broken(workspace, workspace.documents.get(one, "yaml")) for one in sorted(included))
            limitations.extend(one for one in found if one is not None)
        for resource in _resources(workspace, kind, document):
            jobs = resource.body.get("jobs") if kind == "Workflow" else None
            if isinstance(jobs, Mapping) and len(jobs.entries) > MAX_JOBS:
                message = f"more than {MAX_JOBS:,} jobs; it is not compared"
                failed = workspace.side == "head"
                limitations.append(
                    Limitation(path, "too-large", message, None, workspace.side, failed=failed)
                )
            else:
                resources.append(resource)
    environments = (MERGE_GATE,) if resources else ()
    return Resolution(tuple(resources), environments, tuple(limitations), frozenset(read))


def _facts(workspace: Workspace, kind: Kind, path: str, resources: list[Resource]) -> Iterator[Limitation]:
    """Adds the file at `path`, from which the policy takes facts; yields why that cannot be done."""
    if kind == "Addresses":
        from riskcheck.platforms.gate import fact_files

        held = fact_files.addresses(workspace.documents, path)
        if held is not None:
            resources.append(_resource(kind, path, path, held, held))
        return
    document = _document(workspace.documents, path)
    broken = _broken(workspace, document)
    if broken is not None:
        yield broken
    elif isinstance(document.root, Mapping):
        resources.append(_resource(kind, path, path, document.root, document.root))


def _path_of(workspace: Workspace, unit: str, read: set[str]) -> str | None:
    """The file of `unit`. Of the files of code owners the first is the one that counts; the others are `read`,
    since nothing else of them matters."""
    if unit != CODE_OWNERS:
        return unit
    there = [path for path in OWNERS if workspace.tree.entry(path) is not None]
    read.update(there)
    return there[0] if there else None


def definition_of(workspace: Workspace, path: str, system: System | None = None) -> ci.Definition | None:
    """The CI definition at `path`, None where there is none that can be read. system: where the path does not
    tell, as of a template."""
    system = system_of(path) or system
    if system is None or workspace.tree.entry(path) is None:
        return None
    document = _document(workspace.documents, path)
    if document.unreadable is not None or document.error is not None:
        return None
    return _definition(workspace, system, document)


def gitlab_includes(workspace: Workspace) -> frozenset[str]:
    """The files that the GitLab pipeline takes in: they mean nothing without it. Parses only those that take in
    others."""
    document = workspace.documents.get(".gitlab-ci.yml")
    if "include" not in document.text or not isinstance(document.root, Mapping):
        return frozenset()
    from riskcheck.platforms.gate import gitlab

    def fetch(path: str) -> Mapping | None:
        held = workspace.documents.get(path, "yaml")
        return held.root if "include" in held.text and isinstance(held.root, Mapping) else None

    return frozenset(gitlab.taken_in(document.root, fetch, lambda: list(workspace.tree.entries())))


def _document(documents: DocumentStore, path: str) -> Document:
    return documents.get(path, "yaml" if path.endswith((".yml", ".yaml")) else None)


def _broken(workspace: Workspace, document: Document) -> Limitation | None:
    """A file that cannot be read. It is the change's doing if the other side could be."""
    if document.error is None:
        return None
    other = _document(workspace.other, document.path) if workspace.other else None
    was_sound = other is not None and other.unreadable is None and other.error is None
    return Limitation(
        document.path,
        document.unreadable or "parse-error",
        document.error.reason,
        document.error.line,
        workspace.side,
        failed=workspace.side == "head" and was_sound,
    )


def _resources(workspace: Workspace, kind: Kind, document: Document) -> Iterator[Resource]:
    path = document.path
    root = document.root
    if kind == "Owners":
        from riskcheck.platforms.gate import owners

        source = Source(path, workspace.side)
        body = owners.body(document.text.split("\n"), source, workspace.environments)
        yield _resource(kind, CODE_OWNERS, CODE_OWNERS, body, body)
    elif kind == "Hook":
        from riskcheck.platforms.gate import hooks

        if is_script(path):
            held = hooks.script(document.text.split("\n"), Source(path, workspace.side))
            yield _resource(kind, path, path, held, held)
        elif isinstance(root, Mapping):
            found = hooks.lefthook(_with_local(workspace, root)) if path in LEFTHOOK else hooks.hooks(root)
            for hook, held in found:
                name = f"lefthook {hook.raw}" if path in LEFTHOOK else hook.raw
                yield _resource(kind, name, path, held, hook)
    elif kind == "Policy":
        from riskcheck.platforms.gate import policy_file

        if isinstance(root, Mapping):
            name = "riskcheck.yaml" if path in POLICIES else path
            yield _resource(kind, name, path, policy_file.body(root), root)
    elif kind == "Baseline":
        from riskcheck.platforms.gate import baseline_file

        if isinstance(root, Mapping):
            yield _resource(kind, path, path, baseline_file.body(root), root)
    elif kind in ("Rule", "Protection"):
        if isinstance(root, Mapping):
            yield _resource(kind, path, path, root, root)
    else:
        system = system_of(path)
        definition = _definition(workspace, system, document) if system is not None else None
        if definition is not None:
            yield _resource(kind, path, path, ci.body(definition), definition.root)


def _with_local(workspace: Workspace, root: Mapping) -> Mapping:
    """What lefthook runs where its local configuration is in the repository, too."""
    from riskcheck.platforms.gate import hooks

    for path in sorted(LEFTHOOK_LOCAL):
        local = _document(workspace.documents, path) if workspace.tree.entry(path) is not None else None
        if local is not None and local.error is None and isinstance(local.root, Mapping):
            root = hooks.merged(root, local.root)
    return root


def _resource(kind: Kind, name: str, path: str, body: Mapping, origin: Node) -> Resource:
    return Resource(
        platform=PLATFORM_NAME,
        kind=kind,
        name=name,
        environment=MERGE_GATE,
        unit=path,
        body=body,
        origin=origin,
        reading="yaml-1.2",
        service="merge gate",
    )


def _definition(workspace: Workspace, system: System, document: Document) -> ci.Definition | None:
    root = document.root
    if system == "jenkins":
        from riskcheck.platforms.gate import jenkins

        return jenkins.read(document.text.split("\n"), Source(document.path, workspace.side))
    if not isinstance(root, Mapping):
        return None
    if system == "github":
        from riskcheck.platforms.gate import github

        return github.read(root)
    if system == "gitlab":
        from riskcheck.platforms.gate import gitlab

        def fetch(path: str) -> Mapping | None:
            held = workspace.documents.get(path, "yaml").root
            return held if isinstance(held, Mapping) else None

        return gitlab.read(root, fetch, lambda: list(workspace.tree.entries()))
    if system == "azure":
        from riskcheck.platforms.gate import azure

        return azure.read(root)
    from riskcheck.platforms.gate import others

    return others.read_circleci(root)
