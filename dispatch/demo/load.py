"""Writing the demo's people into the database, as its owner, by COPY."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from dispatch.demo.roster import Person, Roster
from geodata.db.scope import Conn
from geodata.road.profile import Mode
from geodata.road.snap import Snapper


def load_roster(conn: Conn, roster: Roster, roads: Snapper, as_of: datetime) -> None:
    """Write people, what they answer for, and where they are at ``as_of``: on their posts.

    The trigger that keeps ``people.area_codes`` true is off while rows are copied in bulk; the
    codes are written with the people instead.
    """
    conn.execute("ALTER TABLE dispatch.responsibilities DISABLE TRIGGER responsibilities_changed")
    posts = _snap(roster, roads)
    _copy_people(conn, roster, posts, as_of)
    _copy_responsibilities(conn, roster)
    _copy_positions(conn, roster, posts, as_of)
    conn.execute("ALTER TABLE dispatch.responsibilities ENABLE TRIGGER responsibilities_changed")
    conn.execute("ANALYZE dispatch.people, dispatch.responsibilities, dispatch.positions")


@dataclass(frozen=True)
class Posts:
    """Everybody's post on the road their mode of travel may use; lists of equal length n."""

    edge_id: list[int]
    fraction: list[float]
    snap_m: list[float]


def _snap(roster: Roster, roads: Snapper) -> Posts:
    mode = np.array([person.travel_mode for person in roster.people])
    lonlat = np.array([person.lonlat for person in roster.people], dtype=float)
    edge_id = np.zeros(len(mode), dtype=np.int64)
    fraction, snap_m = np.zeros(len(mode)), np.zeros(len(mode))
    for name in np.unique(mode):
        rows = np.flatnonzero(mode == name)
        way = None if name == "none" else Mode(name)
        found = roads.snap(lonlat[rows, 0], lonlat[rows, 1], way)
        edge_id[rows] = roads.graph.edge_id[found.edge]
        fraction[rows], snap_m[rows] = found.fraction, found.snap_m
    return Posts(edge_id.tolist(), fraction.tolist(), snap_m.tolist())


def _copy_people(conn: Conn, roster: Roster, posts: Posts, as_of: datetime) -> None:
    rows = zip(
        roster.people,
        roster.names,
        roster.phones,
        roster.duty,
        posts.edge_id,
        posts.fraction,
        strict=True,
    )
    with (
        conn.cursor() as cursor,
        cursor.copy(
            "COPY dispatch.people (id, name, role, team, organisation, phone, skills, home_code,"
            " area_codes, home, travel_mode, capacity, duty, duty_since, assumed, home_edge_id,"
            " home_fraction) FROM STDIN"
        ) as copy,
    ):
        for number, (person, name, phone, duty, edge_id, fraction) in enumerate(rows, 1):
            copy.write_row(
                (
                    number, name, person.role, person.team, person.organisation, phone,
                    list(person.skills), person.home_code, sorted(set(person.areas)),
                    _ewkt(person), person.travel_mode, person.capacity, duty, as_of,
                    person.assumed, edge_id, fraction,
                )
            )  # fmt: skip


def _ewkt(person: Person) -> str:
    lon, lat = person.lonlat
    return f"SRID=4326;POINT({float(lon)!r} {float(lat)!r})"


def _copy_responsibilities(conn: Conn, roster: Roster) -> None:
    with (
        conn.cursor() as cursor,
        cursor.copy(
            "COPY dispatch.responsibilities (person_id, area_code, building_id) FROM STDIN"
        ) as copy,
    ):
        for number, person in enumerate(roster.people, 1):
            if person.buildings:
                for building in person.buildings:
                    copy.write_row((number, person.areas[0], building))
            else:
                for area in person.areas:
                    copy.write_row((number, area, None))


def _copy_positions(conn: Conn, roster: Roster, posts: Posts, as_of: datetime) -> None:
    with (
        conn.cursor() as cursor,
        cursor.copy(
            "COPY dispatch.positions (person_id, lon, lat, edge_id, fraction, snap_m,"
            " measured_at, received_at) FROM STDIN"
        ) as copy,
    ):
        rows = zip(roster.people, posts.edge_id, posts.fraction, posts.snap_m, strict=True)
        for number, (person, edge_id, fraction, snap_m) in enumerate(rows, 1):
            if roster.duty[number - 1] == "on_duty":
                copy.write_row((number, *person.lonlat, edge_id, fraction, snap_m, as_of, as_of))
