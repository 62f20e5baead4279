"""The tables of docs/gate.md, written from the ways that are tested.

python -m tests.acceptance.own_gate.documented
"""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.own_gate.attacks import ATTACKS, INNOCENT
from tests.acceptance.own_gate.hiding import HIDING

PAGE = Path(__file__).parents[3] / "docs/gate.md"
BEGIN = "<!-- ways: written by `python -m tests.acceptance.own_gate.documented` -->\n"
END = "<!-- /ways -->\n"
TOPICS = {
    "policy": "The policy, key by key",
    "policy file": "The policy as a file",
    "own rules": "Rules and sets that the repository brings",
    "facts": "Facts that the policy takes from files",
    "hook": "Hooks: pre-commit, Husky, lefthook",
    "CI": "The step in CI",
    "owners": "Code owners",
    "protection": "Branch protection kept in files",
    "catalog": "Service catalogs",
}


def tables() -> str:
    """All tables, as Markdown."""
    parts = []
    for topic, title in TOPICS.items():
        parts.append(f"### {title}\n\n| way | what is said | |\n|---|---|---|\n")
        for one in ATTACKS:
            if one.topic == topic:
                does = "blocks" if one.blocks else "is shown"
                parts.append(f"| {one.way} | {_cell(one.says)} | {one.code} {does} |\n")
        parts.append("\n")
    parts.append("### Hiding what is edited\n\n| way | what still speaks |\n|---|---|\n")
    parts += [f"| {one.way} | {one.code} {one.level}: {_cell(one.says)} |\n" for one in HIDING]
    parts.append("\n### What only looks like it, and is silent\n\n")
    parts += [f"- {one.way}\n" for one in INNOCENT]
    return "".join(parts)


def _cell(words: str) -> str:
    return words.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")


def page(text: str) -> str:
    """`text` with its tables as they should be."""
    before, _, rest = text.partition(BEGIN)
    _, _, behind = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}\n{END}{behind}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
