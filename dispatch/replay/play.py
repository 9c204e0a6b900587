"""A replay, event by event: cases come in, a policy decides, people travel, stay and become free.

Time is that of the events; no clock is read. The rules of moving are those of the product: a
person has as many open cases as places, and travels to one at a time, the oldest task first. What
is assumed beside them: docs/algorithms/policy.md.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from dispatch.assign.flow.problem import NOBODY
from dispatch.replay.policy import Policy
from dispatch.replay.town import DAY_S, POST, Case, FloatArray, RowArray, Town
from geodata.errors import DataFault

PATIENCE_S = DAY_S
"""Who has nobody by then is left: a desk would have seen to it by hand long before."""

Tick = Callable[[int, int], None]
"""Hears how many cases of how many have come in."""


class _Kind(IntEnum):
    """What happens; at one moment in this order."""

    DONE = 1
    """A case is done: a place becomes free."""
    LEAVE = 2
    """Somebody need not stay any longer."""
    TURN_OFF = 3
    TURN_ON = 4
    COME_IN = 5
    ROUND = 6
    """Waiting cases are looked at again."""


@dataclass(frozen=True, eq=False)
class Record:
    """What became of each case; arrays of shape (n,), in the order of the town's cases.

    Parameters
    ----------
    person
        Row of who went, NOBODY where nobody did.
    sent_s, arrived_s
        Moments; NaN where nobody went.
    road_s
        Time on the road; NaN for who does not travel.
    most_load
        Shape (p,): the most open cases that each person had at once.
    """

    town: Town
    person: RowArray
    sent_s: FloatArray
    road_s: FloatArray
    arrived_s: FloatArray
    most_load: NDArray[np.int64]


def play(town: Town, policy: Policy, tick: Tick | None = None) -> Record:
    """Play a town's cases under a policy; the same town and policy give the same record.

    Raises
    ------
    DataFault
        The policy sends somebody who is off duty, has no room or cannot get there.
    """
    state = _State(town)
    for who, spans in enumerate(town.people.on):
        for start_s, end_s in spans:
            if start_s < end_s:
                state.push(start_s, _Kind.TURN_ON, who)
                state.push(end_s, _Kind.TURN_OFF, who)
    for number, case in enumerate(town.cases):
        state.push(case.at_s, _Kind.COME_IN, number)
    game = _Game(state, policy, tick or _no_tick)
    while state.events:
        game.step()
    return state.record()


def _no_tick(done: int, total: int) -> None:
    """Hear and forget."""


@dataclass(eq=False)
class _State:
    """The town as it stands; arrays by row of people or cases."""

    town: Town
    now_s: float = 0.0
    events: list[tuple[float, int, int]] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        people, cases = len(self.town.people), len(self.town.cases)
        self.on = np.zeros(people, bool)
        self.held = np.zeros(people, np.int64)
        self.most = np.zeros(people, np.int64)
        self.at = np.full(people, POST, np.int32)
        self.back_s = np.full(people, np.inf)
        self.tasks: dict[int, deque[int]] = {}
        self.person = np.full(cases, NOBODY, np.int32)
        self.sent_s, self.road_s, self.arrived_s = (np.full(cases, np.nan) for _ in range(3))

    def push(self, at_s: float, kind: _Kind, who: int) -> None:
        """Let something happen at a moment."""
        heapq.heappush(self.events, (at_s, int(kind), who))

    def free(self, person: RowArray) -> NDArray[np.bool_]:
        """Tell who is on duty and has room."""
        room = self.held[person] < self.town.people.capacity[person]
        here: NDArray[np.bool_] = self.on[person] & room
        return here

    def load(self, person: RowArray) -> NDArray[np.int64]:
        """Return how many open cases each has."""
        held: NDArray[np.int64] = self.held[person]
        return held

    def travel_s(self, case: Case, person: RowArray) -> FloatArray:
        """Return the travel time of each from where they are.

        Who is under way counts where they are going, who goes back to the post where they came
        from until they are there.
        """
        at = np.where(self.back_s[person] <= self.now_s, POST, self.at[person]).astype(np.int32)
        return self.town.ways.to(case.place.row, person, self.town.people.mode[person], at)

    def send(self, number: int, who: int) -> None:
        """Give a case to a person, who sets out now or after the tasks they have."""
        row, case = np.array([who], np.int32), self.town.cases[number]
        if not self.free(row)[0] or self.travel_s(case, row)[0] == math.inf:
            raise DataFault("A policy sent somebody who cannot go")
        self.held[who] += 1
        self.most[who] = max(self.most[who], self.held[who])
        self.person[number], self.sent_s[number] = who, self.now_s
        if who in self.tasks:
            self.tasks[who].append(number)
        else:
            self.tasks[who] = deque()
            self.set_out(number, who)

    def set_out(self, number: int, who: int) -> None:
        """Let somebody travel to a case, stay there, and have it done."""
        case = self.town.cases[number]
        road_s = float(self.travel_s(case, np.array([who], np.int32))[0])
        arrived_s = self.now_s + (0.0 if math.isnan(road_s) else road_s)
        self.road_s[number], self.arrived_s[number] = road_s, arrived_s
        self.at[who], self.back_s[who] = case.place.row, np.inf
        self.push(arrived_s + case.stay_s, _Kind.LEAVE, who)
        self.push(arrived_s + max(case.open_s, case.stay_s), _Kind.DONE, who)

    def leave(self, who: int) -> None:
        """Let somebody go on to the next task, or back to the post."""
        if self.tasks[who]:
            self.set_out(self.tasks[who].popleft(), who)
            return
        del self.tasks[who]
        # The way back takes as long as the way from the post: one-way streets are not looked at.
        back_s = float(self.town.ways.from_post_s[self.at[who], who])
        self.back_s[who] = self.now_s + (0.0 if math.isnan(back_s) else back_s)

    def record(self) -> Record:
        """Return what became of the cases."""
        return Record(self.town, self.person, self.sent_s, self.road_s, self.arrived_s, self.most)


@dataclass(eq=False)
class _Game:
    """The state with a policy that decides."""

    state: _State
    policy: Policy
    tick: Tick
    _round_s: float = -1.0

    def __post_init__(self) -> None:
        self.to_come = len(self.state.town.cases)

    def step(self) -> None:
        """Let the next thing happen."""
        state = self.state
        state.now_s, kind, who = heapq.heappop(state.events)
        if kind == _Kind.DONE:
            state.held[who] -= 1
        elif kind == _Kind.LEAVE:
            state.leave(who)
        elif kind in (_Kind.TURN_ON, _Kind.TURN_OFF):
            state.on[who] = kind == _Kind.TURN_ON
        elif kind == _Kind.COME_IN:
            self._come_in(who)
        else:
            self._look_again()

    def _come_in(self, number: int) -> None:
        state = self.state
        self.to_come -= 1
        self.tick(len(state.town.cases) - self.to_come, len(state.town.cases))
        if self.policy.together or not self._decide([number]):
            state.waiting.append(number)
            self._plan_round(looked=not self.policy.together)

    def _look_again(self) -> None:
        """Look at all that waits, together or one after the other; give up what is too old."""
        state = self.state
        cases = state.town.cases
        state.waiting = [n for n in state.waiting if state.now_s - cases[n].at_s < PATIENCE_S]
        if self.policy.together and state.waiting:
            sent = self._decide(state.waiting)
        else:
            sent = {number for number in state.waiting if self._decide([number])}
        state.waiting = [number for number in state.waiting if number not in sent]
        self._plan_round(looked=True)

    def _decide(self, numbers: Sequence[int]) -> set[int]:
        """Ask the policy and carry out what it says; return the cases that were given."""
        cases = [self.state.town.cases[number] for number in numbers]
        chosen = self.policy.choose(self.state, cases)
        for place, who in chosen:
            self.state.send(numbers[place], who)
        return {numbers[place] for place, _ in chosen}

    def _plan_round(self, *, looked: bool) -> None:
        """Let there be another round, at a multiple of its length, if anything waits.

        Parameters
        ----------
        looked
            All that waits was looked at as things stand: until something happens it need not be
            again.
        """
        state, every_s = self.state, self.policy.every_s
        if not state.waiting or self._round_s > state.now_s or (looked and not state.events):
            return
        next_s = (math.floor(state.now_s / every_s) + 1) * every_s
        if looked:
            next_s = max(next_s, math.ceil(state.events[0][0] / every_s) * every_s)
        self._round_s = next_s
        state.push(next_s, _Kind.ROUND, 0)
