"""Templates into resources, once for each environment that values of parameters are kept for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.growth import MAX_TEXTS
from riskcheck.models import Limitation, Reference, Resource
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, made
from riskcheck.platforms.cloudformation.evaluate import MAX_TEXT, Evaluation
from riskcheck.platforms.cloudformation.files import format_at
from riskcheck.platforms.cloudformation.globals import with_globals
from riskcheck.platforms.cloudformation.naming import names_of
from riskcheck.platforms.cloudformation.parameters import Nearby, values_of, variants_of
from riskcheck.platforms.cloudformation.parts import parts_of
from riskcheck.platforms.cloudformation.template import Declared, Template
from riskcheck.platforms.declaring import resolution_of
from riskcheck.platforms.families import component_of, generalised_path, unnamed
from riskcheck.platforms.problems import readable
from riskcheck.stackupdates import ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from riskcheck.models import Environment, Resolution
    from riskcheck.platforms.base import Workspace
    from riskcheck.platforms.cloudformation.parameters import Variant

EXPORT: Final = "cfn-export:"
"""Before the name of an export, in what a resource provides and in references of other stacks."""

_TOO_LARGE: Final = (
    f"this text would have more than {MAX_TEXT:,} characters, or all texts more than {MAX_TEXTS:,}: "
    "it stays as it is written"
)
_ATTRIBUTES: Final = (
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "UpdatePolicy",
    "UpdateReplacePolicy",
)
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-product-attribute-reference.html"""

_MOST_ENVIRONMENTS: Final = 50


def resolve(workspace: Workspace, units: Collection[str]) -> Resolution:
    """See `riskcheck.platforms.base.Platform.resolve`."""
    resources: list[Resource] = []
    limitations: dict[Limitation, None] = {}
    read: set[str] = set()
    names = names_of(workspace, units)
    files = Nearby(workspace.tree)
    for path in sorted(units):
        if workspace.tree.entry(path) is None:
            continue
        read.add(path)
        form = format_at(workspace.documents, path)
        document = readable(workspace, path, limitations, form)
        root = document.root if document.unreadable is None else None
        if not isinstance(root, Mapping):
            continue
        template = Template(path, root)
        limitations.update(dict.fromkeys(_not_understood(template, workspace)))
        variants = variants_of(workspace, template, files)
        read.update(variant.path for variant in variants)
        for environment, given in _environments(workspace, path, variants):
            found = Stack(workspace, template, environment, names[path], given)
            resources.extend(found.resources())
            if found.cut is not None:
                line, side = found.cut.file_line, workspace.side
                limitations.setdefault(Limitation(path, "too-large", _TOO_LARGE, line, side, failed=True))
    return resolution_of(resources, limitations, read)


def _not_understood(template: Template, workspace: Workspace) -> Iterator[Limitation]:
    for node in template.macros():
        message = f"the macro {node.raw[:80]} is not run; what it makes of the template is not known"
        yield Limitation(template.path, "unsupported", message, node.file_line, workspace.side)
    for key, why in template.untyped():
        yield Limitation(template.path, "unsupported", why, key.file_line, workspace.side)


def _environments(
    workspace: Workspace, path: str, variants: list[Variant]
) -> Iterator[tuple[Environment, list[Variant]]]:
    """By the path of the template, else one for each file of values that is named after one, else unknown."""
    own = workspace.environments.of_path(path)
    if own is not None:
        yield own, [one for one in variants if one.environment is None or one.environment.name == own.name]
        return
    common = [one for one in variants if one.environment is None]
    named: dict[str, tuple[Environment, list[Variant]]] = {}
    for variant in variants:
        if variant.environment is not None and len(named) < _MOST_ENVIRONMENTS:
            found = named.setdefault(variant.environment.name, (variant.environment, []))
            found[1].append(variant)
    yield from named.values()
    if not named:
        # Several files without an environment stand for deployments that nobody can tell apart.
        yield unnamed(path), common if len(common) == 1 else []


class Stack:
    """One template in one environment."""

    def __init__(
        self,
        workspace: Workspace,
        template: Template,
        environment: Environment,
        name: str,
        given: list[Variant],
    ) -> None:
        self._workspace = workspace
        self._template = template
        self._environment = environment
        self._name = name
        values = {name: value for variant in given for name, value in variant.values.items()}
        # Without any file of values, somebody states them where the stack is made.
        assumed = frozenset() if given else frozenset(template.parameters)
        self._evaluation = Evaluation(template, values_of(template, values), assumed)
        self._kinds = {one.key.raw: one.kind for one in template.resources()}

    @property
    def cut(self) -> Node | None:
        """Where a text is left as it is written because it would be too long."""
        return self._evaluation.cut

    def resources(self) -> Iterator[Resource]:
        exports = self._exports()
        path = self._template.path
        family = generalised_path(path, self._workspace.environments)
        directory = path.rpartition("/")[0]
        service = component_of(directory, self._workspace.environments) or self._name
        for one in self._template.resources():
            condition = one.block.get("Condition")
            if isinstance(condition, Scalar) and self._evaluation.conditions.holds(condition.raw) is False:
                continue
            self._evaluation.named.clear()
            self._evaluation.imported.clear()
            body = self._body(one)
            references = tuple(self._references(one))
            for kind, name, part in parts_of(one.kind, f"{self._name}/{one.key.raw}", body):
                yield Resource(
                    platform="cloudformation",
                    kind=kind,
                    name=name,
                    environment=self._environment,
                    unit=path,
                    body=part,
                    origin=one.key if part is body else part,
                    reading="yaml-1.2",
                    service=service,
                    identity=f"cloudformation:{family}:{kind}.{name}",
                    references=references,
                    provides=tuple(exports.get(one.key.raw, ())),
                )

    def _body(self, one: Declared) -> Mapping:
        """The properties, and below `ATTRIBUTES` what stands beside them."""
        stated = one.block.get("Properties")
        written = with_globals(self._template, one.kind, stated if isinstance(stated, Mapping) else None)
        found = self._evaluation.value(written) if written is not None else None
        properties = found.entries if isinstance(found, Mapping) else []
        kept: list[tuple[Scalar, Node]] = []
        for key, node in one.block.entries:
            if key.raw in _ATTRIBUTES:
                value = self._evaluation.value(node)
                if value is not None:
                    kept.append((key, value))
        if not kept and isinstance(found, Mapping):
            return found
        block = one.block
        place = (block.source, block.line, block.column, block.end_line, block.end_column)
        near = found if isinstance(found, Mapping) else block
        beside = Mapping(kept, *place)
        beside.synthetic = True
        extra = [(made(ATTRIBUTES, one.key), beside)] if kept else []
        return near.with_entries([*properties, *extra])

    def _references(self, one: Declared) -> Iterator[Reference]:
        seen: set[str] = set()
        for name, place in self._evaluation.named.items():
            if name in self._kinds and name != one.key.raw:
                seen.add(name)
                yield Reference(self._address(name), place)
        after = one.block.get("DependsOn")
        others: list[Node | None] = [*after.items] if isinstance(after, Sequence) else [after]
        for node in others:
            if isinstance(node, Scalar) and node.raw in self._kinds and node.raw not in seen:
                seen.add(node.raw)
                yield Reference(self._address(node.raw), node, relation="depends on")
        for name, place in self._evaluation.imported.items():
            yield Reference(f"{EXPORT}{name}", place, relation="imports")

    def _address(self, name: str) -> str:
        return f"cloudformation:{self._kinds[name]}.{self._name}/{name}"

    def _exports(self) -> dict[str, list[str]]:
        """Logical id to the names under which other stacks import its outputs."""
        found: dict[str, list[str]] = {}
        held = self._template.section("Outputs")
        for _, output in held.entries if held is not None else ():
            if not isinstance(output, Mapping):
                continue
            export, value = output.at("Export", "Name"), output.get("Value")
            name = self._evaluation.value(export) if export is not None else None
            if isinstance(name, Scalar) and value is not None:
                self._evaluation.named.clear()
                self._evaluation.value(value)
                for logical in self._evaluation.named:
                    found.setdefault(logical, []).append(f"{EXPORT}{name.raw}")
        return found
