"""`riskcheck rules …` and `riskcheck explain`, as people call them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from riskcheck.cli import run
from riskcheck.rules.load import builtin_folder, files_below
from tests.rules.samples import CASES_TEXT, RULE_TEXT, install

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def riskcheck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls the command line in a folder of its own: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["riskcheck", *arguments])
        code = run()
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A pack of one rule."""
    pack = tmp_path / "policies" / "test"
    pack.mkdir(parents=True)
    (pack / "size-reduced.yaml").write_text(RULE_TEXT)
    (pack / "size-reduced.test.yaml").write_text(CASES_TEXT)
    return pack.parent


def test_list_has_every_rule_under_its_pack(riskcheck: Call) -> None:
    code, out, err = riskcheck("rules", "list")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    packs = [line for line in lines if not line.startswith(" ")]
    assert packs == sorted(packs)
    assert len(lines) - len(packs) == len(files_below(builtin_folder()))
    (line,) = [line for line in lines if " K8S-001 " in line]
    assert line.split() == [
        "K8S-001",
        "P2",
        "replicas-reduced",
        *["The", "replica", "count", "was", "reduced"],
    ]


def test_list_as_json_has_one_shape(riskcheck: Call, own: Path) -> None:
    code, out, _ = riskcheck("rules", "list", "--format", "json", "--rules", str(own))
    rules = json.loads(out)
    assert code == 0
    assert len({tuple(rule) for rule in rules}) == 1
    (mine,) = [rule for rule in rules if rule["code"] == "TST-001"]
    assert (mine["id"], mine["pack"], mine["escalates_to"]) == ("size-reduced", "test", ["P0"])


def test_show_prints_the_file(riskcheck: Call, own: Path) -> None:
    assert riskcheck("rules", "show", "tst-001", "--rules", str(own)) == (0, RULE_TEXT, "")


def test_explain_says_why_when_and_when_not_with_an_example(riskcheck: Call, own: Path) -> None:
    code, out, _ = riskcheck("explain", "size-reduced", "--rules", str(own))
    assert code == 0
    for text in (
        "TST-001  size-reduced  (test)",
        "P2; P0 when after == 0",
        "Less is less.",
        "kubernetes resources of kind Deployment",
        "at spec.replicas",
        "when after < before",
        "-  replicas: 3",
        "+  replicas: 2",
        "clusters/prod/web.yaml:5 P2 size goes from 3 to 2",
        "None that is known.",
        "canary promoted",
        "https://example.com/size",
    ):
        assert text in out
    assert max(map(len, out.splitlines())) <= 80


def test_every_rule_can_be_explained(riskcheck: Call) -> None:
    _, out, _ = riskcheck("rules", "list", "--format", "json")
    for rule in json.loads(out):
        code, said, _ = riskcheck("explain", rule["code"])
        assert code == 0
        assert rule["id"] in said


@pytest.mark.parametrize("command", [("explain",), ("rules", "show")])
def test_an_unknown_rule_is_told_with_the_nearest(riskcheck: Call, command: tuple[str, ...]) -> None:
    code, out, err = riskcheck(*command, "replicas-redced")
    assert (code, out) == (2, "")
    assert "no rule is called replicas-redced; did you mean K8S-001 replicas-reduced" in err


def test_a_broken_rule_file_is_told_with_its_line(riskcheck: Call, own: Path) -> None:
    (own / "test" / "size-reduced.yaml").write_text(RULE_TEXT.replace("P2", "P9"))
    code, out, err = riskcheck("rules", "list", "--rules", str(own))
    assert (code, out) == (2, "")
    assert f"{own}/test/size-reduced.yaml:4: severity 'P9' is unknown" in err


def test_test_passes_what_is_as_stated(riskcheck: Call, own: Path) -> None:
    assert riskcheck("rules", "test", str(own)) == (0, "1 rule, 2 cases: all as stated\n", "")
    assert riskcheck("rules", "test", "--quiet", str(own / "test" / "size-reduced.yaml")) == (0, "", "")


def test_test_tells_what_is_not(riskcheck: Call, own: Path) -> None:
    cases = own / "test" / "size-reduced.test.yaml"
    cases.write_text(CASES_TEXT.replace("web.yaml:5", "web.yaml:6"))
    code, out, _ = riskcheck("rules", "test", str(own))
    assert code == 1
    assert out.splitlines() == [
        f"{own}/test/size-reduced.yaml",
        f"  case 'less' ({cases}:2)",
        "    expected at clusters/prod/web.yaml:6: silent",
        "    fired at clusters/prod/web.yaml:5, where nothing was expected: size goes from 3 to 2",
        "1 rule, 2 cases: 1 of them failed",
    ]


def test_test_of_a_folder_without_rules_is_no_green(riskcheck: Call, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    code, out, err = riskcheck("rules", "test", "empty")
    assert (code, out) == (2, "")
    assert "no rule files" in err


def test_test_asks_which_rules(riskcheck: Call) -> None:
    code, _, err = riskcheck("rules", "test")
    assert code == 2
    assert "name a folder of rule files, or --pack NAME" in err


def test_an_installed_pack_is_listed_explained_and_tested(
    riskcheck: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    install(site, RULE_TEXT.replace("when: after < before", "check: acme.shrunk"))
    monkeypatch.syspath_prepend(str(site))
    assert "TST-001" in riskcheck("rules", "list", "--pack", "acme")[1]
    assert riskcheck("explain", "TST-001", "--pack", "acme")[0] == 0
    code, out, _ = riskcheck("rules", "test", "--pack", "acme")
    assert (code, out) == (0, "1 rule, 2 cases: all as stated\n")
    code, _, err = riskcheck("rules", "test", "--pack", "nowhere")
    assert code == 2
    assert "no installed pack is called nowhere (installed: acme)" in err


def test_a_new_rule_works_as_it_is_written(riskcheck: Call, tmp_path: Path) -> None:
    code, out, _ = riskcheck("rules", "new", "acme/grace-shortened", "--into", "policies")
    assert code == 0
    assert "riskcheck rules test policies/acme/grace-shortened.yaml" in out
    assert riskcheck("rules", "test", "policies") == (0, "1 rule, 3 cases: all as stated\n", "")
    assert "code: ACME-001\n" in (tmp_path / "policies/acme/grace-shortened.yaml").read_text()
    riskcheck("rules", "new", "acme/other-thing", "--into", "policies")
    assert "code: ACME-002\n" in (tmp_path / "policies/acme/other-thing.yaml").read_text()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nothing",), "is not PACK/ID"),
        (("Acme/grace-shortened",), "is not PACK/ID"),
        (("acme/../up-there",), "is not PACK/ID"),
        (("acme/grace-shortened", "--code", "x"), "x is not a code such as K8S-001"),
        (("test/size-reduced", "--into", "policies"), "exists already"),
    ],
)
def test_a_new_rule_needs_names_and_overwrites_nothing(
    riskcheck: Call, own: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    code, _, err = riskcheck("rules", "new", *arguments)
    assert code == 2
    assert complaint in err
    assert (own / "test" / "size-reduced.yaml").read_text() == RULE_TEXT


def test_docs_are_written_and_kept_fresh(riskcheck: Call, own: Path, tmp_path: Path) -> None:
    assert riskcheck("rules", "docs", "pages", "--rules", str(own)) == (0, "4 pages, 4 changed\n", "")
    page = tmp_path / "pages" / "TST-001-size-reduced.md"
    assert "# TST-001: The size was reduced" in page.read_text()
    assert "[TST-001](TST-001-size-reduced.md)" in (tmp_path / "pages" / "index.md").read_text()
    assert riskcheck("rules", "docs", "pages", "--check", "--rules", str(own)) == (0, "", "")
    old = page.read_text().replace("# TST-001", "# TST-000")
    page.write_text(old)
    (tmp_path / "pages" / "GONE-001-it-went.md").write_text(old)
    code, out, _ = riskcheck("rules", "docs", "pages", "--check", "--rules", str(own))
    assert (code, page.read_text()) == (1, old)
    assert [line.split()[0] for line in out.splitlines()] == [
        "pages/GONE-001-it-went.md",
        "pages/TST-001-size-reduced.md",
    ]
    assert riskcheck("rules", "docs", "pages", "--rules", str(own))[1] == "4 pages, 2 changed\n"
    assert not (tmp_path / "pages" / "GONE-001-it-went.md").exists()


def test_docs_touch_no_page_of_others(riskcheck: Call, own: Path, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "README.md").write_text("mine")
    assert riskcheck("rules", "docs", "pages", "--rules", str(own))[0] == 0
    assert (pages / "README.md").read_text() == "mine"
    (pages / "index.md").write_text("mine, too")
    code, _, err = riskcheck("rules", "docs", "pages", "--rules", str(own))
    assert (code, (pages / "index.md").read_text()) == (2, "mine, too")
    assert "was not made by this command" in err
