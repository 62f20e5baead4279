"""`riskcheck lsp`: a language server on standard input and output."""

from __future__ import annotations

import click


@click.command(short_help="Serve findings to an editor (Language Server Protocol).")
@click.option("--stdio", is_flag=True, help="What it does anyway; editors like to say so.")
def lsp(stdio: bool) -> int:
    """Serve findings to an editor, over standard input and output.

    Shows what the working tree, unsaved edits included, does against HEAD. Needs `pip install 'riskcheck[lsp]'`.
    """
    import os
    import sys

    from riskcheck.errors import RunError

    # An editor starts it in the folder that is looked at, which may hold a pygls.py of its own.
    here = os.path.realpath(os.getcwd())
    sys.path[:] = [entry for entry in sys.path if entry and os.path.realpath(entry) != here]
    try:
        from riskcheck.lsp.features import make_server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise RunError("the language server needs pygls: pip install 'riskcheck[lsp]'") from None
    # Nothing but the protocol may be written there, whoever prints.
    # The stream itself is held, too: without it its buffer would be closed.
    protocol, sys.stdout = sys.stdout, sys.stderr
    make_server().start_io(sys.stdin.buffer, protocol.buffer)
    return 0
