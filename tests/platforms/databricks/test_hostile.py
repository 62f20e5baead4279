"""Input made to hurt: no crash, no endless work, one limitation that says what was left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from riskcheck.nodes import Mapping, Node, Sequence
from riskcheck.platforms.databricks import PLATFORM
from riskcheck.platforms.databricks.references import REFERENCE
from riskcheck.platforms.databricks.resolver import MAX_INCLUDED, MAX_LEVELS, MAX_TEXT
from tests.platforms.databricks.bundles import field, find, resolve, said, workspace

USE = 'resources: {jobs: {a: {name: "${var.x0}", description: fine}}}\n'


def kinds(files: str | dict[str, str]) -> set[str]:
    return {each.kind for each in resolve(files).limitations}


def levels(node: Node) -> Iterator[int]:
    """The nesting of every node below `node`, without recursion."""
    left = [(node, 1)]
    while left:
        one, level = left.pop()
        yield level
        if isinstance(one, Mapping):
            left.extend((child, level + 1) for _, child in one.entries)
        elif isinstance(one, Sequence):
            left.extend((child, level + 1) for child in one.items)


def size(node: Node) -> int:
    return sum(1 for _ in levels(node))


def test_variables_that_refer_to_each_other_are_a_cycle() -> None:
    files = f'{USE}variables: {{x0: {{default: "${{var.x1}}"}}, x1: {{default: "a ${{var.x0}}"}}}}\n'
    assert kinds(files) == {"reference-cycle"}
    assert field(files, "jobs.a", "description") == "fine"


def test_a_variable_may_not_contain_itself() -> None:
    files = f'{USE}variables: {{x0: {{type: complex, default: {{again: "${{var.x0}}"}}}}}}\n'
    assert kinds(files) == {"reference-cycle"}


def test_a_long_chain_of_references_is_cut() -> None:
    chain = ", ".join(f'x{n}: {{default: "${{var.x{n + 1}}}"}}' for n in range(2_000))
    files = f"{USE}variables: {{{chain}, x2000: {{default: end}}}}\n"
    assert kinds(files) == {"reference-too-deep"}


def test_a_chain_of_a_few_references_is_followed() -> None:
    chain = ", ".join(f'x{n}: {{default: "${{var.x{n + 1}}}"}}' for n in range(30))
    assert field(f"{USE}variables: {{{chain}, x30: {{default: end}}}}\n", "jobs.a", "name") == "end"


def variables(count: int, value: Callable[[str], str]) -> str:
    """`count` variables, each made by `value` from a reference to the next; the last one is a short list."""
    made = [
        f"  x{n}: {{type: complex, default: {value('${var.x' + str(n + 1) + '}')}}}" for n in range(count)
    ]
    return "\n".join([USE.rstrip(), "variables:", *made, f"  x{count}: {{type: complex, default: [1]}}", ""])


def test_trees_that_multiply_are_cut() -> None:
    files = variables(9, lambda following: "[" + ", ".join([f'"{following}"'] * 10) + "]")
    resolution = resolve(files)
    assert "too-large" in {each.kind for each in resolution.limitations}
    assert sum(size(each.body) for each in resolution.resources) <= 2 * MAX_INCLUDED


def test_nesting_put_together_from_variables_is_cut() -> None:
    files = variables(8, lambda following: "[" * 60 + f'"{following}"' + "]" * 60)
    assert "reference-too-deep" in kinds(files)
    assert max(levels(find(resolve(files), "jobs.a").body)) <= MAX_LEVELS + 60


def test_texts_that_multiply_are_cut() -> None:
    files = variables(8, lambda following: f'"{following * 10}"').replace("[1]", "abcdefghij")
    assert "too-large" in kinds(files)
    name = field(files, "jobs.a", "name")
    assert isinstance(name, str)
    assert len(name) <= MAX_TEXT


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}")])
def test_the_deepest_document_that_is_read_is_also_resolved(opening: str, closing: str) -> None:
    levels = 190
    deep = opening * levels + '"${var.x0}"' + closing * levels
    chain = ", ".join(f'x{n}: {{default: "${{var.x{n + 1}}}"}}' for n in range(40))
    files = f"resources: {{jobs: {{a: {{x: {deep}}}}}}}\nvariables: {{{chain}, x40: {{default: end}}}}\n"
    both = f"{files}targets: {{dev: {{resources: {{jobs: {{a: {{x: {deep}}}}}}}}}}}\n"
    assert size(find(resolve(files), "jobs.a").body) > levels
    assert size(find(resolve(both), "jobs.a", "dev").body) > levels


@pytest.mark.parametrize(
    "text",
    ["${" + "a-" * 50_000, "${a" * 50_000, "${a" + ".b" * 50_000, "${a[0]" * 20_000, "${" + "_" * 50_000],
)
def test_almost_references_are_text(text: str) -> None:
    assert REFERENCE.search(text) is None


def test_a_huge_index_leads_nowhere() -> None:
    files = f"{USE.replace('x0', 'x0[' + '9' * 5_000 + ']')}variables: {{x0: {{default: [1]}}}}\n"
    assert kinds(files) == {"unresolved-reference"}


SHAPES = [
    "",
    "null",
    "- a",
    "text",
    "bundle: text",
    "bundle: {name: [a]}",
    "bundle: {name: 3}\ntargets: [a]",
    "include: text",
    "include: [[a], {b: c}, 3, null]",
    "include: ['[', '*[', 'a{b', '']",
    "targets: {dev: [1], prod: text, qa: {resources: [1], variables: [2], workspace: 3, presets: [4]}}",
    "targets: null\nenvironments: text",
    "variables: [a]\nresources: {jobs: {a: {name: '${var.a}'}}}",
    "variables: {x: {lookup: 3}, y: {lookup: {a: [1]}}}\nresources: {jobs: {a: {name: '${var.x} ${var.y}'}}}",
    "resources: {jobs: {a: {tasks: {}, job_clusters: 3, parameters: text, permissions: {a: b}, tags: [1]}}}",
    "resources: {jobs: {a: {tasks: [{task_key: [1]}, {task_key: {a: b}}, 3]}}}\npermissions: {a: b}",
    "resources: {pipelines: {a: {clusters: [1, null, [2]]}}, apps: {b: {resources: [1]}}}",
    "resources: {schemas: {a: {grants: [1, {principal: [x], privileges: {}}]}}}",
    "resources: {model_serving_endpoints: {a: {config: [1]}}}",
    "resources: {model_serving_endpoints: {a: {config: {served_models: {}, traffic_config: 3}}}}",
    "resources: {clusters: {a: {instance_pool_id: {}, workload_type: {clients: 3}}}}",
    "resources: {alerts: {a: {file_path: [1]}, b: {schedule: 3}}, quality_monitors: {q: {schedule: 3}}}",
    "presets: {name_prefix: [a], tags: {a: [1]}, jobs_max_concurrent_runs: {}}\nresources: {jobs: {a: {name: {}}}}",
    "presets: {name_prefix: '${var.no}'}\nbundle: {mode: development}\nresources: {jobs: {a: {}}}",
    "run_as: [1]\npermissions: [1, {level: []}]\nresources: {jobs: {a: {permissions: [3]}}}",
    "workspace: {root_path: [1], host: {a: b}}\nbundle: {git: 3}\ntargets: {a: {git: [1], mode: []}}",
    "experimental: [1]\npython: text\nresources: {schemas: {a: {name: b}}}",
    "? [a, b]\n: c\nresources: {jobs: }",
]


@pytest.mark.parametrize("files", SHAPES)
def test_any_shape_is_read_without_a_crash(files: str) -> None:
    resolution = resolve({"databricks.yml": files})
    assert {each.path for each in resolution.limitations} <= {"databricks.yml"}
    assert resolution.read == {"databricks.yml"}


def test_an_alias_bomb_is_a_limitation() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert kinds("\n".join(lines) + "\n") == {"parse-error"}


def test_json_nested_beyond_reason_is_a_limitation() -> None:
    deep = json.dumps({"resources": {}})[:-1] + ', "x": ' + "[" * 5_000 + "]" * 5_000 + "}"
    files = {"databricks.yml": "include: [a.json]\n", "a.json": deep}
    assert kinds(files) == {"parse-error"}


def test_a_huge_file_is_a_limitation() -> None:
    side = workspace({"databricks.yml": "include: ['*.yml']\n"}, unreadable={"big.yml": "too-large"})
    assert [each.split()[1] for each in said(PLATFORM.resolve(side, ["."]))] == ["too-large"]
