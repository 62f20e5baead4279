"""Databricks model serving: traffic shares of the served entities of an endpoint.

Facts: https://docs.databricks.com/api/workspace/servingendpoints/updateconfig
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskcheck.progressive.model import Governed, ProgressiveDelivery
from riskcheck.progressive.surroundings import name_of
from riskcheck.progressive.values import body_of
from riskcheck.progressive.weights import Weighted, smallest, split_steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Resource

KIND = "model_serving_endpoints"


def read_endpoint(resource: Resource) -> ProgressiveDelivery | None:
    """The delivery that the routes of an endpoint declare; None where one entity answers everything."""
    if resource.platform != "databricks" or resource.kind != KIND:
        return None
    routes = list(_routes(resource))
    least = smallest(routes)
    if least is None:
        return None
    return ProgressiveDelivery(
        controller="databricks-serving",
        resource=resource,
        governed=Governed(resource.kind, name_of(resource)),
        steps=split_steps(least, routes),
        metrics=(),
        abort="manual",
        manual=True,
        strategy="split",
        exposed=frozenset({least.name}),
    )


def _routes(resource: Resource) -> Iterator[Weighted]:
    for one in body_of(resource).parts("config", "traffic_config", "routes"):
        name = one.text("served_entity_name") or one.text("served_model_name")
        weight = one.number("traffic_percentage")
        if name and weight is not None:
            yield Weighted(name, weight, one.at("traffic_percentage") or one.place)
