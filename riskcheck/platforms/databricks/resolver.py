"""References to their values, for one target.

A text that is one reference and nothing else becomes the value's own node, with the reference in `via`; a text
with references in it becomes a text. What only the deployment knows (``${resources.…}``, the deploying user, git)
stays as it is written.
https://github.com/databricks/cli/blob/7bbe285213/bundle/config/mutator/resolve_variable_references.go
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.scalars import scalar_value
from riskcheck.growth import MAX_TEXTS, Growth
from riskcheck.nodes import Mapping, Node, Scalar, Source, made
from riskcheck.nodes import Sequence as SequenceNode
from riskcheck.platforms.databricks.build import stated, through
from riskcheck.platforms.databricks.references import REFERENCE, Step, below, steps, undoubled
from riskcheck.records import NamedTuple
from riskcheck.redact import names_secret

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf
    from collections.abc import Sequence

    from riskcheck.platforms.databricks.limits import Limits
    from riskcheck.platforms.databricks.variables import Variable

WITHOUT_VALUE: Final = "variable-without-value"
"""Said where the variable is defined, wherever it is referred to."""

MAX_ROUNDS: Final = 11
"""Rounds in which the loader follows references that values bring in."""

MAX_CHAIN: Final = 50
"""References that one reference may lead through: with `MAX_LEVELS`, a bound for the stack."""

MAX_LEVELS: Final = 200
"""Nesting of a resolved tree, as for a document: later stages may recurse without a second thought."""

MAX_INCLUDED: Final = 200_000
"""Nodes that references may bring into one target."""

MAX_TEXT: Final = 65_536
"""Characters of a text after references were put in."""

_DEFERRED: Final = {
    section: frozenset(fields.split())
    for section, fields in {
        "bundle": "name target environment terraform lock force git mode compute_id cluster_id engine deployment "
        "databricks_cli_version uuid",
        "workspace": "host profile auth_type metadata_service_url client_id google_service_account "
        "azure_workspace_resource_id azure_use_msi azure_client_id azure_tenant_id azure_environment "
        "azure_login_app_id experimental_is_unified_host account_id workspace_id current_user root_path file_path "
        "resource_path artifact_path state_path snapshot_path",
    }.items()
}
"""Fields that exist even where no file sets them: the deployment fills them in."""


class _Measure(NamedTuple):
    """How many nodes a tree has and how deep it goes."""

    size: int
    height: int


class Static:
    """What resolving finds out about nodes, for all targets of both sides: subtrees without any reference, and what
    others came to. Where all values are the same, so is the node, and what is done to it is done once.

    Holds the nodes themselves: an id alone could be given to another node.
    """

    __slots__ = ("_known", "_made", "_uses", "growth")

    def __init__(self) -> None:
        self.growth = Growth()
        self._known: dict[int, tuple[Node, _Measure]] = {}
        self._made: dict[tuple[object, ...], tuple[Node, Node, tuple[Node | None, ...]]] = {}
        self._uses: dict[int, tuple[Node, tuple[str, ...]]] = {}

    def measure(self, node: Node) -> _Measure | None:
        """None where `node` is not known to be static."""
        known = self._known.get(id(node))
        return None if known is None else known[1]

    def add(self, node: Node, measure: _Measure) -> None:
        self._known[id(node)] = (node, measure)

    def uses(self, node: Node) -> tuple[str, ...] | None:
        """The references below `node`, where that is known."""
        known = self._uses.get(id(node))
        return None if known is None else known[1]

    def add_uses(self, node: Node, references: tuple[str, ...]) -> None:
        self._uses[id(node)] = (node, references)

    def made(self, node: Node, parts: Sequence[Node | None], text: str = "") -> Node | None:
        """What was made of `node`, `parts` and `text`, and of nothing else."""
        known = self._made.get((text, id(node), *map(id, parts)))
        # `twins` may have said since then of what it was made of that it stands in head.
        if known is None or all(one is None or known[0].source is not one.source for one in (node, *parts)):
            return None
        return known[0]

    def add_made(self, new: Node, node: Node, parts: Sequence[Node | None], text: str = "") -> Node:
        self._made[text, id(node), *map(id, parts)] = (new, node, tuple(parts))
        return new


class Found(NamedTuple):
    """What a reference stands for: None where it stays as it is written."""

    value: Node | None
    measure: _Measure


_NOTHING: Final = Found(None, _Measure(0, 0))


class Resolver:
    """Resolves against the variables and the ``bundle`` and ``workspace`` settings of one target."""

    def __init__(
        self,
        variables: MappingOf[str, Variable],
        settings: MappingOf[str, Mapping],
        limits: Limits,
        static: Static,
        *,
        quiet: bool = False,
    ) -> None:
        """quiet: nothing that it resolves has anything to say, so that what is known need not be resolved again."""
        self._variables = variables
        self._settings = settings
        self._limits = limits
        self._static = static
        self._quiet = quiet
        self._met: list[str] = []
        self._known: dict[str, Found] = {}
        self._chain: list[str] = []
        self._rounds = 0
        self._included = 0
        # What the walk has seen so far, read before and after a subtree to measure it.
        self._visited = 0
        self._references = 0
        self._level = 0
        self._deepest = 0

    def again(self, limits: Limits, *, quiet: bool = False) -> Resolver:
        """A resolver of the same target that has resolved nothing yet."""
        return Resolver(self._variables, self._settings, limits, self._static, quiet=quiet)

    @property
    def included(self) -> int:
        """Nodes that references have brought in."""
        return self._included

    def value_of(self, reference: str) -> Found:
        """What `reference` alone comes to, for a resolver that has nothing to say of any place."""
        known = self._known.get(reference)
        return known or self._look_up(reference, Scalar(f"${{{reference}}}", Source("", "head"), 0, 0, 0, 0))

    def resolve(self, node: Node) -> Node:
        """`node` with its references resolved; itself where it has none."""
        if isinstance(node, Scalar):
            self._visited += 1
            if "${" not in node.raw:
                return node
            self._references += 1
            return self._text(node)
        known = self._static.measure(node)
        if known is not None:
            self._count(known)
            return node
        quiet = self._quiet and not self._chain
        if quiet:
            result = self._known_result(node)
            if result is not None:
                self._met += self._static.uses(node) or ()
                self._references += 1
                return result
        if self._level >= MAX_LEVELS:
            self._limits.at(node, "reference-too-deep", f"values nest deeper than {MAX_LEVELS} levels")
            return node
        visited, references, deepest = self._visited, self._references, self._deepest
        met = len(self._met)
        self._visited += 1
        self._level += 1
        self._deepest = self._level
        resolved = self._container(node)
        self._level -= 1
        if self._references == references:
            self._static.add(node, _Measure(self._visited - visited, self._deepest - self._level))
        elif quiet:
            self._keep(node, resolved, met)
        self._deepest = max(self._deepest, deepest)
        return resolved

    def _container(self, node: Node) -> Node:
        if isinstance(node, Mapping):
            children = [self.resolve(child) for _, child in node.entries]
            if all(new is old for new, (_, old) in zip(children, node.entries, strict=True)):
                return node
            return node.with_entries(
                [(key, new) for (key, _), new in zip(node.entries, children, strict=True)]
            )
        assert isinstance(node, SequenceNode)
        items = [self.resolve(child) for child in node.items]
        if all(new is old for new, old in zip(items, node.items, strict=True)):
            return node
        return node.with_items(items)

    def _known_result(self, node: Node) -> Node | None:
        """What `node` came to in a target in which all references below it come to the same."""
        values = self._values_below(node)
        return None if values is None else self._static.made(node, values)

    def _values_below(self, node: Node) -> list[Node | None] | None:
        uses = self._static.uses(node)
        if uses is None:
            return None
        values = []
        for reference in uses:
            found = self._known.get(reference)
            if found is None:
                return None
            values.append(found.value)
        return values

    def _keep(self, node: Node, resolved: Node, since: int) -> None:
        """Remembers what `node` came to. since: of the references met, the first below it."""
        if self._static.uses(node) is None:
            self._static.add_uses(node, tuple(dict.fromkeys(self._met[since:])))
        values = self._values_below(node)
        if values is not None:
            self._static.add_made(resolved, node, values)

    def _count(self, measure: _Measure) -> None:
        self._visited += measure.size
        self._deepest = max(self._deepest, self._level + measure.height)

    def _text(self, text: Scalar) -> Node:
        raw = undoubled(text.raw)
        whole = REFERENCE.fullmatch(raw)
        if whole is not None:
            value = self._value(whole[1], text)
            return text if value is None else self._through(value, text)
        via: list[Node] = []
        for _ in range(MAX_ROUNDS):
            resolved = self._interpolate(raw, text, via)
            if resolved == raw:
                break
            raw = resolved
            if len(raw) > MAX_TEXT:
                self._limits.at(text, "too-large", f"resolved, the text is longer than {MAX_TEXT} characters")
                return text
            whole = REFERENCE.fullmatch(raw)
            if whole is not None:
                value = self._value(whole[1], text)
                return _put_together(raw, text, via) if value is None else through(value, text, *via)
        if raw == text.raw:
            return text
        known = self._static.made(text, via, raw)
        if known is None and not self._static.growth.takes(len(raw)):
            self._limits.at(
                text, "too-large", f"resolved, all texts are longer than {MAX_TEXTS:,} characters"
            )
            return text
        return known or self._static.add_made(_put_together(raw, text, via), text, via, raw)

    def _through(self, value: Node, text: Scalar) -> Node:
        known = self._static.made(text, (value,))
        return known or self._static.add_made(through(value, text), text, (value,))

    def _interpolate(self, raw: str, text: Scalar, via: list[Node]) -> str:
        parts: list[str] = []
        end = length = 0
        for match in REFERENCE.finditer(raw):
            value = self._value(match[1], text)
            if value is None:
                continue
            if not isinstance(value, Scalar):
                self._limits.at(
                    text, "unresolved-reference", f"${{{match[1]}}} is a list or mapping inside a text"
                )
                continue
            parts += (raw[end : match.start()], _as_text(value))
            length += len(parts[-1])
            via.append(value)
            if names_secret(match[1]):
                via.append(made(match[0], text))  # the text itself no longer says what it shall not show
            end = match.end()
            if length > MAX_TEXT:
                break
        return "".join((*parts, raw[end:])) if end else raw

    def _value(self, reference: str, at: Scalar) -> Node | None:
        """The resolved value, or None where the reference stays as it is."""
        if not self._chain:
            self._met.append(reference)
        known = self._known.get(reference)
        if known is None:
            known = self._look_up(reference, at)
        else:
            self._count(known.measure)
        size, height = known.measure
        if height and self._level + height > MAX_LEVELS:
            self._limits.at(at, "reference-too-deep", f"values nest deeper than {MAX_LEVELS} levels")
            return None
        self._included += size if height else 0
        if self._included > MAX_INCLUDED:
            self._limits.at(
                at, "too-large", f"references bring in more than {MAX_INCLUDED} values; the rest is left out"
            )
            return None
        return known.value

    def _look_up(self, reference: str, at: Scalar) -> Found:
        if reference in self._chain:
            circle = " -> ".join((*self._chain[self._chain.index(reference) :], reference))
            self._limits.at(at, "reference-cycle", f"references lead back to themselves: {circle}")
            return _NOTHING
        if len(self._chain) >= MAX_CHAIN or self._rounds >= MAX_ROUNDS:
            self._limits.at(at, "reference-too-deep", f"${{{reference}}} is nested too deep to be resolved")
            return _NOTHING
        self._chain.append(reference)
        found = self._find(steps(reference), reference, at)
        value: Node | None = None
        visited, deepest = self._visited, self._deepest
        self._deepest = self._level
        if found is not None:
            nested = not isinstance(found, Scalar)
            self._rounds += nested
            value = self.resolve(found)
            self._rounds -= nested
        measure = _Measure(self._visited - visited, self._deepest - self._level)
        self._deepest = max(self._deepest, deepest)
        self._chain.pop()
        result = Found(value, measure)
        if not self._chain or value is not None:
            self._known[reference] = result
        return result

    def _find(self, path: tuple[Step, ...], reference: str, at: Scalar) -> Node | None:
        """The node at `path`, unresolved. Says why where there is none and the deployment would fail."""
        start = path[0]
        if start == "variables" and len(path) > 1:
            return self._of_variable(path, reference, at)
        fields = self._settings.get(str(start))
        if fields is None or len(path) < 2:
            return None
        if fields.get(str(path[1])) is None:
            if path[1] not in _DEFERRED.get(str(start), frozenset()):
                self._limits.at(at, "unresolved-reference", f"${{{reference}}} does not exist")
            return None
        return self._descend(fields, path[1:], reference, at)

    def _of_variable(self, path: tuple[Step, ...], reference: str, at: Scalar) -> Node | None:
        name = str(path[1])
        variable = self._variables.get(name)
        if variable is None:
            self._limits.at(at, "undefined-variable", f"variable '{name}' is not defined")
            return None
        if len(path) < 3 or path[2] != "value":
            settings = variable.settings
            return None if settings is None else self._descend(settings, path[2:], reference, at)
        if variable.lookup is not None:
            kind, wanted = variable.lookup
            name_node = self.resolve(wanted)
            shown = _as_text(name_node) if isinstance(name_node, Scalar) else wanted.raw
            return stated(f"${{lookup.{kind}.{shown}}}", wanted, name_node)
        if variable.value is None:
            self._limits.at(
                variable.key,
                WITHOUT_VALUE,
                f"variable '{name}' has no value in the repository; --var or BUNDLE_VAR_{name} sets it",
            )
            return None
        return self._descend(variable.value, path[3:], reference, at)

    def _descend(self, node: Node, path: tuple[Step, ...], reference: str, at: Scalar) -> Node | None:
        for step in path:
            if isinstance(node, Scalar) and "${" in node.raw:
                node = self.resolve(node)
                if isinstance(node, Scalar) and "${" in node.raw:
                    return None
            child = below(node, step)
            if child is None:
                self._limits.at(at, "unresolved-reference", f"${{{reference}}} does not exist")
                return None
            node = child
        return node


def _put_together(raw: str, text: Scalar, via: list[Node]) -> Scalar:
    """`text` with the values of `via` in it."""
    whole = stated(raw, text, *via, *text.via)
    whole.synthetic = text.synthetic
    return whole


def _as_text(node: Scalar) -> str:
    """A value inside a text, as Go's fmt.Sprint prints it."""
    value = scalar_value(node, "databricks")
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
