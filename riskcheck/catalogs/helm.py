"""Helm charts: what ``Chart.yaml`` builds on. https://helm.sh/docs/topics/charts/#the-chartyaml-file

A chart is the service that it deploys, by its name. A chart from a repository elsewhere is called
``chart:name``, so that it is not taken for a service of this repository that happens to share its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.catalogs.nodes import Troubles, at, items, text, word
from riskcheck.dependencies import CatalogEntry, Dependency
from riskcheck.models import Service, location_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import Mapping


def entries(root: Mapping, troubles: Troubles) -> Iterator[CatalogEntry]:
    """What one chart says: the charts it is built from."""
    name = text(root.get("name"))
    if name is None:
        troubles.add(root, "a Helm chart without a name")
        return
    yield CatalogEntry(
        format="helm",
        service=Service(name.raw.strip(), source=f"{root.source.path}:{name.file_line}"),
        location=location_of(name),
        dependencies=tuple(_dependencies(root, troubles)),
    )


def _dependencies(root: Mapping, troubles: Troubles) -> Iterator[Dependency]:
    for node in items(root.get("dependencies")):
        name = text(at(node, "name"))
        if name is None:
            troubles.add(node, "a chart dependency without a name")
        else:
            here = (word(at(node, "repository")) or "file://").startswith("file://")
            target = name.raw.strip() if here else f"chart:{name.raw.strip()}"
            yield Dependency(target, "build", "chart dependency", location_of(name))
