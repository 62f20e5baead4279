"""The platform ``mlflow``. A unit is a file.

``MLmodel`` is a resource of kind ``models``, named like the directory of the model, its body as written
(https://mlflow.org/docs/latest/ml/model/). ``feature_spec.yaml`` is one of kind ``feature_specs``: which columns of
which tables a model is fed with, as the Databricks feature engineering client packages it
(https://docs.databricks.com/aws/en/machine-learning/feature-store/).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.platforms.declaring import action_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from riskcheck.models import Action, Change, Resolution
    from riskcheck.platforms.base import Workspace

MODEL_FILE: Final = "MLmodel"
FEATURE_FILES: Final = frozenset({"feature_spec.yaml", "feature_spec.yml"})


def is_packaged(path: str) -> bool:
    """Whether a path is that of a file of a packaged model."""
    name = path.rpartition("/")[2]
    return name == MODEL_FILE or name in FEATURE_FILES


class Mlflow:
    """A change that concerns no packaged model imports nothing else of this package."""

    name = "mlflow"
    order = 9
    """Before bundles: a packaged model may lie in the directory of one."""

    def units(self, workspace: Workspace, paths: Collection[str]) -> frozenset[str]:
        named = [path for path in paths if is_packaged(path)]
        if not named:
            return frozenset()
        from riskcheck.platforms.mlflow.resolve import is_read

        return frozenset(path for path in named if is_read(workspace, path))

    def resolve(self, workspace: Workspace, units: Collection[str]) -> Resolution:
        from riskcheck.platforms.mlflow.resolve import resolve

        return resolve(workspace, units)

    def natural_keys(self, kind: str, field: str) -> tuple[str, ...]:
        return ("name",) if field in ("inputs", "outputs", "params") else ()

    def action(self, changes: Collection[Change]) -> Action:
        """A packaged model is registered as another version: nothing is lost."""
        return action_of(changes)
