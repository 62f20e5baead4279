"""Rules that a repository brings: files, their cases, conditions over any values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from fuzz.model import Target
from riskcheck.rules.cases import Cases, read_cases
from riskcheck.rules.cel import BoundError, ConditionError, condition
from riskcheck.rules.load import RuleFile, builtin_folder, files_below, load_rules, readable_rules
from riskcheck.rules.quality import rule_faults, schema_problems
from riskcheck.rules.reading import read_rule
from riskcheck.rules.selector import PathIndex, parse_path

_PATH = "own/a-rule.yaml"
_NO_CASES = Cases("own/a-rule.test.yaml", (), ())
_STEPS = ("spec", "[0]", "a", "[b]", "replicas", "x")


def rule_file(data: bytes) -> object:
    """A rule as a file of a repository: read, or refused with its line."""
    compiled, problems = read_rule(_PATH, data)
    assert (compiled is None) == bool(problems)
    lines = data.count(b"\n") + 1
    for problem in problems:
        assert problem.path == _PATH, problem
        assert 1 <= problem.line <= lines, problem
        assert problem.message.strip(), problem
    rules, wrong = readable_rules([RuleFile(_PATH, "own", data)], bounded=True)
    assert bool(rules) != bool(problems), problems
    faults = [str(one) for one in (*wrong, *schema_problems(_PATH, data, "rule"))]
    assert not any("\n" in fault for fault in faults), faults
    return repr((sorted(rules), faults, [rule_faults(rule, _NO_CASES) for rule in rules.values()]))


def cases_file(data: bytes) -> object:
    found = read_cases("own/a-rule.test.yaml", data)
    for problem in found.problems:
        assert 1 <= problem.line <= data.count(b"\n") + 1, problem
    return repr((found.problems, [(case.name, case.fires, case.base, case.head) for case in found.cases]))


def cel(data: bytes) -> object:
    """A condition, over values: the first line is the condition, the rest JSON for each variable it mentions."""
    source, _, rest = data.decode("utf-8", "replace").partition("\n")
    try:
        compiled = condition(source, bounded=True)
    except ConditionError as error:
        assert str(error).strip()
        assert "\n" not in str(error)
        return str(error)
    try:
        value = json.loads(rest, parse_int=float)
    except (ValueError, RecursionError):
        value = {"a": [1.0, "b", None], "name": "x", "0": True}
    try:
        holds, fault = compiled.evaluate(dict.fromkeys(compiled.terms.wanted, value))
    except BoundError as error:
        return type(error).__name__
    assert holds is False or fault is None
    assert fault is None or "\n" not in fault
    return (holds, fault)


def path(data: bytes) -> object:
    """Where a rule applies, as a path of keys."""
    text = data.decode("utf-8", "replace")
    try:
        patterns = parse_path(text)
    except ValueError as error:
        assert str(error).strip()
        return str(error)
    index: PathIndex[int] = PathIndex()
    for pattern in patterns:
        index.add(pattern, 1)
    return repr((patterns, [bool(index.walk(_STEPS[:end]).ends()) for end in range(len(_STEPS))]))


@cache
def _files() -> tuple[RuleFile, ...]:
    return tuple(files_below(builtin_folder()))


def _rule_files() -> Iterator[bytes]:
    return (file.data for file in _files())


def _case_files() -> Iterator[bytes]:
    for file in _files():
        there = Path(file.path)
        data = there.with_name(f"{there.stem}.test.yaml").read_bytes()
        yield data[:6_000]


def _conditions() -> Iterator[bytes]:
    for rule in load_rules(use_cache=False).rules:
        if rule.when is not None:
            yield rule.when.replace("\n", " ").encode() + b'\n{"spec": {"replicas": 1}, "image": "a:1"}\n'
    yield b'after.all(a, before.exists(b, a.matches("(x+x+)+y") || b.size() > 2))\n["xxxxxxxxxxxxxxxxxxxxxx"]\n'


def _paths() -> Iterator[bytes]:
    for word in (
        "spec.replicas",
        "resources.jobs.*.tasks[*]",
        "**.image",
        "a.{b,c}[name=x].d",
        '"a.b"',
        "a[*].**",
    ):
        yield word.encode()


_CEL_WORDS = (
    *(
        "before",
        "after",
        "change",
        "parent",
        "resource",
        "siblings",
        "facts",
        "options",
        "match",
        ".exists(x, x)",
    ),
    *(
        ".all(x, ",
        ".map(x, ",
        ".filter(x, ",
        ".matches('(a+)+$')",
        "has(",
        "size(",
        ".orValue(",
        ".?",
        "[?0]",
        " in ",
    ),
    *(
        "quantity(",
        "bytes_of(",
        "seconds(",
        "version_part(after, 1)",
        "9223372036854775807",
        "1u",
        "b'x'",
        "r'''",
    ),
    *(
        '.split("")',
        ".join()",
        ".replace('', 'xx')",
        ".format([1])",
        "duration('1s')",
        "timestamp('x')",
        "? : ",
        "%",
    ),
)
_RULE_WORDS = (
    *(
        "match:",
        "paths: [",
        "when: ",
        "check: ",
        "severity: ",
        "message: ",
        "id: ",
        "code: ",
        "kinds: [",
        "options:",
    ),
    *(
        "check: os.system",
        "check: ../../x.y",
        "{before}",
        "{after}",
        "escalate:",
        "references: [",
        *_CEL_WORDS[:20],
    ),
)

TARGETS = (
    Target("rule-files", "rules of a repository", rule_file, _rule_files, _RULE_WORDS),
    Target(
        "rule-cases",
        "cases of rules",
        cases_file,
        _case_files,
        ("fires:", "silent: ", "base:", "edit:", "ago: "),
    ),
    Target("conditions", "CEL over any values", cel, _conditions, _CEL_WORDS),
    Target("paths", "where rules apply", path, _paths, ("**", "[*]", "{a,b}", "[name=x]", '"', ".")),
)
