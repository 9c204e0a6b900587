"""Ranking: responsibility first, then nearness. Pure; docs/algorithms/ladder.md tells the rule.

1. A rung is open if somebody on it can meet the arrival limit (those who do not travel always do)
   and somebody on it may lead.
2. Open rungs come first, from the building up; within one: who may lead before who joins beside
   the lead, travel time in tenths of a second (who does not travel after who does), live
   assignments, id.
3. The people of skipped rungs follow in the same order.
4. If no rung is open: everybody who may lead by travel time, live assignments, id; then the others.
5. Whom no road connects comes last.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from dispatch.assign.reason import Reason
from dispatch.assign.rung import BESIDE_THE_LEAD, BY_CHOICE, Rung

_WHOLE = {
    Rung.BUILDING: "own_building",
    Rung.GRID: "own_grid",
    Rung.NEIGHBOUR: "neighbouring_grid",
    Rung.COMMUNITY: "community",
    Rung.STREET: "street",
    Rung.DISTRICT: "district",
}
_PART = {
    Rung.COMMUNITY: "part_of_community",
    Rung.STREET: "part_of_street",
    Rung.DISTRICT: "part_of_district",
}
_DIGITS = {Rung.COMMUNITY: 12, Rung.STREET: 9, Rung.DISTRICT: 6}


class Responder(NamedTuple):
    """Somebody who answers for the place, is on duty and has room for the case.

    In the order of the columns of dispatch.candidates. ``travel_s`` is None for those who do not
    travel and inf where no road leads. Name and phone are None beyond the caller's scope.
    """

    person_id: int
    role: str
    rung: int
    area_code: str
    shared_m: float | None
    mode: str
    edge_id: int | None
    fraction: float | None
    lon: float
    lat: float
    measured_at: datetime | None
    load: int
    capacity: int
    in_scope: bool
    name: str | None
    phone: str | None
    travel_s: float | None = None
    distance_m: float | None = None

    @property
    def may_lead(self) -> bool:
        """Whether this role takes the lead of a case, or only joins beside it."""
        return self.role not in BESIDE_THE_LEAD


@dataclass(frozen=True)
class Candidate:
    """One line of the recommendation. Beyond the caller's scope: role, minutes and reason only.

    Parameters
    ----------
    rank
        1 is recommended.
    assignment_role
        ``lead``, or the role beside the lead in which a lawyer or judge joins.
    travel_s
        Along the road, tenths of a second; None for who does not travel or cannot get there.
    distance_m
        Length of the fastest way in metres, None where ``travel_s`` is None or beyond scope.
    edge_id, fraction, mode
        Where on the road and how: for the route on the map; None beyond scope.
    measured_at
        Time of the last fix; None if the home post stands in.
    """

    rank: int
    role: str
    rung: str
    assignment_role: str
    travel_s: float | None
    reasons: tuple[Reason, ...]
    in_scope: bool
    person_id: int | None = None
    name: str | None = None
    phone: str | None = None
    area_code: str | None = None
    distance_m: float | None = None
    load: int | None = None
    capacity: int | None = None
    mode: str | None = None
    edge_id: int | None = None
    fraction: float | None = None
    lon: float | None = None
    lat: float | None = None
    measured_at: datetime | None = None


@dataclass(frozen=True)
class Order:
    """Responders in order of recommendation, and which rungs could answer in time."""

    responders: tuple[Responder, ...]
    open_rungs: frozenset[int]
    limit_s: float

    @property
    def travellers(self) -> tuple[Responder, ...]:
        """Return those who travel."""
        return tuple(r for r in self.responders if r.travel_s is not None)


def order(responders: Iterable[Responder], limit_s: float) -> Order:
    """Put responders in order of recommendation.

    Parameters
    ----------
    limit_s
        The type's arrival limit.
    """
    people = list(responders)
    led = frozenset(r.rung for r in people if r.may_lead and r.travel_s != math.inf)
    opened = led & {r.rung for r in people if meets(r.travel_s, limit_s)}
    if opened:
        people.sort(key=lambda r: _by_rung(r, opened))
    else:
        people.sort(key=_by_travel)
    return Order(tuple(people), opened, limit_s)


def _tenths(travel_s: float) -> float:
    return round(travel_s, 1)


def meets(travel_s: float | None, limit_s: float) -> bool:
    """Tell whether a way is in time, in tenths of a second: who does not travel always is.

    Whom no road connects (inf) never is, without a limit (inf) neither.
    """
    return travel_s is None or (travel_s != math.inf and _tenths(travel_s) <= limit_s)


def _by_rung(r: Responder, opened: frozenset[int]) -> tuple[float | int | bool, ...]:
    nearness = _nearness(r)
    return (nearness[2] == math.inf, r.rung not in opened, r.rung, *nearness)


def _by_travel(r: Responder) -> tuple[float | int | bool, ...]:
    nearness = _nearness(r)
    return (nearness[2] == math.inf, *nearness)


def _nearness(r: Responder) -> tuple[bool, bool, float, int, int]:
    """Return what orders people of one rung: lead, travels, time, load, id."""
    time_s = 0.0 if r.travel_s is None else _tenths(r.travel_s)
    return (not r.may_lead, r.travel_s is None, time_s, r.load, r.person_id)


def rank(
    responders: Iterable[Responder], limit_s: float, grid_code: str, limit: int | None = None
) -> list[Candidate]:
    """Return the recommendation, the first ``limit`` lines of it if given."""
    ordered = order(responders, limit_s)
    return [
        candidate(ordered, index, grid_code) for index in range(len(ordered.responders))[:limit]
    ]


def candidate(ordered: Order, index: int, grid_code: str) -> Candidate:
    """Return one line with its reasons; what lies beyond the caller's scope is left out."""
    r = ordered.responders[index]
    public_s = None if r.travel_s is None or r.travel_s == math.inf else _tenths(r.travel_s)
    reasons = tuple(_reasons(r, ordered, grid_code))
    if not r.in_scope:
        return Candidate(
            rank=index + 1,
            role=r.role,
            rung=rung_code(r.rung),
            assignment_role=BESIDE_THE_LEAD.get(r.role, "lead"),
            travel_s=public_s,
            reasons=reasons,
            in_scope=False,
        )
    return Candidate(
        rank=index + 1,
        role=r.role,
        rung=rung_code(r.rung),
        assignment_role=BESIDE_THE_LEAD.get(r.role, "lead"),
        travel_s=public_s,
        reasons=reasons,
        in_scope=True,
        person_id=r.person_id,
        name=r.name,
        phone=r.phone,
        area_code=r.area_code,
        distance_m=None if public_s is None else r.distance_m,
        load=r.load,
        capacity=r.capacity,
        mode=r.mode,
        edge_id=r.edge_id,
        fraction=r.fraction,
        lon=r.lon,
        lat=r.lat,
        measured_at=r.measured_at,
    )


def rung_code(rung: int) -> str:
    """Return the name of a rung; 0 stands for the desk's own choice."""
    return Rung(rung).code if rung else BY_CHOICE


def _reasons(r: Responder, ordered: Order, grid_code: str) -> Iterable[Reason]:
    yield _responsibility(r, grid_code)
    yield _arrival(r.travel_s, ordered.limit_s)
    if r.rung and r.may_lead and not ordered.open_rungs:
        yield Reason("nobody_meets_limit")
    elif r.rung and r.may_lead and r.rung not in ordered.open_rungs:
        yield Reason("rung_skipped")
    if r.in_scope:
        yield Reason("load", {"load": r.load, "capacity": r.capacity})
    else:
        yield Reason("beyond_scope")


def _responsibility(r: Responder, grid_code: str) -> Reason:
    if not r.rung:
        return Reason("chosen_by_desk")
    rung = Rung(r.rung)
    if rung is Rung.NEIGHBOUR and r.shared_m is not None:
        return Reason("neighbouring_grid", {"shared_m": round(r.shared_m, 1)})
    if rung in _PART and not _answers_for_whole(r.area_code, rung, grid_code):
        return Reason(_PART[rung])
    if rung is Rung.COMMUNITY and r.role in BESIDE_THE_LEAD:
        return Reason("resident_of_community")
    return Reason(_WHOLE[rung])


def _answers_for_whole(area_code: str, rung: Rung, grid_code: str) -> bool:
    return area_code == grid_code[: _DIGITS[rung]]


def _arrival(travel_s: float | None, limit_s: float) -> Reason:
    if travel_s is None:
        return Reason("not_travelling")
    if travel_s == math.inf:
        return Reason("unreachable")
    seconds = _tenths(travel_s)
    if limit_s == math.inf:
        return Reason("there_in", {"travel_s": seconds})
    if seconds <= limit_s:
        return Reason("meets_limit", {"travel_s": seconds, "limit_s": limit_s})
    return Reason("late", {"travel_s": seconds, "late_s": round(seconds - limit_s, 1)})


def first_assignable(ordered: Order, taken: Sequence[int] = ()) -> int | None:
    """Return the place (from 0) of the best who may lead, in scope and not among ``taken``."""
    for index, r in enumerate(ordered.responders):
        if r.in_scope and r.may_lead and r.person_id not in taken:
            return index
    return None
