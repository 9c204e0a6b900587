"""Door plates: exact and prefix search over ``geodata.addresses``.

Understands ``[province][city][district][street]road number号[rest]``. The district may be missing
(people leave it out), the rest (building, unit, room) is ambiguous by nature and kept by the
caller as text. Estates, landmarks and relative places are not covered.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from psycopg.rows import class_row

from geodata.db.query import query
from geodata.db.scope import Conn
from geodata.errors import InvalidInput

MAX_LENGTH = 200
MAX_CHOICES = 8
_LAST = "\U0010ffff"  # sorts after every character of a road name
_REGION = re.compile(r"^(?:辽宁省?)?(?:大连市?)?")
_STREET = re.compile(r"^(?P<street>.{1,12}?(?:街道|镇|乡))(?=.)")
_PLATE = re.compile(r"^(?P<road>.*?\D)(?P<number>[0-9]+(?:-[0-9]+)?)(?:(?P<mark>号)(?P<rest>.*))?$")


@dataclass(frozen=True)
class Address:
    """One door plate; lon and lat are EPSG:4326."""

    id: int
    road: str
    number: str
    full_text: str
    grid_code: str
    building_id: int | None
    lon: float
    lat: float


@dataclass(frozen=True)
class Plate:
    """The parts of an address as written; empty strings where nothing was said."""

    street: str
    road: str
    number: str
    rest: str
    complete: bool
    """The number ends in 号 or ends the text of a full plate: it is meant exactly."""


def parse_plate(text: str, district: str) -> Plate:
    """Split what somebody typed into street, road, number and the rest.

    Parameters
    ----------
    district
        Name of the district, which may or may not lead the text: '甘井子区'.

    Raises
    ------
    InvalidInput
        Empty, too long, or not text.
    """
    if not isinstance(text, str) or len(text) > MAX_LENGTH:
        raise InvalidInput(f"An address has at most {MAX_LENGTH} characters", field="address")
    plain = re.sub(r"[\s,,。、]+", "", unicodedata.normalize("NFKC", text))
    if not plain or "\x00" in plain or any("\ud800" <= char <= "\udfff" for char in plain):
        raise InvalidInput("An address is needed: road and number", field="address")
    plain = _REGION.sub("", plain).removeprefix(district)
    street = _STREET.match(plain)
    if street:
        plain = plain[street.end() :]
    plate = _PLATE.match(plain)
    name = street["street"] if street else ""
    if plate is None:
        return Plate(name, plain, "", "", False)
    return Plate(name, plate["road"], plate["number"], plate["rest"] or "", bool(plate["mark"]))


def search_addresses(conn: Conn, text: str, limit: int = 10) -> list[Address]:
    """Return door plates that begin like the text, nearest in number first.

    Parameters
    ----------
    text
        What has been typed so far: '兴华东', '兴华东路2', '泡崖街道兴华东路25号'.
    limit
        At most this many, 1 to 50.
    """
    if not 1 <= limit <= 50:
        raise InvalidInput("limit must be 1 to 50", field="limit")
    plate = parse_plate(text, _district(conn))
    found = _search(conn, plate, limit)
    if found or not plate.number or plate.complete:
        return found
    # What was typed so far may end within the name of a road that holds a number.
    return _search(conn, Plate(plate.street, plate.road + plate.number, "", "", False), limit)


def find_address(conn: Conn, text: str) -> Address:
    """Return the one door plate an address names.

    Raises
    ------
    InvalidInput
        There is no such plate, or there are several; ``context['choices']`` lists what could be
        meant, and so does the message.
    """
    plate = parse_plate(text, _district(conn))
    found = _search(conn, plate, MAX_CHOICES)
    exact = [a for a in found if (a.road, a.number) == (plate.road, plate.number)]
    if len(exact) == 1:
        return exact[0]
    choices = [address.full_text for address in exact or found or _same_road(conn, plate)]
    problem = "Several places have this address" if exact else "No door plate is known by that"
    hint = "; choose one of: " + ", ".join(choices) if choices else "; press on the map instead"
    raise InvalidInput(problem + hint, field="address", choices=choices)


def _district(conn: Conn) -> str:
    row = conn.execute("SELECT name FROM geodata.districts ORDER BY code LIMIT 1").fetchone()
    return str(row["name"]) if row else ""


def _same_road(conn: Conn, plate: Plate) -> list[Address]:
    road = Plate(plate.street, plate.road, "", "", False)
    return _search(conn, road, MAX_CHOICES) if plate.road else []


def _search(conn: Conn, plate: Plate, limit: int) -> list[Address]:
    if not plate.road and not plate.street:
        return []
    with conn.cursor(row_factory=class_row(Address)) as cursor:
        return cursor.execute(
            query("geodata", "search_address"),
            {
                "road": plate.road,
                "road_end": plate.road + _LAST,
                "exact_road": bool(plate.number),
                "number": plate.number,
                "exact_number": plate.complete,
                "street": plate.street,
                "limit": limit,
            },
        ).fetchall()
