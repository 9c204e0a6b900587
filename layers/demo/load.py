"""Write the demo's town into layers.*, by COPY, as the owner of the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from geodata.db.query import query
from geodata.db.scope import Conn
from geodata.demo.load import copy_columns, hex_of, multi_hex_of
from geodata.demo.progress import Progress
from layers.demo.town import Town

TOWN_TABLES: dict[str, tuple[str, ...]] = {
    "layers.areas": ("code", "valid"),
    "layers.area_neighbors": ("code", "neighbor_code"),
    "layers.waters": ("id",),
    "layers.buildings": ("id",),
    "layers.populations": ("grid_code", "as_of"),
}
"""Tables of the town with the columns that order their rows, for geodata.demo.digest."""
LEAST_SHARED_M = 0.5
"""Grids that touch along less than this meet at a corner."""


def load_town(conn: Conn, town: Town, as_of: datetime, progress: Progress) -> None:
    """Write areas, neighbours, waters, buildings and population into empty tables.

    Progress is told as stage 'load town', in rows; the caller's transaction stays open.
    """
    rows = len(town.areas) + len(town.waters) + len(town.buildings.id) + len(town.grids.code)
    done = 0
    for table, columns in _tables(town):
        progress.step("load town", done, rows)
        done += copy_columns(conn, table, columns)
    conn.execute("ANALYZE layers.areas, layers.buildings, layers.populations")
    fill_neighbors(conn, as_of)
    progress.step("load town", done, rows)


def fill_neighbors(conn: Conn, at: datetime) -> int:
    """Find anew which grids share an edge at a moment; return the number of pairs, both ways."""
    conn.execute("DELETE FROM layers.area_neighbors")
    parameters = {"at": at, "least_m": LEAST_SHARED_M}
    return conn.execute(query("layers", "fill_area_neighbors"), parameters).rowcount


def _tables(town: Town) -> Iterator[tuple[str, dict[str, Iterable[Any]]]]:
    areas, buildings, population = town.areas, town.buildings, town.population
    yield (
        "layers.areas",
        {
            "code": [area.code for area in areas],
            "level": [str(area.level) for area in areas],
            "parent_code": [area.parent_code for area in areas],
            "name": [area.name for area in areas],
            "name_en": [area.name_en for area in areas],
            "geom": multi_hex_of([area.geom for area in areas]),
            "label": hex_of([area.label for area in areas]),
        },
    )
    yield (
        "layers.waters",
        {
            "id": range(1, len(town.waters) + 1),
            "kind": [water.kind for water in town.waters],
            "name": [water.name for water in town.waters],
            "geom": multi_hex_of([water.geom for water in town.waters]),
        },
    )
    yield (
        "layers.buildings",
        {
            "id": buildings.id,
            "grid_code": buildings.grid_code,
            "name": buildings.name,
            "estate": buildings.estate,
            "use": buildings.use,
            "storeys": buildings.storeys,
            "households": buildings.households,
            "residents": buildings.residents,
            "geom": hex_of(buildings.geom),
        },
    )
    yield (
        "layers.populations",
        {
            "grid_code": population.grid_code,
            "as_of": [population.as_of] * len(population.grid_code),
            "households": population.households,
            "residents": population.residents,
            "elders": population.elders,
            "children": population.children,
        },
    )
