"""How each micro-grid is built up, in coherent patches: old estates, bungalows, industry, centres.

tower: estates of high-rises; slab: old estates of six storeys; bungalow: rows of one-storey
houses; works: industry; centre: shops and offices; mixed: a bit of all; open: fields and hills.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geodata.demo.ground import FloatArray, IntArray, ObjectArray, Patch

URBAN_M2 = 60_000.0
"""A micro-grid smaller than this is in town: about 240 m square."""
OPEN_M2 = 260_000.0
"""A rural micro-grid larger than this is fields and hills: about 510 m square."""
PATCH_KINDS = (
    # kind, number, least and most radius in metres, in town, least distance apart in radii
    ("centre", 7, 260.0, 420.0, True),
    ("bungalow", 8, 330.0, 620.0, True),
    ("works", 6, 700.0, 1300.0, False),
    ("slab", 11, 650.0, 1150.0, True),
)


def place_patches(
    xy_m: FloatArray, area_m2: FloatArray, rng: np.random.Generator
) -> tuple[Patch, ...]:
    """Choose where the patches lie: on micro-grids in town or at its edge, apart from each other.

    Parameters
    ----------
    xy_m, area_m2
        Centres (EPSG:4549) and areas of the micro-grids.
    """
    patches: list[Patch] = []
    for kind, count, least_m, most_m, in_town in PATCH_KINDS:
        fits = area_m2 < URBAN_M2 if in_town else (area_m2 > URBAN_M2) & (area_m2 < OPEN_M2)
        choice = iter(rng.permutation(np.flatnonzero(fits)))
        wanted = len(patches) + count
        for at in choice:
            radius_m = round(float(rng.uniform(least_m, most_m)), 1)
            x, y = np.round(xy_m[at], 1).tolist()
            patch = Patch(kind, (x, y), radius_m)
            if not any(_too_near(patch, other) for other in patches):
                patches.append(patch)
            if len(patches) == wanted:
                break
    return tuple(patches)


def weave(
    xy_m: FloatArray,
    area_m2: FloatArray,
    rural: NDArray[np.bool_],
    community: IntArray,
    patches: Sequence[Patch],
    rng: np.random.Generator,
) -> ObjectArray:
    """Return the fabric of each micro-grid.

    A patch with a smaller radius lies over a larger one; outside of patches the towns are towers
    and the countryside is villages and open land, decided by community so that it hangs together.

    Parameters
    ----------
    community
        Number of each micro-grid's community.
    """
    mixed = rng.random(int(community.max()) + 1) < 0.3
    fabric = np.where(mixed[community], "mixed", "tower").astype(object)
    fabric[(area_m2 > OPEN_M2 / 2) & ~rural] = "open"
    fabric[rural] = "bungalow"
    fabric[rural & (area_m2 > URBAN_M2 * 1.6)] = "mixed"
    fabric[rural & (area_m2 > OPEN_M2)] = "open"
    fabric[~rural & (area_m2 > OPEN_M2)] = "open"
    for patch in sorted(patches, key=lambda p: -p.radius_m):
        near = np.hypot(*(xy_m - np.array(patch.xy_m)).T) < patch.radius_m
        fabric[near & (area_m2 < OPEN_M2)] = patch.kind
    return fabric


def commonest(fabrics: Sequence[str], weights: Sequence[float]) -> str:
    """Return the fabric with the largest sum of weights, the first by name on a tie."""
    sums: dict[str, float] = {}
    for fabric, weight in zip(fabrics, weights, strict=True):
        sums[fabric] = sums.get(fabric, 0.0) + weight
    return min(sums, key=lambda fabric: (-sums[fabric], fabric))


def _too_near(a: Patch, b: Patch) -> bool:
    apart_m = float(np.hypot(a.xy_m[0] - b.xy_m[0], a.xy_m[1] - b.xy_m[1]))
    if a.kind == b.kind:
        return apart_m < 1.6 * (a.radius_m + b.radius_m)
    return apart_m < 0.6 * (a.radius_m + b.radius_m)
