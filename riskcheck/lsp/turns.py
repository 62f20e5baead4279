"""One run at a time, the latest wishes first answered: what is asked for while a run is made is made after it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


class Turns(Generic[Result]):
    """Runs for several repositories, each waiting until nobody has asked for a moment.

    prepare: called in the event loop when a turn begins; what it returns is called in another thread. done: called
    in the event loop with what came out, an exception included, unless the same was asked for again meanwhile.
    """

    def __init__(
        self,
        prepare: Callable[[str], Callable[[], Result]],
        done: Callable[[str, Result | Exception], None],
    ) -> None:
        self._prepare = prepare
        self._done = done
        self._due: dict[str, float] = {}
        self._wake = asyncio.Event()
        self._worker = ThreadPoolExecutor(1, "riskcheck")
        self._task: asyncio.Task[None] | None = None

    def ask(self, root: str, delay: float) -> None:
        """Wants a run for `root`, in `delay` seconds unless it is asked for again before. Called in the loop."""
        self._due[root] = asyncio.get_running_loop().time() + delay
        self._wake.set()
        if self._task is None:
            self._task = asyncio.create_task(self._work())

    def end(self) -> None:
        """Starts nothing more."""
        self._due.clear()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._wake.clear()
            if not self._due:
                await self._wake.wait()
                continue
            root, due = min(self._due.items(), key=lambda one: one[1])
            if due > loop.time():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), due - loop.time())
                continue
            del self._due[root]
            await self._turn(root)

    async def _turn(self, root: str) -> None:
        result: Result | Exception
        try:
            run = self._prepare(root)
            result = await asyncio.get_running_loop().run_in_executor(self._worker, run)
        except Exception as error:  # noqa: BLE001  # a defect of one run must not end the next ones
            result = error
        if root not in self._due:
            self._done(root, result)
