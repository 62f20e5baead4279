from __future__ import annotations

import pytest

from riskcheck.sources import SourceError
from riskcheck.sources.pathfilter import PathFilter
from riskcheck.trees import PathChange


@pytest.mark.parametrize(
    ("filters", "prefix", "taken", "left"),
    [
        (("dir",), "", ["dir", "dir/a", "dir/b/c"], ["dirs", "a/dir"]),
        (("dir/",), "", ["dir/a"], ["dirs/a"]),
        (("a.yaml", "b"), "", ["a.yaml", "b/c"], ["a.yamlx"]),
        (("*.yaml",), "", ["a.yaml", "b/c.yaml"], ["a.yml"]),
        (("dir/**/x",), "", ["dir/a/x", "dir/a/b/x"], ["dir/x", "y/x"]),
        (("a[12].yaml",), "", ["a1.yaml", "a[12].yaml"], ["a3.yaml"]),
        (("a?c",), "", ["abc", "a/c"], ["ac"]),
        ((".",), "sub/", ["sub/a"], ["a"]),
        (("..",), "sub/", ["sub/a", "a"], []),
        (("../b",), "sub/", ["b/c"], ["sub/b"]),
        (("*.yaml",), "we[i]rd/", ["we[i]rd/a.yaml"], ["weird/a.yaml"]),
        ((":/b",), "sub/", ["b"], ["sub/b"]),
        ((":(top)b",), "sub/", ["b"], ["sub/b"]),
        ((":!dir",), "", ["a"], ["dir/a"]),
        ((":^*.yaml", "dir"), "", ["dir/a"], ["dir/a.yaml", "a"]),
        ((":(exclude,top)x",), "sub/", ["sub/x"], ["x/y"]),
        (("/top/dir/a",), "", ["a"], ["b"]),
        (("new\nline*",), "", ["new\nline/x"], ["new"]),
        ((), "", ["anything"], []),
    ],
)
def test_filters_work_as_pathspecs(
    filters: tuple[str, ...], prefix: str, taken: list[str], left: list[str]
) -> None:
    only = PathFilter(filters, prefix, "/top/dir")
    assert [path for path in taken if not only.matches(path)] == []
    assert [path for path in left if only.matches(path)] == []


def test_a_rename_is_kept_for_either_of_its_names() -> None:
    change = PathChange("new/a", "renamed", "old/a", None, None)
    assert PathFilter(("new",)).keeps(change)
    assert PathFilter(("old",)).keeps(change)
    assert not PathFilter(("other",)).keeps(change)


@pytest.mark.parametrize("text", ["..", "../x", "/elsewhere", ":(icase)x", ":(top", "a/../../b"])
def test_filters_that_lead_out_or_are_not_understood_are_refused(text: str) -> None:
    with pytest.raises(SourceError):
        PathFilter((text,), "", "/top")
