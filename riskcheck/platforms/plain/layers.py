"""Which environments a file is for: its own, or, for a layer that others build on, all that stand beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.platforms.families import ANY, generalised_path

if TYPE_CHECKING:
    from riskcheck.environments import EnvironmentModel
    from riskcheck.models import Environment
    from riskcheck.trees import Tree

_MOST_ENVIRONMENTS: Final = 500
_STEM: Final = r"(?P<stem>[^.]+)(?P<rest>(?:\.[^.]+)*)\Z"


class Layers:
    """The environments of the files of one tree."""

    def __init__(self, tree: Tree, environments: EnvironmentModel) -> None:
        self._tree = tree
        self._environments = environments
        self._below: dict[str, tuple[Environment, ...]] = {}
        self._files: dict[str, list[str]] | None = None

    def of(self, path: str) -> tuple[Environment, ...]:
        """Where `path` has an effect; () where nothing tells."""
        own = self._environments.of_path(path)
        if own is not None:
            return (own,)
        if self._environments.is_shared(path):
            return self._around(path)
        return self._beside(path)

    def _around(self, path: str) -> tuple[Environment, ...]:
        """All environments known next to the step of `path` that says it is shared."""
        steps = path.split("/")
        above = next(
            (number for number in range(1, len(steps)) if self._environments.is_shared(_in(steps[:number]))),
            len(steps),
        )
        return self._known_below("/".join(steps[: above - 1]))

    def _known_below(self, directory: str) -> tuple[Environment, ...]:
        known = self._below.get(directory)
        if known is None:
            prefix = f"{directory}/" if directory else ""
            found: dict[str, Environment] = {}
            for path in self._tree.entries():
                if path.startswith(prefix):
                    environment = self._environments.of_path(path)
                    if environment is not None:
                        found.setdefault(environment.name, environment)
                        if len(found) >= _MOST_ENVIRONMENTS:
                            break
            known = self._below[directory] = tuple(found[name] for name in sorted(found))
        return known

    def _files_in(self, directory: str) -> list[str]:
        if self._files is None:
            self._files = {}
            for path in self._tree.entries():
                self._files.setdefault(path.rpartition("/")[0], []).append(path)
        return self._files.get(directory, [])

    def _beside(self, path: str) -> tuple[Environment, ...]:
        """``values.yaml`` is for all environments of ``values-*.yaml`` in the same directory."""
        directory, _, name = path.rpartition("/")
        match = re.match(_STEM, name)
        if match is None:
            return ()
        prefix = f"{directory}/{match['stem']}" if directory else match["stem"]
        wanted = {f"{match['stem']}{joint}{ANY}{match['rest']}" for joint in "-._"}
        found: dict[str, Environment] = {}
        for sibling in self._files_in(directory):
            if sibling.startswith(prefix) and sibling != path:
                environment = self._environments.of_path(sibling)
                if environment is not None:
                    general = generalised_path(sibling, self._environments).rpartition("/")[2]
                    if general in wanted:
                        found.setdefault(environment.name, environment)
        return tuple(found[name] for name in sorted(found))


def _in(steps: list[str]) -> str:
    """Some file in a directory."""
    return "/".join((*steps, "x.yaml"))
