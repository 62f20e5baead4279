"""Sets of parameters that generators make."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskcheck.documents.store import DocumentStore
from riskcheck.nodes import Mapping
from riskcheck.platforms.kubernetes.gitops.clusters import Cluster
from riskcheck.platforms.kubernetes.gitops.generators import MAX_SETS, Generation
from riskcheck.platforms.kubernetes.gitops.parameters import ParameterSet
from tests.support import MemoryTree

CLUSTERS = (
    Cluster("Prod_EU", "https://eu.example", {"env": "prod"}, {}, "a.yaml"),
    Cluster("staging", "https://st.example", {"env": "staging"}, {"note": "x"}, "b.yaml"),
)


def generation(
    generators: str, *, go: bool = False, clusters: tuple[Cluster, ...] = (), **files: str
) -> Generation:
    stated = indent(dedent(generators).strip(), "    ")
    text = f"spec:\n  goTemplate: {str(go).lower()}\n  generators:\n{stated}\n"
    named = {path.replace("__", "/") + ".yaml": content for path, content in files.items()}
    documents = DocumentStore(MemoryTree({"set.yaml": text, **named}, side="head"))
    root = documents.get("set.yaml").root
    assert isinstance(root, Mapping), documents.get("set.yaml").chunks[0].error
    return Generation(root, documents, clusters)


def values(sets: list[ParameterSet], *names: str) -> list[tuple[object, ...]]:
    return [tuple(one.values.get(name) for name in names) for one in sets]


def test_elements_of_a_list() -> None:
    made = generation("""
        - list: {elements: [{cluster: eu, values: {dir: a}}, {cluster: us}]}
        """)
    assert values(made.sets(), "cluster", "values.dir") == [("eu", "a"), ("us", None)]
    assert not made.problems


def test_directories() -> None:
    made = generation(
        """
        - git:
            directories: [{path: "apps/*"}, {path: apps/old, exclude: true}]
            values: {name: "x-{{path.basename}}"}
        """,
        apps__web__a="",
        apps__old__a="",
        apps__db__deep__a="",
    )
    assert values(made.sets(), "path", "path[1]", "values.name") == [
        ("apps/db", "db", "x-db"),
        ("apps/web", "web", "x-web"),
    ]


def test_directories_with_a_literal_end_match_nothing_below() -> None:
    made = generation(
        "- git: {directories: [{path: apps/*/prod}]}", apps__web__prod__a="", apps__web__prod__sub__a=""
    )
    assert values(made.sets(), "path") == [("apps/web/prod",)]


def test_files_with_their_parameters() -> None:
    made = generation(
        "- git: {files: [{path: 'config/**/cluster.yaml'}]}",
        config__eu__cluster="cluster: {name: eu, zones: [a, b]}\n",
        config__us__cluster="[{cluster: {name: us-1}}, {cluster: {name: us-2}}]\n",
    )
    assert values(made.sets(), "cluster.name", "cluster.zones.1", "path", "path.filename") == [
        ("eu", "b", "config/eu", "cluster.yaml"),
        ("us-1", None, "config/us", "cluster.yaml"),
        ("us-2", None, "config/us", "cluster.yaml"),
    ]
    assert made.sets()[0].read == {"config/eu/cluster.yaml"}


def test_files_with_go_templates_are_nested() -> None:
    made = generation(
        "- git: {files: [{path: 'config/*/c.yaml'}], pathParamPrefix: at}",
        go=True,
        config__eu__c="{name: eu}\n",
    )
    (one,) = made.sets()
    assert one.values["name"] == "eu"
    assert isinstance(one.values["at"], dict) and isinstance(one.values["at"]["path"], dict)
    assert one.values["at"]["path"]["segments"] == ["config", "eu"]


def test_a_broken_file_is_said() -> None:
    made = generation("- git: {files: [{path: 'config/*/c.yaml'}]}", config__eu__c="a: [\n")
    assert made.sets() == []
    assert list(made.problems) == ["config/eu/c.yaml cannot be read"]


def test_clusters_by_label() -> None:
    made = generation(
        "- clusters: {selector: {matchLabels: {env: prod}}, values: {env: '{{metadata.labels.env}}'}}",
        clusters=CLUSTERS,
    )
    assert values(made.sets(), "name", "nameNormalized", "server", "values.env") == [
        ("Prod_EU", "prod-eu", "https://eu.example", "prod")
    ]
    assert not made.problems


def test_without_a_selector_the_cluster_of_argo_itself_is_one() -> None:
    assert values(generation("- clusters: {}", clusters=CLUSTERS).sets(), "name") == [
        ("Prod_EU",),
        ("staging",),
        ("in-cluster",),
    ]


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("{key: env, operator: In, values: [prod]}", ["Prod_EU"]),
        ("{key: env, operator: NotIn, values: [prod]}", ["staging"]),
        ("{key: env, operator: Exists}", ["Prod_EU", "staging"]),
        ("{key: env, operator: DoesNotExist}", []),
        ("{key: env, operator: Near}", []),
    ],
)
def test_selectors_have_expressions(expression: str, names: list[str]) -> None:
    made = generation(f"- clusters: {{selector: {{matchExpressions: [{expression}]}}}}", clusters=CLUSTERS)
    assert [one.values["name"] for one in made.sets()] == names


def test_clusters_that_nothing_declares_are_open() -> None:
    made = generation("- clusters: {selector: {matchLabels: {env: prod}}, values: {dir: base}}")
    (one,) = made.sets()
    assert one.open and one.assumed and one.values == {"values.dir": "base"}
    assert list(made.problems) == ["which clusters have which labels is not in the repository"]


def test_a_matrix_hands_the_first_to_the_second() -> None:
    made = generation(
        """
        - matrix:
            generators:
              - list: {elements: [{team: a}, {team: b}]}
              - git: {directories: [{path: "apps/{{team}}/*"}]}
        """,
        apps__a__web__x="",
        apps__a__db__x="",
        apps__b__web__x="",
    )
    assert values(made.sets(), "team", "path") == [
        ("a", "apps/a/db"),
        ("a", "apps/a/web"),
        ("b", "apps/b/web"),
    ]


def test_a_merge_overrides_by_key_and_drops_what_has_no_base() -> None:
    made = generation(
        """
        - merge:
            mergeKeys: [nameNormalized]
            generators:
              - clusters:
                  selector: {matchExpressions: [{key: env, operator: Exists}]}
                  values: {dir: base, ring: one}
              - list: {elements: [{nameNormalized: staging, values.dir: st}, {nameNormalized: gone, values.dir: x}]}
        """,
        clusters=CLUSTERS,
    )
    assert values(made.sets(), "nameNormalized", "values.dir", "values.ring") == [
        ("prod-eu", "base", "one"),
        ("staging", "st", "one"),
    ]


def test_a_merge_with_unknown_clusters_says_what_a_named_one_would_get() -> None:
    made = generation("""
        - merge:
            mergeKeys: [nameNormalized]
            generators:
              - clusters: {selector: {matchLabels: {env: prod}}, values: {dir: base, ring: one}}
              - list: {elements: [{nameNormalized: eu, values.dir: eu}]}
        """)
    named, opened = made.sets()
    assert (named.values["values.dir"], named.values["values.ring"], named.assumed, named.open) == (
        "eu",
        "one",
        True,
        False,
    )
    assert opened.open


def test_a_selector_of_a_generator_drops_sets() -> None:
    made = generation("""
        - list: {elements: [{env: prod}, {env: dev}]}
          selector: {matchLabels: {env: prod}}
        """)
    assert values(made.sets(), "env") == [("prod",)]


@pytest.mark.parametrize("kind", ["scmProvider", "pullRequest", "clusterDecisionResource", "plugin"])
def test_generators_that_ask_are_said(kind: str) -> None:
    made = generation(f"- {kind}: {{}}")
    assert made.sets() == []
    (problem,) = made.problems
    assert kind in problem


def test_a_large_matrix_is_bounded_and_said() -> None:
    elements = ", ".join(f"{{n: a{number}}}" for number in range(200))
    made = generation(
        f"- matrix: {{generators: [{{list: {{elements: [{elements}]}}}}, {{list: {{elements: [{elements}]}}}}]}}"
    )
    assert len(made.sets()) == MAX_SETS
    assert list(made.problems) == [f"its generators make more than {MAX_SETS:,} Applications"]


def test_generators_nested_too_deeply_are_said() -> None:
    inner = "{list: {elements: [{a: b}]}}"
    for _ in range(5):
        inner = f"{{matrix: {{generators: [{inner}, {{list: {{elements: [{{c: d}}]}}}}]}}}}"
    made = generation(f"- {inner}")
    assert made.sets() == []
    assert list(made.problems) == ["generators are nested deeper than Argo CD allows"]


SCALARS = st.sampled_from(["", "x", "3", "true", "null", "{{a}}", "**", "[", "apps/*"])
GENERATORS = ("list", "git", "clusters", "matrix", "merge", "generators", "template", "selector", "values")
PARTS = (
    "elements",
    "directories",
    "files",
    "path",
    "exclude",
    "matchLabels",
    "matchExpressions",
    "mergeKeys",
)
FIELDS = st.sampled_from((*GENERATORS, *PARTS, "operator", "key"))


def written(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return f'"{value}"'


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4),
        max_leaves=25,
    ),
    st.booleans(),
)
def test_wrong_types_anywhere_are_no_error(value: object, go: bool) -> None:
    made = generation(f"- {written(value)}", go=go, clusters=CLUSTERS, apps__web__a="x: y\n")
    assert len(made.sets()) <= MAX_SETS
