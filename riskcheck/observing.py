"""How far a run is, told to whoever asked for it: the stages know nothing of terminals."""

from __future__ import annotations

from typing import Protocol


class Observer(Protocol):
    """Is told what a run does. Called often: an implementation has to be cheap."""

    def stage(self, words: str, total: int | None = None, unit: str = "") -> None:
        """A stage begins. words: ``resolving``. total: how many of `unit`, ``files`` or ``changes``, it goes
        through, where that can be foreseen; a stage without a unit counts nothing."""

    def step(self, unit: str) -> None:
        """One more of `unit` is done. Counts where the stage is about these."""

    def read(self) -> None:
        """One more file was read."""
