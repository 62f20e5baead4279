"""Where the process starts: ``riskcheck`` and ``python -m riskcheck``."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Runs the command line and exits with its code."""
    # A run makes long-lived objects only and ends: collecting cycles while it does is time spent for nothing.
    gc.disable()
    if sys.argv[1:] == ["--version"]:
        from riskcheck import __version__

        # Asked for by installers and editors in loops; answered before click, three bare starts to load.
        sys.stdout.write(f"riskcheck {__version__}\n")
        return
    from riskcheck.lazily import put_off

    # click imports it for what it does with functions and with help, neither of which a run comes to.
    put_off("inspect")
    from riskcheck.cli import run

    code = run()
    # The interpreter collects twice more as it ends; what is frozen is passed over, which saves a bare start.
    gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    main()
