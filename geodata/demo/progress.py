"""How far a long piece of work has come, told to whoever draws it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """A listener of a long piece of work; the command line draws it as bars."""

    def step(self, name: str, done: int, total: int) -> None:
        """Hear that ``done`` of ``total`` parts of the stage ``name`` are finished."""
        ...


class NoProgress:
    """A listener that does not listen: for tests and scripts."""

    def step(self, name: str, done: int, total: int) -> None:
        """Hear and forget."""
