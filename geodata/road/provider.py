"""The road graph of the district as it stands now, for one process."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

import psycopg
import structlog

from geodata.crs import METRIC_EPSG
from geodata.errors import DataFault, GanxinError, Unavailable
from geodata.road.cache import cache_file, open_graph, save_graph
from geodata.road.graph import RoadGraph
from geodata.road.snap import Snapper
from geodata.road.store import Edition, load_graph, read_edition, read_version
from geodata.settings import Settings

RECHECK_S = 5.0
"""Seconds for which the district's ``ground_version`` is believed."""
RETRY_S = 1.0
"""Seconds between two attempts while there is no graph at all."""

log = structlog.get_logger(__name__)


class RoadProvider:
    """Hands out the graph and its snapper; looks now and then whether the roads were replaced.

    Safe to share between threads and greenlets: one looks, the others go on with what there is.
    While the database is away the last graph serves on.

    Parameters
    ----------
    dsn
        libpq connection string of a login that may read ``geodata``.
    cache_dir
        Where the file that processes share lies; may be deleted at any time.
    epsg
        The district's plane.
    """

    def __init__(
        self,
        dsn: str,
        cache_dir: Path,
        *,
        epsg: int = METRIC_EPSG,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._dsn, self._cache_dir, self._epsg = dsn, cache_dir, epsg
        self._monotonic = monotonic
        self._lock = Lock()
        self._snapper: Snapper | None = None
        self._edition: Edition | None = None
        self._fault: GanxinError | None = None
        self._looked_s = -float("inf")

    def __call__(self) -> RoadGraph:
        """Return the graph; loading it the first time may take a second.

        Raises
        ------
        Unavailable
            There is no graph yet and the database does not answer.
        DataFault
            There is no graph yet and the database holds no roads, or broken ones.
        """
        return self.snapper().graph

    def snapper(self) -> Snapper:
        """Return the snapper of the graph; raises as calling the provider does."""
        if not self._due():
            return self._current()
        if not self._lock.acquire(blocking=self._snapper is None):
            return self._current()
        try:
            if self._due():
                self._look()
        finally:
            self._lock.release()
        return self._current()

    def _due(self) -> bool:
        wait_s = RETRY_S if self._snapper is None else RECHECK_S
        return self._monotonic() - self._looked_s >= wait_s

    def _current(self) -> Snapper:
        if self._snapper is None:
            raise self._fault or Unavailable("The road graph is being loaded; try again.")
        return self._snapper

    def _look(self) -> None:
        """Load the roads if they were replaced; keep what there is if that cannot be done."""
        self._fault = None
        try:
            self._refresh()
        except psycopg.OperationalError as error:
            self._fault = Unavailable("The database with the roads does not answer; try again.")
            log.warning("roads_unchecked", cause=type(error).__name__)
        except DataFault as error:
            self._fault = error
            log.warning("roads_refused", cause=error.public_message)
        self._looked_s = self._monotonic()

    def _refresh(self) -> None:
        with psycopg.connect(self._dsn, autocommit=True, connect_timeout=5) as conn:
            if self._edition is not None and read_version(conn) == self._edition.version:
                return
            edition = read_edition(conn)
            if not edition.same_roads(self._edition):
                self._snapper = Snapper(self._open(conn, edition))
                log.info("roads_loaded", code=edition.code, version=edition.version)
            self._edition = edition

    def _open(self, conn: psycopg.Connection, edition: Edition) -> RoadGraph:
        path = cache_file(self._cache_dir, edition, self._epsg)
        graph = open_graph(path, version=edition.version)
        if graph is not None:
            return graph
        graph = load_graph(conn, epsg=self._epsg, version=edition.version)
        try:
            save_graph(graph, path)
        except OSError as error:  # a full disk costs memory, not the service
            log.warning("roads_not_cached", path=str(path), cause=type(error).__name__)
            return graph
        return open_graph(path, version=edition.version) or graph


def make_provider(settings: Settings, dsn: str) -> RoadProvider:
    """Return the provider of a process; nothing is read before it is asked."""
    return RoadProvider(dsn, settings.cache_dir)
