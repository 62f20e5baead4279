"""`riskcheck completion`: the script that makes a shell complete."""

from __future__ import annotations

from typing import Final

import click

SHELLS: Final = ("bash", "zsh", "fish")
VARIABLE: Final = "_RISKCHECK_COMPLETE"
"""By which the shell asks; click's convention."""


@click.command(short_help="Print the script that makes a shell complete.")
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> int:
    """Print the script that makes a shell complete commands, options, rules and revisions.

    \b
    bash  write it to ~/.local/share/bash-completion/completions/riskcheck
    zsh   write it to the file _riskcheck in a folder of $fpath
    fish  write it to ~/.config/fish/completions/riskcheck.fish

    Then open a new shell. To try it in this one:

    \b
    eval "$(riskcheck completion bash)"     or zsh
    riskcheck completion fish | source
    """
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    assert made is not None, shell
    script = made(click.get_current_context().find_root().command, {}, "riskcheck", VARIABLE)
    # Not `script.source()`: that of bash starts a bash to ask for its version.
    click.echo(script.source_template % script.source_vars(), nl=False)
    return 0
