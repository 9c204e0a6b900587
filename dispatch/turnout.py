"""The turnout of a case: whom its run card calls for, who is recommended, and sending them.

One round trip reads the case with its parts, one the people of the ladder; people of roles that
the ladder does not name, and what keeps people back, are asked for only where a need is open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dispatch.actor import Actor
from dispatch.assign import store as assignments
from dispatch.assign.card import Card, Need, Part, choose_card, choose_lead
from dispatch.assign.card_store import read_cards
from dispatch.assign.ladder import Responder
from dispatch.assign.need import (
    NOBODY,
    Call,
    Counts,
    Shortfall,
    area_of,
    call_lead,
    explain,
    fill_needs,
    rules_for,
)
from dispatch.assign.need_store import (
    CaseGround,
    KeptBack,
    count_kept_back,
    lock_people,
    read_case_ground,
    read_people,
)
from dispatch.assign.rung import BESIDE_THE_LEAD, LADDER, Rule
from dispatch.assign.travel import Goal
from dispatch.case.facts_store import lock_cases, read_facts
from dispatch.case.loop import LEAD
from dispatch.choice import Assigned
from dispatch.office import Office
from dispatch.people.role import ROLES
from dispatch.sending import Place, allow_sending, send
from geodata.db.scope import Conn
from geodata.errors import Conflict, DataFault, InvalidInput
from geodata.road.snap import Snapper

LADDER_PEOPLE = None
"""Key of the people whom the ladder itself offers."""


@dataclass(frozen=True)
class Turnout:
    """The card of a case and how far each of its needs is met, in the order of the call."""

    card: Card
    version: int
    grid_code: str
    calls: tuple[Call, ...]

    @property
    def complete(self) -> bool:
        """Whether nobody is missing any more."""
        return all(call.missing <= 0 for call in self.calls)


@dataclass(frozen=True)
class Sent:
    """One person to be sent for one need of the card, as the desk saw them recommended."""

    need: int
    person_id: int


def read_turnout(
    conn: Conn,
    roads: Snapper,
    case_id: int,
    now: datetime,
    known: tuple[Goal, Sequence[Responder]] | None = None,
) -> Turnout | None:
    """Return the card of a case with its needs, None if no card is for it.

    Parameters
    ----------
    known
        The case's place with the searches made for it, and who stands on its ladder, if they have
        been read already.

    Raises
    ------
    NotFound
        No such case within reach.
    """
    ground = read_case_ground(conn, case_id)
    card = choose_card(ground.matter, read_cards(conn))
    if card is None:
        return None
    goal, ladder = known or (Goal(roads, ground.lon, ground.lat), None)
    asked = _Asked(conn, goal, ground, now)
    people, skilled = asked.people(card.needs, ladder), asked.skilled(card.needs)
    calls = fill_needs(card, ground.held, people, ground.arrival_limit_s, skilled)
    told = tuple(_explained(call, asked) for call in calls)
    return Turnout(card, ground.version, ground.grid_code, told)


def _explained(call: Call, asked: _Asked) -> Call:
    if call.missing <= len(call.chosen):
        return call
    kept = asked.kept_back(call.need)
    if call.need.role is None:
        counts = _sum(kept.counts.values())
    else:
        counts = kept.counts.get(call.need.role, NOBODY)
    return replace(call, shortfall=explain(call, area_of(asked.rules(call.need)), counts))


def _sum(counts: Iterable[Counts]) -> Counts:
    listed = list(counts)
    return Counts(*(sum(vars(one)[name] for one in listed) for name in vars(NOBODY)))


def read_lead(
    conn: Conn, roads: Snapper, case_id: int, now: datetime, passed: Collection[int] = ()
) -> Call:
    """Return who may lead a case, in order: whom its card names for that, else the ladder.

    Parameters
    ----------
    passed
        People who are passed over.

    Raises
    ------
    NotFound
        No such case within reach.
    """
    return _read_lead(conn, roads, case_id, now, passed)[0]


def explain_lead(
    conn: Conn, roads: Snapper, case_id: int, now: datetime, passed: Collection[int] = ()
) -> Shortfall:
    """Return why nobody who may lead a case can be sent; people by cause, without those passed.

    Raises
    ------
    NotFound
        No such case within reach.
    """
    call, asked = _read_lead(conn, roads, case_id, now, passed)
    found = _explained(replace(call, chosen=()), asked).shortfall
    if found is None:
        raise DataFault("A need with nobody is not short", case_id=case_id)
    return found


def _read_lead(
    conn: Conn, roads: Snapper, case_id: int, now: datetime, passed: Collection[int]
) -> tuple[Call, _Asked]:
    ground = read_case_ground(conn, case_id)
    need = choose_lead(ground.matter, read_cards(conn))
    asked = _Asked(conn, Goal(roads, ground.lon, ground.lat), ground, now)
    people = asked.people((need,), None)[need.role]
    free = [one for one in people if one.person_id not in passed]
    return call_lead(need, free, ground.arrival_limit_s, asked.skilled((need,))), asked


class _Asked:
    """What is asked of the database for one case, each question once."""

    def __init__(self, conn: Conn, goal: Goal, ground: CaseGround, now: datetime) -> None:
        self._conn, self._goal, self._ground, self._now = conn, goal, ground, now

    def rules(self, need: Need) -> tuple[Rule, ...]:
        """Return where people for a need are looked for."""
        family, skills = self._ground.matter.family, self._ground.skills
        if need.role is None:
            return tuple(rule for rule in LADDER if rule.family == family and _leads(rule))
        return rules_for(family, skills, need.role, ROLES[need.role].level)

    def people(
        self, needs: Sequence[Need], ladder: Sequence[Responder] | None
    ) -> Mapping[str | None, Sequence[Responder]]:
        """Return free people by the role that needs ask for, and those of the ladder."""
        family, skills = self._ground.matter.family, self._ground.skills
        own = {
            rule.role
            for rule in LADDER
            if rule.family == family and (rule.skill is None or rule.skill in skills)
        }
        roles = {need.role for need in needs if need.role is not None}
        if ladder is None:
            ladder = read_people(self._conn, self._goal, self._ground, self._now, LADDER)
        found: dict[str | None, Sequence[Responder]] = {LADDER_PEOPLE: ladder}
        found |= {role: [r for r in ladder if r.role == role] for role in roles & own}
        beyond = sorted(roles - own)
        if beyond:
            rules = tuple(rule for role in beyond for rule in self.rules(Need(Part.ALONE, role)))
            more = read_people(self._conn, self._goal, self._ground, self._now, rules)
            found |= {role: [r for r in more if r.role == role] for role in beyond}
        return found

    def skilled(self, needs: Sequence[Need]) -> dict[str, frozenset[int]]:
        """Return by skill that needs ask for who has it."""
        return {
            need.skill: frozenset(self.kept_back(need).able.get(need.role or "", ()))
            for need in needs
            if need.skill is not None
        }

    def kept_back(self, need: Need) -> KeptBack:
        """Return whom a rule keeps from being sent for a need."""
        return count_kept_back(self._conn, self._ground, self._now, self.rules(need), need.skill)


def _leads(rule: Rule) -> bool:
    return rule.role not in BESIDE_THE_LEAD


def send_turnout(
    conn: Conn,
    office: Office,
    actor: Actor,
    roads: Snapper,
    case_id: int,
    version: int,
    wanted: Sequence[Sent],
) -> list[Assigned]:
    """Send the people of a case's card, all or nothing: any error takes everybody back.

    Parameters
    ----------
    version
        Of the case, as it was looked at.
    wanted
        Whom to send for which need: as recommended, so that nobody is sent whom the desk has not
        seen. The order is that of the card.

    Raises
    ------
    Conflict
        The case moved on, somebody has been taken meanwhile, or the card is another one now.
    NotFound, Forbidden, InvalidInput
    """
    if not wanted:
        raise InvalidInput("Say whom to send: nobody is named", field="people")
    if len({one.person_id for one in wanted}) < len(wanted):
        raise InvalidInput("Nobody is sent twice", field="people")
    lock_cases(conn, [case_id])
    lock_people(conn, [one.person_id for one in wanted])
    turnout = read_turnout(conn, roads, case_id, office.now())
    if turnout is None:
        raise Conflict("No run card is for this case now: look again", field="version")
    if turnout.version != version:
        raise assignments.moved_on(conn, case_id, LEAD)
    sent: list[Assigned] = []
    for call in turnout.calls:
        for one in (one for one in wanted if one.need == call.index):
            place = _place(call, one.person_id)
            role = call.need.part.assignment_role
            facts = read_facts(conn, actor, case_id, None)
            row, wish = allow_sending(
                conn, office, actor, facts, one.person_id, facts.version, role
            )
            sent.append(send(conn, office, actor, facts, row, wish, place))
    if len(sent) < len(wanted):
        raise InvalidInput("The card has no such need", field="people")
    return sent


def _place(call: Call, person_id: int) -> Place:
    """Return where somebody stands for a need; who is gone has been taken by somebody else."""
    for index, r in enumerate(call.order.responders):
        if r.person_id == person_id and r.in_scope:
            return Place(call.order, index)
    raise Conflict(
        "This person can no longer be sent for the case: look at the card again. Nobody was sent.",
        field="people",
        winner={"person_id": person_id, "need": call.index},
    )
