"""What keeps a step from being done, said to people."""

from __future__ import annotations

from collections.abc import Mapping


class StepError(Exception):
    """Why a step cannot be done and what to do. code: exit code, 2 unless said otherwise."""

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code

    def shown(self, environ: Mapping[str, str]) -> str:
        """One line; on GitHub an annotation."""
        if environ.get("GITHUB_ACTIONS") == "true":
            return command("error", str(self))
        return f"riskcheck: {one_line(str(self))}"


def command(name: str, message: str) -> str:
    """A workflow command. https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands"""
    escaped = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::{name} title=riskcheck::{escaped}"


def one_line(message: str) -> str:
    """`message` without control characters."""
    return "".join(one if one.isprintable() else " " for one in message)
