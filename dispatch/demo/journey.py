"""On the way to a case: along a drawn route, as far as the time spent has carried one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dispatch.demo.place import FloatArray


@dataclass(frozen=True, eq=False)
class Journey:
    """One way to a case.

    Parameters
    ----------
    xy_m
        Shape (n, 2): the route, metres; n is at least 2.
    along_m
        Shape (n,): length of the route up to each vertex.
    travel_s
        Time the whole way takes.
    """

    xy_m: FloatArray
    along_m: FloatArray
    travel_s: float

    @classmethod
    def of(cls, xy_m: FloatArray, travel_s: float) -> Journey:
        """Measure a route."""
        steps_m = np.hypot(*np.diff(xy_m, axis=0).T)
        return cls(xy_m, np.concatenate([[0.0], np.cumsum(steps_m)]), travel_s)

    @property
    def speed_mps(self) -> float:
        """Return the average speed; a way of no time has none."""
        return float(self.along_m[-1]) / self.travel_s if self.travel_s > 0 else 0.0

    def at(self, seconds: float) -> tuple[float, float, float]:
        """Return x (m), y (m) and heading (degrees from grid north) after some seconds."""
        share = 1.0 if self.travel_s <= 0 else min(1.0, max(0.0, seconds / self.travel_s))
        done_m = share * float(self.along_m[-1])
        x_m = float(np.interp(done_m, self.along_m, self.xy_m[:, 0]))
        y_m = float(np.interp(done_m, self.along_m, self.xy_m[:, 1]))
        leg = int(np.searchsorted(self.along_m, done_m, side="right")) - 1
        leg = min(max(leg, 0), len(self.along_m) - 2)
        dx, dy = self.xy_m[leg + 1] - self.xy_m[leg]
        return x_m, y_m, float(np.degrees(np.arctan2(dx, dy)) % 360.0)

    def over(self, seconds: float) -> bool:
        """Tell whether the way is done."""
        return seconds >= self.travel_s
