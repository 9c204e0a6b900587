"""The demo's cameras and alarm pillars, at door plates along the streets. Synthetic."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from geodata.demo.ground import FloatArray, stage_rng
from layers.demo.site import NewAsset, Sites, spread

CAMERAS = 10_400
"""The design asks for at least 10,000; the district's own number is not published."""
PILLARS = 420
"""An assumption: no number is published."""
PILLARS_APART_M = 450.0
CENTRE = "21021100"
"""Centre code of the district in device ids (GB/T 28181: the first 8 digits)."""
FORMS = ("fixed", "dome", "face")
FORM_NAMES = {"fixed": "枪机", "dome": "球机", "face": "卡口"}
CLASS_WEIGHT = np.array([0.0, 4.0, 2.5, 1.0, 0.4])
"""How much likelier a camera is on an arterial (1) than on a lane (4)."""


def make_cameras(sites: Sites) -> Iterator[NewAsset]:
    """Yield cameras at door plates, busier streets first; some grids have none: true gaps."""
    rng = stage_rng(sites.seed, "asset:camera")
    rows = _weighted_order(CLASS_WEIGHT[sites.plate_class], rng)[:CAMERAS]
    plates = sites.ground.addresses
    for number, row in enumerate(sorted(rows), 1):
        form = FORMS[int(rng.choice(3, p=(0.6, 0.32, 0.08)))]
        yield NewAsset(
            "camera",
            f"{plates.road[row]}{plates.number[row]}号{FORM_NAMES[form]}",
            str(plates.grid_code[row]),
            {
                "device_id": device_id("131" if form == "dome" else "132", number),
                "form": form,
                "heading_deg": int(rng.integers(0, 360)),
                "height_m": round(float(rng.uniform(3.5, 8.0)), 1),
                "status": "fault" if rng.random() < 0.03 else "in_service",
            },
            sites.plate_point(row),
        )


def make_pillars(sites: Sites) -> Iterator[NewAsset]:
    """Yield alarm pillars on larger streets where many people pass, well apart."""
    rng = stage_rng(sites.seed, "asset:pillar")
    order = _weighted_order(CLASS_WEIGHT[sites.plate_class] ** 2, rng)
    rows = spread(order, sites.plate_xy_m, PILLARS, PILLARS_APART_M)
    plates = sites.ground.addresses
    for number, row in enumerate(sorted(rows), 1):
        yield NewAsset(
            "alarm_pillar",
            f"{plates.road[row]}{plates.number[row]}号报警柱",
            str(plates.grid_code[row]),
            {
                "device_id": device_id("134", number),
                "video": bool(rng.random() < 0.7),
                "status": "fault" if rng.random() < 0.02 else "in_service",
            },
            sites.plate_point(row),
        )


def device_id(kind: str, number: int) -> str:
    """Return a GB/T 28181 id: 8 centre, 2 trade, 3 type, 1 network, 6 serial digits."""
    return f"{CENTRE}00{kind}0{number:06}"


def _weighted_order(weights: FloatArray, rng: np.random.Generator) -> list[int]:
    """Return all rows in random order, heavier ones earlier (Efraimidis and Spirakis, 2006)."""
    keys = rng.exponential(size=len(weights)) / weights
    return [int(row) for row in np.argsort(keys, kind="stable")]
