"""Sending one person whose place on a list is known: decide, take, move the clocks, tell."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.action import move_lights
from dispatch.actor import Actor
from dispatch.assign import ladder
from dispatch.assign import store as assignments
from dispatch.assign.ladder import Order
from dispatch.assign.need import Call
from dispatch.case import store as cases
from dispatch.case.decision import decide, state_after
from dispatch.case.facts import Facts
from dispatch.case.loop import LEAD, Row
from dispatch.case.wish import Wish
from dispatch.choice import Assigned, make_choice
from dispatch.effect import Deed
from dispatch.notice import assigned, tell
from dispatch.office import Office
from geodata.db.scope import Conn
from geodata.errors import Conflict

BESIDE = ("assist", "joint")
"""Actions of the loop by which somebody joins beside the lead, any number at once."""


@dataclass(frozen=True)
class Place:
    """Somebody's place on an ordered list."""

    ordered: Order
    index: int

    @property
    def person_id(self) -> int:
        """Who it is."""
        return self.ordered.responders[self.index].person_id


def send_first(
    conn: Conn, office: Office, actor: Actor, facts: Facts, call: Call
) -> Assigned | None:
    """Assign the first of those called to lead who is still free, None if nobody is.

    Raises
    ------
    Conflict
        The case moved on, or a dispatch does not start from its state.
    Forbidden, NotFound
    """
    for index in call.chosen:
        place = Place(call.order, index)
        row, wish = allow_sending(conn, office, actor, facts, place.person_id, facts.version, LEAD)
        try:
            return send(conn, office, actor, facts, row, wish, place)
        except Conflict as gone:  # taken, or gone off duty, since the list was read
            if gone.field != "person_id":
                raise
    return None


def allow_sending(
    conn: Conn, office: Office, actor: Actor, facts: Facts, person_id: int, version: int, role: str
) -> tuple[Row, Wish]:
    """Return the row of the loop by which somebody may be sent.

    Raises
    ------
    Conflict
        The case moved on, or this does not start from its state.
    Forbidden, InvalidInput
    """
    wish = Wish(role if role in BESIDE else "dispatch", version, role, person_id)
    if facts.version != version:
        raise assignments.moved_on(conn, facts.id, role)
    return decide(office.rules(conn).loop, facts, actor, wish, office.now()), wish


def send(
    conn: Conn, office: Office, actor: Actor, facts: Facts, row: Row, wish: Wish, place: Place
) -> Assigned:
    """Assign somebody from a place on a list, with the reasons of this moment.

    Raises
    ------
    Conflict
        The case moved on, or the person has no room, is off duty or stands aside; names who was
        first.
    NotFound
    """
    rules, now, role = office.rules(conn), office.now(), wish.assignment_role
    line = ladder.candidate(place.ordered, place.index, facts.grid_code)
    states = facts.state, state_after(row, facts, role)
    choice = make_choice(
        facts.id, wish.version, role, states, place.ordered, place.index, line, actor, now
    )
    taken = assignments.take(conn, choice)
    if taken.assignment_id is None:
        raise assignments.refuse(conn, taken, choice)
    if states[0] != states[1]:
        move_lights(conn, rules, Deed(facts, wish, actor, now, wish.version + 1), states[1])
    case = cases.get_case(conn, facts.id)
    tell(conn, assigned(actor, case, choice, travelling=taken.travelling))
    return Assigned(case, taken.assignment_id, place.person_id, line, role)
