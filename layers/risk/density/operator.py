"""What every way to draw a surface does: spread events over cells, and gather cells at events."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from layers.risk.density.frame import FloatArray, Frame


@dataclass(frozen=True, eq=False)
class Operator(ABC):
    """Spreads weights over cells and gathers cells at events; each other's transpose.

    To the last digits: that is what edge correction lives on.

    Parameters
    ----------
    frame
        Where the surface is wanted.
    column, row
        Events in cells (:meth:`Frame.place`), shape (n,); those out of reach leave no mark.
    """

    frame: Frame
    column: FloatArray
    row: FloatArray

    @abstractmethod
    def spread(self, weight: FloatArray) -> FloatArray:
        """Return the surface per cell, (rows, columns): at each centre sum weights times kernel."""

    @abstractmethod
    def gather(self, surface: FloatArray) -> FloatArray:
        """Return for each event, (n,), the sum over cells of the surface times its kernel there."""
