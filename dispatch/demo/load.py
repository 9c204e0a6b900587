"""Writing the demo's people into the database, as its owner, by COPY."""

from __future__ import annotations

from datetime import datetime

from dispatch.demo.roster import Person, Roster
from dispatch.people.home import snap_people
from geodata.db.scope import Conn
from geodata.road.snap import Snapper


def load_roster(conn: Conn, roster: Roster, roads: Snapper, as_of: datetime) -> None:
    """Write people, what they answer for, and where they are at ``as_of``: on their posts.

    The trigger that keeps ``people.area_codes`` true is off while rows are copied in bulk; the
    codes are written with the people instead.
    """
    conn.execute("ALTER TABLE dispatch.responsibilities DISABLE TRIGGER responsibilities_changed")
    _copy_people(conn, roster, as_of)
    _copy_responsibilities(conn, roster)
    _copy_positions(conn, roster, as_of)
    snap_people(conn, roads)
    conn.execute("ALTER TABLE dispatch.responsibilities ENABLE TRIGGER responsibilities_changed")
    conn.execute("ANALYZE dispatch.people, dispatch.responsibilities, dispatch.positions")


def _copy_people(conn: Conn, roster: Roster, as_of: datetime) -> None:
    rows = zip(roster.people, roster.names, roster.phones, roster.duty, strict=True)
    with (
        conn.cursor() as cursor,
        cursor.copy(
            "COPY dispatch.people (id, name, role, team, organisation, phone, skills, home_code,"
            " area_codes, home, travel_mode, capacity, duty, duty_since, assumed) FROM STDIN"
        ) as copy,
    ):
        for number, (person, name, phone, duty) in enumerate(rows, 1):
            copy.write_row(
                (
                    number, name, person.role, person.team, person.organisation, phone,
                    list(person.skills), person.home_code, sorted(set(person.areas)),
                    _ewkt(person), person.travel_mode, person.capacity, duty, as_of,
                    person.assumed,
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


def _copy_positions(conn: Conn, roster: Roster, as_of: datetime) -> None:
    with (
        conn.cursor() as cursor,
        cursor.copy(
            "COPY dispatch.positions (person_id, lon, lat, measured_at, received_at) FROM STDIN"
        ) as copy,
    ):
        for number, person in enumerate(roster.people, 1):
            if roster.duty[number - 1] == "on_duty":
                lon, lat = person.lonlat
                copy.write_row((number, float(lon), float(lat), as_of, as_of))
