"""The demo's assets: placed in the town from the seed, checked against the catalogue, loaded.

Numbers that the district publishes are kept exactly (1,163 venues; a party branch on each of the
1,570 grids, a group on each of the 3,452 micro-grids; 8,029 party households); all others are
assumptions, as are all names, places and attributes.
"""

from __future__ import annotations

from collections.abc import Iterator

from psycopg.types.json import Jsonb

from geodata.db.scope import Conn
from geodata.demo.ground import Ground
from geodata.demo.load import copy_columns, hex_of
from geodata.demo.progress import Progress
from layers.catalogue import check_asset, check_geometry_type
from layers.demo.bungalow import make_bungalow_areas
from layers.demo.civic import (
    make_bodies,
    make_party_branches,
    make_party_groups,
    make_party_households,
    make_venues,
)
from layers.demo.device import make_cameras, make_pillars
from layers.demo.firm import make_fuel_stations, make_gas_firms, make_hazchem_firms
from layers.demo.site import NewAsset, Sites
from layers.demo.town import Town

MAKERS = (
    make_pillars,
    make_cameras,
    make_hazchem_firms,
    make_gas_firms,
    make_fuel_stations,
    make_bungalow_areas,
    make_venues,
    make_party_branches,
    make_party_groups,
    make_party_households,
    make_bodies,
)
"""In the order of the catalogue; ids are given in this order, from 1."""
DIGEST_TABLES: dict[str, tuple[str, ...]] = {"layers.assets": ("id",)}
"""For :func:`geodata.demo.digest.digest_tables`."""


def make_assets(ground: Ground, town: Town, progress: Progress) -> list[NewAsset]:
    """Place every asset of the demo; the same ground and town give the same list.

    Progress is told as stage 'assets', in kinds.

    Raises
    ------
    InvalidInput
        An asset does not fit its declaration: the demo and the catalogue disagree.
    """
    sites = Sites(ground, town)
    assets: list[NewAsset] = []
    for done, maker in enumerate(MAKERS):
        progress.step("assets", done, len(MAKERS))
        assets += _checked(maker(sites), first=len(assets) + 1)
    progress.step("assets", len(MAKERS), len(MAKERS))
    return assets


def load_assets(conn: Conn, assets: list[NewAsset], progress: Progress) -> None:
    """Write assets into the empty table, by COPY, in the open transaction of the owner.

    Progress is told as stage 'load assets', in rows.
    """
    progress.step("load assets", 0, len(assets))
    copy_columns(
        conn,
        "layers.assets",
        {
            "id": range(1, len(assets) + 1),
            "kind": [asset.kind for asset in assets],
            "name": [asset.name for asset in assets],
            "area_code": [asset.area_code for asset in assets],
            "attributes": [Jsonb(asset.attributes) for asset in assets],
            "geom": hex_of([asset.geom for asset in assets]),
        },
    )
    conn.execute("ANALYZE layers.assets")
    progress.step("load assets", len(assets), len(assets))


def _checked(assets: Iterator[NewAsset], first: int) -> Iterator[NewAsset]:
    for row, asset in enumerate(assets, first):
        check_asset(asset.kind, asset.attributes, row=row)
        check_geometry_type(asset.kind, asset.geom.geom_type, row=row)
        yield asset
