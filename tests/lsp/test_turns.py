"""Runs take turns, and the latest wish counts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from riskcheck.lsp.turns import Turns


def turns(
    work: Callable[[str], str], steps: Callable[[Turns[str]], object], expected: int
) -> list[tuple[str, str]]:
    """What came out of the turns that `steps` asks for, as text."""
    done: list[tuple[str, str]] = []

    async def run() -> None:
        finished = asyncio.Event()

        def heard(root: str, result: str | Exception) -> None:
            done.append((root, str(result)))
            if len(done) == expected:
                finished.set()

        made = Turns(lambda root: lambda: work(root), heard)
        steps(made)
        await asyncio.wait_for(finished.wait(), 20)
        await asyncio.sleep(0.1)
        made.end()

    asyncio.run(run())
    return done


def test_what_is_asked_for_often_is_done_once() -> None:
    calls: list[str] = []

    def work(root: str) -> str:
        calls.append(root)
        return "ok"

    def steps(made: Turns[str]) -> None:
        for _ in range(20):
            made.ask("a", 0.05)
        made.ask("b", 0)

    assert turns(work, steps, 2) == [("b", "ok"), ("a", "ok")]
    assert calls == ["b", "a"]


def test_an_answer_that_was_overtaken_is_not_told() -> None:
    begun, go, count = threading.Event(), threading.Event(), [0]

    def work(root: str) -> str:
        count[0] += 1
        begun.set()
        go.wait(10)
        return f"run {count[0]}"

    def steps(made: Turns[str]) -> None:
        made.ask("a", 0)

        async def again() -> None:
            while not begun.is_set():
                await asyncio.sleep(0.01)
            made.ask("a", 0)
            go.set()

        again_task.append(asyncio.ensure_future(again()))

    again_task: list[asyncio.Future[None]] = []
    assert turns(work, steps, 1) == [("a", "run 2")]


def test_a_run_that_fails_is_told_and_the_next_one_is_made() -> None:
    def work(root: str) -> str:
        if root == "bad":
            raise ZeroDivisionError("no")
        return "ok"

    def steps(made: Turns[str]) -> None:
        made.ask("bad", 0)
        made.ask("good", 0.05)

    assert turns(work, steps, 2) == [("bad", "no"), ("good", "ok")]
