"""Releases of helmfile: ``helmfile.yaml`` and ``helmfile.d/*.yaml``, per environment.

Facts: https://helmfile.readthedocs.io/en/latest/ (``environments``, ``releases[].values``, ``set``, ``secrets``,
``installed``, ``condition``, ``bases``). Go templates are not executed; what
stands between their actions is read; the name of the environment, of the release
and its namespace are put into paths where they stand alone between braces.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from riskcheck.globs import Glob, GlobError
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.platforms.families import component_of, generalised_directory, unnamed
from riskcheck.platforms.kubernetes.by_paths import ByPaths
from riskcheck.platforms.kubernetes.edit import text
from riskcheck.platforms.kubernetes.helm import merge
from riskcheck.platforms.kubernetes.helm.files import Named
from riskcheck.platforms.kubernetes.helm.gotemplate import literal, roots
from riskcheck.platforms.kubernetes.helm.release import Release, qualified
from riskcheck.platforms.kubernetes.helm.setting import Setting, steps_of, typed
from riskcheck.platforms.kubernetes.kustomize.paths import parent, resolve
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.models import Environment
    from riskcheck.platforms.kubernetes.helm.release import Releases

_NAMES: Final = ("helmfile.yaml", "helmfile.yml", "helmfile.yaml.gotmpl")
_FOLDER: Final = "helmfile.d"
_DEFAULT: Final = "default"
_HOLE: Final = regex(r"\{\{-?[ \t]{0,9}\.?([A-Za-z][\w.]{0,200})[ \t]{0,9}-?\}\}")
_ANYTHING: Final = regex(r"\{\{[^{}]*\}\}")
_MOST_RELEASES: Final = 500
_MOST_MATCHES: Final = 50


def _files_in(paths: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in paths:
        if "helmfile" in path:
            directory, _, name = path.rpartition("/")
            listed = directory.rpartition("/")[2] == _FOLDER and name.endswith(
                (".yaml", ".yml", ".yaml.gotmpl")
            )
            if name in _NAMES or listed:
                found.setdefault(directory, []).append(path)
    return found


helmfiles: Final = ByPaths(_files_in)
"""Directory to the helmfiles in it."""


class _State(NamedTuple):
    """One helmfile with its bases: environments by name, releases, templates."""

    path: str
    environments: tuple[tuple[Scalar, Node], ...]
    releases: tuple[Mapping, ...]
    templates: Mapping | None


def releases_in(directory: str, unit: str, releases: Releases) -> Iterator[Release]:
    """The releases of the helmfiles in `directory`, in each environment."""
    for path in helmfiles.of(releases.workspace.tree).get(directory, ()):
        state = _state(path, releases)
        for environment, stated in _environments(state, unit, releases):
            known = _environment_values(stated, directory, releases, environment.name)
            for number, one in enumerate(state.releases):
                if number >= _MOST_RELEASES:
                    break
                found = _release(one, state, environment, known, directory, unit, releases)
                if found is not None:
                    yield found


def _state(path: str, releases: Releases, depth: int = 0) -> _State:
    environments: dict[str, tuple[Scalar, Node]] = {}
    found: list[Mapping] = []
    templates: Mapping | None = None
    for root in _roots(path, releases):
        bases = root.get("bases")
        for base in bases.items if isinstance(bases, Sequence) and depth < 3 else ():
            target = resolve(parent(path), text(base)) if text(base) else None
            if target and releases.files.exists(target):
                below = _state(target, releases, depth + 1)
                environments.update((key.raw, (key, node)) for key, node in below.environments)
                found.extend(below.releases)
        stated = root.get("environments")
        if isinstance(stated, Mapping):
            environments.update((key.raw, (key, node)) for key, node in stated.entries)
        listed = root.get("releases")
        if isinstance(listed, Sequence):
            found.extend(one for one in listed.items if isinstance(one, Mapping))
        named = root.get("templates")
        templates = named if isinstance(named, Mapping) else templates
    return _State(path, tuple(environments.values()), tuple(found), templates)


def _roots(path: str, releases: Releases) -> list[Mapping]:
    """The parts of a helmfile; what cannot be read is said where the change touches it."""
    rooted = releases.files.mapping(path) is not None
    document = releases.workspace.documents.get(path, "yaml")
    if document.template is not None:
        known = releases.files.templates.get(path)
        if known is None:
            known = releases.files.templates[path] = roots(path, document.side, document.text)
        return known
    if not rooted:
        return []
    if document.error is not None:
        return [found] if (found := releases.files.mapping(path)) is not None else []
    return [chunk.root for chunk in document.chunks if isinstance(chunk.root, Mapping)]


def _environments(state: _State, unit: str, releases: Releases) -> Iterator[tuple[Environment, Node | None]]:
    """Those that a helmfile names. ``default`` is what runs where none is chosen: it counts where it is alone."""
    model = releases.workspace.environments
    named = [(key, node) for key, node in state.environments if key.raw != _DEFAULT]
    for key, node in named:
        yield model.named(key.raw, source=f"{key.source.path}:{key.file_line}"), node
    if not named:
        default = next((node for key, node in state.environments if key.raw == _DEFAULT), None)
        yield model.of_path(state.path) or unnamed(unit), default


def _environment_values(stated: Node | None, directory: str, releases: Releases, name: str) -> Mapping | None:
    """What an environment's own ``values`` come to: texts of the helmfile may name them."""
    listed = stated.get("values") if isinstance(stated, Mapping) else None
    found: Mapping | None = None
    words = {"Environment.Name": name}
    for layer in _layers(listed, directory, words, releases, _may_miss(stated)):
        found = layer if found is None else merge.over(layer, found)
    return found


def _release(
    stated: Mapping,
    state: _State,
    environment: Environment,
    known: Mapping | None,
    directory: str,
    unit: str,
    releases: Releases,
) -> Release | None:
    stated = _inheriting(stated, state.templates)
    name, namespace = text(stated.get("name")), text(stated.get("namespace"))
    if not name:
        return None
    condition = text(stated.get("condition"))
    if condition and known is not None and text(known.at(*condition.split("."))) == "false":
        return None
    words = {"Environment.Name": environment.name, "Release.Name": name, "Release.Namespace": namespace}
    for key in _flat(known):
        words.setdefault(f"Values.{key[0]}", key[1])
        words.setdefault(f"Environment.Values.{key[0]}", key[1])
    if _filled(text(stated.get("installed")), words) == "false":
        return None
    layers = [
        layer
        for field in ("values", "secrets")
        for layer in _layers(stated.get(field), directory, words, releases, _may_miss(stated))
    ]
    written = _filled(text(stated.get("chart")), words)
    home = resolve(directory, written) if written.startswith(".") else None
    model = releases.workspace.environments
    family = generalised_directory(directory, model)
    title = qualified(_filled(namespace, words), _filled(name, words))
    return Release(
        name=title,
        environment=environment,
        unit=unit,
        layers=tuple(layers),
        chart=written.rpartition("/")[2],
        directory=home if home in releases.charts.directories else None,
        origin=stated,
        identity=f"{family}:HelmValues.{name}",
        service=component_of(directory, model) or name,
        settings=tuple(_settings(stated)),
    )


def _inheriting(stated: Mapping, templates: Mapping | None) -> Mapping:
    listed = stated.get("inherit")
    if templates is None or not isinstance(listed, Sequence):
        return stated
    for item in listed.items:
        name = text(item.get("template")) if isinstance(item, Mapping) else ""
        template = templates.get(name)
        if isinstance(template, Mapping):
            stated = merge.over(stated, template)
    return stated


def _flat(known: Mapping | None, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    for key, node in known.entries if known is not None and depth < 6 else ():
        if isinstance(node, Mapping):
            yield from _flat(node, f"{prefix}{key.raw}.", depth + 1)
        elif isinstance(node, Scalar):
            yield f"{prefix}{key.raw}", node.raw


def _filled(written: str, words: dict[str, str]) -> str:
    if "{{" not in written:
        return written
    written = literal(written)
    return _HOLE.sub(lambda hole: words.get(hole[1], hole[0]), written)


def _layers(
    listed: Node | None, directory: str, words: dict[str, str], releases: Releases, optional: bool = False
) -> Iterator[Mapping]:
    """The mappings of a list of values. optional: files that are not there are passed over."""
    files = releases.files
    for item in listed.items if isinstance(listed, Sequence) else ():
        if isinstance(item, Mapping):
            yield item
            continue
        written = text(item)
        if not written or "://" in written:
            continue
        filled = _filled(written, words)
        if "{{" in filled:
            files.say(item.source.path, "unresolved-template", f"{written} is not evaluated", item)
            continue
        path = resolve(directory, filled)
        for found in _matching(path, releases) if path else ():
            root = files.mapping(found)
            if root is not None:
                yield root
        if path and "*" not in path and not optional and not files.exists(path):
            message = f"values file {path} is not in the repository"
            files.say(item.source.path, "missing-values", message, item)


def _may_miss(stated: Node | None) -> bool:
    """Whether values files that are not there are passed over: they are often written where it is deployed."""
    handler = text(stated.get("missingFileHandler")) if isinstance(stated, Mapping) else ""
    return handler in ("Warn", "Info", "Debug")


def _matching(path: str, releases: Releases) -> list[str]:
    if "*" not in path:
        return [path]
    try:
        glob = Glob(path)
    except GlobError:
        return []
    return sorted(one for one in releases.workspace.tree.entries() if glob.matches(one))[:_MOST_MATCHES]


def _settings(stated: Mapping) -> Iterator[Setting]:
    for field in ("set", "setString"):
        listed = stated.get(field)
        for item in listed.items if isinstance(listed, Sequence) else ():
            steps = steps_of(text(item.get("name"))) if isinstance(item, Mapping) else None
            value = item.get("value") if isinstance(item, Mapping) else None
            if steps is not None and isinstance(value, Scalar) and "{{" not in value.raw:
                yield Setting(steps, typed(value.raw, value, as_text=field == "setString"))


def reads(directory: str, path: str, releases: Releases) -> bool:
    """Whether some helmfile in `directory` may read `path`, or the chart that is in that directory."""
    own = helmfiles.of(releases.workspace.tree).get(directory, ())
    if path in own:
        return True
    # Asked of every path: what a helmfile names is told once.
    named = releases.files.named.get(directory)
    if named is None:
        named = releases.files.named[directory] = _named(own, directory, releases)
    return path in named.paths or any(pattern.matches(path) for pattern in named.patterns)


def _named(own: Iterable[str], directory: str, releases: Releases) -> Named:
    """What the helmfiles `own` name in any environment; what is not evaluated may stand for anything."""
    paths: dict[str, None] = {}
    for one in (_state(file, releases) for file in own):
        for environment, stated in _environments(one, directory, releases):
            words = {"Environment.Name": environment.name}
            listed = [stated.get("values")] if isinstance(stated, Mapping) else []
            listed += (
                node for release in one.releases for node in _lists(_inheriting(release, one.templates))
            )
            paths.update((found, None) for node in listed for found in _listed(node, directory, words))
            charts = (_filled(text(release.get("chart")), words) for release in one.releases)
            local = (resolve(directory, chart) for chart in charts if chart.startswith("."))
            paths.update((found, None) for found in local if found)
    return Named(frozenset(paths), tuple(_globs(paths)))


def _lists(release: Mapping) -> Iterator[Node | None]:
    yield release.get("values")
    yield release.get("secrets")


def _listed(listed: Node | None, directory: str, words: dict[str, str]) -> Iterator[str]:
    """The paths that a list of values files names, with ``*`` for what is not evaluated."""
    for item in listed.items if isinstance(listed, Sequence) else ():
        filled = _filled(text(item), words) if isinstance(item, Scalar) else ""
        if filled and "://" not in filled:
            found = resolve(directory, _ANYTHING.sub("*", filled))
            if found:
                yield found


def _globs(paths: Iterable[str]) -> Iterator[Glob]:
    for path in paths:
        if "*" in path:
            with suppress(GlobError):
                yield Glob(path)
