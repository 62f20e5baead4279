"""The glob dialect: examples, and agreement with a matcher that tries everything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskcheck.globs import MAX_ALTERNATIVES, Glob, GlobError, GlobSet, matches_any, wildcard


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("a.yaml", "a.yaml"),
        ("/a.yaml", "a.yaml"),
        ("./a.yaml", "a.yaml"),
        ("*.yaml", "a.yaml"),
        ("**/staging/**", "staging/a.yaml"),
        ("**/staging/**", "apps/staging/eu/a.yaml"),
        ("**/catalog-info.yaml", "catalog-info.yaml"),
        ("**/catalog-info.yaml", "a/b/catalog-info.yaml"),
        ("pipelines/orders/**", "pipelines/orders/jobs/a.yml"),
        ("a/**/b", "a/b"),
        ("a/**/b", "a/x/y/b"),
        ("a/**/b/**/c", "a/b/b/x/c"),
        ("**", "anything/at/all"),
        ("vendor", "vendor/x/y.yaml"),
        ("vendor/", "vendor/x/y.yaml"),
        ("**/vendor", "a/vendor/x.yaml"),
        ("*.{yml,yaml}", "a.yml"),
        ("{a,b/c}/x", "b/c/x"),
        ("a{,.b}.yaml", "a.yaml"),
        ("file?.txt", "file1.txt"),
        ("file[0-9a].txt", "file7.txt"),
        ("file[!0-9].txt", "filex.txt"),
        ("[]].txt", "].txt"),
        (r"a\*b", "a*b"),
        (r"\{a}", "{a}"),
        ("a[b", "a[b"),
        ("pre**post", "pre-and-post"),
    ],
)
def test_matches(pattern: str, path: str) -> None:
    assert Glob(pattern).matches(path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*.yaml", "a/b.yaml"),
        ("a/*", "a/b/c"),
        ("a.yaml", "b/a.yaml"),
        ("vendor", "vendored/x"),
        ("**/staging/**", "apps/staging2/a.yaml"),
        ("a/**/b", "a/xb"),
        ("*.yaml", "A.YAML"),
        ("file[!0-9].txt", "file1.txt"),
        ("file?.txt", "file.txt"),
        (r"a\*b", "axb"),
        ("**/prod/*.yaml", "prod/eu/a.yaml"),
    ],
)
def test_does_not_match(pattern: str, path: str) -> None:
    assert not Glob(pattern).matches(path)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "is empty"),
        ("/", "is empty"),
        (".", "is empty"),
        ("./.", "is empty"),
        ("{a,.}", "is empty"),
        ("a/../b", "may not contain '..'"),
        ("a//b", "empty segment"),
        ("{a,b", "never closed"),
        ("{a,{b}}", "braces inside braces"),
        ("a\\", "backslash"),
        ("x" * 2_000, "longer than"),
        ("{a,b}" * 12, f"more than {MAX_ALTERNATIVES} patterns"),
    ],
)
def test_unreadable_patterns_say_why(pattern: str, reason: str) -> None:
    with pytest.raises(GlobError, match=reason):
        Glob(pattern)


def test_a_set_names_the_first_pattern_that_matches() -> None:
    globs = GlobSet(["**/testdata/**", "**/*.lock"])
    assert globs.first("a/testdata/x.lock") == "**/testdata/**"
    assert globs.first("x.lock") == "**/*.lock"
    assert globs.first("x.yaml") is None
    assert not GlobSet().matches("x.yaml")
    assert not GlobSet()


def test_any_of_several_patterns() -> None:
    assert matches_any("pipelines/orders/a.yml", ("ledger/**", "pipelines/orders/**"))
    assert not matches_any("pipelines/orders/a.yml", ("ledger/**",))
    assert not matches_any("a", ())


def test_a_folder_pattern_matches_the_folder_itself() -> None:
    # Units are folders: `paths: ["apps/orders/**"]` is meant to take the unit `apps/orders`.
    assert matches_any("apps/orders", ("apps/orders/**",))


def test_many_stars_against_a_long_name_stay_cheap() -> None:
    # Any matcher that gives back more than the latest star would not end in this lifetime.
    assert not Glob("*a" * 200 + "b").matches("a" * 20_000)
    assert not Glob("**/a/" * 150 + "b").matches("/".join("a" * 5_000))


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("databricks:volumes.tmp", "databricks:volumes.tmp", True),
        ("databricks:volumes.tmp", "databricks:volumes.tmp2", False),
        ("databricks:volumes.*", "databricks:volumes.landing", True),
        ("kubernetes:Deployment.*", "kubernetes:Deployment.shop/web", True),
        ("prod-*", "prod-eu", True),
        ("prod-*", "staging", False),
        ("a.c", "abc", False),
    ],
)
def test_wildcards_of_names(pattern: str, text: str, expected: bool) -> None:
    assert wildcard(pattern, text) is expected


def _tries_everything(pattern: tuple[str, ...], names: tuple[str, ...]) -> bool:
    if not pattern:
        return not names
    if pattern[0] == "**":
        return any(_tries_everything(pattern[1:], names[start:]) for start in range(len(names) + 1))
    return bool(names) and _segment(pattern[0], names[0]) and _tries_everything(pattern[1:], names[1:])


def _segment(pattern: str, name: str) -> bool:
    if not pattern:
        return not name
    if pattern[0] == "*":
        return any(_segment(pattern[1:], name[start:]) for start in range(len(name) + 1))
    return bool(name) and pattern[0] in ("?", name[0]) and _segment(pattern[1:], name[1:])


_SEGMENT = st.one_of(st.just("**"), st.text("ab*?", min_size=1, max_size=4))


@given(
    st.lists(_SEGMENT, min_size=1, max_size=5),
    st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=6),
)
def test_agrees_with_a_matcher_that_tries_everything(pattern: list[str], names: list[str]) -> None:
    last = pattern[-1]
    if last != "**" and not any(char in last for char in "*?"):
        pattern = [*pattern, "**"]  # a literal last segment is the folder, too
    expected = _tries_everything(tuple(pattern), tuple(names))
    assert Glob("/".join(pattern)).matches("/".join(names)) is expected
