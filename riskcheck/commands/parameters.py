"""Commands and options as click makes them, without things that click does for each and that a run pays for: it
sends its own texts through gettext, which looks for translations on the disk, and help through `inspect`, which is
half a bare start to import (`put_off`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Decorated = TypeVar("Decorated", bound=Callable[..., object])


class Option(click.Option):
    """An option whose help is written as it is shown: one line, nothing to be dedented."""

    def __init__(self, *args: Any, help: str | None = None, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.help = help


def option(*names: str, **attributes: Any) -> Callable[[Decorated], Decorated]:
    """As `click.option`."""
    return click.option(*names, cls=Option, **attributes)


if TYPE_CHECKING:
    _PathType = click.ParamType[str]
else:
    _PathType = click.ParamType


class PathType(_PathType):
    """As `click.Path()`, which sends its own name through gettext: a file or folder, there or not."""

    name = "path"
    envvar_list_splitter = os.path.pathsep

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if os.path.exists(value) and not os.access(value, os.R_OK):
            self.fail(f"Path {click.format_filename(value)!r} is not readable.", param, ctx)
        return value

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="file")]


class Command(click.Command):
    """A command whose ``--help`` is in English, as all that it shows."""

    _own_help: Option | None = None

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        names = self.get_help_option_names(ctx)
        if not names or not self.add_help_option:
            return None
        # Always the same one: click tells options apart by identity.
        if self._own_help is None:
            self._own_help = Option(
                (*names, "shows_help"),
                is_flag=True,
                expose_value=False,
                is_eager=True,
                help="Show this message and exit.",
                callback=showing(click.Context.get_help),
            )
        return self._own_help


def showing(text: Callable[[click.Context], str]) -> Callable[[click.Context, click.Parameter, bool], None]:
    """The callback of a flag that shows `text`, and nothing else is done."""

    def show(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
        if wanted and not ctx.resilient_parsing:
            click.echo(text(ctx), color=ctx.color)
            ctx.exit()

    return show
