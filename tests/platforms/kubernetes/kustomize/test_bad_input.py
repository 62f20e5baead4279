"""What kustomize would refuse, or pass over: never a traceback, always said with its place."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskcheck.documents.store import DocumentStore
from riskcheck.platforms.kubernetes.kustomize.build import Builder
from riskcheck.platforms.kubernetes.manifests import Manifests
from tests.platforms.kubernetes.trees import resolved, value_at, workspace
from tests.support import MemoryTree

CONFIG = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {x: '1'}}\n"
POD = "{apiVersion: v1, kind: Pod, name: a}"


def said(files: dict[str, str], **unreadable: str) -> list[str]:
    """``path:line: message`` of all limitations of the overlay in ``prod``."""
    tree = MemoryTree(files, unreadable={name.replace("__", "/"): kind for name, kind in unreadable.items()})
    documents = DocumentStore(tree)
    build = Builder(documents, Manifests(documents, None, frozenset(tree.entries()))).build("prod")
    return [f"{one.path}:{one.line}: {one.message}" for one in build.limitations]


def prod(content: str, **files: str) -> dict[str, str]:
    """An overlay in ``prod`` with ``a.yaml``. files: others of it, ``__`` for the dot in their names."""
    others = {f"prod/{name.replace('__', '.')}": text for name, text in files.items()}
    return {"prod/kustomization.yaml": content, "prod/a.yaml": CONFIG, **others}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            prod("resources: [../prod]\n"),
            ["prod/kustomization.yaml:None: the kustomization includes itself"],
            id="a circle of one",
        ),
        pytest.param(
            {"prod/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "bases: [../prod]\n"},
            ["prod/kustomization.yaml:None: the kustomization includes itself"],
            id="a circle of two",
        ),
        pytest.param(
            prod("resources:\n- a.yaml\n- gone.yaml\n"),
            ["prod/kustomization.yaml:3: gone.yaml does not exist"],
            id="a missing file",
        ),
        pytest.param(
            prod("resources: [a.yaml]\ncomponents:\n- ../gone\n"),
            ["prod/kustomization.yaml:3: ../gone has no kustomization"],
            id="a missing component",
        ),
        pytest.param(
            prod("resources:\n- a.yaml\n- /etc/passwd\n- ../../b\n"),
            [
                "prod/kustomization.yaml:3: /etc/passwd lies outside the tree",
                "prod/kustomization.yaml:4: ../../b lies outside the tree",
            ],
            id="absolute and outside",
        ),
        pytest.param(
            prod("resources: [a.yaml]\nconfigMapGenerator:\n- {name: b, files: [/etc/passwd]}\n"),
            ["prod/kustomization.yaml:3: /etc/passwd lies outside the tree"],
            id="a generator's file outside",
        ),
        pytest.param(
            prod("resources: [a.yaml]\nnamePrefixes: x\n"),
            ["prod/kustomization.yaml:2: namePrefixes is no field of a kustomization"],
            id="an unknown field",
        ),
        pytest.param(
            prod("resources: [a.yaml]\nimages:\n- {name: web, newTag: 1.10}\nnamespace: 12\n"),
            [
                "prod/kustomization.yaml:3: newTag must be text: quote it",
                "prod/kustomization.yaml:4: namespace must be text",
            ],
            id="numbers for text",
        ),
        pytest.param(
            prod("resources: a.yaml\npatches: {path: p.yaml}\nimages: [web]\n"),
            [
                "prod/kustomization.yaml:1: resources must be a list",
                "prod/kustomization.yaml:2: patches must be a list",
                "prod/kustomization.yaml:3: an item of images is of the wrong kind",
            ],
            id="wrong types",
        ),
        pytest.param(
            prod("resources: [a.yaml, b.yaml]\n", b__yaml=CONFIG),
            ["prod/kustomization.yaml:1: ConfigMap a is already there"],
            id="an object in two files",
        ),
        pytest.param(
            prod(
                "resources: [a.yaml]\npatches:\n- target: {kind: Deployment}\n"
                '  patch: \'[{"op": "remove", "path": "/a"}]\'\n'
            ),
            ["prod/kustomization.yaml:3: the patch selects no object, which kustomize passes over"],
            id="a target that selects nothing",
        ),
        pytest.param(
            prod(
                "resources: [a.yaml]\npatches:\n- path: p.yaml\n",
                p__yaml=CONFIG.replace("name: a", "name: b"),
            ),
            ["prod/kustomization.yaml:3: the patch matches no object"],
            id="a patch for nothing",
        ),
        pytest.param(
            prod("resources: [a.yaml, t.yaml]\n", t__yaml="kind: {{ .Values.kind }}\nname: {{ if }}\n"),
            ["prod/t.yaml:1: go-template templates are not evaluated"],
            id="a Go template",
        ),
        pytest.param(
            prod("resources: [a.yaml]\nopenapi: {path: schema.json}\n"),
            ["prod/kustomization.yaml:2: openapi schemas are not read: lists of such kinds are replaced"],
            id="a schema",
        ),
        pytest.param(
            prod(
                "resources: [a.yaml]\nconfigurations: [c.yaml]\n",
                c__yaml="commonLabels: [{path: metadata/labels, kind: X}]\n",
            ),
            ["prod/kustomization.yaml:2: metadata/labels is stated with and without create"],
            id="configurations that disagree",
        ),
        pytest.param(
            prod(
                f"resources: [a.yaml]\nvars:\n- {{name: A, objref: {POD}}}\n- {{name: B}}\n"
                f"- {{name: A, objref: {POD}}}\n"
            ),
            [
                "prod/kustomization.yaml:4: a variable needs a name and an objref",
                "prod/kustomization.yaml:5: the variable A is declared twice",
                "prod/kustomization.yaml:3: the variable A has no value",
            ],
            id="variables",
        ),
        pytest.param(
            {
                "prod/kustomization.yaml": "resources: [../b, ../c]\n",
                "b/kustomization.yaml": f"vars: [{{name: A, objref: {POD}}}]\n",
                "c/kustomization.yaml": f"nameSuffix: -c\nvars: [{{name: A, objref: {POD}}}]\n",
            },
            [
                "c/kustomization.yaml:2: the variable A is declared by two bases",
                "c/kustomization.yaml:2: the variable A has no value",
            ],
            id="a variable of two bases",
        ),
        pytest.param(
            prod(
                f"resources: [w.yaml]\nvars: [{{name: A, objref: {POD}}}]\n",
                w__yaml="{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{args: [1, $(A)]}]}}",
            ),
            ["prod/w.yaml:1: spec.containers.args of Pod a holds other than text"],
            id="a variable beside a number",
        ),
    ],
)
def test_is_said_with_its_place(files: dict[str, str], expected: list[str]) -> None:
    assert said(files) == expected


def test_a_link_out_of_the_tree_is_a_limit() -> None:
    files = {"prod/kustomization.yaml": "resources: [a.yaml]\n"}
    space = workspace(
        files, ["prod/a.yaml", "prod/kustomization.yaml"], unreadable={"prod/a.yaml": "symlink"}
    )
    from riskcheck.platforms.kubernetes import PLATFORM

    found = PLATFORM.resolve(space, PLATFORM.units(space, space.touched))
    assert [(one.path, one.kind, one.message) for one in found.limitations] == [
        ("prod/a.yaml", "symlink", "prod/a.yaml cannot be read")
    ]


def test_thousands_of_documents_in_one_file() -> None:
    many = "---\n".join(CONFIG.replace("name: a", f"name: n{number}") for number in range(3000))
    files = prod("resources: [many.yaml]\nnamePrefix: eu-\n", many__yaml=many)
    documents = DocumentStore(MemoryTree(files))
    build = Builder(documents, Manifests(documents, None, frozenset(files))).build("prod")
    assert not build.limitations
    assert len({found.name for found in build.objects}) == 3000


def test_kinds_that_nobody_knows_are_namespaced_and_their_lists_replaced() -> None:
    files = prod(
        "resources: [w.yaml]\nnamespace: shop\npatches: [{path: p.yaml}]\n",
        w__yaml="{apiVersion: x.io/v1, kind: W, metadata: {name: w}, spec: {items: [{name: a}, {name: b}]}}\n",
        p__yaml="{apiVersion: x.io/v1, kind: W, metadata: {name: w}, spec: {items: [{name: c}]}}\n",
    )
    resolution = resolved(files)
    (widget,) = (one for one in resolution.resources if one.kind == "W")
    assert widget.name == "shop/w"
    assert value_at(widget, "spec", "items") == [{"name": "c"}]


_FIELDS = (
    "resources bases components patches patchesStrategicMerge patchesJson6902 images labels commonLabels vars crds"
    " commonAnnotations namePrefix nameSuffix namespace replicas replacements configMapGenerator secretGenerator"
    " generatorOptions configurations openapi helmCharts transformers buildMetadata sortOptions apiVersion kind"
)
_INNER = (
    "name newTag newName digest tagSuffix path patch target kind pairs includeSelectors fields literals files envs"
    " options behavior source targets select fieldPaths fieldPath objref fieldref count create reject delimiter"
)
_WORDS = (
    "'' null 1 -1 true yes 1.5 a a.yaml 'a=b' \"*\" web ConfigMap x.json data.x metadata.name '[name=a]' '.*' $(A)"
    " 2001-01-01 !!binary 'a=a.yaml' v1"
)
_SCALARS = st.sampled_from(_WORDS.split())


def _flow(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    keys = st.sampled_from(_INNER.split())
    return st.one_of(
        st.lists(values, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(keys, values, max_size=4).map(
            lambda held: "{" + ", ".join(f"{key}: {value}" for key, value in held.items()) + "}"
        ),
    )


_VALUES = st.recursive(_SCALARS, _flow, max_leaves=12)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(_FIELDS.split()), _VALUES, min_size=1, max_size=6))
def test_wrong_types_anywhere_never_raise(fields: dict[str, str]) -> None:
    content = "".join(f"{key}: {value}\n" for key, value in fields.items())
    files = prod(content, x__json='{"a": {"Schema": {"properties": {"kind": 1}}}}')
    documents = DocumentStore(MemoryTree(files))
    Builder(documents, Manifests(documents, None, frozenset(files))).build("prod")
    resolved(files, other={**files, "prod/kustomization.yaml": "resources: [a.yaml]\n"})
