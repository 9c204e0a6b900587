"""The district lives: people move, incidents come in, and those who are sent go, act and close.

Everything goes through the same functions as the work of people: the desk, the batch of
positions. What a person at a screen does is left alone: ``manned`` people are not played, and a
few cases always wait for a dispatcher.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import structlog

from dispatch import desk
from dispatch.actor import Actor, system_actor
from dispatch.case.filter import Filter
from dispatch.case.guard import GRID_CHANNELS
from dispatch.case.locate import Location
from dispatch.case.loop import the_loop
from dispatch.case.type import CaseType
from dispatch.case.wish import Wish
from dispatch.demo.crowd import ACCURACY_M, Crowd, Fixes
from dispatch.demo.echo import Echo
from dispatch.demo.history import CHANNELS, CLOSING_NOTES, RATING_SHARES, RATINGS
from dispatch.demo.journey import Journey
from dispatch.desk import Report
from dispatch.office import Office
from dispatch.people.position import MAX_BATCH, Batch, report_positions
from geodata.crs import Datum, to_metric
from geodata.db.query import query
from geodata.db.scope import Pool, Row, unscoped
from geodata.errors import Conflict, InvalidInput, NotFound
from geodata.road.profile import Mode
from geodata.road.route import route
from geodata.road.snap import Snapper

ACKNOWLEDGE_S = 25.0
CLOSE_S = 300.0
"""Mean seconds until a task is signed for, and from arrival to closing: quicker than life, so
that somebody who watches the demo for ten minutes sees whole stories."""
VERIFY_S = 40.0
"""Mean seconds from feedback to its verification, and from there to closing."""
INCIDENT_S = 30.0
"""Mean seconds between incidents."""
KEPT_WAITING = 8
"""Cases left for the dispatcher at the screen; beyond them the demo dispatches itself."""
PATIENCE_S = 45.0
"""How long a case waits before the demo may dispatch it itself."""
ROUND_PARTS = 10
"""Everybody's phone reports every tenth step."""

log = structlog.get_logger("demo")


@dataclass(frozen=True)
class World:
    """What the life is played on."""

    pool: Pool
    """Connections as ``ganxin_system``."""
    roads: Snapper
    office: Office
    echo: Echo
    types: dict[str, CaseType]
    manned: Collection[int]
    """People on the roster whom somebody plays at a screen."""


class Life:
    """One step a second of the whole district."""

    def __init__(self, world: World, crowd: Crowd, rng: np.random.Generator) -> None:
        self._world = world
        self._crowd = crowd
        self._rng = rng
        self._actor = system_actor("demo")
        self._steps = 0
        self._at = world.office.now()

    def step(self) -> None:
        """Play the time since the last step."""
        now = self._world.office.now()
        seconds = max(0.0, (now - self._at).total_seconds())
        self._at = now
        self._steps += 1
        self._crowd.step(seconds, self._rng)
        self._send(self._crowd.fixes(self._steps, ROUND_PARTS, now), now)
        if self._rng.random() < seconds / INCIDENT_S:
            self._incident()
        tasks = self._tasks()
        for task in tasks:
            self._play(task, seconds, now)
        for waiting in self._feedback():
            if self._happens(VERIFY_S, seconds):
                self._follow_up(waiting)
        self._forget({task["person_id"] for task in tasks}, now)
        self._relieve(now)

    def _send(self, fixes: Fixes, now: datetime) -> None:
        for start in range(0, len(fixes.person_id), MAX_BATCH):
            part = slice(start, start + MAX_BATCH)
            batch = Batch(
                person_id=fixes.person_id[part],
                lon=fixes.lon[part],
                lat=fixes.lat[part],
                measured_at_s=np.full(len(fixes.person_id[part]), now.timestamp()),
                datum=Datum.WGS84,
                speed_mps=fixes.speed_mps[part],
                heading_deg=fixes.heading_deg[part],
                accuracy_m=np.full(len(fixes.person_id[part]), ACCURACY_M),
            )
            with unscoped(self._world.pool) as conn:
                report_positions(conn, self._world.roads, self._actor, batch, now)

    def _incident(self) -> None:
        """Report one more, unless the district no longer uses its type."""
        world, report = self._world, self._report()
        try:
            with unscoped(world.pool) as conn:
                desk.report_case(conn, world.office, self._actor, report, world.roads)
        except InvalidInput as refused:
            log.info("not reported", type=report.type_code, reason=refused.public_message)

    def _report(self) -> Report:
        site, code = self._world.echo.draw(self._rng)
        sites, kind = self._world.echo.sites, self._world.types[code]
        channels, weights = zip(*CHANNELS[kind.family], strict=True)
        drawn = str(self._rng.choice(channels, p=weights))
        channel = "alarm_pillar" if kind.code == "P01" else drawn
        lon, lat = sites.lonlat[site].tolist()
        return Report(
            type_code=kind.code,
            description=f"{sites.label[site]}:{kind.name}",
            location=Location(lon, lat, Datum.WGS84, ACCURACY_M),
            address=sites.label[site],
            channel=channel,
        )

    def _tasks(self) -> list[Row]:
        with unscoped(self._world.pool) as conn:
            rows = conn.execute(query("dispatch.demo", "list_live_tasks")).fetchall()
        return [row for row in rows if row["person_id"] not in self._world.manned]

    def _play(self, task: Row, seconds: float, now: datetime) -> None:
        """Take the next step of a task, if its time has come; who was quicker was quicker."""
        try:
            if task["state"] == "assigned":
                if self._happens(ACKNOWLEDGE_S, seconds):
                    self._act("acknowledge", task)
            elif task["state"] == "arrived":
                if self._happens(CLOSE_S, seconds):
                    self._act("finish" if _is_verified(task) else "close", task)
            elif task["travel_mode"] == "none" or self._has_arrived(task, now):
                self._act("arrive", task)
        except (Conflict, NotFound):
            log.info("somebody else was first", case=task["case_id"])

    def _happens(self, mean_s: float, seconds: float) -> bool:
        return bool(self._rng.random() < 1.0 - np.exp(-seconds / mean_s))

    def _act(self, action: str, task: Row) -> None:
        actor = Actor(f"p:{task['person_id']}", "system", self._actor.scope)
        note = self._note(task["family"]) if action in ("finish", "close") else None
        wish = Wish(action, task["version"], task["role"], note=note)
        with unscoped(self._world.pool) as conn:
            desk.act(conn, self._world.office, actor, task["case_id"], wish)

    def _note(self, family: str) -> str:
        notes = CLOSING_NOTES[family]
        return notes[int(self._rng.integers(len(notes)))]

    def _feedback(self) -> list[Row]:
        with unscoped(self._world.pool) as conn:
            return conn.execute(query("dispatch.demo", "list_feedback")).fetchall()

    def _follow_up(self, case: Row) -> None:
        """Verify what was fed back, as its reporter would, or close what was verified."""
        version = case["version"]
        wish = Wish("close", version, note=self._note(case["family"]))
        if case["state"] == "handled":
            rating = int(self._rng.choice(RATINGS, p=RATING_SHARES))
            wish = Wish("verify", version, rating=rating)
        try:
            with unscoped(self._world.pool) as conn:
                desk.act(conn, self._world.office, self._actor, case["id"], wish)
        except (Conflict, NotFound):
            log.info("somebody else was first", case=case["id"])

    def _has_arrived(self, task: Row, now: datetime) -> bool:
        """Tell whether the way is done; who is free to set out and has not, does."""
        person = task["person_id"]
        if not task["travelling"]:
            return False
        if not self._crowd.knows(person):
            return self._happens(float(task["travel_s"] or 60.0), 1.0)
        if not self._crowd.under_way(person):
            self._crowd.send(person, self._journey(task), now)
            return False
        return person in self._crowd.arrived(now)

    def _journey(self, task: Row) -> Journey:
        roads, mode = self._world.roads, Mode(task["travel_mode"])
        source = roads.snap_one(task["from_lon"], task["from_lat"], mode)
        target = roads.snap_one(task["lon"], task["lat"], mode)
        way = route(roads.graph, mode, source, target)
        lonlat = np.array(way.coordinates if way else [(task["lon"], task["lat"])] * 2)
        x_m, y_m = to_metric(lonlat[:, 0], lonlat[:, 1], roads.graph.epsg)
        return Journey.of(np.column_stack([x_m, y_m]), way.travel_s if way else 0.0)

    def _forget(self, busy: set[int], now: datetime) -> None:
        """Let those go back to their rounds whose task has ended some other way."""
        self._crowd.release([p for p in self._crowd.journeys() if p not in busy], now)

    def _relieve(self, now: datetime) -> None:
        """Dispatch the oldest waiting case, if more wait than are kept for the screen."""
        waiting = Filter(states=("pending",), reported_to=now - timedelta(seconds=PATIENCE_S))
        with unscoped(self._world.pool) as conn:
            page = desk.list_cases(conn, waiting, limit=KEPT_WAITING + 1)
            if len(page.items) <= KEPT_WAITING:
                return
            case = page.items[-1]
            best = desk.recommend(conn, self._world.roads, case.id, now, 1)
            if not best or best[0].person_id is None:
                return
            try:
                desk.assign(
                    conn, self._world.office, self._actor, self._world.roads, case.id,
                    best[0].person_id, case.version,
                )  # fmt: skip
            except Conflict:
                log.info("somebody else was first", case=case.id)


def _is_verified(task: Row) -> bool:
    """Tell whether the reporting grid worker verifies the case before it closes."""
    return task["family"] in the_loop().verified and task["channel"] in GRID_CHANNELS
