"""The demo's venues, party organisation and stationed bodies, at buildings. No personal names."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from geodata.code import Level
from geodata.demo.ground import FloatArray, stage_rng
from layers.demo.share import apportion_within
from layers.demo.site import NewAsset, Sites
from layers.demo.town import Area

VENUES = 1_163
"""Residents' councils and have-your-say points together, as published."""
PARTY_HOUSEHOLDS = 8_029
"""Party-member households, as published; branches stand on grids, groups on micro-grids."""
BODIES = {
    "police_post": "派出所",
    "justice_office": "司法所",
    "fire_station": "消防救援站",
    "urban_management": "城管执法中队",
    "market_supervision": "市场监督管理所",
    "gas_repair": "燃气抢修站",
}
"""One of each in every street: an assumption."""
ALWAYS_OPEN = {"police_post", "fire_station", "gas_repair"}
USE_ORDER = {"public": 0, "commercial": 1, "residential": 2, "old_estate": 2}
"""What a public room is sooner in; other uses come last."""


def make_venues(sites: Sites) -> Iterator[NewAsset]:
    """Yield a residents' council in every community, and say-your-piece points by residents."""
    rng = stage_rng(sites.seed, "asset:venue")
    communities = sites.areas(Level.COMMUNITY)
    one = np.zeros(len(communities), dtype=np.int64)
    more = VENUES - len(communities)
    counts = 1 + apportion_within(_residents(sites, communities), one, [more])
    for community, count in zip(communities, counts.tolist(), strict=True):
        place = short(community.name)
        for number, row in enumerate(_rooms(sites, community.code, count, rng)):
            council = number == 0
            yield NewAsset(
                "venue",
                f"{place}居民议事会" if council else f"{place}评理说事点{number}",
                str(sites.town.buildings.grid_code[row]),
                {
                    "form": "council" if council else "say_point",
                    "seats": int(rng.integers(12, 60)),
                    "open_hours": "09:00-17:00" if council else "08:30-20:00",
                },
                sites.building_point(row),
            )


def make_party_branches(sites: Sites) -> Iterator[NewAsset]:
    """Yield one branch on every grid."""
    rng = stage_rng(sites.seed, "asset:party_branch")
    for grid in sites.areas(Level.GRID):
        yield _party(sites, grid, "party_branch", "党支部", int(rng.integers(12, 60)), rng)


def make_party_groups(sites: Sites) -> Iterator[NewAsset]:
    """Yield one group on every micro-grid."""
    rng = stage_rng(sites.seed, "asset:party_group")
    for micro in sites.areas(Level.MICRO_GRID):
        yield _party(sites, micro, "party_group", "党小组", int(rng.integers(3, 20)), rng)


def make_party_households(sites: Sites) -> Iterator[NewAsset]:
    """Yield party-member households at buildings where people live, by residents."""
    rng = stage_rng(sites.seed, "asset:party_household")
    buildings = sites.town.buildings
    homes = np.flatnonzero(buildings.households > 0)
    keys = rng.exponential(size=len(homes)) / buildings.residents[homes]
    rows = homes[np.argsort(keys, kind="stable")[:PARTY_HOUSEHOLDS]]
    for row in sorted(rows.tolist()):
        yield NewAsset(
            "party_household",
            f"{sites.building_label(row)}党员中心户",
            str(buildings.grid_code[row]),
            {"building_id": int(buildings.id[row])},
            sites.building_point(row),
        )


def make_bodies(sites: Sites) -> Iterator[NewAsset]:
    """Yield the bodies stationed in every street, each in a building of its own."""
    rng = stage_rng(sites.seed, "asset:body")
    for street in sites.areas(Level.STREET):
        place = street.name.removesuffix("街道")
        rows = _rooms(sites, street.code, len(BODIES), rng)
        for (body, title), row in zip(BODIES.items(), rows, strict=True):
            yield NewAsset(
                "stationed_body",
                f"{place}{title}",
                str(sites.town.buildings.grid_code[row]),
                {"body": body, "always_open": body in ALWAYS_OPEN},
                sites.building_point(row),
            )


def short(name: str) -> str:
    """Return a community's name as people say it: '周东社区' for '周东社区居委会'."""
    for ending in ("居民委员会", "村民委员会", "居委会", "村委会"):
        if name.endswith(ending):
            return name.removesuffix(ending) + ("村" if ending.startswith("村") else "")
    return name


def _party(
    sites: Sites, area: Area, kind: str, title: str, members: int, rng: np.random.Generator
) -> NewAsset:
    rows = _rooms(sites, area.code, 1, rng)
    geom = sites.building_point(rows[0]) if rows else area.label
    return NewAsset(kind, f"{area.name}{title}", area.code, {"members": members}, geom)


def _rooms(sites: Sites, code: str, count: int, rng: np.random.Generator) -> list[int]:
    """Return buildings of an area for public use, public ones first, each once if they suffice."""
    rows = sites.buildings_in.get(code, np.empty(0, dtype=np.int64))
    if len(rows) == 0:
        return []
    uses = sites.town.buildings.use[rows]
    rank = np.array([USE_ORDER.get(use, 3) for use in uses.tolist()]) + rng.random(len(rows))
    order = rows[np.argsort(rank, kind="stable")].tolist()
    return [order[number % len(order)] for number in range(count)]


def _residents(sites: Sites, areas: list[Area]) -> FloatArray:
    residents = sites.town.buildings.residents
    empty = np.empty(0, dtype=np.int64)
    rows = [sites.buildings_in.get(area.code, empty) for area in areas]
    return np.array([float(residents[row].sum() + 1) for row in rows])
