"""Where the process starts: ``riskcheck`` and ``python -m riskcheck``."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Runs the command line and exits with its code; where a signal ends the run, by that one."""
    _leave_out_current_folder()
    try:
        from riskcheck.streams import make_ready

        make_ready()
        # Asked for by installers and editors in loops; answered before click, three bare starts to load.
        code = _tell_version() if sys.argv[1:] == ["--version"] else _run()
    except KeyboardInterrupt:
        # While modules were imported: nothing was begun.
        code = INTERRUPTED
    # The interpreter collects twice more as it ends; what is frozen is passed over, which saves a bare start.
    gc.freeze()
    sys.exit(code)


def _tell_version() -> int:
    from riskcheck import __version__

    try:
        sys.stdout.write(f"riskcheck {__version__}\n")
        sys.stdout.flush()
    except Exception as error:  # noqa: BLE001  # whatever it is, it is told in words
        sys.stderr.write(f"riskcheck: {error}\n")
        return 2
    return 0


def _run() -> int:
    # A run makes long-lived objects only and ends: collecting cycles while it does is time spent for nothing.
    gc.disable()
    from riskcheck.signals import ended_by_signals

    with ended_by_signals():
        from riskcheck.lazily import put_off

        # click imports it for what it does with functions and with help, neither of which a run comes to.
        put_off("inspect")
        # subprocess and gettext import it, for texts that are not UTF-8 and for languages.
        put_off("locale")
        from riskcheck.cli import run

        return run()


INTERRUPTED = 130


def _leave_out_current_folder() -> None:
    """Takes the current folder off the import path, where ``python -m`` puts it: it is the one that is checked, and
    may hold a `click.py`. Where riskcheck itself was imported from there, its code runs anyway."""
    try:
        here = os.path.realpath(os.getcwd())
    except OSError:  # it is gone, and nothing can be imported from it
        return
    if here != os.path.dirname(os.path.dirname(os.path.realpath(__file__))):
        sys.path[:] = [entry for entry in sys.path if entry and os.path.realpath(entry) != here]


if __name__ == "__main__":
    main()
