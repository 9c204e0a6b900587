"""Door plates: numbers rise along the road, odd on its left and even on its right."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.code import Level
from geodata.demo.division import DISTRICT_NAME
from geodata.demo.ground import Addresses, Edges, FloatArray, IntArray, Plan, Plots, stage_rng
from geodata.demo.progress import Progress
from geodata.demo.projection import to_lonlat
from geodata.errors import DataFault

PLATE_M = 11.0
"""One number to about this much of the road's length, so that both sides keep step."""
SHOP_SHARE = {"centre": 0.55, "tower": 0.14, "slab": 0.12, "mixed": 0.1}
"""Fabric -> part of the houses with a second plate for the shop beside the door: '25-1'."""


def make_addresses(
    plan: Plan, plots: Plots, edges: Edges, seed: int, progress: Progress
) -> Addresses:
    """Give the houses along every road their numbers.

    Every point is the front door, which lies inside the house's own micro-grid, so the grid that
    the code names holds it.
    """
    progress.step("addresses", 0, 1)
    house = np.flatnonzero(plots.frontage)
    house = house[np.lexsort((plots.along_m[house], plots.left[house], plots.road[house]))]
    number = number_houses(plots.road[house], plots.left[house], plots.along_m[house])
    share = np.array([SHOP_SHARE.get(fabric, 0.0) for fabric in plots.fabric[house]])
    shop = stage_rng(seed, "shops").random(len(house)) < share
    order = np.concatenate([np.arange(len(house)), np.flatnonzero(shop)])
    is_shop = np.arange(len(order)) >= len(house)
    rank = np.lexsort((is_shop, number[order], plots.road[house][order]))
    order, is_shop = order[rank], is_shop[rank]
    row = house[order]
    road = np.array([cut.name for cut in plan.cuts], dtype=object)[plots.road[row]]
    plate = _plates(number[order], is_shop)
    edge_id = _edge_ids(plan, edges, plots, row)
    door_m = _doors(plots, row, is_shop)
    streets = {area.code: area.name for area in plan.at(Level.STREET)}
    micro = plots.micro_code[row]
    addresses = Addresses(
        id=np.arange(1, len(row) + 1),
        road=road,
        number=plate,
        full_text=np.array(
            [
                f"{DISTRICT_NAME}{streets[code[:9]]}{name}{text}号"
                for code, name, text in zip(micro, road, plate, strict=True)
            ],
            dtype=object,
        ),
        grid_code=np.array([code[:15] for code in micro], dtype=object),
        building_id=plots.id[row],
        lonlat=to_lonlat(door_m),
        edge_id=edge_id,
    )
    progress.step("addresses", 1, 1)
    return addresses


def number_houses(road: IntArray, left: NDArray[np.bool_], along_m: FloatArray) -> IntArray:
    """Return the numbers of houses sorted by road, side and position along it.

    The k-th house of a side has at least the k-th odd (left) or even (right) number; a gap in the
    row leaves a gap in the numbers.

    Examples
    --------
    Houses at 5, 12 and 60 m on the left of a road are numbers 1, 3 and 11.
    """
    wanted = np.floor(along_m / PLATE_M).astype(np.int64)
    side = road * 2 + left
    first = np.flatnonzero(np.diff(side, prepend=-1))
    place = np.arange(len(road))
    start = np.repeat(first, np.diff(np.append(first, len(road))))
    # The running maximum of (wanted - place) within a side makes numbers rise strictly.
    slack = wanted - (place - start)
    offset = side.astype(np.int64) * (int(np.abs(slack).max(initial=0)) * 2 + 1)
    rank = np.maximum.accumulate(slack + offset) - offset + (place - start)
    return 2 * rank + np.where(left, 1, 2)


def _plates(number: IntArray, is_shop: NDArray[np.bool_]) -> NDArray[np.object_]:
    return np.array(
        [f"{n}-1" if shop else str(n) for n, shop in zip(number, is_shop, strict=True)],
        dtype=object,
    )


def _doors(plots: Plots, row: IntArray, is_shop: NDArray[np.bool_]) -> FloatArray:
    """Return the doors; a shop's is a quarter of the front beside the main one."""
    inward = plots.xy_m[row] - plots.door_m[row]
    inward /= np.hypot(inward[:, 0], inward[:, 1])[:, None]
    beside = np.column_stack([inward[:, 1], -inward[:, 0]]) * plots.width_m[row][:, None] / 4
    doors: FloatArray = plots.door_m[row] + np.where(is_shop[:, None], beside, 0.0)
    return doors


def _edge_ids(plan: Plan, edges: Edges, plots: Plots, row: IntArray) -> IntArray:
    """Return for each house the directed edge that has it on the right-hand side."""
    names = {cut.name: number for number, cut in enumerate(plan.cuts)}
    road = np.array([names[name] for name in edges.name[::2]])
    # Pieces come road by road in the order of the chain: their ends are running sums.
    length_m = shapely.length(edges.geom_m[::2])
    ends_m = np.cumsum(length_m)
    base_m = (ends_m - length_m)[np.searchsorted(road, np.arange(len(plan.cuts)))]
    piece = np.searchsorted(ends_m, base_m[plots.road[row]] + plots.along_m[row])
    if not (road[piece] == plots.road[row]).all():
        raise DataFault("a house stands beyond the end of its road")
    forward = ~plots.left[row]
    return 2 * piece + np.where(forward, 1, 2)
