"""The one place where the parts of the web process are wired; everything below gets arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import current_app
from psycopg import Connection

from dispatch.assign.memory import TravelMemory
from dispatch.office import Office
from dispatch.queue.proposal import new_memory
from dispatch.queue.proposal import warm as warm_queue
from geodata.clock import Clock, SystemClock
from geodata.db.pool import make_pool
from geodata.db.scope import Conn, Pool, scoped
from geodata.errors import GanxinError
from geodata.road.profile import Mode
from geodata.road.snap import Snapper
from geodata.settings import Settings
from mapsvc.snapshot import SnapshotCache
from mapsvc.tile_cache import TileCache
from web.area_name import AreaNames
from web.district import Bbox
from web.identity.guard import Gate, VerdictCache
from web.message import Messages, load_messages
from web.off_loop import off_loop
from web.risk_source import RiskSource
from web.shared_cache import SharedCache
from web.static_file import StaticFiles, read_static

GROUND_POOL_SIZE = 4
FIGURES_TTL_S = 2.0
BOX_TTL_S = 60.0
MOST_KEPT = 1000
Roads = Callable[[], Snapper]
"""Hands out the roads as they stand now; the first time may take a second."""


@dataclass(frozen=True)
class Services:
    """What the handlers of one web process work with.

    Parameters
    ----------
    dsn
        Connection string of the database's owner, for questions about migrations only.
    pool
        Connections as ``ganxin_app``: rows by scope.
    ground_pool
        Connections as ``ganxin_app`` without transactions, for tiles of public ground.
    system_pool
        Connections as ``ganxin_system``, for named background work; no handler reads rows of
        cases or people through it.
    """

    settings: Settings
    dsn: str
    pool: Pool
    ground_pool: Pool
    system_pool: Pool
    clock: Clock
    office: Office
    roads: Roads
    travel: TravelMemory
    gate: Gate
    tiles: TileCache
    snapshots: SnapshotCache
    figures: SharedCache[dict[str, Any]]
    names: AreaNames
    risk: RiskSource
    boxes: SharedCache[Bbox]
    messages: Messages
    static: StaticFiles

    def close(self) -> None:
        """Give the connections back."""
        self.pool.close()
        self.ground_pool.close()
        self.system_pool.close()


def build_services(
    settings: Settings,
    dsn: str,
    *,
    roads: Roads,
    clock: Clock | None = None,
    connection_class: type[Conn] = Connection,
) -> Services:
    """Build the pools and caches of one process. Close the result when done.

    Parameters
    ----------
    dsn
        A login that may become ``ganxin_app`` and ``ganxin_system``.
    connection_class
        How connections wait for the database, if not as psycopg does.
    """
    make = partial(
        make_pool,
        dsn,
        statement_timeout_s=settings.statement_timeout_s,
        connection_class=connection_class,
    )
    pool = make("ganxin_app", name="web", max_size=settings.pool_size)
    system_pool = make("ganxin_system", name="web-system", max_size=2)
    ground_pool = make("ganxin_app", name="web-ground", max_size=GROUND_POOL_SIZE, autocommit=True)
    clock = clock or SystemClock()
    return Services(
        settings=settings,
        dsn=dsn,
        pool=pool,
        ground_pool=ground_pool,
        system_pool=system_pool,
        clock=clock,
        office=Office(clock),
        roads=roads,
        travel=new_memory(),
        gate=Gate(pool, VerdictCache()),
        tiles=TileCache(ground_pool.connection),
        snapshots=SnapshotCache(partial(scoped, pool)),
        figures=SharedCache(MOST_KEPT, FIGURES_TTL_S),
        names=AreaNames(),
        risk=RiskSource(pool, clock),
        boxes=SharedCache(MOST_KEPT, BOX_TTL_S),
        messages=load_messages(),
        static=read_static(),
    )


def services() -> Services:
    """Return the services of the application that serves the present request."""
    found: Services = current_app.extensions["ganxin"]
    return found


def warm_roads(deps: Services) -> None:
    """Load the roads and what works on them, if they are there already."""
    try:
        roads = deps.roads()
    except GanxinError:  # no district yet, or no database: whoever asks first will be told
        return
    for mode in Mode:
        roads.snap_metric(roads.graph.shape_x_m[:1], roads.graph.shape_y_m[:1], mode)
    off_loop(lambda: warm_queue(roads))
