"""Who is nearest to a place in a straight line: people in one R-tree, kept as they move.

The plain question, without roads, duty or responsibility: who goes is decided by the ladder and the
whole queue (dispatch/assign), on streets. The table of positions has no index of places on purpose
(docs/decisions/0009), so the process that asks keeps its own. An R-tree and not a k-d tree: that
answers twice as fast (9 against 22 µs among 17,695), but is made anew for each person who moves
(8 ms against 15 µs). Not to be shared between threads while people move.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from psycopg.rows import tuple_row
from rtree.index import Index

from geodata.crs import METRIC_EPSG, to_metric
from geodata.db.scope import Conn
from geodata.errors import InvalidInput, NotFound


class Near(NamedTuple):
    """Somebody near a place, so many metres in a straight line."""

    person_id: int
    distance_m: float


class Places:
    """Where people are, one place each, in a metric plane.

    Parameters
    ----------
    epsg
        The district's plane: distances are as long as it makes them, in EPSG:4549 up to 0.03 % more
        than on the ground 150 km beside its meridian.
    """

    def __init__(self, epsg: int = METRIC_EPSG) -> None:
        self._epsg = epsg
        self._place: dict[int, tuple[float, float]] = {}
        self._tree = Index()

    def __len__(self) -> int:
        return len(self._place)

    def move(self, person_id: ArrayLike, lon: ArrayLike, lat: ArrayLike) -> None:
        """Add people, or move them.

        Parameters
        ----------
        person_id
            Shape (n,), none twice.
        lon, lat
            Shape (n,), degrees, EPSG:4326.

        Raises
        ------
        InvalidInput
            A coordinate is NaN, infinite or out of range: nobody is moved.
        """
        ids = np.atleast_1d(np.asarray(person_id, np.int64))
        xy_m = np.column_stack(to_metric(lon, lat, self._epsg))
        if ids.shape != (len(xy_m),) or len(np.unique(ids)) != len(ids):
            raise InvalidInput("Each person has one place", field="person_id")
        if not self._place and len(ids):  # all at once: packed, ten times faster
            self._tree = _packed(ids, xy_m)
        else:
            self.leave(ids.tolist())
            for one, (x_m, y_m) in zip(ids.tolist(), xy_m.tolist(), strict=True):
                self._tree.insert(one, (x_m, y_m, x_m, y_m))
        self._place.update(zip(ids.tolist(), map(tuple, xy_m.tolist()), strict=True))

    def leave(self, person_id: Iterable[int]) -> None:
        """Remove people, who went off duty; unknown ids are passed over."""
        for one in person_id:
            place = self._place.pop(one, None)
            if place is not None:
                self._tree.delete(one, (*place, *place))

    def nearest(self, lon: float, lat: float, count: int) -> list[Near]:
        """Return the nearest people, the nearest first; of equally near ones the lowest ids.

        Parameters
        ----------
        lon, lat
            Degrees, EPSG:4326.
        count
            How many at most, 1 or more.

        Raises
        ------
        InvalidInput
            A coordinate is out of range, or nobody is asked for.
        """
        if count < 1:
            raise InvalidInput("count must be 1 or more", field="count")
        (x_m,), (y_m,) = to_metric(lon, lat, self._epsg)
        x_m, y_m = float(x_m), float(y_m)
        # The tree tells of all who are as near as the last one, so that ids decide here.
        found = self._tree.nearest((x_m, y_m, x_m, y_m), count)
        ranked = sorted((self._far_m(one, x_m, y_m), one) for one in found)
        return [Near(one, distance_m) for distance_m, one in ranked[:count]]

    def distance_m(self, person_id: int, lon: float, lat: float) -> float:
        """Return how far somebody is from a place (degrees, EPSG:4326).

        Raises
        ------
        NotFound
            Nobody of that id has a place here.
        """
        if person_id not in self._place:
            raise NotFound("There is no such person here", person_id=person_id)
        (x_m,), (y_m,) = to_metric(lon, lat, self._epsg)
        return self._far_m(person_id, float(x_m), float(y_m))

    def _far_m(self, person_id: int, x_m: float, y_m: float) -> float:
        here = self._place[person_id]
        dx_m, dy_m = here[0] - x_m, here[1] - y_m
        return math.sqrt(dx_m * dx_m + dy_m * dy_m)  # as the tree does it, to the last bit


def read_places(conn: Conn, epsg: int = METRIC_EPSG) -> Places:
    """Return where those in scope who are on duty are, ready to be asked."""
    places = Places(epsg)
    if rows := read_on_duty(conn):
        places.move(*zip(*rows, strict=True))
    return places


def read_on_duty(conn: Conn) -> list[tuple[int, float, float]]:
    """Return id, longitude and latitude of those in scope who are on duty, by id.

    Degrees, EPSG:4326: of the last fix, or of the home post.
    """
    with conn.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(
            "SELECT p.id, coalesce(f.lon, ST_X(p.home)), coalesce(f.lat, ST_Y(p.home))"
            " FROM dispatch.people p LEFT JOIN dispatch.positions f ON f.person_id = p.id"
            " WHERE p.duty = 'on_duty' ORDER BY p.id"
        ).fetchall()


def _packed(ids: NDArray[np.int64], xy_m: NDArray[np.float64]) -> Any:
    """Return a tree of points, built at once."""
    corners = np.ascontiguousarray(xy_m)
    return Index((ids, corners, corners))
