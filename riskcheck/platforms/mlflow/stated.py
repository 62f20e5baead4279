"""The feature specification that one file states, with the tables and columns that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.dependencies import Stated, Use
from riskcheck.nodes import Mapping
from riskcheck.platforms.mlflow.resolve import features, model_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.documents.store import Document


def stated(document: Document) -> Iterator[Stated]:
    """Nothing where the file is another of this name."""
    root = document.root
    if not isinstance(root, Mapping):
        return
    uses = [Use(one.target, one.kind, one.relation, one.node.file_line) for one in features(root)]
    if uses:
        name = model_name(document.path.rpartition("/")[0])
        yield Stated("mlflow", "feature_specs", name, root.file_line, None, (), tuple(dict.fromkeys(uses)))
