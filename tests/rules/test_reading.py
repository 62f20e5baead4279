"""Rule files: what each fault says, with its line; all of them at once."""

from __future__ import annotations

import pytest

from riskcheck.rules.reading import read_rule
from tests.rules.samples import RULE_TEXT

PATH = "rules/test/size-reduced.yaml"


def problems(text: str | bytes, path: str = PATH) -> list[str]:
    data = text.encode() if isinstance(text, str) else text
    return [str(problem) for problem in read_rule(path, data)[1]]


def test_a_good_file_is_read_whole() -> None:
    compiled, wrong = read_rule(PATH, RULE_TEXT.encode())
    assert wrong == []
    assert compiled is not None
    assert compiled["match"] == {
        "platforms": ["kubernetes"],
        "kinds": ["Deployment"],
        "paths": [["spec", "replicas"]],
        "changes": ["modified"],
        "subject": "change",
    }
    assert compiled["escalate"] == [{"when": "after == 0", "to": "P0"}]
    assert (compiled["canary"], compiled["rollback"]) == (["promoted"], ["revert"])


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("severity: P2", "severity: P5", f"{PATH}:4: severity 'P5' is unknown"),
        (
            "confidence: high",
            "confidence: hihg",
            f"{PATH}:7: confidence 'hihg' is unknown; did you mean high?",
        ),
        (
            "id: size-reduced",
            "id: size-shrunk",
            f"{PATH}:1: the id must be the name of the file, size-reduced",
        ),
        ("id: size-reduced", "id: Size", f"{PATH}:1: id 'Size' must be lower-case words joined by '-'"),
        ("code: TST-001", "code: tst1", f"{PATH}:2: code 'tst1' must be a family and a number"),
        ("title: The size was reduced", "title: 12", f"{PATH}:3: title must be text; quote it"),
        ("title: The size was reduced", "title: ' '", f"{PATH}:3: title is empty"),
        ("  path: spec.replicas", "  path: spec..replicas", f"{PATH}:13: match.path: unexpected '.' in path"),
        ("  change: modified", "  change: [modified, moved, x]", f"{PATH}:14: change 'x' is unknown"),
        (
            "  change: modified",
            "  chnage: modified",
            f"{PATH}:14: unknown key match.chnage; did you mean change?",
        ),
        ("when: after < before", "whne: after < before", f"{PATH}:15: unknown key whne; did you mean when?"),
        ("why: Less is less.\n", "", f"{PATH}:1: why is missing"),
        ("to: P0}", "to: P3}", f"{PATH}:6: escalating to P3 has no effect: the rule has P2 already"),
        (
            "  - {when: after == 0, to: P0}",
            "  - {to: P0}",
            f"{PATH}:6: each entry of escalate has a condition",
        ),
        (
            "canary: [promoted]",
            "canary: [promotd]",
            f"{PATH}:19: canary 'promotd' is unknown; did you mean promoted?",
        ),
        (
            "[None that is known.]",
            '["a", b: c]',
            f"{PATH}:20: false_positives must be text or a list of texts; a text",
        ),
        ("  change: modified", "  subject: run", f"{PATH}:11: a rule of subject run needs a check"),
        ("when: after < before", "check: os.system('x')", f"{PATH}:15: check \"os.system('x')\" must be"),
        ("when: after < before", "options: [1]", f"{PATH}:15: options must be a mapping"),
        ("message: size", "id: again\nmessage: size", f"{PATH}:16: duplicate key 'id'"),
        ("why:", "why: [", f"{PATH}:"),
    ],
)
def test_faults_have_a_line_and_say_what_to_do(old: str, new: str, problem: str) -> None:
    assert old in RULE_TEXT
    found = problems(RULE_TEXT.replace(old, new, 1))
    assert any(one.startswith(problem) for one in found), found


def test_all_faults_are_told_at_once() -> None:
    text = RULE_TEXT.replace("severity: P2", "severity: P9").replace("category: platform", "category: x")
    assert [one.split(": ")[0] for one in problems(text.replace("fix: Keep it.\n", ""))] == [
        f"{PATH}:{line}" for line in (1, 4, 9)
    ]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", f"{PATH}:1: the file is empty"),
        (b"- a\n", f"{PATH}:1: must be a mapping of keys"),
        (b"\xff\xfe\xff", f"{PATH}:1: "),
        (RULE_TEXT.encode() + b"---\nid: x\n", f"{PATH}:23: a second document"),
        (b"a: &a [*a]\n", f"{PATH}:1: "),
        (b"[" * 5000, f"{PATH}:1: "),
    ],
)
def test_what_is_no_rule_file_at_all(data: bytes, problem: str) -> None:
    found = problems(data)
    assert found
    assert found[0].startswith(problem)
