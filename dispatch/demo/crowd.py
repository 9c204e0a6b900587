"""Everybody on duty as one crowd: rounds, journeys to cases, and the fixes their phones send."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from dispatch.demo.journey import Journey
from dispatch.demo.place import FloatArray, IntArray
from dispatch.demo.walker import Streets, Walkers, modes
from geodata.crs import from_metric
from geodata.db.query import query
from geodata.db.scope import Conn
from geodata.road.position import Positions
from geodata.road.shape import point_at
from geodata.road.snap import Snapper

ACCURACY_M = 8.0
"""Accuracy that the phones of the demo state: an assumption."""


@dataclass(frozen=True)
class Fixes:
    """Fixes of some people at one moment; arrays of equal length n."""

    person_id: IntArray
    lon: FloatArray
    lat: FloatArray
    speed_mps: FloatArray
    heading_deg: FloatArray


class Crowd:
    """Moves everybody on duty who travels; who is on a journey leaves the round for it."""

    def __init__(self, roads: Snapper, ids: IntArray, lonlat: FloatArray, mode: list[str]) -> None:
        graph = roads.graph
        bits, pace, moving = modes(mode)
        self.ids = ids
        self._roads = roads
        self._row = {int(person): row for row, person in enumerate(ids.tolist())}
        self._streets = Streets.build(
            graph.edge_from.astype(np.int64),
            graph.edge_to.astype(np.int64),
            graph.edge_twin.astype(np.int64),
            graph.length_m,
            graph.access.astype(np.int64),
            np.column_stack([graph.node_x_m, graph.node_y_m]),
        )
        at = roads.snap(lonlat[:, 0], lonlat[:, 1])
        self._walkers = Walkers(
            edge=at.edge.astype(np.int64),
            fraction=np.minimum(at.fraction, 0.999),
            mode_bit=bits,
            speed_mps=np.where(moving, pace, 0.0),
            post_m=self._at(at.edge.astype(np.int64), at.fraction),
        )
        self._pace = self._walkers.speed_mps.copy()
        self._journeys: dict[int, tuple[Journey, datetime]] = {}

    @classmethod
    def read(cls, conn: Conn, roads: Snapper) -> Crowd:
        """Gather who is on duty, each where the last fix or the home post is."""
        rows = conn.execute(query("dispatch.demo", "list_walkers")).fetchall()
        return cls(
            roads,
            np.array([row["id"] for row in rows], dtype=np.int64),
            np.array([(row["lon"], row["lat"]) for row in rows], dtype=float).reshape(-1, 2),
            [row["travel_mode"] for row in rows],
        )

    def _at(self, edge: IntArray, fraction: FloatArray) -> FloatArray:
        """Return points on the bends of their streets, shape (n, 2), metres."""
        on_road = Positions(edge.astype(np.int32), fraction, np.zeros(len(edge)))
        return np.column_stack(point_at(self._roads.graph, on_road))

    def step(self, seconds: float, rng: np.random.Generator) -> None:
        """Move everybody on their rounds."""
        self._walkers.step(self._streets, seconds, rng)

    def knows(self, person_id: int) -> bool:
        """Tell whether somebody is part of the crowd."""
        return person_id in self._row

    def send(self, person_id: int, journey: Journey, start: datetime) -> None:
        """Take somebody off the round and onto the way to a case."""
        self._walkers.speed_mps[self._row[person_id]] = 0.0
        self._journeys[person_id] = (journey, start)

    def under_way(self, person_id: int) -> bool:
        """Tell whether somebody is on a journey."""
        return person_id in self._journeys

    def arrived(self, now: datetime) -> list[int]:
        """Return who has come to the end of the way."""
        return [
            person
            for person, (journey, start) in self._journeys.items()
            if journey.over((now - start).total_seconds())
        ]

    def release(self, people: Iterable[int], now: datetime) -> None:
        """Let people go back to their rounds from where they are."""
        for person in people:
            journey, start = self._journeys.pop(person)
            x_m, y_m, _ = journey.at((now - start).total_seconds())
            row = self._row[person]
            at = self._roads.snap_metric(np.array([x_m]), np.array([y_m]))
            self._walkers.edge[row] = at.edge[0]
            self._walkers.fraction[row] = min(float(at.fraction[0]), 0.999)
            self._walkers.speed_mps[row] = self._pace[row]

    def journeys(self) -> list[int]:
        """Return who is on a journey."""
        return list(self._journeys)

    def fixes(self, part: int, parts: int, now: datetime) -> Fixes:
        """Return the fixes of one part of the crowd, and of everybody on a journey."""
        rows = np.arange(part % parts, len(self.ids), parts)
        travelling = np.array([self._row[person] for person in self._journeys], dtype=np.int64)
        rows = np.union1d(rows, travelling).astype(np.int64)
        xy_m = self._at(self._walkers.edge[rows], self._walkers.fraction[rows])
        heading = self._walkers.heading_deg(self._streets)[rows]
        speed = self._walkers.speed_mps[rows].copy()
        place = {int(self.ids[row]): index for index, row in enumerate(rows.tolist())}
        for person, (journey, start) in self._journeys.items():
            index = place[person]
            seconds = (now - start) / timedelta(seconds=1)
            xy_m[index, 0], xy_m[index, 1], heading[index] = journey.at(seconds)
            speed[index] = 0.0 if journey.over(seconds) else journey.speed_mps
        lon, lat = from_metric(xy_m[:, 0], xy_m[:, 1], self._roads.graph.epsg)
        return Fixes(self.ids[rows], lon, lat, speed, heading)
