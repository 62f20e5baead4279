"""What CI does around `riskcheck`: `python3 -I ci install|history|judge|verdict|comment|note`.

Only the standard library, since it runs before anything is installed. Run as a directory with ``-I``, Python looks
for modules beside this file and nowhere near the checkout that is judged.
"""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Runs one step. Exit codes: those of riskcheck."""
    if sys.version_info < (3, 11):  # noqa: UP036 - it runs with whatever Python the machine has
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        print(
            f"::error::riskcheck needs Python 3.11 or newer, {sys.executable} is {version}: name one with the "
            "input `python`, or run actions/setup-python before"
        )
        return 2
    from importlib import import_module

    from steps.problem import StepError

    names = ("install", "history", "judge", "verdict", "comment", "note")
    if len(sys.argv) < 2 or sys.argv[1] not in names:
        print(f"usage: python3 -I ci {'|'.join(names)}", file=sys.stderr)
        return 2
    try:
        code = import_module(f"steps.{sys.argv[1]}").run(os.environ, sys.argv[2:])
    except StepError as error:
        print(error.shown(os.environ), file=sys.stderr if "GITHUB_ACTIONS" not in os.environ else sys.stdout)
        return error.code
    assert isinstance(code, int)
    return code


if __name__ == "__main__":
    sys.exit(main())
