"""Puts the files that users copy, and the inputs of the action, into `docs/ci.md`: `python -m tests.ci.pages`."""

from __future__ import annotations

import re

from tests.ci.job import ROOT, definition

PAGE = ROOT / "docs" / "ci.md"
FILES = ("github.yml", "github-forks.yml", "gitlab-ci.yml", "azure-pipelines.yml", "Jenkinsfile")


def inputs() -> str:
    """One row an input."""
    rows = ["| input | |", "|---|---|"]
    for name, one in definition()["inputs"].items():
        default = one["default"]
        shown = f" Default: `{default}`." if default and "${{" not in default else ""
        rows.append(f"| `{name}` | {one['description']}{shown} |")
    return "\n".join(rows)


def blocks(page: str) -> list[str]:
    """The code of the page that is a file of ours, in its order."""
    found = re.findall(r"^```(?:yaml|groovy)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return [str(one) for one in found]


def filled(page: str) -> str:
    """The page with its files and inputs as they are now."""
    texts = iter((ROOT / "ci" / "examples" / name).read_text("utf-8") for name in FILES)
    page = re.sub(
        r"^(```(?:yaml|groovy)\n)(.*?)^```$",
        lambda found: f"{found[1]}{next(texts)}```",
        page,
        flags=re.DOTALL | re.MULTILINE,
    )
    return re.sub(r"\| input \| \|\n.*?\n\n", lambda _: f"{inputs()}\n\n", page, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text("utf-8")), encoding="utf-8")
