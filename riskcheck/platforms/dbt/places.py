"""Which files belong to a project of dbt, told from paths alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.trees import Tree

PROJECT_FILES: Final = ("dbt_project.yml", "dbt_project.yaml")
PROPERTIES: Final = (".yml", ".yaml")
QUERY: Final = ".sql"
PYTHON: Final = ".py"
SEED: Final = ".csv"
_NOT_OURS: Final = frozenset(
    {
        "dbt_packages",
        "dbt_modules",
        "target",
        "integration_tests",
        "tests",
        "macros",
        "analyses",
        "analysis",
        "logs",
    }
)
_FOLDERS: Final = ("models", "snapshots", "seeds", "sources")
_FOLDER_NAMES: Final = frozenset(_FOLDERS)


class Project(NamedTuple):
    """Where a project lies. root: its folder, ``""`` for the repository's. path: of its ``dbt_project.yml``."""

    root: str
    path: str

    @property
    def prefix(self) -> str:
        return f"{self.root}/" if self.root else ""


def may_belong(path: str) -> bool:
    """Whether a path may be one of properties or of a query."""
    return path.endswith((QUERY, *PROPERTIES))


def lies_in_folder(path: str) -> bool:
    """Whether some folder above is called as those of models, snapshots and seeds mostly are."""
    return not _FOLDER_NAMES.isdisjoint(path.split("/")[:-1])


def project_at(tree: Tree, folder: str) -> Project | None:
    """The project whose file lies in `folder` itself."""
    for name in PROJECT_FILES:
        path = f"{folder}/{name}" if folder else name
        if tree.entry(path) is not None:
            return Project(folder, path)
    return None


def project_of(tree: Tree, path: str, known: dict[str, Project | None] | None = None) -> Project | None:
    """The project that a file belongs to, None where there is none, or where it is a macro, a test or installed.

    known: the projects of folders looked at before, by `project_at`, to be added to.
    """
    known = {} if known is None else known
    folder = path.rpartition("/")[0]
    while True:
        if folder not in known:
            known[folder] = project_at(tree, folder)
        project = known[folder]
        if project is not None:
            steps = path[len(project.prefix) :].split("/")[:-1]
            return None if not _NOT_OURS.isdisjoint(steps) or _NOT_OURS & {*folder.split("/")} else project
        if not folder:
            return None
        folder = folder.rpartition("/")[0]


def files_of(tree: Tree, project: Project) -> Iterator[str]:
    """All files of a project, those of projects inside it included."""
    prefix = project.prefix
    for path in tree.entries():
        if path.startswith(prefix) and _NOT_OURS.isdisjoint(path[len(prefix) :].split("/")[:-1]):
            yield path


def stem_of(path: str) -> str:
    """``orders`` of ``models/marts/orders.sql``."""
    return path.rpartition("/")[2].rpartition(".")[0]


def reference_root(path: str) -> str:
    """What tells projects of one repository apart in the names of their tables: the folder above ``models``.

    Told from the path alone, so that a file can be read without the tree around it.
    """
    steps = path.split("/")[:-1]
    at = next((number for number, step in enumerate(steps) if step in _FOLDERS), len(steps))
    return "/".join(steps[:at]) if at < len(steps) else ""


def reference_name(root: str, name: str) -> str:
    """``dbt:analytics:orders``, the notation of references to a model, snapshot, seed or ``source.table``."""
    return f"dbt:{root}:{name}"
