"""The command line. Each command lives in a module of `riskcheck.commands` and is imported when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

import click

from riskcheck import __version__
from riskcheck.commands.parameters import Command, option, showing
from riskcheck.errors import RunError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS: Final = {
    "diff": ("riskcheck.commands.diff", "diff", "Judge a change to configuration."),
    "lint": ("riskcheck.commands.lint", "lint", "Judge a tree as it is, without a change."),
    "graph": ("riskcheck.commands.graph", "graph", "Show services, what they need and what hangs off them."),
    "plan": ("riskcheck.commands.plan", "plan", "Turn a change into a rollout in waves."),
    "rules": ("riskcheck.commands.rules", "rules", "List, show, test and scaffold rules."),
    "explain": ("riskcheck.commands.rules", "explain", "Explain one rule, with an example."),
    "backtest": (
        "riskcheck.commands.backtest",
        "backtest",
        "Replay landed changes: which rules earn their keep, where to set the gate.",
    ),
    "evidence": ("riskcheck.commands.evidence", "evidence", "Verify the evidence that a run left."),
    "lsp": ("riskcheck.lsp.command", "lsp", "Serve findings to an editor (Language Server Protocol)."),
    "fleet": ("riskcheck.commands.fleet", "fleet", "Judge many repositories, here or on Apache Spark."),
    "baseline": (
        "riskcheck.commands.baseline",
        "baseline",
        "Record what is known already; only what is new is told.",
    ),
    "acknowledge": (
        "riskcheck.commands.acknowledge",
        "acknowledge",
        "Write the waivers that let one intended change pass.",
    ),
    "init": (
        "riskcheck.commands.init",
        "init",
        "Write a commented riskcheck.yaml from what the repository shows.",
    ),
    "learn": (
        "riskcheck.commands.learn",
        "learn",
        "Learn from history what moves together.",
    ),
    "schema": ("riskcheck.commands.schema", "schema", "Print the JSON Schema of a file, for editors."),
    "completion": (
        "riskcheck.commands.completion",
        "completion",
        "Print the script that makes a shell complete.",
    ),
}
"""Command to module, attribute and the line that `--help` shows without importing the module."""


class LazyGroup(Command, click.Group):
    """A group that imports a command when it is called, not when help is listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands by the table, options as click has them: nothing is imported to be listed."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=line)
            for name, (_, _, line) in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(name, COMMANDS, n=1)
            hint = f" Did you mean {near[0]}?" if near else f" Commands: {', '.join(COMMANDS)}."
            ctx.fail(f"no such command: {name}.{hint}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "RISKCHECK"}
)
@option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    help="Show the version and exit.",
    callback=showing(lambda _: f"riskcheck {__version__}"),
)
def riskcheck() -> None:
    """Flags risky configuration changes that lack canary coverage or a rollback path, before they merge.

    \b
    riskcheck init               propose a riskcheck.yaml for this repository
    riskcheck diff               judge the working tree against HEAD
    riskcheck diff origin/main   judge this branch, as CI does
    riskcheck explain DAB-009    what a rule is about

    Exit codes: 0 pass or warn, 1 blocked, 2 the run could not be made, 3 internal error, 130 interrupted.

    Options of diff, lint, graph, plan, init and learn can be set in the environment: RISKCHECK_FORMAT=json is
    --format json. The policy is riskcheck.yaml of the branch that is merged into.
    """


LONGEST_LINE = 2_000
"""Characters of one line of an error."""

_OF_THE_SYSTEM: Final = frozenset(
    {"EAGAIN", "EDQUOT", "EFBIG", "EIO", "EMFILE", "ENFILE", "ENOMEM", "ENOSPC", "EROFS", "ESTALE"}
)
"""Errors that no run can do anything about, and that are no defect of riskcheck."""


def run() -> int:
    """Runs the command line; returns the exit code, whatever happens."""
    try:
        result = riskcheck.main(prog_name="riskcheck", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        from io import StringIO

        shown = StringIO()
        error.show(shown)
        for line in _harmless(shown.getvalue()):
            click.echo(line, err=True)
        return 2
    except RunError as error:
        for line in _harmless(str(error)):
            click.echo(f"riskcheck: {line}", err=True)
        return 2
    except KeyboardInterrupt:
        return 130
    except click.Abort as stop:
        # click takes an end of file for an interrupt: of a module that Python cannot load it is none.
        return _internal_error(stop.__cause__) if isinstance(stop.__cause__, EOFError) else 130
    except MemoryError:
        return _told(3, "out of memory: nothing was judged; give the process more, or name fewer paths")
    except OSError as error:
        return _system_error(error)
    except Exception as error:  # noqa: BLE001  # the last line of defence: a defect is told, never a traceback
        return _internal_error(error)


def _harmless(message: str) -> list[str]:
    """The lines of `message`, which may quote a file of the checked repository or the name of a branch."""
    from riskcheck.report.safe import plain, shortened

    return [shortened(plain(line), LONGEST_LINE) for line in message.splitlines()]


def _told(code: int, words: str) -> int:
    click.echo(f"riskcheck: {words}", err=True)
    return code


def _system_error(error: OSError) -> int:
    import errno
    import os

    if errno.errorcode.get(error.errno or 0) in _OF_THE_SYSTEM:
        return _told(2, f"the system does not give what a run needs: {error.strerror}")
    if isinstance(error, FileNotFoundError):
        try:
            os.stat(os.getcwd())  # noqa: PTH109, PTH116
        except FileNotFoundError:
            return _told(2, "the current folder was removed: change to one that is there, and run again")
    return _internal_error(error)


def _internal_error(error: Exception) -> int:
    import os

    if os.environ.get("RISKCHECK_DEBUG"):
        import traceback

        traceback.print_exc()
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno}" if trace else "?"
    click.echo(
        f"riskcheck: internal error at {place}: {type(error).__name__}: {error}\n"
        "This is a defect in riskcheck; nothing was judged. Run again with RISKCHECK_DEBUG=1 for the details.",
        err=True,
    )
    return 3
