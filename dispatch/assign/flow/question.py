"""A problem in JSON, with any ids, and its answer: the words of ``ganxin assign solve``."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from dispatch.assign.flow.problem import LARGEST, NOBODY, Problem, Solution
from geodata.errors import InvalidInput

DEFAULT_CAPACITY = 1
"""Of a person who stands in an arc and not under ``capacity``."""
MOST = 2**53
"""Up to here a double tells every whole number from the next."""

Id = str | int | float


@dataclass(frozen=True, eq=False)
class Question:
    """A problem and the ids of its rows, in the form that they had where they first stood."""

    problem: Problem
    case_id: Sequence[Id]
    person_id: Sequence[Id]
    cost: Sequence[int | float]
    unassigned: Sequence[int | float | None]

    def answer(self, solution: Solution) -> dict[str, Any]:
        """Return ``objective``, ``pairs`` and ``unassigned``, in the order of the cases.

        The objective is a whole number if every cost in it is one.
        """
        pairs, left, parts = [], [], list[int | float]()
        for case, person in enumerate(solution.person.tolist()):
            if person == NOBODY:
                left.append(self.case_id[case])
                parts.append(self.unassigned[case] or 0)
            else:
                pairs.append([self.case_id[case], self.person_id[person]])
                parts.append(self.cost[solution.arc[case]])
        whole = all(isinstance(part, int) for part in parts)
        return {
            "objective": sum(parts) if whole else math.fsum(parts),
            "pairs": pairs,
            "unassigned": left,
        }


def read_question(text: str) -> Question:
    """Read a problem; docs/algorithms/whole-queue.md tells the format.

    Raises
    ------
    InvalidInput
        It is no JSON, or a field is missing or out of range; the message names row and field.
    """
    document = _load(text)
    if not isinstance(document, dict):
        _refuse("", "must be an object with arcs, capacity and unassigned", document)
    cases, people = _Names("case"), _Names("person")
    arcs = [_arc(row, cases, people) for row in enumerate(_field(document, "arcs", list))]
    capacity = {
        people.key(name, f"capacity[{json.dumps(name)}]"): _capacity(name, count)
        for name, count in _field(document, "capacity", dict).items()
    }
    left = {
        cases.index(name, "unassigned"): _cost(cost, f"unassigned[{json.dumps(name)}]")
        for name, cost in _field(document, "unassigned", dict).items()
    }
    cost = [arc[2] for arc in arcs]
    rooms = [capacity.get(key, DEFAULT_CAPACITY) for key in people.row]
    unassigned = [left.get(row) for row in range(len(cases.ids))]
    problem = Problem.of(
        [arc[0] for arc in arcs],
        [arc[1] for arc in arcs],
        cost,
        [min(room, len(unassigned)) for room in rooms],
        [math.inf if value is None else value for value in unassigned],
    )
    return Question(problem, cases.ids, people.ids, cost, unassigned)


class _Names:
    """Ids by their text: 7, 7.0 and "7" are one, as JSON's objects cannot tell them apart."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.row: dict[str, int] = {}
        self.ids: list[Id] = []

    def key(self, value: Any, where: str) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, bool) or not isinstance(value, int | float):
            _refuse(where, f"a {self.what} must be a text or a number", value)
        if isinstance(value, float) and not math.isfinite(value):
            _refuse(where, f"a {self.what} must be a text or a finite number", value)
        return str(int(value)) if value == int(value) else repr(value)

    def index(self, value: Any, where: str) -> int:
        row = self.row.setdefault(self.key(value, where), len(self.ids))
        if row == len(self.ids):
            self.ids.append(value)
        return row


def _load(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as problem:
        where = f"line {problem.lineno}, column {problem.colno}"
        raise InvalidInput(f"this is no JSON: {problem.msg} at {where}") from None
    except RecursionError:
        raise InvalidInput("this is no problem: it is nested too deeply") from None
    except ValueError:
        raise InvalidInput("a number in it has too many digits") from None


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInput(f"{json.dumps(twice)} stands twice in one object", field=twice)
    return found


def _constant(name: str) -> NoReturn:
    raise InvalidInput(f"{name} is not a number that JSON knows")


def _field(document: Mapping[str, Any], name: str, kind: type) -> Any:
    if name not in document:
        raise InvalidInput(f'"{name}" is missing; it may be empty', field=name)
    if not isinstance(document[name], kind):
        noun = "a list of [case, person, cost]" if kind is list else "an object"
        _refuse(name, f"must be {noun}", document[name])
    return document[name]


def _arc(numbered: tuple[int, Any], cases: _Names, people: _Names) -> tuple[int, int, int | float]:
    number, row = numbered
    where = f"arcs[{number}]"
    if not isinstance(row, list) or len(row) != 3:
        _refuse(where, "must be [case, person, cost]", row)
    case = cases.index(row[0], f"{where}, case")
    person = people.index(row[1], f"{where}, person")
    cost = _cost(row[2], f"{where}, cost")
    if cost > MOST:
        _refuse(f"{where}, cost", f"must be at most 2^53 ({MOST})", cost)
    return case, person, cost


def _cost(value: Any, where: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse(where, "must be a number", value)
    if not 0 <= value <= LARGEST:
        _refuse(where, "must be from 0 to 1e300", value)
    return value


def _capacity(name: str, count: Any) -> int:
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        _refuse(f"capacity[{json.dumps(name)}]", "must be a whole number of zero or more", count)
    return int(count)


def _refuse(where: str, rule: str, value: Any) -> NoReturn:
    shown = json.dumps(value) if not isinstance(value, int) or value < MOST else "too much"
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    start = f"{where}: " if where else "a problem "
    raise InvalidInput(f"{start}{rule}, not {shown}", field=where or None)
