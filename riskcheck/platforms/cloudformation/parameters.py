"""Which files of values belong to which template, and the environment that each of them stands for.

No file says so: a tool of the repository, or a person, names both. A file belongs to a template that stands near it
and declares every parameter that the file states, since CloudFormation refuses others, and whose name is not
contradicted by what the path of the file says beside the environment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.cells import tell
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, arrived
from riskcheck.platforms.cloudformation.evaluate import text_node
from riskcheck.platforms.cloudformation.files import (
    document_at,
    is_template,
    may_hold_parameters,
    parameters_in,
)
from riskcheck.platforms.cloudformation.template import Template
from riskcheck.records import NamedTuple
from riskcheck.redact import SENSITIVE
from riskcheck.regexes import regex
from riskcheck.trees import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskcheck.models import Environment
    from riskcheck.platforms.base import Workspace
    from riskcheck.trees import Tree

_MOST_FILES: Final = 400
"""Files near a template, or near a file of values, that are looked into."""

_MOST_ITEMS: Final = 1_000
"""Items of a list in one value."""

_ENDINGS: Final = (".yaml", ".yml", ".json")
_TEMPLATES: Final = (*_ENDINGS, ".template")
_HOLDER_NAMES: Final = (
    "params param parameters parameter config configs configuration env envs environments stacks "
    "vars values cloudformation cfn cf templates template infra infrastructure deploy deployment "
    "live"
)
_HOLDERS: Final = frozenset(_HOLDER_NAMES.split())
"""Steps of a path that sort files and name no stack."""

_WORDS: Final = regex(r"[A-Za-z0-9]+")
_LISTS: Final = ("List<", "CommaDelimitedList")
_STORED: Final = "AWS::SSM::Parameter::Value<"


class Variant(NamedTuple):
    """Values for one environment. environment: None where the path of the file tells none."""

    path: str
    environment: Environment | None
    values: dict[str, tuple[Scalar, Node]]


class Nearby:
    """The files of a tree by their directories, and what their bytes were found to be."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._held: dict[str, list[str]] = {}
        self._known: dict[tuple[str, Callable[[bytes], bool]], bool] = {}
        for path in tree.entries():
            if path.endswith(_TEMPLATES):
                self._held.setdefault(path.rpartition("/")[0], []).append(path)

    def files(
        self, near: Callable[[str], bool], endings: tuple[str, ...], wanted: Callable[[bytes], bool]
    ) -> list[str]:
        """Files in directories that are `near`, whose bytes are `wanted`, in order."""
        found = [
            path
            for directory, paths in self._held.items()
            if near(directory)
            for path in paths
            if path.endswith(endings)
        ]
        chosen = sorted(found)[:_MOST_FILES]
        self._tree.prefetch(path for path in chosen if (path, wanted) not in self._known)
        return [path for path in chosen if self._is(path, wanted)]

    def _is(self, path: str, wanted: Callable[[bytes], bool]) -> bool:
        known = self._known.get((path, wanted))
        if known is None:
            try:
                known = wanted(self._tree.read(path))
            except UnreadableError:
                known = False
            self._known[path, wanted] = known
        return known


def templates_for(workspace: Workspace, path: str, files: Nearby) -> set[str]:
    """The templates that are given the values in `path`."""
    values = parameters_in(workspace.documents.get(path).root)
    if values is None:
        return set()
    directory = path.rpartition("/")[0]
    found = set()
    for each in files.files(lambda other: _is_near(other, directory), _TEMPLATES, is_template):
        root = document_at(workspace.documents, each).root
        if isinstance(root, Mapping) and _belongs(path, values, Template(each, root)):
            found.add(each)
    return found


def variants_of(workspace: Workspace, template: Template, files: Nearby) -> list[Variant]:
    """The files that hold values of `template`, in order of their paths."""
    if not template.parameters:
        return []
    directory = template.path.rpartition("/")[0]
    found: list[Variant] = []
    for path in files.files(lambda other: _is_near(directory, other), _ENDINGS, may_hold_parameters):
        values = parameters_in(workspace.documents.get(path).root) if path != template.path else None
        if values is not None and _belongs(path, values, template):
            found.append(Variant(path, _environment(workspace, path, template), values))
    return found


def values_of(template: Template, given: dict[str, tuple[Scalar, Node]]) -> dict[str, Node | None]:
    """Each declared parameter to its value: what is `given`, else its default; None where there is neither, or
    where the value only names where the account keeps it. An empty default says that somebody has to state one,
    where no file does."""
    found: dict[str, Node | None] = {}
    for name, declared in template.parameters.items():
        value = given[name][1] if name in given else declared.get("Default")
        kind = declared.get("Type")
        type_ = kind.raw if isinstance(kind, Scalar) else ""
        empty = not given and isinstance(value, Scalar) and not value.raw
        if value is None or empty or type_.startswith(_STORED):
            found[name] = None
            continue
        node = _typed(value, type_)
        hidden = declared.get("NoEcho")
        if node is not None and isinstance(hidden, Scalar) and hidden.raw.lower() == "true":
            place = (hidden.source, hidden.line, hidden.column, hidden.end_line, hidden.end_column)
            node = _hidden(node, Scalar("NoEcho", *place, "native", SENSITIVE))
        found[name] = node
    return found


def _hidden(node: Node, mark: Scalar) -> Node:
    if isinstance(node, Sequence):
        return arrived(node.with_items([_hidden(item, mark) for item in node.items]), (*node.via, mark))
    return arrived(node, (*node.via, mark))


def _typed(value: Node, kind: str) -> Node | None:
    """A list where the parameter is one, which is written as text with commas."""
    if isinstance(value, Mapping):
        return None
    if not kind.startswith(_LISTS):
        return value if isinstance(value, Scalar) else None
    if isinstance(value, Sequence):
        return value
    assert isinstance(value, Scalar)
    parts = (
        [text_node(part.strip(), value) for part in value.raw.split(",")[:_MOST_ITEMS]] if value.raw else []
    )
    place = (value.source, value.line, value.column, value.end_line, value.end_column)
    return Sequence(list(parts), *place, via=value.via)


def _is_near(template: str, values: str) -> bool:
    """Whether files in the directory `values` may be for templates in the directory `template`: beside it, below
    it, or below the directory that holds it."""
    if values == template or values.startswith(f"{template}/" if template else ""):
        return True
    above = template.rpartition("/")[0]
    if above:
        return values == above or values.startswith(f"{above}/")
    return values.partition("/")[0].lower() in _HOLDERS or not values


def _belongs(path: str, values: dict[str, tuple[Scalar, Node]], template: Template) -> bool:
    declared = template.parameters
    if not values or not values.keys() <= declared.keys():
        return False
    said = set(_said(path)) - set(_words(template.path))
    if said:
        return False
    required = {name for name, one in declared.items() if one.get("Default") is None}
    return required <= values.keys() or bool(_own_words(path) & _own_words(template.path))


def _own_words(path: str) -> set[str]:
    return set(_words(path.rpartition("/")[2].partition(".")[0])) - _HOLDERS


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(text)]


def _said(path: str) -> Iterator[str]:
    """The words of a path that name neither an environment nor a kind of file."""
    directory, _, name = path.rpartition("/")
    for step in (*directory.split("/"), name.partition(".")[0]):
        if step and not tell(step).region:
            for word in _words(step):
                told = tell(word, beside=True)
                if word not in _HOLDERS and not (told.stage or told.tier or told.region):
                    yield word


def _environment(workspace: Workspace, path: str, template: Template) -> Environment | None:
    """By the path, else by the words of the file's name that are not those of the template."""
    model = workspace.environments
    found = model.of_path(path)
    if found is not None:
        return found
    stem = path.rpartition("/")[2].partition(".")[0]
    own = _own_words(template.path)
    left = "-".join(word for word in _words(stem) if word not in own and word not in _HOLDERS)
    return model.named(left, source=f"{path}:1") if left and tell(left).stage is not None else None
