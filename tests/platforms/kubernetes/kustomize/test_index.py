from __future__ import annotations

import pytest

from riskcheck.platforms.kubernetes.kustomize.index import references_of
from riskcheck.platforms.kubernetes.kustomize.paths import is_remote, resolve


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"resources:\n- ../base\n  - a.yaml # why\n", {"../base", "a.yaml"}),
        (b"resources: [a.yaml, 'b c.yaml', \"../d\"]\n", {"a.yaml", "../d"}),
        (b'{"resources": ["a.yaml"]}\n', set()),
        (
            b"patches:\n- path: p.yaml\n  target: {kind: X}\n- {path: q.yaml, target: {kind: X}}\n",
            {"p.yaml", "q.yaml"},
        ),
        (
            b"configMapGenerator:\n- name: x\n  files:\n  - key=f.conf\n  - g.conf\n  envs: [h.env]\n",
            {"f.conf", "g.conf", "h.env"},
        ),
        (b"helmCharts:\n- name: x\n  valuesFile: v.yaml\n", {"v.yaml"}),
        (b"resources:\n- https://example.com/x\n- github.com/a/b?ref=1\n", {"1"}),
        (b"# - commented.yaml\n", set()),
        (b"resources:\r\n- a.yaml\r\n", {"a.yaml"}),
        (b"\xff\xfe", set()),
    ],
)
def test_picks_what_could_be_a_path(text: bytes, expected: set[str]) -> None:
    assert expected <= set(references_of(text))
    assert len(set(references_of(text)) - expected) <= 2, "nearly nothing else"


def test_a_json_kustomization_is_read_line_by_line() -> None:
    text = b'{\n  "resources": ["../base",\n    "a.yaml"],\n  "patches": [{"path": "p.yaml"}]\n}\n'
    assert {"../base", "a.yaml", "p.yaml"} <= set(references_of(text))


@pytest.mark.parametrize(
    ("directory", "reference", "expected"),
    [
        ("a/b", "../c", "a/c"),
        ("a/b", "./x.yaml", "a/b/x.yaml"),
        ("a", "..", ""),
        ("", "x/", "x"),
        ("a", "../..", None),
        ("a", "/x", None),
        ("a/b", "../../c//d/./e", "c/d/e"),
    ],
)
def test_paths_are_taken_from_the_kustomization(directory: str, reference: str, expected: str | None) -> None:
    assert resolve(directory, reference) == expected


@pytest.mark.parametrize(
    "reference",
    [
        "https://github.com/example/web//deploy?ref=v1",
        "github.com/example/web/deploy?ref=v1",
        "git@github.com:example/web.git",
        "ssh://git@example.com/x",
        "git::https://example.com/x",
        "../web?ref=v1",
    ],
)
def test_knows_what_is_elsewhere(reference: str) -> None:
    assert is_remote(reference)


@pytest.mark.parametrize("reference", ["../base", "github/x", "a.yaml", "deploy:x", "./github.com"])
def test_knows_what_is_here(reference: str) -> None:
    assert not is_remote(reference)
