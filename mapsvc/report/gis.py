"""What other GIS programs take: the surface as a GeoTIFF, the units with all numbers as GeoJSON."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import shapely

from geodata.raster import write_geotiff
from layers.risk.question import Unit
from mapsvc.report.subject import Subject
from mapsvc.report.trust import tell_filter
from mapsvc.report.unit_row import UnitRow, list_units
from mapsvc.risk_shape import TOLERANCE_M, to_geojson

UNITS = (Unit.COMMUNITY, Unit.GRID, Unit.HEXAGON)
DIGITS = 6


def make_geotiff(subject: Subject) -> bytes:
    """Return the surface, (weighted) incidents per km² and 30 days; no data beyond the area."""
    surface = subject.surface
    frame = surface.frame
    if frame is None:
        raise AssertionError("a surface has a frame")
    with tempfile.TemporaryDirectory(prefix="ganxin-") as folder:
        path = Path(folder) / "surface.tif"
        write_geotiff(
            path, surface.value, west_m=frame.west_m, north_m=frame.north_m,
            cell_m=frame.cell_m, epsg=frame.epsg, tags=_tags(subject),
        )  # fmt: skip
        return path.read_bytes()


def make_geojson(subject: Subject) -> bytes:
    """Return communities, grids and hexagons (EPSG:4326); ``unit`` says which a feature is."""
    collection = {
        "type": "FeatureCollection",
        "about": _tags(subject),
        "features": [feature for unit in UNITS for feature in _features(subject, unit)],
    }
    text = json.dumps(collection, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()


def _features(subject: Subject, unit: Unit) -> list[dict[str, Any]]:
    areas = subject.ground.areas_of(unit)
    shapes = shapely.coverage_simplify(areas.shapes, TOLERANCE_M)
    return [
        {
            "type": "Feature",
            "id": row.code,
            "properties": _properties(unit, row),
            "geometry": to_geojson(shapes[row.row]),
        }
        for row in list_units(subject, unit)
    ]


def _properties(unit: Unit, row: UnitRow) -> dict[str, object]:
    return {
        "unit": str(unit),
        "code": row.code,
        "name": row.name,
        "part_of": row.part_of or None,
        "count": row.count,
        "area_km2": _short(row.area_km2),
        "residents": row.residents,
        "density_per_km2_30d": _short(row.density),
        "per_1000_residents": _short(row.per_thousand),
        "relative": _short(row.relative),
        "relative_chance_low": _short(row.low),
        "relative_chance_high": _short(row.high),
        "relative_sign": row.relative_sign,
        "gi_z": _short(row.z),
        "gi_sign": row.z_sign,
        "moran_quadrant": row.quadrant,
        "moran_sign": row.quadrant_sign,
    }


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)


def _tags(subject: Subject) -> dict[str, str]:
    """Return what a file says of itself."""
    question, surface = subject.question, subject.surface
    return {
        "district": subject.base.code,
        "synthetic": "yes" if subject.base.synthetic else "no",
        "unit": "incidents per square kilometre and 30 days",
        "weighted": "yes" if surface.weighted else "no",
        "kernel": "gaussian",
        "bandwidth_m": f"{question.bandwidth_m:g}",
        "edge": "uniform",
        "since": question.period.since.isoformat(),
        "until": question.period.until.isoformat(),
        "filter": tell_filter(subject),
        "events": str(surface.n),
        "effective_events": f"{surface.effective_n:.1f}",
        "data_as_of": surface.incidents.read_at.isoformat(),
        "made_at": subject.made_at.isoformat(),
    }
