"""The manual page, made from the help of the commands.

``python -m tests.manual`` writes ``man/riskcheck.1`` anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from riskcheck.cli import COMMANDS, riskcheck

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "man" / "riskcheck.1"

SINCE = "2026-11-21"
"""The date that the page shows: since when there is one. That of a build would make it another every day."""

ENVIRONMENT = (
    (
        "RISKCHECK_OPTION",
        (
            "Options of diff, lint, graph, plan, init and learn under their own names: RISKCHECK_FORMAT=json is "
            "--format "
            'json, RISKCHECK_FAIL_ON=P1 is --fail-on P1, RISKCHECK_SELECT="DAB-001 K8S-001" is --select twice. '
            "What stands on the command line wins."
        ),
    ),
    ("RISKCHECK_DEBUG", "With any value an internal error prints where it happened."),
    ("NO_COLOR", "With any value nothing is coloured; --color always wins."),
    ("TERM", "dumb: neither colour nor progress."),
    (
        "CI, GITHUB_ACTIONS, TF_BUILD, JENKINS_URL",
        (
            "Tell a CI: progress is not shown, and nothing to check is an error. What is merged into is taken from "
            "GITHUB_BASE_REF, CI_MERGE_REQUEST_DIFF_BASE_SHA and what else CI systems set, where no revision is "
            "given."
        ),
    ),
    ("PRE_COMMIT_FROM_REF, PRE_COMMIT_TO_REF", "What is pushed, as pre-commit says it."),
    ("XDG_CACHE_HOME", "Where the cache is kept; ~/.cache unless set. --no-cache leaves it alone."),
)

FILES = (
    ("riskcheck.yaml", "The policy, also .riskcheck.yaml or riskcheck.yml, at the root of the repository."),
    (
        ".riskcheck/config.schema.json",
        "The schema from which editors complete it, as riskcheck init writes it.",
    ),
)

EXIT = (
    ("0", "Pass or warn."),
    ("1", "Blocked; of rules test, that something failed."),
    ("2", "The run could not be made: usage, policy file, rule file, git; in a CI also nothing to check."),
    ("3", "Internal error."),
    ("130", "Interrupted."),
)


def page() -> str:
    """The page as roff, with the macros of man(7)."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield '.\\" Made from the help of the commands by tests/manual.py.'
    yield f'.TH RISKCHECK 1 {SINCE} "riskcheck" "User Commands"'
    yield ".SH NAME"
    yield "riskcheck \\- risk of configuration changes, before they merge"
    yield ".SH SYNOPSIS"
    for number, (name, _) in enumerate(_commands()):
        yield from ((".br",) if number else ())
        yield f".B riskcheck {_text(name)}"
        yield _text(_usage(name))
    yield ".SH DESCRIPTION"
    yield from _prose(riskcheck.help or "")
    yield ".SH COMMANDS"
    for name, command in _commands():
        yield f'.SS "riskcheck {_text(name)}"'
        yield from _prose(command.help or "")
        yield from _options(command)
    for title, entries in (("EXIT STATUS", EXIT), ("ENVIRONMENT", ENVIRONMENT), ("FILES", FILES)):
        yield f".SH {title}"
        for term, said in entries:
            yield from (".TP", f".B {_text(term)}", _text(said))
    yield ".SH SEE ALSO"
    yield ".BR git (1),"
    yield ".BR pre\\-commit (1)"


def _commands() -> Iterator[tuple[str, click.Command]]:
    """Each command with its name as it is typed; of a group its members."""
    context = click.Context(riskcheck, info_name="riskcheck")
    for name in COMMANDS:
        command = riskcheck.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            for part, member in command.commands.items():
                yield f"{name} {part}", member
        else:
            yield name, command


def _usage(name: str) -> str:
    command = dict(_commands())[name]
    context = click.Context(command, info_name=name)
    return " ".join(command.collect_usage_pieces(context))


def _options(command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=command.name)
    for option in command.params:
        record = option.get_help_record(context) if isinstance(option, click.Option) else None
        if record is not None and "--help" not in option.opts:
            names, said = record
            yield from (".TP", f".B {_text(names)}", _text(said))


def _prose(text: str) -> Iterator[str]:
    """Paragraphs of a help text; those after ``\\b`` line by line."""
    for number, paragraph in enumerate(re.split(r"\n\s*\n", _dedented(text).strip())):
        lines = paragraph.split("\n")
        if lines[0] == "\b":
            yield from ((".PP",) if number else ())
            yield from (".nf", ".RS 2", *map(_text, lines[1:]), ".RE", ".fi")
        else:
            yield from ((".PP",) if number else ())
            yield _text(" ".join(line.strip() for line in lines))


def _dedented(text: str) -> str:
    from inspect import cleandoc

    return cleandoc(text)


def _text(text: str) -> str:
    """`text` as roff shows it: hyphens as they are typed, and no line that begins a request."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return f"\\&{escaped}" if escaped.startswith(".") else escaped


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
