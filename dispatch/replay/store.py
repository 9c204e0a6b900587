"""Reading a town to replay: the cases of a period, the roster with its plan, and their ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from dispatch.assign.candidate import read_standing
from dispatch.assign.travel import Spot
from dispatch.replay.town import Case, People, Place, Span, Town
from dispatch.replay.way import measure_ways, row_of
from dispatch.roster.plan import ON, Plan
from dispatch.roster.store import read_plans
from geodata.db.query import query
from geodata.db.scope import Conn, Row
from geodata.demo.progress import NoProgress, Progress
from geodata.errors import NotFound
from geodata.road.snap import Snapper

MONTH, WARM_UP = timedelta(days=30), timedelta(days=7)
BEYOND = timedelta(days=2)
"""People's duty is known so long after the last case: the cases of the last day are finished."""
ON_SITE_S = {
    "dispute": 3600.0, "hazard": 1800.0, "service": 1800.0, "police": 1800.0,
    "recommendation": 1800.0,
}  # fmt: skip
"""How long somebody stays at the place at most before another journey: an assumption. A case is
open for longer, hours or days, in which the person has a place less but is not held up."""
AT_ONCE = 100
"""Cases whose ladder is asked for by one statement."""


@dataclass(frozen=True)
class Month:
    """The period to replay: counted from ``since`` on, played from ``warm_up`` before."""

    since: datetime
    until: datetime
    warm_up: timedelta = WARM_UP

    @property
    def begins(self) -> datetime:
        """Return when the replay begins."""
        return self.since - self.warm_up

    def ending(self, until: datetime) -> Month:
        """Return a period as long as this one that ends at another moment."""
        return Month(until - (self.until - self.since), until, self.warm_up)

    def seconds(self, at: datetime) -> float:
        """Return seconds since the replay begins."""
        return (at - self.begins).total_seconds()


def last_month(conn: Conn, days: int = MONTH.days) -> Month:
    """Return the days up to the newest case.

    Raises
    ------
    NotFound
        There are no cases.
    """
    row = conn.execute("SELECT max(reported_at) AS at FROM dispatch.cases").fetchone()
    if row is None or row["at"] is None:
        raise NotFound("There are no cases to replay")
    until = row["at"] + timedelta(seconds=1)
    return Month(until - timedelta(days=days), until)


def read_town(
    conn: Conn, roads: Snapper, month: Month, seed: int, progress: Progress | None = None
) -> Town:
    """Read what there was to do in a period and who was there to do it.

    Parameters
    ----------
    conn
        Sees every case and person: of ``ganxin_system``.
    seed
        For how long a case takes where that is not known.
    """
    told = progress or NoProgress()
    rows = conn.execute(query("dispatch.replay", "list_cases"), _bounds(month)).fetchall()
    staff = conn.execute(query("dispatch.replay", "list_people")).fetchall()
    people = _people(conn, staff, month)
    place_of, lonlat = _number_places(rows)
    ways = measure_ways(
        roads,
        lonlat,
        [Spot(r["travel_mode"], r["edge_id"], r["fraction"], r["lon"], r["lat"]) for r in staff],
        lambda done, total: told.step("ways", done, total),
    )
    places = _places(conn, rows, place_of, people, month, told)
    cases = _cases(rows, places, month, seed)
    return Town(cases, people, ways, month.seconds(month.until), month.seconds(month.since))


def _bounds(month: Month) -> dict[str, datetime]:
    return {"since": month.begins, "until": month.until}


def _people(conn: Conn, rows: Sequence[Row], month: Month) -> People:
    plans = read_plans(conn, [row["id"] for row in rows], month.until)
    return People(
        np.array([row["id"] for row in rows], np.int64),
        [row["role"] for row in rows],
        np.array([row_of(row["travel_mode"]) for row in rows], np.int8),
        np.array([row["capacity"] for row in rows], np.int64),
        [on_duty(plans[row["id"]], row["duty"], month) for row in rows],
    )


def on_duty(plan: Plan, duty: str, month: Month) -> list[Span]:
    """Return when somebody is on duty by the plan; where it says nothing, by the duty of now."""
    if not plan.shifts and not plan.leaves and duty != ON:
        return []
    spans = plan.on_spans(month.begins, month.until + BEYOND)
    return [(month.seconds(start), month.seconds(end)) for start, end in spans]


def _number_places(
    rows: Sequence[Row],
) -> tuple[Mapping[tuple[float, float], int], list[tuple[float, float]]]:
    place_of: dict[tuple[float, float], int] = {}
    for row in rows:
        place_of.setdefault((row["lon"], row["lat"]), len(place_of))
    return place_of, list(place_of)


def _places(
    conn: Conn,
    rows: Sequence[Row],
    place_of: Mapping[tuple[float, float], int],
    people: People,
    month: Month,
    told: Progress,
) -> list[Place]:
    """Return the place of each case with who stands on its ladder."""
    column = {person: row for row, person in enumerate(people.id.tolist())}
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for start in range(0, len(rows), AT_ONCE):
        part = [row["id"] for row in rows[start : start + AT_ONCE]]
        for case_id, person_id, rung in read_standing(conn, part, month.until):
            found[case_id].append((column[person_id], rung))
        told.step("ladders", start + len(part), len(rows))
    return [
        Place(
            place_of[row["lon"], row["lat"]],
            row["family"],
            tuple(row["skills"]),
            np.array([person for person, _ in found[row["id"]]], np.int32),
            np.array([rung for _, rung in found[row["id"]]], np.int64),
        )
        for row in rows
    ]


def _cases(rows: Sequence[Row], places: Sequence[Place], month: Month, seed: int) -> list[Case]:
    handled = handling_s(rows, seed)
    return [
        Case(
            row["id"],
            month.seconds(row["reported_at"]),
            place,
            float(row["arrival_limit_s"]),
            row["urgent"],
            min(open_s, ON_SITE_S[row["family"]]),
            open_s,
        )
        for row, place, open_s in zip(rows, places, handled.tolist(), strict=True)
    ]


def handling_s(rows: Sequence[Row], seed: int) -> NDArray[np.float64]:
    """Return how long each case takes from arrival on: as it was, else as a like one was, drawn.

    A like one is of the same family; with none of it known it is one of any.

    Raises
    ------
    NotFound
        Nothing is known of any case.
    """
    known: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row["handled_s"] is not None:
            known[row["family"]].append(row["handled_s"])
    every = [one for family in known.values() for one in family]
    if rows and not every:
        raise NotFound("Of no case in this time it is known how long it took")
    return np.array([
        row["handled_s"] if row["handled_s"] is not None
        else np.random.default_rng([seed, row["id"]]).choice(known[row["family"]] or every)
        for row in rows
    ], float)  # fmt: skip
