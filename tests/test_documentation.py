"""What the documents state is what the code does."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import click
import pytest

from riskcheck import priors, scoping
from riskcheck.cli import riskcheck
from riskcheck.documents.store import DocumentStore
from riskcheck.graph.reach import COUPLING, WEAKEST
from riskcheck.planning.cells import TIERS
from riskcheck.policy.load import load_policy
from riskcheck.rollout.losses import GONE
from riskcheck.rollout.windows import DAY, WINDOWS
from riskcheck.rules.load import load_rules
from riskcheck.trees import MemoryTree
from tests.report import snapshots
from website.references import REFERENCES, Reference, reference
from website.sessions import agrees, run, steps

ROOT = Path(__file__).parents[1]


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_the_readme_shows_the_first_example_as_it_is() -> None:
    shown = read("README.md").partition("<!-- demo -->")[2].partition("<!-- /demo -->")[0]
    lines = [line[4:] if line.startswith("    ") else line for line in shown.strip("\n").splitlines()]
    report = snapshots.demo().rstrip("\n").splitlines()
    assert lines[1:] == ["", *report], "python -m tests.report.snapshots writes it anew"
    assert "examples/jobs-control-plane/risky" in lines[0]


def test_the_scoring_page_states_the_constants() -> None:
    page = read("docs/scoring.md")
    for row in priors.rows():
        assert f"| {row.symbol} | {row.meaning} | {row.value} |" in page, row
    for kind, strength in COUPLING.items():
        assert f"{kind} {strength}" in page
    assert f"cut under {WEAKEST}" in page
    assert page.count("\n| ") >= len(priors.rows())


def test_the_rollback_page_states_the_windows_and_what_a_revert_leaves() -> None:
    page = read("docs/rollback.md")
    for window in WINDOWS:
        days = "none" if window.seconds is None else f"{window.seconds // DAY} days"
        assert f"| {window.platform} {window.kind} | {window.what} | {days} | <{window.source}> |" in page
    for (platform, kind), said in GONE.items():
        assert f"| {platform} {kind} | a revert {said.replace('{name}', 'NAME')} |" in page
    for kind, minutes in priors.CLASS_MINUTES.items():
        assert f"| {kind} | {minutes} |" in page


def test_the_policy_page_shows_a_policy_that_validates() -> None:
    (block,) = re.findall(r"```yaml\n(version.*?)```", read("docs/policy.md"), re.DOTALL)
    policy = load_policy(MemoryTree({"riskcheck.yaml": block.encode()}, "base", "docs"), None)
    assert [one.name for one in policy.environments] == ["staging", "prod-standard", "prod-premium"]


@pytest.mark.parametrize("page", [f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))])
def test_policies_shown_are_policies(page: str) -> None:
    files = {"finance/prices.yaml": b"currency: EUR\n"}
    for block in re.findall(r"```yaml\n(version: 1\n.*?)```", read(page), re.DOTALL):
        load_policy(MemoryTree({**files, "riskcheck.yaml": block.encode()}, "base", "docs"), None)


def test_the_page_about_plans_states_the_constants() -> None:
    page = " ".join(read("docs/plan.md").split())
    assert f"At most {scoping.MOST_RUNS} such judgements" in page
    assert ", ".join(TIERS) in page
    for row in (
        "proof",
        "merge",
        "gate",
        "soak",
        "watch",
        "approval",
        "freeze",
        "window",
        "respond",
        "beside",
    ):
        assert f'"{row}"' in read("riskcheck/report/plan/outline.py"), row


SESSIONS = [path.name for path in sorted((ROOT / "docs").glob("*.md")) if steps(path.read_text("utf-8"))]


@pytest.mark.parametrize("page", SESSIONS)
def test_commands_print_what_the_page_shows(page: str) -> None:
    told = steps(read(f"docs/{page}"))
    for step, printed in zip(told, run(told, ROOT), strict=True):
        assert not step.shown or agrees(step.output, printed), "\n".join((f"$ {step.command}", *printed))


@pytest.mark.parametrize("about", REFERENCES, ids=lambda about: about.page)
def test_references_are_those_that_the_schemas_make(about: Reference) -> None:
    assert read(about.page) == reference(about, ROOT), "python -m website writes it anew"


def test_the_examples_of_the_policy_reference_are_a_policy() -> None:
    text = read("website/policy-example.yaml").encode()
    prices = b"currency: EUR\n"
    tree = MemoryTree({"riskcheck.yaml": text, "finance/prices.yaml": prices}, "base", "docs")
    assert load_policy(tree, None).environments


def test_the_worked_example_of_the_score_is_right() -> None:
    names: dict[str, float] = {}
    rows = re.findall(
        r"^(\w+) += (.+?) += ([\d.]+)(?: .*)?$",
        "".join(re.findall(r"<!-- arithmetic -->\n```text\n(.*?)```", read("docs/scoring.md"), re.DOTALL)),
        re.MULTILINE,
    )
    assert len(rows) >= 19
    for name, expression, stated in rows:
        names[name] = eval(expression.replace("^", "**"), {"__builtins__": {}, "exp": math.exp}, names)
        digits = len(stated.partition(".")[2])
        assert f"{names[name]:.{digits}f}" == stated, name
    assert names["score"] > 0


def test_every_answer_names_tests_that_exist() -> None:
    page = " ".join(read("docs/answers.md").split())
    named = re.findall(r"((?:`test_\w+`(?:,| and| in)* )+)\[tests/[^]]+\]\(\.\./(tests/[^)]+)\)", page)
    assert len(named) >= 15
    for tests, file in named:
        for name in re.findall(r"test_\w+", tests):
            assert f"def {name}(" in read(file), f"{file}: {name}"
    answers = read("docs/answers.md").split("\n### ")[1:]
    assert len(answers) == 20
    assert [one.partition("\n")[0] for one in answers if "\nShown by " not in one] == []


PAGES = [
    *(path.relative_to(ROOT).as_posix() for path in sorted(ROOT.glob("docs/**/*.md"))),
    *(path.relative_to(ROOT).as_posix() for path in sorted(ROOT.glob("examples/*/README.md"))),
    "README.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "benchmarks/README.md",
]


@pytest.mark.parametrize("page", PAGES)
def test_links_between_the_documents_lead_somewhere(page: str) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", read(page)):
        file = (ROOT / page).parent / target if target else ROOT / page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}, (
                anchor
            )


@pytest.mark.parametrize("page", [one for one in PAGES if not one.startswith("docs/rules/")])
def test_commands_shown_in_the_documents_exist_with_their_options(page: str) -> None:
    for shown in re.findall(r"(?:^    (?:\$ )?|`)riskcheck ([^`\n#]*)", read(page), re.MULTILINE):
        words = re.split(r"\s{2,}", shown)[0].split()
        command = riskcheck.get_command(click.Context(riskcheck), words[0]) if words[0].isalpha() else None
        if words[0].isalpha():
            assert command is not None, shown
        if isinstance(command, click.Group) and len(words) > 1 and words[1].isalpha():
            command = command.get_command(click.Context(command), words[1])
            assert command is not None, shown
        known = {name for one in (command or riskcheck).params for name in (*one.opts, *one.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= known, shown


def test_the_page_about_lint_lists_the_rules_about_a_state() -> None:
    listed = re.findall(r"^ *\| ([A-Z]+-\d+) \|", read("docs/lint.md"), re.MULTILINE)
    rules = [rule for rule in load_rules(()).rules if rule.match.subject == "state"]
    assert listed == sorted(rule.code for rule in rules)
    page = read("docs/lint.md")
    days = next(rule.options for rule in rules if rule.code == "LNT-002" and rule.options)[
        "exercised_within_days"
    ]
    assert f"within {days} days" in page


def test_the_policy_page_explains_every_part_of_a_policy() -> None:
    page = read("docs/policy.md")
    for key in json.loads(read("schemas/config.schema.json"))["properties"]:
        assert key == "version" or f"**{key}" in page, key


def test_modules_named_in_the_architecture_exist() -> None:
    for name in re.findall(
        r"`((?:riskcheck/)?[a-z_]+(?:/[a-z_]+)*(?:/|\.py))`", read("docs/architecture.md")
    ):
        path = ROOT / name if name.startswith("riskcheck/") else ROOT / "riskcheck" / name
        assert path.exists() or (ROOT / name).exists(), name


def test_the_hook_configuration_of_the_readme_names_the_hook_that_is_shipped() -> None:
    hooks = DocumentStore(MemoryTree({"x.yaml": read(".pre-commit-hooks.yaml").encode()}, "head", "x")).get(
        "x.yaml"
    )
    assert hooks.error is None
    assert "- id: riskcheck" in read("README.md")
    assert "- id: riskcheck" in read(".pre-commit-hooks.yaml")


def test_every_page_is_linked_from_the_readme_or_the_first_page_and_every_link_leads_somewhere() -> None:
    linked = set(re.findall(r"\]\((docs/[^)#]+)\)", read("README.md")))
    linked |= {f"docs/{page}" for page in re.findall(r"\]\(([^)#/:]+\.md)\)", read("docs/index.md"))} | {
        "docs/index.md"
    }
    assert {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")} <= linked
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
