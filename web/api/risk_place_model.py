"""What the API takes and tells of one place on the risk map."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shapely
from pydantic import Field
from shapely.geometry.base import BaseGeometry

from geodata.errors import InvalidInput
from layers.risk.ground import Ground
from layers.risk.outline import outline_circle, outline_ring, outline_unit
from layers.risk.place import Trend
from layers.risk.question import Unit
from web.api.risk_model import WeightQuery
from web.api.schema import Answer, Line

MOST_RING = 6000
"""Characters: 200 corners of two numbers with six digits behind the point take 4,400."""


class PlaceQuery(WeightQuery):
    """Which place: a point with a radius, a unit by its code, or a ring; exactly one of them."""

    lon: float | None = Field(None, ge=-180, le=180, description="WGS-84 degrees")
    lat: float | None = Field(None, ge=-90, le=90)
    radius_m: float = Field(300.0, ge=50, le=3000)
    unit: Unit | None = Field(None, description="grid, community or hexagon; needs code")
    code: Line | None = None
    ring: str | None = Field(
        None, max_length=MOST_RING, description="lon,lat,lon,lat,… in WGS-84 degrees"
    )

    def outline(self, ground: Ground) -> tuple[BaseGeometry, str]:
        """Return the outline in metres (EPSG:4549) and the field it came in.

        Raises
        ------
        InvalidInput, NotFound
            Names the field.
        """
        self._check_one()
        if self.ring is not None:
            return _ring(self.ring), "ring"
        if self.unit is not None:
            return outline_unit(ground, _area_unit(self.unit), self.code or ""), "code"
        return outline_circle(self.lon or 0.0, self.lat or 0.0, self.radius_m), "lon"

    def _check_one(self) -> None:
        pairs = (("lon", self.lon, "lat", self.lat), ("unit", self.unit, "code", self.code))
        for one, value, other, beside in pairs:
            if (value is None) != (beside is None):
                missing = one if value is None else other
                raise InvalidInput(f"{one} and {other} go together", field=missing)
        given = [
            name
            for name, value in (("lon", self.lon), ("unit", self.unit), ("ring", self.ring))
            if value is not None
        ]
        if len(given) != 1:
            raise InvalidInput(
                "Say which place: lon and lat, or unit and code, or ring; one of them",
                field=given[1] if given else "lon",
            )


def _area_unit(unit: Unit) -> Unit:
    if unit is Unit.RASTER:
        raise InvalidInput("unit is hexagon, grid or community", field="unit")
    return unit


def _ring(text: str) -> shapely.Polygon:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = [math.nan]
    if len(numbers) % 2 or not all(map(math.isfinite, numbers)):
        raise InvalidInput("ring is lon,lat,lon,lat,… in degrees", field="ring")
    lon, lat = np.array(numbers).reshape(-1, 2).T
    return outline_ring(lon, lat)


class TimesOut(Answer):
    """How many times the mean per resident; ``low`` to ``high`` is its exact 95 % interval."""

    value: float
    low: float
    high: float


class TypeCountOut(Answer):
    """Incidents of one type."""

    code: str
    name: str
    name_en: str
    n: int


class TypesOut(Answer):
    """The commonest types, and how many incidents are of all others."""

    items: list[TypeCountOut]
    rest: int


class ChangeOut(Answer):
    """The last ``days`` of the period (28 at most) against as many before.

    Rising or falling where chance alone would part the counts as far in fewer than 5 of 100 cases;
    unknown where records do not go back so far.
    """

    trend: Trend
    days: float
    later: int
    earlier: int
    p: float | None


class BriefOut(Answer):
    """A case in one line."""

    id: int
    number: str
    type: str
    type_name: str
    type_name_en: str
    state: str
    urgent: bool
    reported_at: str


class RoleCountOut(Answer):
    """People on duty whose last position is fresh, not suspect, and lies in the place."""

    role: str
    role_label: str
    n: int


class KindCountOut(Answer):
    """Assets of one kind in the place."""

    kind: str
    zh: str
    en: str
    icon: str
    count: int


class DeviceOut(Answer):
    """The nearest that works, straight metres from the middle of the place."""

    id: int
    name: str
    lon: float
    lat: float
    distance_m: float


class CoverageOut(Answer):
    """``gap``: share of the place farther than ``reach_m`` from every one that works.

    An assumption: straight lines, in every direction, over every wall.
    """

    kind: str
    zh: str
    en: str
    reach_m: float
    nearest: DeviceOut | None
    gap: float | None


class PlaceOut(Answer):
    """A place explained; area and residents are of the part within the district and the scope.

    ``per_km2``: (weighted) incidents per km² and 30 days, as the map tells; ``per_1000``: incidents
    per 1,000 residents in the whole period; ``lon``, ``lat``: its middle; ``geometry``: its outline
    as asked for, GeoJSON (EPSG:4326); ``people_within_s``: how old a position counts at most.
    """

    lon: float
    lat: float
    geometry: dict[str, Any]
    area_km2: float
    n: int
    days: float
    weighted: bool
    per_km2: float
    residents: int
    per_1000: float | None
    times_mean: TimesOut | None
    found_share: float | None
    types: TypesOut
    weekdays: list[int]
    hours: list[int]
    change: ChangeOut
    cases: list[BriefOut]
    people: list[RoleCountOut]
    people_within_s: int
    assets: list[KindCountOut]
    coverage: list[CoverageOut]
    as_of: str
