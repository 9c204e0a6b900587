"""The demo's hazardous-chemical firms, gas firms and fuel stations. Synthetic, names too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from geodata.demo.ground import stage_rng
from layers.catalogue import fuel_station_class
from layers.demo.site import NewAsset, Sites, spread

HAZCHEM_FIRMS = 40
GAS_FIRMS = 30
FUEL_STATIONS = 60
FIRST = ("海", "连", "东", "金", "北", "恒", "瑞", "盛", "宏", "新")
SECOND = ("达", "源", "泰", "丰", "通", "程", "岳", "禾", "川", "益")
BRANDS = ("众通", "海程", "北途", "路安")
SUBSTANCES = (
    # name, critical quantity Q in t, beta: after GB 18218-2018, for the demo only, not checked
    # against the text of the standard
    ("汽油", 200.0, 1.0),
    ("甲醇", 500.0, 1.0),
    ("甲苯", 500.0, 1.0),
    ("苯", 50.0, 1.0),
    ("液氨", 10.0, 2.0),
    ("液氯", 5.0, 4.0),
)
ALPHA = ((0, 0.5), (29, 1.0), (49, 1.2), (99, 1.5))
"""GB 18218-2018: people within 500 m, at most -> alpha; above the last 2.0."""
RISK_OF_CLASS = {"I": "major", "II": "major", "III": "considerable", "IV": "general", "none": "low"}


def make_hazchem_firms(sites: Sites) -> Iterator[NewAsset]:
    """Yield hazardous-chemical firms in the works quarters, with their class by GB 18218."""
    rng = stage_rng(sites.seed, "asset:hazchem")
    for name, row in zip(
        _names(rng, HAZCHEM_FIRMS), _works(sites, rng, HAZCHEM_FIRMS, 180.0), strict=True
    ):
        substance, critical_t, beta = SUBSTANCES[
            int(rng.choice(6, p=(0.35, 0.2, 0.2, 0.1, 0.1, 0.05)))
        ]
        quantity_t = round(float(critical_t * rng.lognormal(-0.6, 1.4)), 1)
        near = sites.residents_near(tuple(sites.town.buildings.xy_m[row]), 500.0)
        grade = major_hazard_class(near, beta, quantity_t / critical_t)
        days = int(rng.integers(60, 1000))
        yield NewAsset(
            "hazchem_firm",
            f"大连{name}化工有限公司",
            str(sites.town.buildings.grid_code[row]),
            {
                "business": str(rng.choice(["production", "storage", "trade", "use"])),
                "substance": substance,
                "quantity_t": quantity_t,
                "major_hazard_class": grade,
                "risk_level": RISK_OF_CLASS[grade],
                "licence_until": (sites.ground.as_of + timedelta(days=days)).date().isoformat(),
            },
            sites.building_point(row),
        )


def major_hazard_class(people: int, beta: float, ratio: float) -> str:
    """Return the class of a major hazard source: R = alpha * beta * q / Q.

    Source: GB 18218-2018, 4.3; I R >= 100, II 50-100, III 10-50, IV below 10. Below a ratio of 1
    it is none. One substance only; several add up.

    Parameters
    ----------
    people
        Living within 500 m.
    ratio
        Quantity over critical quantity, q / Q.
    """
    if ratio < 1:
        return "none"
    alpha = next((alpha for most, alpha in ALPHA if people <= most), 2.0)
    r = alpha * beta * ratio
    return "I" if r >= 100 else "II" if r >= 50 else "III" if r >= 10 else "IV"


def make_gas_firms(sites: Sites) -> Iterator[NewAsset]:
    """Yield gas firms: few of pipelines, many of cylinders, some that fill cars."""
    rng = stage_rng(sites.seed, "asset:gas")
    titles = {"pipeline": "燃气有限公司", "cylinder": "液化气站", "filling": "加气站"}
    rows = _works(sites, rng, GAS_FIRMS, 350.0)
    for number, (name, row) in enumerate(zip(_names(rng, GAS_FIRMS), rows, strict=True)):
        business = "pipeline" if number < 4 else "cylinder" if number < 22 else "filling"
        yield NewAsset(
            "gas_firm",
            f"{name}{titles[business]}",
            str(sites.town.buildings.grid_code[row]),
            {
                "business": business,
                "storage_m3": round(float(rng.uniform(30, 400)), 0),
                "households": int(rng.integers(20_000, 90_000)) if business == "pipeline"
                else int(rng.integers(200, 5_000)) if business == "cylinder" else 0,
                "risk_level": str(rng.choice(["considerable", "general"], p=(0.4, 0.6))),
            },
            sites.building_point(row),
        )  # fmt: skip


def make_fuel_stations(sites: Sites) -> Iterator[NewAsset]:
    """Yield fuel stations on arterial and secondary streets, well apart."""
    rng = stage_rng(sites.seed, "asset:fuel")
    fits = np.flatnonzero(sites.plate_class <= 2)
    rows = spread(rng.permutation(fits).tolist(), sites.plate_xy_m, FUEL_STATIONS, 1_100.0)
    plates = sites.ground.addresses
    for row in sorted(rows):
        brand = str(rng.choice(BRANDS))
        tank_m3 = float(rng.integers(6, 22) * 10)
        yield NewAsset(
            "fuel_station",
            f"{brand}加油站（{plates.road[row]}）",
            str(plates.grid_code[row]),
            {
                "brand": brand,
                "tank_m3": tank_m3,
                "station_class": fuel_station_class(tank_m3),
                "nozzles": int(rng.integers(4, 25)),
            },
            sites.plate_point(row),
        )


def _works(sites: Sites, rng: np.random.Generator, count: int, apart_m: float) -> list[int]:
    """Return rows of industrial buildings, at random and apart."""
    rows = rng.permutation(np.flatnonzero(sites.town.buildings.use == "industrial"))
    return spread(rows.tolist(), sites.town.buildings.xy_m, count, apart_m)


def _names(rng: np.random.Generator, count: int) -> list[str]:
    pairs = [first + second for first in FIRST for second in SECOND]
    return [str(name) for name in rng.choice(pairs, count, replace=False)]
