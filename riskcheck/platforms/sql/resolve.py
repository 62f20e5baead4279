"""SQL files into resources: what they do and what they declare, in each environment they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Environment, Limitation, Reference, Resolution, Resource
from riskcheck.platforms.declaring import resolution_of
from riskcheck.platforms.families import component_of, generalised_path
from riskcheck.platforms.problems import readable
from riskcheck.platforms.sql.bodies import statements_body, table_body
from riskcheck.platforms.sql.creating import TABULAR
from riskcheck.platforms.sql.facts import Facts
from riskcheck.platforms.sql.files import foreign_dialect, is_dbt
from riskcheck.platforms.sql.parser import MISSING
from riskcheck.platforms.sql.reach import Reach
from riskcheck.platforms.sql.script import Entry, Script, read_script
from riskcheck.platforms.sql.sound import problems
from riskcheck.platforms.sql.stated import used
from riskcheck.records import replace
from riskcheck.tables.names import reference, table_reference
from riskcheck.tables.shape import KIND

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from riskcheck.nodes import Mapping
    from riskcheck.platforms.base import Workspace

STATEMENTS: Final = "statements"


def resolve(workspace: Workspace, units: Collection[str]) -> Resolution:
    """See `riskcheck.platforms.base.Platform.resolve`."""
    limitations: dict[Limitation, None] = {}
    paths = sorted(units)
    scripts = {path: _script(workspace, path, limitations) for path in paths}
    facts = Facts(workspace, {path: script for path, script in scripts.items() if script is not None})
    reach = Reach(workspace)
    resources: list[Resource] = []
    for script in scripts.values():
        if script is not None:
            limitations.update(dict.fromkeys(_once(problems(script, workspace), limitations)))
            resources.extend(_resources(script, workspace, facts, reach))
    limitations.update(dict.fromkeys(facts.limitations()))
    read = (path for path, script in scripts.items() if script is not None)
    return resolution_of(resources, limitations, read)


def _once(found: Iterable[Limitation], before: Iterable[Limitation]) -> Iterator[Limitation]:
    """`found`, but that the parser is not installed only where nothing says so yet."""
    told = any(one.kind == MISSING for one in before)
    for one in found:
        if one.kind != MISSING:
            yield one
        elif not told:
            told = True
            yield one._replace(line=None, side="head")


def _script(workspace: Workspace, path: str, limitations: dict[Limitation, None]) -> Script | None:
    """The statements of a file; none of one that this side does not have. None where it is not for Databricks."""
    if workspace.tree.entry(path) is None:
        other = workspace.other.get(path).text if workspace.other is not None else ""
        return None if foreign_dialect(path, other) else read_script(path, workspace.side, "")
    document = readable(workspace, path, limitations)
    if document.unreadable is not None:
        return None
    text = document.text
    dialect = foreign_dialect(path, text)
    if dialect is not None:
        message = f"written for {dialect}, not for Databricks"
        limitations.setdefault(Limitation(path, "other-dialect", message, None, workspace.side))
        return None
    if is_dbt(text):
        message = "a dbt template: what dbt makes of it is not read"
        limitations.setdefault(Limitation(path, "unresolved-template", message, None, workspace.side))
        return None
    return read_script(path, workspace.side, text)


def _resources(script: Script, workspace: Workspace, facts: Facts, reach: Reach) -> Iterator[Resource]:
    name = generalised_path(script.path, workspace.environments)
    service = component_of(script.path.rpartition("/")[0], workspace.environments)
    places = script.places
    references = tuple(
        Reference(use.target, places.scalar(use.target, use.start, use.end), "hard", use.relation)
        for use in used(script)
    )
    for environment, entries in reach.of(script).items():
        body = statements_body(script, entries, facts)
        changed = tuple(dict.fromkeys(_changed(script, entries, facts)))
        resource = _resource(STATEMENTS, name, name, environment, script, body, service, changed)
        yield replace(resource, references=references)
        for entry in entries:
            if entry.verb != "CREATE" or entry.object not in TABULAR or not entry.full:
                continue
            if "temporary" in entry.statement.flags:
                continue
            table = table_body(script, entry)
            identity = f"{name}:{'.'.join(entry.full.split('.')[-2:])}"
            provided = reference(entry.full)
            names = (provided,) if provided is not None else ()
            yield _resource(KIND, entry.full, identity, environment, script, table, service, names)


def _changed(script: Script, entries: Iterable[Entry], facts: Facts) -> Iterator[str]:
    """The tables that new statements alter or take away: whoever uses one hangs off the script."""
    for entry in entries:
        if entry.verb in ("ALTER", "DELETE", "DROP", "TRUNCATE", "REVOKE") and facts.is_new(script, entry):
            found = table_reference(entry.full)
            if found is not None:
                yield found


def _resource(
    kind: str,
    name: str,
    identity: str,
    environment: Environment,
    script: Script,
    body: Mapping,
    service: str | None,
    provides: tuple[str, ...],
) -> Resource:
    return Resource(
        platform="sql",
        kind=kind,
        name=name,
        environment=environment,
        unit=script.path,
        body=body,
        origin=body,
        reading="yaml-1.2",
        service=service,
        identity=f"sql:{kind}.{identity}",
        provides=provides,
    )
