"""riskcheck with one fault, at an exact point of the run. ``python driver.py FAULT ARGUMENTS…``, FAULT as JSON:

* ``on``: what is counted, of `KINDS`, as Python's audit events tell it: each is told before it is done.
* ``under``: only what is done to paths that begin with this.
* ``at``: the number of the one that the fault hits, from 1; 0 for none; -1 for each.
* ``signal``: what the process sends itself there; ``error``: the name of the error that the operation gets instead.
* ``most_bytes``: of any file; the write that would go beyond kills the process in the middle of it, with a signal
  that nothing can catch in time. How a database is cut off between two of its pages.
* ``clock``: what the clock says, in seconds since the epoch.
* ``told``: a file that holds the kinds that were counted, in their order, when the process ends by itself.

This is no part of riskcheck: what is run is the unchanged program, from its first line on.
"""

from __future__ import annotations

import atexit
import errno
import json
import os
import resource
import signal
import sys
import time

KINDS = ("import", "open", "write", "rename", "remove", "mkdir", "start", "fork", "database")

_EVENTS = {
    "import": "import",
    "os.rename": "rename",
    "os.link": "rename",
    "os.remove": "remove",
    "os.mkdir": "mkdir",
    "subprocess.Popen": "start",
    "os.fork": "fork",
    "sqlite3.connect": "database",
}


def _kind(event: str, arguments: tuple[object, ...]) -> str | None:
    if event == "open":
        flags = arguments[2]
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
        return "write" if writes else "open"
    return _EVENTS.get(event)


def _install(fault: dict[str, object]) -> None:
    if "most_bytes" in fault:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (fault["most_bytes"], fault["most_bytes"]))  # type: ignore[arg-type]
    if "clock" in fault:
        time.time = lambda: float(fault["clock"])  # type: ignore[arg-type]
    seen: list[str] = []
    wanted, under = set(fault.get("on", ())), str(fault.get("under", ""))  # type: ignore[call-overload]
    told = fault.get("told")

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        kind = _kind(event, arguments)
        if kind is None or kind not in wanted:
            return
        if under and not any(str(one).startswith(under) for one in arguments):
            return
        seen.append(kind)
        if fault.get("at", 0) not in (len(seen), -1):
            return
        if "signal" in fault:
            os.kill(os.getpid(), fault["signal"])  # type: ignore[arg-type]
        else:
            number = getattr(errno, str(fault["error"]))
            raise OSError(number, os.strerror(number))

    def tell() -> None:
        wanted.clear()
        with open(str(told), "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump(seen, file)

    if told:
        atexit.register(tell)
    sys.addaudithook(hook)


if __name__ == "__main__":
    _install(json.loads(sys.argv[1]))
    sys.argv[:] = ["riskcheck", *sys.argv[2:]]
    from riskcheck.__main__ import main

    main()
