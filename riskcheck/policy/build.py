"""From the document of a policy file to a `Policy`: reading it, and what a schema cannot say about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from riskcheck.documents.scalars import plain_value, scalar_value
from riskcheck.durations import parse_duration, parse_moment
from riskcheck.environments import DeclaredEnvironment
from riskcheck.errors import suggestion
from riskcheck.globs import Glob, GlobError, wildcard
from riskcheck.models import Level, Service, Severity, Stage
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, Value
from riskcheck.policy.model import (
    ApprovalNeed,
    Budget,
    Freeze,
    Gate,
    Incomplete,
    Policy,
    Promotion,
    RequireCanary,
    RuleMention,
    RuleSettings,
    Window,
)
from riskcheck.policy.schema import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.judged import Waiver
    from riskcheck.response import Response

T = TypeVar("T")


class Builder:
    """Reads a document that may still break the schema: what has the wrong form reads as absent, so that the
    problems found here can be told together with those of the schema."""

    def __init__(self, path: str, root: Node) -> None:
        self._path = path
        self._root = root if isinstance(root, Mapping) else None
        self.faults: list[Fault] = []
        self._notes: list[str] = []
        self._mentions: list[RuleMention] = []

    def policy(self, digest: str) -> Policy:
        """The policy; what is wrong is in `faults`."""
        promotion = _text(self._root, "promotion")
        files, gate, budget = (self._section(name) for name in ("files", "gate", "budget"))
        environments = tuple(self._environments(ordered=promotion is not None))
        services = tuple(self._services())
        catalogs = self._globs(self._root, "catalogs", "catalogs")
        freezes = tuple(self._freezes([environment.name for environment in environments]))
        windows = tuple(self._windows([environment.name for environment in environments]))
        waivers = tuple(self._waivers([environment.name for environment in environments]))
        approvals = tuple(self._approvals())
        if not catalogs:
            self._note_empty_scopes(services, approvals)
        return Policy(
            environments=environments,
            promotion=cast("Promotion | None", promotion),
            services=services,
            catalogs=catalogs,
            known_addresses=self._globs(self._root, "known_addresses", "known_addresses"),
            include=self._globs(files, "include", "files.include"),
            exclude=self._globs(files, "exclude", "files.exclude"),
            gate=Gate(
                cast("RequireCanary", _text(gate, "require_canary") or "risky"),
                cast("Incomplete", _text(gate, "incomplete") or "block"),
                _seconds(gate, "max_waiver"),
            ),
            freezes=freezes,
            windows=windows,
            response=dict(self._response()),
            approvals=approvals,
            budget=self._budget(budget),
            rules=self._rules(),
            waivers=waivers,
            digest=digest,
            source=self._path,
            notes=tuple(self._notes),
            trusted_plans=frozenset(_texts(self._root, "trusted_plans")),
            undeclared=tuple(_undeclared(services, (*freezes, *windows))),
        )

    def _environments(self, *, ordered: bool) -> Iterator[DeclaredEnvironment]:
        for number, node in self._items("environments"):
            yield DeclaredEnvironment(
                name=_text(node, "name") or "",
                stage=cast("Stage", _text(node, "stage") or "unknown"),
                tier=_text(node, "tier"),
                region=_text(node, "region"),
                share=_number(node.get("share")),
                soak_seconds=_seconds(node, "soak"),
                paths=self._globs(node, "paths", f"environments[{number}].paths"),
                order=number if ordered else None,
                source=self._source(node),
                branch=_text(node, "branch"),
            )
        self._require_unique("environments")

    def _services(self) -> Iterator[Service]:
        for number, node in self._items("services"):
            runbook = node.get("runbook")
            runbook = runbook if isinstance(runbook, Mapping) else None
            yield Service(
                name=_text(node, "name") or "",
                owner=self._team(node, "owner", f"services[{number}].owner"),
                criticality=_text(node, "criticality"),
                rto=_seconds(node, "rto"),
                rpo=_seconds(node, "rpo"),
                sla=_seconds(node, "sla"),
                support=_text(node, "support"),
                scopes=_texts(node, "scopes"),
                depends_on=_texts(node, "depends_on"),
                paths=self._globs(node, "paths", f"services[{number}].paths"),
                runbook_url=_text(runbook, "url"),
                runbook_exercised=_text(runbook, "exercised"),
                runbook_duration=_seconds(runbook, "duration"),
                source=self._source(node),
            )
        self._require_unique("services")

    def _freezes(self, environments: list[str]) -> Iterator[Freeze]:
        for number, node in self._items("freezes"):
            where = f"freezes[{number}]"
            start, end = _moment(node, "from"), _moment(node, "to", end=True)
            if start is not None and end is not None and end <= start:
                self._fault(node.get("to") or node, f"{where}.to", "is before `from`")
            self._require_environments(node, where, environments)
            yield Freeze(
                name=_text(node, "name") or "",
                start=start or 0,
                end=end or 0,
                services=_texts(node, "services"),
                environments=_texts(node, "environments"),
                source=self._source(node),
            )

    def _windows(self, environments: list[str]) -> Iterator[Window]:
        for number, node in self._items("windows"):
            from riskcheck.policy.schedule import window_of

            where = f"windows[{number}]"
            self._require_environments(node, where, environments)
            yield window_of(node, where, self._source(node), self._fault)
        self._require_unique("windows")

    def _require_environments(self, node: Mapping, where: str, environments: list[str]) -> None:
        """What holds an environment that does not exist would hold nowhere."""
        for scalar in _scalars(node, "environments"):
            if environments and not any(wildcard(scalar.raw, name) for name in environments):
                hint = suggestion(scalar.raw, environments)
                self._fault(scalar, f"{where}.environments", f'"{scalar.raw}" is not declared{hint}')

    def _response(self) -> Iterator[tuple[str, Response]]:
        for level, node in _entries(self._root, "response"):
            from riskcheck.policy.schedule import response_of
            from riskcheck.response import DEFAULTS

            if isinstance(node, Mapping) and level.raw in DEFAULTS:
                source = self._source(level)
                yield level.raw, response_of(level.raw, node, source, self._fault, names_person)

    def _budget(self, node: Mapping | None) -> Budget:
        if node is None:
            return Budget()
        parts: list[tuple[str, float]] = []
        listed = node.get("resources")
        for item in listed.items if isinstance(listed, Sequence) else ():
            if isinstance(item, Mapping):
                parts.append((_text(item, "where") or "", _number(item.get("monthly")) or 0.0))
        monthly = _number(node.get("monthly"))
        if parts and monthly is not None and sum(cost for _, cost in parts) > monthly:
            self._fault(
                node.get("monthly") or node, "budget.monthly", "is less than its resources cost together"
            )
        if parts and monthly is None:
            self._fault(listed or node, "budget.resources", "are parts of `monthly`, which is missing")
        table = _text(node, "prices") or ""
        if table.startswith("/") or ".." in table.split("/"):
            found = node.get("prices") or node
            self._fault(found, "budget.prices", f'"{table[:60]}" is not in the repository; name a file of it')
        return Budget(_share(_text(node, "max_increase")), monthly, tuple(parts), self._source(node), table)

    def _approvals(self) -> Iterator[ApprovalNeed]:
        for number, node in self._items("approvals"):
            for scalar in _scalars(node, "teams"):
                self._require_team(scalar, f"approvals[{number}].teams")
            yield ApprovalNeed(_text(node, "scope") or "", _texts(node, "teams"), self._source(node))

    def _waivers(self, environments: list[str]) -> Iterator[Waiver]:
        for number, node in self._items("waivers"):
            from riskcheck.judged import WAIVED_LEVEL, Waiver

            where = f"waivers[{number}]"
            self._mention(node.get("rule"), f"{where}.rule")
            place = _text(node, "where") or ""
            if not is_address(place):
                self._readable_glob(node.get("where"), f"{where}.where")
            for scalar in _scalars(node, "environments"):
                if environments and not any(wildcard(scalar.raw, name) for name in environments):
                    hint = suggestion(scalar.raw, environments)
                    self._note(scalar, f'{where}.environments: "{scalar.raw}" is not declared{hint}')
            yield Waiver(
                rule=_text(node, "rule") or "",
                where=place,
                owner=self._team(node, "owner", f"{where}.owner") or "",
                reason=_text(node, "reason") or "",
                until=_text(node, "until") or "",
                environments=_texts(node, "environments"),
                max_level=cast("Level", _text(node, "max_level") or WAIVED_LEVEL),
                source=self._source(node),
                fingerprints=_texts(node, "fingerprints"),
            )

    def _rules(self) -> RuleSettings:
        rules = self._section("rules")
        for key in ("select", "ignore"):
            for scalar in _scalars(rules, key):
                self._mention(scalar, f"rules.{key}")
        for where in ("packs", "coupled", "learned"):
            for scalar in _scalars(rules, where):
                if scalar.raw.startswith("/") or ".." in scalar.raw.split("/"):
                    self._fault(
                        scalar,
                        f"rules.{where}",
                        f'"{scalar.raw[:60]}" is not in the repository; name a folder of it',
                    )
        options: dict[str, dict[str, Value]] = {}
        for rule, node in _entries(rules, "options"):
            self._mention(rule, f"rules.options.{rule.raw}")
            value = plain_value(node, "yaml-1.2")
            if isinstance(value, dict):
                options[rule.raw] = value
        severity: dict[str, Severity] = {}
        for rule, node in _entries(rules, "severity"):
            self._mention(rule, f"rules.severity.{rule.raw}")
            if isinstance(node, Scalar):
                severity[rule.raw] = cast("Severity", node.raw)
        return RuleSettings(
            packs=_texts(rules, "packs"),
            select=_texts(rules, "select"),
            ignore=_texts(rules, "ignore"),
            options=options,
            severity=severity,
            mentions=tuple(self._mentions),
            coupled=_texts(rules, "coupled"),
            learned=_texts(rules, "learned"),
        )

    def _note_empty_scopes(self, services: tuple[Service, ...], approvals: tuple[ApprovalNeed, ...]) -> None:
        """Resources may be labelled with a scope that no service is in: this is no problem."""
        scopes = sorted({scope.lower() for service in services for scope in service.scopes})
        for need in approvals:
            if services and need.scope != "gate" and need.scope.lower() not in scopes:
                self._notes.append(
                    f"{need.source}: no declared service is in scope of {need.scope}, so the approval is asked for "
                    f"resources that are labelled so only{suggestion(need.scope.lower(), scopes)}"
                )

    def _section(self, name: str) -> Mapping | None:
        node = self._root.get(name) if self._root else None
        return node if isinstance(node, Mapping) else None

    def _items(self, name: str) -> Iterator[tuple[int, Mapping]]:
        node = self._root.get(name) if self._root else None
        if isinstance(node, Sequence):
            for number, item in enumerate(node.items):
                if isinstance(item, Mapping):
                    yield number, item

    def _require_unique(self, section: str) -> None:
        first: dict[str, int] = {}
        for number, node in self._items(section):
            name = _text(node, "name")
            if name is not None and first.setdefault(name, number) != number:
                where = f"{section}[{number}].name"
                self._fault(node.get("name") or node, where, f'"{name}" is also {section}[{first[name]}]')

    def _globs(self, node: Mapping | None, key: str, where: str) -> tuple[str, ...]:
        for scalar in _scalars(node, key):
            self._readable_glob(scalar, where)
        return _texts(node, key)

    def _readable_glob(self, node: Node | None, where: str) -> None:
        if isinstance(node, Scalar) and node.raw:
            try:
                Glob(node.raw)
            except GlobError as error:
                self._fault(node, where, f'"{node.raw[:60]}" {error}')

    def _team(self, node: Mapping, key: str, where: str) -> str | None:
        found = node.get(key)
        if isinstance(found, Scalar):
            self._require_team(found, where)
        return _text(node, key)

    def _require_team(self, scalar: Scalar, where: str) -> None:
        """Reports never carry a person's name, so no policy may. The name is not repeated in the message."""
        if names_person(scalar.raw):
            self._fault(scalar, where, "names a person; name the team")

    def _mention(self, node: Node | None, where: str) -> None:
        if isinstance(node, Scalar):
            self._mentions.append(RuleMention(node.raw, where, node.file_line))

    def _fault(self, node: Node, where: str, message: str) -> None:
        self.faults.append(Fault(node, where, message))

    def _note(self, node: Node, message: str) -> None:
        self._notes.append(f"{self._path}:{node.file_line}: {message}")

    def _source(self, node: Node) -> str:
        return f"{self._path}:{node.file_line}"


def _undeclared(
    services: tuple[Service, ...], held: tuple[Freeze | Window, ...]
) -> Iterator[tuple[str, str]]:
    """Catalogs may declare them, and inferred services have names, too: this alone is no problem."""
    names = [service.name for service in services]
    for of, wanted, source in (
        *((f"{service.name} depends on", service.depends_on, service.source) for service in services),
        *(
            (
                f"{'freeze' if isinstance(one, Freeze) else 'window'} {one.name} names",
                one.services,
                one.source,
            )
            for one in held
        ),
    ):
        for name in wanted:
            if name not in names:
                yield name, f"{source}: {of} {name}, which is not declared{suggestion(name, names)}"


def is_address(where: str) -> bool:
    """Whether `where` is (a pattern of) a resource address, ``databricks:volumes.tmp``, and no path glob."""
    platform, colon, rest = where.partition(":")
    return bool(colon and rest) and platform.replace("-", "").isalnum()


def names_person(owner: str) -> bool:
    """Whether `owner` is a mail address or an account (``@name``) rather than a team (``@org/team``)."""
    local, at, domain = owner.partition("@")
    return bool(at) and "/" not in domain and ("." in domain if local else bool(domain))


def _text(node: Mapping | None, key: str) -> str | None:
    found = node.get(key) if node else None
    value = scalar_value(found, "yaml-1.2") if isinstance(found, Scalar) else None
    return value if isinstance(value, str) else None


def _scalars(node: Mapping | None, key: str) -> list[Scalar]:
    found = node.get(key) if node else None
    items = found.items if isinstance(found, Sequence) else []
    return [item for item in items if isinstance(item, Scalar)]


def _texts(node: Mapping | None, key: str) -> tuple[str, ...]:
    return tuple(scalar.raw for scalar in _scalars(node, key))


def _entries(node: Mapping | None, key: str) -> list[tuple[Scalar, Node]]:
    found = node.get(key) if node else None
    return found.entries if isinstance(found, Mapping) else []


def _number(node: Node | None) -> float | None:
    value = scalar_value(node, "yaml-1.2") if isinstance(node, Scalar) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _seconds(node: Mapping | None, key: str) -> int | None:
    return _read(_text(node, key), parse_duration)


def _moment(node: Mapping, key: str, *, end: bool = False) -> int | None:
    return _read(_text(node, key), lambda text: parse_moment(text, end=end))


def _read(text: str | None, parse: Callable[[str], T | None]) -> T | None:
    return None if text is None else parse(text)


def _share(text: str | None) -> float | None:
    """``15%`` as 0.15."""
    try:
        return None if text is None else float(text.removesuffix("%")) / 100
    except ValueError:
        return None
