"""How fast each way of travelling is on each class of road, and what it may use.

A speed is a travel speed: lights, crossings and traffic are in it, not a speed limit. Every figure
stands once, here, with its source; docs/algorithms/travel-time.md repeats none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

CLASSES = {1: "arterial", 2: "secondary", 3: "local", 4: "lane"}
"""Speed classes of ``geodata.road_edges``."""


class Mode(StrEnum):
    """A way of travelling."""

    WALK = "walk"
    EBIKE = "ebike"
    CAR = "car"


@dataclass(frozen=True)
class Speed:
    """A travel speed and where it comes from ('assumption: …' when nowhere)."""

    mps: float
    source: str


@dataclass(frozen=True)
class Profile:
    """One mode: its bit in ``road_edges.access`` and its speed on classes 1 to 4."""

    mode: Mode
    access_bit: int
    speed: tuple[Speed, Speed, Speed, Speed]

    @property
    def speed_mps(self) -> NDArray[np.float64]:
        """Return speeds indexed by speed class, shape (5,); class 0 does not exist (NaN)."""
        return np.array([np.nan, *(s.mps for s in self.speed)])


_PACE = Speed(1.3, "comfortable gait of adults 1.27-1.46 m/s: Bohannon, Age and Ageing 26 (1997)")
_EBIKE_LANE = Speed(
    15 / 3.6, "most an e-bike may ride in its lane, 15 km/h: Road Traffic Law art. 58"
)
_EBIKE_ALLEY = Speed(10 / 3.6, "assumption: 10 km/h among pedestrians and parked cars")

PROFILES: dict[Mode, Profile] = {
    Mode.WALK: Profile(Mode.WALK, 1, (_PACE, _PACE, _PACE, _PACE)),
    Mode.EBIKE: Profile(Mode.EBIKE, 2, (_EBIKE_LANE, _EBIKE_LANE, _EBIKE_LANE, _EBIKE_ALLEY)),
    Mode.CAR: Profile(
        Mode.CAR,
        4,
        (
            Speed(35 / 3.6, "assumption: 35 km/h with lights, limit 60"),
            Speed(28 / 3.6, "assumption: 28 km/h with lights, limit 50"),
            Speed(20 / 3.6, "assumption: 20 km/h, limit 30"),
            Speed(10 / 3.6, "assumption: 10 km/h in a lane shared with walkers"),
        ),
    ),
}

CLASS_OF_HIGHWAY: dict[str, int] = {
    "motorway": 1,
    "trunk": 1,
    "primary": 1,
    "secondary": 2,
    "tertiary": 3,
    "unclassified": 3,
    "residential": 3,
}
"""Speed class of OpenStreetMap's ``highway``; everything else (service, footway …) is a lane."""


def class_of_highway(value: str) -> int:
    """Return the speed class of an OpenStreetMap ``highway`` value; links count as their road."""
    return CLASS_OF_HIGHWAY.get(value.removesuffix("_link"), 4)
