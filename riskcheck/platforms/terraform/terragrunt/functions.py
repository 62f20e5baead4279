"""Functions that Terragrunt adds to those of Terraform, as far as the repository answers them.

https://terragrunt.gruntwork.io/docs/reference/hcl/functions/. Directories are written below `ROOT`: where a clone
lies is not known.
"""

from __future__ import annotations

from posixpath import basename, dirname, normpath, relpath
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Sequence, made
from riskcheck.platforms.terraform.evaluate import Scope, text_of
from riskcheck.platforms.terraform.terragrunt.units import CONFIGURATION, joined
from riskcheck.platforms.terraform.values import Failure, is_symbol

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskcheck.platforms.terraform.effort import Effort
    from riskcheck.platforms.terraform.evaluation import Evaluation
    from riskcheck.platforms.terraform.expression_nodes import Call, Expression
    from riskcheck.platforms.terraform.terragrunt.configuration import File

ROOT: Final = "/repository"
"""What the top of the repository is called in paths."""

_DECODED: Final = frozenset({"jsondecode", "yamldecode", "tomap", "try"})
_OPTIONAL: Final = frozenset({"merge"})


class FileScope(Scope):
    """What names and functions mean in one file of Terragrunt."""

    def __init__(self, file: File, lookup: Callable[[str, str], Node | None], effort: Effort) -> None:
        super().__init__(lookup, effort)
        self._file = file

    def called(self, call: Call, evaluation: Evaluation) -> Node | None:
        near = evaluation.at(call)
        if call.name in _OPTIONAL and not call.expanded:
            known = _merged([evaluation.of(part) for part in call.arguments], near)
            return evaluation.symbol(call) if known is None else known
        if call.name in _DECODED and call.arguments:
            first = _tried(call.arguments[0], evaluation)
            decoded = first if isinstance(first, Mapping | Sequence) else self._file.decoded(first)
            if decoded is not None or call.name != "try":
                return decoded
            return evaluation.symbol(call) if first is None else first
        answer = _ANSWERS.get(call.name)
        if answer is None:
            return None
        texts = [text for part in call.arguments if (text := text_of(evaluation.of(part))) is not None]
        answered = answer(self._file, texts, near) if len(texts) == len(call.arguments) else None
        return evaluation.symbol(call) if answered is None else answered


def _tried(part: Expression, evaluation: Evaluation) -> Node | None:
    try:
        found = evaluation.of(part)
    except Failure:
        return None
    return None if is_symbol(found) else found


def _merged(arguments: list[Node], near: Node) -> Node | None:
    """Maps together, the later over the earlier. One that is not known is taken to hold other keys: secrets that
    are not in the repository."""
    known = [one for one in arguments if isinstance(one, Mapping)]
    if not known:
        return None
    entries = {key.raw: (key, value) for one in known for key, value in one.entries}
    return Mapping(
        list(entries.values()), near.source, near.line, near.column, near.end_line, near.end_column
    )


def in_repository(directory: str, path: str) -> str:
    """The path in the repository that `path` means in a directory of it; one outside begins with ``..``."""
    if path == ROOT or path.startswith(f"{ROOT}/"):
        return joined("", path[len(ROOT) :].lstrip("/") or ".")
    return path if path.startswith("/") else joined(directory, path)


def _absolute(directory: str) -> str:
    return f"{ROOT}/{directory}" if directory else ROOT


def _text(answer: Callable[[File, list[str]], str | None]) -> Callable[[File, list[str], Node], Node | None]:
    def answered(file: File, texts: list[str], near: Node) -> Node | None:
        found = answer(file, texts)
        return None if found is None else made(found, near)

    return answered


def _environment(file: File, texts: list[str]) -> str | None:
    if len(texts) == 2:
        return texts[1]
    return file.variable(texts[0]) if texts else None


def _in_parents(file: File, texts: list[str]) -> str | None:
    directory = file.context
    while directory:
        directory = dirname(directory)
        path = joined(directory, texts[0] if texts else CONFIGURATION)
        if file.exists(path):
            return f"{ROOT}/{path}"
    return texts[1] if len(texts) == 2 else None


def _to_include(file: File, texts: list[str]) -> str | None:
    above = file.included_from(texts[0] if texts else "")
    return None if above is None else relpath(file.context or ".", above or ".")


def _from_include(file: File, texts: list[str]) -> str | None:
    above = file.included_from(texts[0] if texts else "")
    return None if above is None else relpath(above or ".", file.context or ".")


def _parent(file: File, texts: list[str]) -> str | None:
    above = file.included_from(texts[0] if texts else "")
    return None if above is None else _absolute(above)


def _variables(file: File, texts: list[str], near: Node) -> Node | None:
    return file.document(in_repository(file.context, texts[0])) if texts else None


def _content(file: File, texts: list[str], near: Node) -> Node | None:
    if not texts:
        return None
    for base in dict.fromkeys((dirname(file.path), file.context)):
        found = file.content(in_repository(base, texts[0]), near)
        if found is not None:
            return found
    return None


def _read(file: File, texts: list[str], near: Node) -> Node | None:
    return file.read(in_repository(file.context, texts[0]), near) if texts else None


def _of_path(change: Callable[[str], str]) -> Callable[[File, list[str]], str | None]:
    return lambda _, texts: change(texts[0]) if len(texts) == 1 else None


_ANSWERS: Final[dict[str, Callable[[File, list[str], Node], Node | None]]] = {
    "get_env": _text(_environment),
    "find_in_parent_folders": _text(_in_parents),
    "path_relative_to_include": _text(_to_include),
    "path_relative_from_include": _text(_from_include),
    "get_parent_terragrunt_dir": _text(_parent),
    "get_terragrunt_dir": _text(lambda file, _: _absolute(file.context)),
    "get_original_terragrunt_dir": _text(lambda file, _: _absolute(file.unit)),
    "get_repo_root": _text(lambda *_: ROOT),
    "get_path_from_repo_root": _text(lambda file, _: file.context or "."),
    "get_path_to_repo_root": _text(
        lambda file, _: relpath(".", file.context) + "/" if file.context else "./"
    ),
    "dirname": _text(_of_path(dirname)),
    "basename": _text(_of_path(basename)),
    "abspath": _text(_of_path(normpath)),
    "read_tfvars_file": _variables,
    "read_terragrunt_config": _read,
    "file": _content,
    "sops_decrypt_file": lambda *_: None,
    "run_cmd": lambda *_: None,
}
