"""Taking an action: one transaction that decides, moves case and assignments, and tells of it.

The case is locked first (with the one it is merged into, in the order of their ids), so that facts,
decision and what is written are of one version. Then come people and assignments, clocks, the case
itself, records and events.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg.types.json import Jsonb

from dispatch.actor import Actor
from dispatch.assign import store as assignments
from dispatch.assign.card import FAILURES
from dispatch.assign.store import Departure
from dispatch.case import store as cases
from dispatch.case.decision import Allowed, allowed_actions, decide, moves_case, state_after
from dispatch.case.facts import belongs, reaches
from dispatch.case.facts_store import lock_cases, read_facts
from dispatch.case.loop import Row
from dispatch.case.store import Case
from dispatch.case.wish import Wish
from dispatch.clock.limit import Limit, Unit
from dispatch.clock.running import SETTLE, Running, adjust, lights, prolong
from dispatch.clock.running_store import read_running, write_running
from dispatch.effect import (
    CHANGES,
    RECORDS,
    Columns,
    Deed,
    drop_requests,
    public_facts,
    write_remark,
)
from dispatch.notice import departed, notice, tell
from dispatch.office import Office, Rules, limits_for
from dispatch.timing import wanted_clocks
from geodata.db.event import dump_row
from geodata.db.query import query
from geodata.db.scope import Conn
from geodata.errors import Conflict, InvalidInput, NotFound

UNITS = frozenset(Unit)


def act(conn: Conn, office: Office, actor: Actor, case_id: int, wish: Wish) -> Case:
    """Take one action of the loop on a case.

    Raises
    ------
    Conflict
        The case is not as the caller saw it, or a guard of the row stands against it.
    NotFound, Forbidden, InvalidInput
    """
    rules, now = office.rules(conn), office.now()
    lock_cases(conn, [case_id] if wish.into is None else [case_id, wish.into])
    facts = read_facts(conn, actor, case_id, wish.into)
    if facts.version != wish.version:
        raise assignments.moved_on(conn, case_id, wish.assignment_role)
    try:
        row = decide(rules.loop, facts, actor, wish, now)
    except Conflict as refused:  # whoever moved the case there is told with it
        refused.winner = assignments.holder_facts(conn, case_id, wish.assignment_role) | (
            refused.winner or {}
        )
        raise
    _check_limit(wish)
    deed = Deed(facts, wish, actor, now, facts.version + 1)
    people = _move_assignments(conn, rules, row, deed)
    columns = columns_of(rules, row, deed)
    columns |= run_clocks(conn, rules, deed, columns)
    move_case(conn, deed, columns)
    if rules.loop.states[columns.get("state", facts.state)].end:
        drop_requests(conn, deed)
    for name in row.effects:
        if name in RECORDS:
            RECORDS[name](conn, deed)
    write_remark(conn, deed)
    case = cases.get_case(conn, case_id)
    _tell(conn, row, deed, case, people, public_facts(deed, columns))
    return case


def list_actions(
    conn: Conn, office: Office, actor: Actor, case_id: int
) -> tuple[int, list[Allowed]]:
    """Return the version of a case, and the actions somebody may take on it now; NotFound."""
    facts = read_facts(conn, actor, case_id, None)
    return facts.version, allowed_actions(office.rules(conn).loop, facts, actor, office.now())


def _check_limit(wish: Wish) -> None:
    if wish.unit is not None and wish.unit not in UNITS:
        raise InvalidInput("unit must be one of " + ", ".join(Unit), field="unit")
    if wish.amount is not None and wish.unit is not None:
        Limit(wish.amount, Unit(wish.unit))


def columns_of(rules: Rules, row: Row, deed: Deed) -> Columns:
    """Return the columns of the case that an action changes, clocks apart."""
    facts, wish = deed.facts, deed.wish
    state = state_after(row, facts, wish.assignment_role)
    columns: Columns = {}
    if state != facts.state:
        columns |= {"state": state, "state_since": deed.at}
    if rules.loop.states[state].end and state != "merged":
        columns |= {"closing_note": wish.text}
        if state == "closed":
            columns |= {"closed_at": deed.at}
    if moves_case(row, wish.assignment_role):
        for name in row.effects:
            if name in CHANGES:
                columns |= CHANGES[name](deed)
    return columns


def run_clocks(conn: Conn, rules: Rules, deed: Deed, columns: Columns) -> Columns:
    """Start, stop and hold clocks as the case comes to be; return when its light changes."""
    facts = deed.facts
    before = read_running(conn, facts.id)
    holder = columns.get("holder_code", facts.holder_code)
    state = rules.loop.states[columns.get("state", facts.state)]
    wanted = wanted_clocks(state, holder, deed.wish.until)
    after = adjust(rules.calendar, before, wanted, limits_for(rules, facts, holder), deed.at)
    if deed.wish.action == "approve_extension":
        after = _prolonged(conn, rules, deed, after)
    write_running(conn, facts.id, before, after)
    yellow_at, due_at = lights(after)
    return {"yellow_at": yellow_at, "due_at": due_at}


def move_lights(conn: Conn, rules: Rules, deed: Deed, state: str) -> None:
    """Run the clocks of a case that an assignment has moved already, and write its light."""
    lit = run_clocks(conn, rules, deed, {"state": state})
    conn.execute(
        "UPDATE dispatch.cases SET yellow_at = %s, due_at = %s WHERE id = %s",
        (lit["yellow_at"], lit["due_at"], deed.facts.id),
    )


def _prolonged(conn: Conn, rules: Rules, deed: Deed, clocks: Sequence[Running]) -> list[Running]:
    """Return clocks with the time added that was asked for: the step's and the whole matter's."""
    asked = conn.execute(
        "SELECT amount, unit FROM dispatch.extensions WHERE case_id = %s AND granted IS NULL",
        (deed.facts.id,),
    ).fetchone()
    if asked is None:
        raise Conflict("Nobody has asked for an extension", winner={"state": deed.facts.state})
    limit = Limit(asked["amount"], Unit(asked["unit"]))
    steps = {SETTLE, *(state.step for state in rules.loop.states.values() if state.settle)}
    return [
        prolong(rules.calendar, clock, limit, deed.at)
        if clock.step in steps and clock.stopped_at is None
        else clock
        for clock in clocks
    ]


def move_case(conn: Conn, deed: Deed, columns: Columns) -> None:
    """Write the columns that change, and count the version on."""
    changed = conn.execute(
        query("dispatch.case", "move_case"),
        {
            "case_id": deed.facts.id,
            "version": deed.facts.version,
            "changes": Jsonb(columns, dumps=dump_row),
        },
    ).fetchone()
    if changed is None:
        raise NotFound("There is no such case in your area", case_id=deed.facts.id)


def _move_assignments(conn: Conn, rules: Rules, row: Row, deed: Deed) -> list[int]:
    """Move one assignment, or end all; return the people whose assignments moved."""
    move, wish, facts = row.move, deed.wish, deed.facts
    if move is None:
        return []
    own = deed.actor.person_id if wish.assignment_role in facts.my_roles else None
    desk = belongs(rules.loop, deed.actor, "desk") and reaches(deed.actor, facts.holder_code)
    people = assignments.move_assignments(
        conn,
        facts.id,
        role=None if move.ends_all else wish.assignment_role,
        person_id=None if move.ends_all else (wish.person_id if desk else None) or own,
        from_states=move.from_states,
        to_state=move.to,
        at=deed.at,
        reason=wish.reason,
        result=wish.note if "result" in row.effects else None,
    )
    if len(people) > 1 and not move.ends_all:
        raise InvalidInput("Several have this part: say whose it is", field="person_id")
    if not people and not move.ends_all:
        raise assignments.moved_on(conn, facts.id, wish.assignment_role)
    return people


def _tell(
    conn: Conn, row: Row, deed: Deed, case: Case, people: Sequence[int], facts: dict[str, Any]
) -> None:
    move = row.move
    freed = people if move is not None and move.to != "acknowledged" else []
    subjects: list[int | None] = [*people] or [None]
    role = deed.wish.assignment_role
    events = [
        notice(deed.actor, case, row.event, deed.at, person_id=one, role=role, **facts)
        for one in subjects
    ]
    if facts.get("failed") == FAILURES:
        # The desk is told: from now on the case has the joint card (run-card.md).
        events.append(notice(deed.actor, case, "case.joint_called", deed.at, failed=FAILURES))
    tell(conn, *events, *(departed(deed.actor, one, deed.at) for one in _set_out(conn, freed)))


def _set_out(conn: Conn, people: Sequence[int]) -> list[Departure]:
    """Let people whose journey ended begin the next one."""
    return assignments.next_journeys(conn, people) if people else []
