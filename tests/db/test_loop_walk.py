"""Random actions by random people on the real database: nothing illegal, nothing lost.

Hypothesis walks the loop: people report, act, merge; time passes; a sweeper comes by. What the
table allows must happen and lead where it says; what it does not allow must change nothing. After
each step the life of every case is held without a gap, every reporter is known, and at the end the
chain of events holds.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import psycopg
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from psycopg.rows import dict_row

from dispatch import desk
from dispatch.action import act
from dispatch.actor import Actor
from dispatch.case.decision import state_after
from dispatch.case.facts_store import read_facts
from dispatch.case.locate import Location
from dispatch.case.loop import the_loop
from dispatch.case.store import Case
from dispatch.case.wish import Closure, Wish
from dispatch.clock.limit_table import Step
from dispatch.sweep import sweep
from geodata.code import level_of
from geodata.crs import Datum
from geodata.db import event
from geodata.db.scope import Row, Scope, scoped, unscoped
from geodata.errors import Conflict, Forbidden, GanxinError, InvalidInput, NotFound
from tests.conftest import LONG
from tests.db import world as w
from tests.db.world import World, commander, dispatcher, staff
from tests.small_town import CASE_TABLES, place

LOOP = the_loop()
CLERK = Actor("u:6", "clerk", Scope((w.COMMUNITY,), ("u:6",)))
SUPERVISOR = Actor("u:7", "supervisor", Scope(("210211",), ("u:7",)))
PLANNER = Actor("u:9", "planner", Scope(("210211",), ("u:9",)))
PEOPLE = (
    commander(), dispatcher(), CLERK, SUPERVISOR, PLANNER,
    staff(w.WORKER, w.GRID), staff(w.OFFICER, w.GRID), staff(w.MEDIATOR, w.COMMUNITY, "mediator"),
)  # fmt: skip
REPORTERS = (PEOPLE[0], PEOPLE[1], PEOPLE[5], PEOPLE[7])
STEPS = 60
KINDS = ("H01", "H06", "D0201", "S01", "P02", "R01")
PLACES = (w.IN_BUILDING, (0.8, 0.8), (1.4, 0.4))
SENT = (w.WORKER, w.OFFICER, w.NEXT_DOOR, w.MEDIATOR, w.STAFF)
SEEDS = st.integers(0, 2**32)
WEIGHTS = {
    **dict.fromkeys(("void", "merge", "self_settle", "close", "supervise"), 0.2),
    **dict.fromkeys(("accept", "dispatch", "acknowledge", "arrive", "finish", "verify"), 4.0),
}
"""What leads on is chosen more often than what ends a case, so that walks come far."""
BESIDE = ("judge", "assist", "joint")
STALE = 0.08
"""Share of actions with the version before: somebody who looked too early."""
taken: Counter[tuple[str, str]] = Counter()
"""Actions of all walks of this process, tried and done: a walk that does nothing proves nothing."""
REFUSALS = (Conflict, Forbidden, InvalidInput, NotFound)
HELD = """
    SELECT c.id, c.number, c.state, c.version, c.type_code, t.parent_code, t.family, c.urgent,
           c.holder_code, c.reported_at, c.closed_at, c.state_since,
           (SELECT count(*) FROM dispatch.custody k WHERE k.case_id = c.id AND k.until IS NULL)
               AS held_now,
           (SELECT bool_and(k.until IS NULL OR k.until >= k.since) FROM dispatch.custody k
            WHERE k.case_id = c.id) AS forward,
           (SELECT count(*) FROM dispatch.custody k JOIN dispatch.custody n
                ON n.case_id = k.case_id AND n.id > k.id
               AND n.since < coalesce(k.until, 'infinity')
            WHERE k.case_id = c.id) AS twice,
           (SELECT array_agg(k.step ORDER BY k.step) FROM dispatch.clocks k
            WHERE k.case_id = c.id AND k.stopped_at IS NULL AND k.paused_at IS NULL
              AND k.step <> 'suspension') AS running,
           (SELECT bool_and(k.late_s >= 0) FROM dispatch.clocks k WHERE k.case_id = c.id) AS late
    FROM dispatch.cases c JOIN dispatch.case_types t ON t.code = c.type_code ORDER BY c.id
"""


class LoopWalk(RuleBasedStateMachine):
    """One walk through a town without cases; the people are always the same."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.cases: list[int] = []
        self.thrown = 0
        self.excess = False
        self.reports: dict[int, str] = {}
        self.gaps_s: dict[int, float] = {}
        self.ended: dict[int, Any] = {}
        self.ends: dict[int, int] = {}

    @initialize(who=st.sampled_from(REPORTERS), kind=st.sampled_from(KINDS))
    def begin(self, who: Actor, kind: str) -> None:
        for at in PLACES[:2]:
            self._report(who, at, kind)

    @rule(who=st.sampled_from(REPORTERS), at=st.sampled_from(PLACES), kind=st.sampled_from(KINDS))
    def report(self, who: Actor, at: tuple[float, float], kind: str) -> None:
        self._report(who, at, kind)

    def _report(self, who: Actor, at: tuple[float, float], kind: str) -> None:
        channel = "grid_worker" if who.person_id else "resident"
        location = Location(*place(*at), Datum.WGS84)
        with scoped(self.world.app, who.scope) as conn:
            made = desk.report_case(
                conn, self.world.office, who, desk.Report(kind, "x", location, channel=channel)
            )
        self.cases.append(made.id)
        self.reports[made.id] = who.subject

    @rule(minutes=st.sampled_from((1, 4, 12, 60, 300, 2000)))
    def wait(self, minutes: int) -> None:
        self.world.clock.at += timedelta(minutes=minutes)

    @rule()
    def let_a_sweeper_come(self) -> None:
        while sweep(self.world.system, self.world.office).told:
            pass
        with unscoped(self.world.system) as conn:
            due = conn.execute(
                "SELECT id FROM dispatch.clocks WHERE next_at <= %s AND paused_at IS NULL",
                (self.world.clock.now(),),
            ).fetchall()
        assert due == []

    @rule(seed=SEEDS)
    def do_what_is_open(self, seed: int) -> None:
        for _ in range(3):
            self._act(self._dice(seed), anything=False)

    @rule(seed=SEEDS)
    def go_on_with_it(self, seed: int) -> None:
        """Do the same: hypothesis leaves out some rules of each walk."""
        self.do_what_is_open(seed)

    @rule(seed=SEEDS)
    def try_anything(self, seed: int) -> None:
        self._act(self._dice(seed), anything=True)

    def _dice(self, seed: int) -> Random:
        """Return even dice: hypothesis would rather draw the same again."""
        self.thrown += 1
        return Random(f"{seed} {self.thrown}")  # noqa: S311 - dice, not secrets

    def _act(self, dice: Random, *, anything: bool) -> None:
        """Take an action and compare what comes of it with the table."""
        case_id = dice.choice(self.cases[-3:])
        before = self._case(case_id)
        who, action, role = self._choose(dice, case_id, anything=anything)
        open_to = self._allowed(who, case_id)
        wish = self._wish(dice, action, before, role)
        taken[action, "tried"] += 1
        try:
            after = self._carry_out(who, case_id, wish)
        except REFUSALS as refused:
            assert self._case(case_id) == before, "a refusal changes nothing"
            self._may_be_refused(refused, who, before, wish, open_to)
            return
        taken[action, "done"] += 1
        assert after.version == before["version"] + 1
        row = LOOP.row(self._family(case_id), action, before["state"])
        assert row is not None or role != "lead", (action, before["state"])
        if role == "lead" and row is not None:
            assert after.state == state_after(row, before["facts"])
        self._note_gap(case_id, before, after)

    def _choose(self, dice: Random, case_id: int, *, anything: bool) -> tuple[Actor, str, str]:
        """Return who does what: something open to one of a few people, or anything at all."""
        few = dice.sample(PEOPLE, 4)
        role = dice.choice(BESIDE) if dice.random() < 0.3 else "lead"
        if anything:
            return few[0], dice.choice(LOOP.actions), role
        steps = [(who, *step) for who in few for step in self._allowed(who, case_id)]
        if not steps:
            return few[0], dice.choice(LOOP.actions), role
        return dice.choices(steps, [WEIGHTS.get(action, 1.0) for _, action, _ in steps])[0]

    def _may_be_refused(
        self,
        refused: GanxinError,
        who: Actor,
        before: Row,
        wish: Wish,
        open_to: list[tuple[str, str]],
    ) -> None:
        """Tell why an action that was open could still be refused: its person or its target."""
        stale = wish.version != before["version"]
        assert not stale or isinstance(refused, Conflict | Forbidden | NotFound), refused
        if self.excess:
            return
        if (wish.action, wish.assignment_role) in open_to and not stale:
            about_person = wish.action in ("dispatch", "assist", "joint")
            about_target = wish.action == "merge"
            about_kind = wish.action == "close"
            assert about_person or about_target or about_kind, (who.role, before["state"], refused)

    def _note_gap(self, case_id: int, before: Row, after: Case) -> None:
        """Count the time a case was not alive: between its end and its reopening."""
        was, now = (LOOP.states[state].end for state in (before["state"], after.state))
        if after.state in ("closed", "void") and before["state"] != after.state:
            self.ends[case_id] = self.ends.get(case_id, 0) + 1
        if not was and now:
            self.ended[case_id] = self.world.clock.now()
        elif was and not now:
            dead = self.world.clock.now() - self.ended[case_id]
            self.gaps_s[case_id] = self.gaps_s.get(case_id, 0.0) + dead.total_seconds()

    def _wish(self, dice: Random, action: str, before: Row, role: str) -> Wish:
        """Return a wish with what the action asks for, seldom with more."""
        family = before["facts"].family
        starts = LOOP.starts(family, action) or (before["state"],)
        row = LOOP.row(family, action, before["state"]) or LOOP.row(family, action, starts[0])
        asked = {need.field for need in row.needs} if row else {"reason", "note"}
        given: dict[str, Any] = {
            "reason": "because",
            "note": "done",
            "rating": dice.randint(1, 5),
            "kind": dice.choice((None, None, *Closure)),
            "colour": dice.choice(("yellow", "red")),
            "until": dice.choice((None, self.world.clock.now() + timedelta(minutes=90))),
            "amount": 2,
            "unit": "working_hours",
            "into": dice.choice(self.cases),
            "person_id": dice.choice(SENT),
        }
        more = {"until", "rating"} if dice.random() < STALE else set()
        if role != "lead" and dice.random() < 0.3:
            more.add("person_id")
        self.excess = bool(more - asked)
        return Wish(
            action,
            before["version"] - (dice.random() < STALE),
            "lead" if action in ("assist", "joint") else role,
            **{name: value for name, value in given.items() if name in asked | more},
        )

    def _carry_out(self, who: Actor, case_id: int, wish: Wish) -> Case:
        office, roads = self.world.office, self.world.roads
        with scoped(self.world.app, who.scope) as conn:
            if wish.action in desk.SENDING:
                role = wish.action if wish.action in desk.BESIDE else wish.assignment_role
                return desk.assign(
                    conn, office, who, roads, case_id, wish.person_id or 0, wish.version, role
                ).case
            return act(conn, office, who, case_id, wish)

    def _allowed(self, who: Actor, case_id: int) -> list[tuple[str, str]]:
        """Return the actions open to somebody, each with whose part it is about."""
        try:
            with scoped(self.world.app, who.scope) as conn:
                found = desk.list_actions(conn, self.world.office, who, case_id)[1]
        except NotFound:
            return []
        return [(one.action, one.role) for one in found]

    def _case(self, case_id: int) -> Row:
        with unscoped(self.world.system) as conn:
            facts = read_facts(conn, commander(), case_id, None)
            row = conn.execute(
                "SELECT state, version, holder_code, hops, due_at FROM dispatch.cases"
                " WHERE id = %s", (case_id,),
            ).fetchone()  # fmt: skip
        assert row is not None
        return {**row, "facts": facts}

    def _family(self, case_id: int) -> str:
        return str(self._case(case_id)["facts"].family)

    @invariant()
    def every_life_is_held_without_a_gap(self) -> None:
        with unscoped(self.world.system) as conn:
            rows = conn.execute(HELD).fetchall()
            held = conn.execute(
                "SELECT case_id, sum(extract(epoch FROM coalesce(until, %s) - since)) AS s"
                " FROM dispatch.custody GROUP BY case_id", (self.world.clock.now(),),
            ).fetchall()  # fmt: skip
        held_s = {row["case_id"]: float(row["s"]) for row in held}
        for row in rows:
            state = LOOP.states[row["state"]]
            assert row["held_now"] == (0 if state.end else 1), row
            assert row["forward"], row
            assert not row["twice"], row
            assert row["late"] is not False, row
            self._clocks_fit(row)
            if row["id"] in self.reports:
                end = self.ended[row["id"]] if state.end else self.world.clock.now()
                life_s = (end - row["reported_at"]).total_seconds()
                assert held_s[row["id"]] == pytest.approx(
                    life_s - self.gaps_s.get(row["id"], 0.0), abs=1e-3
                ), row

    def _clocks_fit(self, row: Row) -> None:
        """See that just the clocks of the state run; those of a suspended case stand still."""
        state, running = LOOP.states[row["state"]], set(row["running"] or ())
        if state.end or state.paused:
            assert not running, row
            return
        with unscoped(self.world.system) as conn:
            limits = self.world.office.rules(conn).limits
        keys = row["type_code"], row["parent_code"], row["family"], level_of(row["holder_code"])
        wanted = [state.step] if state.step else []
        wanted += ["settle"] if state.settle else []
        expected = {
            step for step in wanted if limits.find(*keys, Step(step), row["urgent"]) is not None
        }
        assert running == expected, row

    @invariant()
    def assignments_fit_their_cases(self) -> None:
        """Whoever leads stands where the case stands; nobody is left on what has ended."""
        with unscoped(self.world.system) as conn:
            rows = conn.execute(
                "SELECT c.id, coalesce(c.suspended_from, c.state) AS state,"
                " array_agg(a.state) FILTER (WHERE a.live AND a.role = 'lead') AS leads,"
                " count(a.id) FILTER (WHERE a.live) AS live FROM dispatch.cases c"
                " LEFT JOIN dispatch.assignments a ON a.case_id = c.id GROUP BY c.id"
            ).fetchall()
        for row in rows:
            led = row["state"] in ("assigned", "acknowledged", "arrived")
            assert (row["leads"] or []) == ([row["state"]] if led else []), row
            assert not (LOOP.states[row["state"]].end and row["live"]), row

    @invariant()
    def lateness_is_what_passed_after_the_due_times(self) -> None:
        """Reckon it anew from the clocks that never stood still."""
        with unscoped(self.world.system) as conn:
            rows = conn.execute(
                "SELECT id, due_at, late_s, coalesce(late_from, due_at) AS since, stopped_at"
                " FROM dispatch.clocks WHERE stopped_at IS NOT NULL AND step <> 'suspension'"
                " AND paused_at IS NULL AND first_due_at = due_at AND late_from IS NULL"
            ).fetchall()
        for row in rows:
            late_s = max(0.0, (row["stopped_at"] - row["due_at"]).total_seconds())
            assert row["late_s"] == pytest.approx(late_s, abs=1e-3), row

    @invariant()
    def no_reporter_is_lost(self) -> None:
        """Who reported is on the case, and is told when the matter ends."""
        with unscoped(self.world.system) as conn:
            rows = conn.execute(
                "SELECT id, reported_by, state, merged_into FROM dispatch.cases"
            ).fetchall()
            told = conn.execute(
                "SELECT report_id, case_id, subject FROM dispatch.notices"
            ).fetchall()
        known = {row["id"]: row for row in rows}
        heard = Counter((row["report_id"], row["case_id"], row["subject"]) for row in told)
        for case_id, subject in self.reports.items():
            row = known[case_id]
            assert row["reported_by"] == subject
            root = row
            while root["merged_into"] is not None:
                root = known[root["merged_into"]]
            ends = self.ends.get(root["id"], 0)
            if root["state"] in ("closed", "void"):  # nothing joins an ended case: all were there
                assert heard[case_id, root["id"], subject] >= 1, (row, root)
                if root["id"] == case_id:
                    assert heard[case_id, case_id, subject] == ends, (row, ends)

    def teardown(self) -> None:
        """See that the chain of events holds, and leave an empty town."""
        with psycopg.connect(self.world.dsn, row_factory=dict_row, autocommit=True) as owner:
            while event.seal(owner) is not None:
                pass
            assert event.verify(owner) is None
            owner.execute("TRUNCATE " + CASE_TABLES)
            owner.execute("UPDATE geodata.event_head SET seq = 0, hash = ''")


def walk(world: World, examples: int) -> None:
    kind = type("Walk", (LoopWalk,), {"world": world})
    run_state_machine_as_test(
        kind,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            derandomize=True,
            phases=(Phase.generate,),  # each try of a shrink would take as long as a walk
            deadline=None,
            database=None,
        ),
    )


def test_a_seeded_walk_loses_nothing(world: World) -> None:
    taken.clear()
    walk(world, 40)
    assert _tried() > 1000
    assert {action for action, what in taken if what == "done"} > {
        "accept", "dispatch", "acknowledge", "finish", "verify", "close", "escalate", "suspend",
        "merge", "supervise", "extend",
    }  # fmt: skip


@LONG
def test_ten_thousand_actions_lose_nothing(world: World) -> None:
    taken.clear()
    walk(world, 220)
    assert _tried() >= 10_000
    # What the process alone may do is walked by tests/db/test_offer.py and tests/fault.
    by_people = {row.action for row in LOOP.rows if set(row.who) != {"process"}}
    assert {action for action, what in taken if what == "done"} == by_people


def _tried() -> int:
    return sum(count for (_, what), count in taken.items() if what == "tried")
