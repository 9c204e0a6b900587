"""The demo's part of dispatch as a whole: types, roster, past; from the ground already loaded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from dispatch.case.type import CaseType, list_types
from dispatch.demo.history import draw_year, tell
from dispatch.demo.incident import Incidents, Sampler, type_choice
from dispatch.demo.load import load_roster
from dispatch.demo.name import make_names, make_phones
from dispatch.demo.place import District, Hotspot, read_district
from dispatch.demo.record import Past, write_past
from dispatch.demo.roster import Roster, make_roster
from dispatch.demo.shift import draw_plans, load_plans
from dispatch.office import Office
from dispatch.rule import seed_rules
from dispatch.sweep import adopt
from geodata.clock import FixedClock
from geodata.crs import to_metric
from geodata.db.scope import Conn
from geodata.demo.ground import stage_rng
from geodata.demo.progress import Progress
from geodata.road.snap import Snapper

COMMON_FIRST = (
    "D0201", "D0402", "D0602", "D0102", "D0204", "D0701", "D0601", "D0303", "D0203", "D0502",
    "H05", "H06", "H07", "H04", "H03", "H02", "H01", "H15", "S03", "S01", "S02", "S07",
    "P04", "P01", "P08", "P02",
)  # fmt: skip
"""Types that come up most, in that order; the rest follow by code: an assumption."""

LAST_DRAWN = {"hazard": "H16", "service": "S08"}
"""Last code of a family that comes up: with more types a seed would give another district."""

DISPATCH_TABLES: dict[str, tuple[str, ...]] = {
    "dispatch.case_types": ("code",),
    "dispatch.limits": ("id",),
    "dispatch.run_cards": ("id",),
    "dispatch.rules_version": ("version",),
    "dispatch.people": ("id",),
    "dispatch.responsibilities": ("id",),
    "dispatch.positions": ("person_id",),
    "dispatch.recusals": ("person_id", "case_id"),
    "dispatch.rosters": ("person_id",),
    "dispatch.shifts": ("id",),
    "dispatch.leaves": ("id",),
    "dispatch.cases": ("id",),
    "dispatch.custody": ("id",),
    "dispatch.clocks": ("id",),
    "dispatch.ratings": ("id",),
    "dispatch.contacts": ("id",),
    "dispatch.work_years": ("year",),
    "dispatch.work_days": ("day",),
    "dispatch.work_hours": ("opens",),
    "dispatch.work_calendar_version": ("version",),
    "dispatch.assignments": ("id",),
    "dispatch.participations": ("subject", "case_id"),
}
"""Tables of dispatch with the columns that order their rows, for geodata.demo.digest."""


def seed_dispatch(
    conn: Conn,
    roads: Snapper,
    hotspots: Sequence[Hotspot],
    *,
    seed: int,
    as_of: datetime,
    progress: Progress,
) -> None:
    """Load the demo's people and past; the connection is the owner's, in a transaction.

    Parameters
    ----------
    hotspots
        The causes that cases cluster round.
    seed, as_of
        The district is a pure function of both.
    """
    seed_rules(conn)
    progress.step("people", 0, 1)
    district = read_district(conn)
    roster = make_roster(district, stage_rng(seed, "roster"))
    load_roster(conn, roster, roads, as_of)
    load_plans(conn, list(draw_plans(roster, as_of, stage_rng(seed, "shifts"))), as_of)
    progress.step("people", 1, 1)
    types = {kind.code: kind for kind in list_types(conn)}
    sampler = make_sampler(district, hotspots, types, roads.graph.epsg)
    rng = stage_rng(seed, "history")
    incidents = draw_year(sampler, as_of, rng)
    leads = leads_of(district, roster, incidents, types)
    urgent = [types[code].urgent for code in incidents.type_code]
    absent = {number for number, duty in enumerate(roster.duty, 1) if duty != "on_duty"}
    place = district.sites.lonlat[incidents.site]
    road = roads.snap(place[:, 0], place[:, 1])
    past = Past(
        district,
        roster,
        incidents,
        tell(incidents, leads, urgent, as_of, rng, absent),
        types,
        road,
        roads.graph.edge_id[road.edge].tolist(),
        make_names(stage_rng(seed, "reporters"), len(incidents.at)),
        make_phones(len(roster.people), len(incidents.at)),
    )
    write_past(conn, past, as_of, progress)
    office = Office(FixedClock(as_of))
    last: int | None = 0
    while last is not None:
        last = adopt(conn, office, last, since_state=True)


def make_sampler(
    district: District, hotspots: Sequence[Hotspot], types: dict[str, CaseType], epsg: int
) -> Sampler:
    """Return the sampler of incidents."""
    lonlat = np.array([spot.lonlat for spot in hotspots]).reshape(-1, 2)
    x_m, y_m = to_metric(lonlat[:, 0], lonlat[:, 1], epsg)
    choice = {family: type_choice(codes) for family, codes in drawn_types(types).items()}
    return Sampler(district.sites, hotspots, np.column_stack([x_m, y_m]), choice)


def drawn_types(types: dict[str, CaseType]) -> dict[str, list[str]]:
    """Return the codes that come up by family, the commonest first: no classes, not the newest."""
    parents = {kind.parent_code for kind in types.values()}
    by_family: dict[str, list[str]] = {}
    for kind in sorted(types.values(), key=lambda kind: (_commonness(kind.code), kind.code)):
        if kind.code not in parents and kind.code <= LAST_DRAWN.get(kind.family, kind.code):
            by_family.setdefault(kind.family, []).append(kind.code)
    return by_family


def _commonness(code: str) -> int:
    return COMMON_FIRST.index(code) if code in COMMON_FIRST else len(COMMON_FIRST)


def leads_of(
    district: District, roster: Roster, incidents: Incidents, types: dict[str, CaseType]
) -> list[list[int]]:
    """Return for each incident who may lead it, the likeliest first, as the ladder has it.

    A dispute goes to the mediator of the community, then to others of the street; a police
    incident to the officers of the street in turn, after the grid worker if the front line can
    deal with it; all else to the front line.
    """
    officer = {b: n for n, p in enumerate(roster.people, 1) for b in p.buildings}
    worker = _by_area(roster, "grid_worker", 15)
    staff = _by_area(roster, "community_worker", 12)
    mediator = _by_area(roster, "mediator", 12)
    helper = _by_area(roster, "mediator", 9)
    police = _by_area(roster, "police_officer", 9)
    sites = district.sites
    leads = []
    for row, site in enumerate(incidents.site.tolist()):
        grid, family = sites.grid_code[site], incidents.family[row]
        if family == "police":
            front = "front_line" in types[incidents.type_code[row]].skills
            order = [*(worker[grid] if front else []), *_in_turn(police[grid[:9]], row)]
        elif family == "dispute":
            order = [*mediator[grid[:12]], *_in_turn(helper[grid[:9]], row)]
        else:
            here = officer.get(int(sites.id[site]))
            order = [*([here] if here else []), *worker[grid], *staff[grid[:12]]]
        leads.append(list(dict.fromkeys(order)))
    return leads


def _in_turn(people: list[int], turn: int) -> list[int]:
    """Return people with another one first each turn."""
    first = turn % len(people)
    return people[first:] + people[:first]


def _by_area(roster: Roster, role: str, digits: int) -> dict[str, list[int]]:
    """Return the people of a role by the areas of a level in which they answer for something."""
    found: dict[str, dict[int, None]] = {}
    for number, person in enumerate(roster.people, 1):
        if person.role == role:
            for area in person.areas:
                found.setdefault(area[:digits], {})[number] = None
    return {area: list(people) for area, people in found.items()}
