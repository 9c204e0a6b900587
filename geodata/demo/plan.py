"""The plan: the layout's blocks as areas with codes, names and shapes in both CRSs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from geodata.code import Level
from geodata.demo.division import DISTRICT_CODE, DISTRICT_NAME, read_outline, read_streets
from geodata.demo.fabric import commonest, place_patches, weave
from geodata.demo.ground import Area, Cut, FloatArray, ObjectArray, Patch, Plan, stage_rng
from geodata.demo.layout import Block, Layout, lay_out
from geodata.demo.mesh import XY
from geodata.demo.name import short_name
from geodata.demo.progress import Progress
from geodata.demo.projection import to_lonlat
from geodata.demo.shore import ARCS, make_waters
from geodata.demo.subdivide import RawCut
from geodata.demo.thoroughfare import join_cuts, name_roads

LABEL_TOLERANCE_M = 25.0
"""Labels of large areas stand where there is most room, to this accuracy."""


@dataclass
class _Draft:
    """One area on its way: everything but its shape."""

    code: str
    level: Level
    name: str
    name_en: str | None
    ring: tuple[int, ...]
    rural: bool
    fabric: str = "open"
    members: list[int] = field(default_factory=list)
    """Numbers of the micro-grids inside, in the order of their codes."""


def make_plan(seed: int, progress: Progress) -> Plan:
    """Lay the district out and name everything in it.

    Returns
    -------
    Plan
        17 streets, 237 communities, 1,570 grids and 3,452 micro-grids, whatever the seed.
    """
    progress.step("plan", 0, 3)
    layout = lay_out(seed)
    progress.step("plan", 1, 3)
    vertices_m = np.array(layout.mesh.vertices)
    vertices_deg = to_lonlat(vertices_m)
    drafts = list(_drafts(layout))
    shapes_m = _polygons(vertices_m, drafts)
    patches = _set_fabric(drafts, shapes_m, seed)
    areas = _areas(drafts, _polygons(vertices_deg, drafts), shapes_m)
    progress.step("plan", 2, 3)
    open_m = [
        a.geom_m for a in areas if a.level is Level.MICRO_GRID and a.rural and a.fabric == "open"
    ]
    waters = make_waters(areas[0].geom, read_outline(), open_m, stage_rng(seed, "waters"))
    cuts = _roads(layout, vertices_m, areas, seed)
    progress.step("plan", 3, 3)
    return Plan(
        areas=areas,
        vertices_m=vertices_m,
        vertices_deg=vertices_deg,
        cuts=cuts,
        rings={d.code: d.ring for d in drafts if d.level is Level.MICRO_GRID},
        junctions=_junctions(layout, len(vertices_m)),
        patches=patches,
        waters=waters,
    )


def number_blocks(centres_m: Sequence[XY], area_m2: float) -> list[int]:
    """Return the order of blocks from west to east in rows from north to south.

    A row is as high as the side of a block of mean size.

    Parameters
    ----------
    centres_m
        Middles of the blocks, EPSG:4549.
    area_m2
        Area of all of them together.
    """
    top = max(y for _, y in centres_m)
    row_m = (area_m2 / len(centres_m)) ** 0.5
    rows = [int((top - y) / row_m + 0.5) for _, y in centres_m]
    return sorted(range(len(centres_m)), key=lambda k: (rows[k], centres_m[k][0], k))


def _drafts(layout: Layout) -> Iterator[_Draft]:
    """Yield the areas of all levels, each level by code."""
    whole = layout.mesh.whole_ring
    outline = tuple(whole(range(len(read_outline()))))
    yield _Draft(DISTRICT_CODE, Level.DISTRICT, DISTRICT_NAME, "Ganjingzi District", outline, False)
    for street, block in layout.streets:
        ring = tuple(whole(block.ring))
        yield _Draft(street.code, Level.STREET, street.name, street.name_en, ring, block.rural)
    grids, micro_grids = [], []
    for row, (community, block) in enumerate(layout.communities):
        ring = tuple(whole(block.ring))
        yield _Draft(community.code, Level.COMMUNITY, community.name, None, ring, community.rural)
        inner = list(_grid_drafts(layout, row))
        grids += [d for d in inner if d.level is Level.GRID]
        micro_grids += [d for d in inner if d.level is Level.MICRO_GRID]
    yield from grids
    yield from micro_grids


def _grid_drafts(layout: Layout, row: int) -> Iterator[_Draft]:
    """Yield the grids and micro-grids of one community, numbered by place."""
    community, _ = layout.communities[row]
    blocks = layout.grids[row]
    for number, k in enumerate(_order(layout, blocks), 1):
        code = f"{community.code}{number:03d}"
        name = f"{short_name(community.name)}第{number}网格"
        ring = tuple(layout.mesh.whole_ring(blocks[k].ring))
        yield _Draft(code, Level.GRID, name, f"Grid {number}", ring, blocks[k].rural)
        parts = layout.micro_grids[row][k]
        for part_number, i in enumerate(_order(layout, parts), 1):
            ring = tuple(layout.mesh.whole_ring(parts[i].ring))
            yield _Draft(
                f"{code}{part_number:02d}",
                Level.MICRO_GRID,
                f"{name}{part_number}微网格",
                f"Micro-grid {number}-{part_number}",
                ring,
                parts[i].rural,
            )


def _order(layout: Layout, blocks: Sequence[Block]) -> list[int]:
    rings = [[layout.mesh.vertices[v] for v in block.ring] for block in blocks]
    shapes = shapely.polygons(np.array([Polygon(ring).exterior for ring in rings]))
    centres = shapely.get_coordinates(shapely.centroid(shapes))
    return number_blocks(
        [(float(x), float(y)) for x, y in centres], float(shapely.area(shapes).sum())
    )


def _polygons(vertices: FloatArray, drafts: Sequence[_Draft]) -> ObjectArray:
    """Build all areas' polygons at once from their rings of vertex numbers."""
    rings = [np.append(draft.ring, draft.ring[0]) for draft in drafts]
    owners = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    lines = shapely.linearrings(vertices[np.concatenate(rings)], indices=owners)
    polygons: ObjectArray = shapely.polygons(lines)
    return polygons


def _set_fabric(drafts: Sequence[_Draft], shapes_m: ObjectArray, seed: int) -> tuple[Patch, ...]:
    """Decide each micro-grid's fabric and roll it up to the areas above; return the patches."""
    micro = [k for k, draft in enumerate(drafts) if draft.level is Level.MICRO_GRID]
    xy_m = shapely.get_coordinates(shapely.centroid(shapes_m[micro]))
    area_m2: FloatArray = shapely.area(shapes_m[micro])
    rng = stage_rng(seed, "fabric")
    patches = place_patches(xy_m, area_m2, rng)
    rural: NDArray[np.bool_] = np.array([drafts[k].rural for k in micro])
    _, community = np.unique([drafts[k].code[:12] for k in micro], return_inverse=True)
    fabric = weave(xy_m, area_m2, rural, community, patches, rng)
    holders: dict[str, list[int]] = {}
    for number, k in enumerate(micro):
        for digits in (6, 9, 12, 15, 17):
            holders.setdefault(drafts[k].code[:digits], []).append(number)
    for draft in drafts:
        members = holders[draft.code]
        draft.fabric = commonest(fabric[members].tolist(), area_m2[members].tolist())
    return patches


def _areas(
    drafts: Sequence[_Draft], shapes_deg: ObjectArray, shapes_m: ObjectArray
) -> tuple[Area, ...]:
    labels = _labels(drafts, shapes_deg, shapes_m)
    return tuple(
        Area(
            code=draft.code,
            level=draft.level,
            parent_code=_parent(draft.code),
            name=draft.name,
            name_en=draft.name_en,
            geom=shapes_deg[k],
            geom_m=shapes_m[k],
            label=labels[k],
            rural=draft.rural,
            fabric=draft.fabric,
        )
        for k, draft in enumerate(drafts)
    )


def _labels(
    drafts: Sequence[_Draft], shapes_deg: ObjectArray, shapes_m: ObjectArray
) -> ObjectArray:
    """Return a point inside each area: the middle, or for large areas where there is most room."""
    labels: ObjectArray = shapely.centroid(shapes_deg)
    outside = ~shapely.contains(shapes_deg, labels)
    labels[outside] = shapely.point_on_surface(shapes_deg[outside])
    sites = {street.code: shapely.Point(street.site) for street in read_streets()}
    for k, draft in enumerate(drafts):
        if draft.code in sites and shapes_deg[k].contains(sites[draft.code]):
            labels[k] = sites[draft.code]
        elif draft.level in (Level.DISTRICT, Level.STREET, Level.COMMUNITY):
            circle = shapely.maximum_inscribed_circle(shapes_m[k], LABEL_TOLERANCE_M)
            labels[k] = shapely.Point(to_lonlat(shapely.get_coordinates(circle)[:1])[0])
    return labels


def _parent(code: str) -> str | None:
    lengths = (6, 9, 12, 15, 17)
    at = lengths.index(len(code))
    return code[: lengths[at - 1]] if at else None


def _roads(
    layout: Layout, vertices_m: FloatArray, areas: Sequence[Area], seed: int
) -> tuple[Cut, ...]:
    """Return the outline's roads, then all cuts, joined and named."""
    whole = [
        RawCut(cut.level, cut.owner, tuple(layout.mesh.whole_chain(cut.chain)))
        for cut in layout.cuts
    ]
    centres: dict[str, XY] = {
        area.code: (area.geom_m.centroid.x, area.geom_m.centroid.y)
        for area in areas
        if area.level in (Level.STREET, Level.COMMUNITY)
    }
    inner = name_roads(
        join_cuts(whole, vertices_m),
        vertices_m,
        [street for street, _ in layout.streets],
        centres,
        stage_rng(seed, "names"),
    )
    return (*_outline_roads(layout), *inner)


def _outline_roads(layout: Layout) -> Iterator[Cut]:
    for arc in ARCS:
        chain = [layout.corner_vertex(k) for k in range(arc.first, arc.last + 1)]
        yield Cut(0, tuple(layout.mesh.whole_chain(chain)), arc.name)


def _junctions(layout: Layout, count: int) -> NDArray[np.bool_]:
    junctions = np.array(layout.mesh.degrees[:count]) > 2
    junctions[[layout.corner_vertex(arc.first) for arc in ARCS]] = True
    return junctions
