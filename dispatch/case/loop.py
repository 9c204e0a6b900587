"""The closed loop as data: states, steps and rows of ``data/loop.toml``, checked when read.

A row says: this action leads from these states to that one, these may take it, this must come with
it, and this becomes of the assignments. What a new step of the loop needs is a new row. Decisions
over the table are in :mod:`dispatch.case.decision`, checks in :mod:`dispatch.case.loop_check`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from geodata.code import Level
from geodata.errors import DataFault

LEAD = "lead"
ASSIGNEE = "assignee"
REPORTER = "reporter"
PROCESS = "process"
"""A named process of the platform itself, and nobody else."""
PERSONAL = (ASSIGNEE, LEAD, REPORTER, PROCESS)
"""Whom a row may name besides groups of roles: by their part in the case."""
BACK = "back"
"""The state after a resumption: the one the case was suspended in."""
SETTLE = "settle"
"""The step whose clock covers the whole matter, from registration to feedback."""


@dataclass(frozen=True)
class State:
    """One state of a case.

    Parameters
    ----------
    step
        The step whose clock runs here, None if none does.
    settle
        Whether the clock of the whole matter runs here.
    paused
        Whether all clocks stand still.
    end
        Whether the life of the case ends here.
    """

    name: str
    step: str | None = None
    settle: bool = False
    paused: bool = False
    end: bool = False


@dataclass(frozen=True)
class Move:
    """What becomes of the assignments: those ``from_states`` go to ``to``; all live ones or one."""

    to: str
    from_states: tuple[str, ...] = ()
    ends_all: bool = False


@dataclass(frozen=True)
class Need:
    """A field that must, or may, come with an action."""

    field: str
    required: bool = True


@dataclass(frozen=True)
class Row:
    """One row of the table; see the head of ``loop.toml`` for what its fields say."""

    action: str
    families: tuple[str, ...]
    from_states: tuple[str, ...]
    to_state: str
    who: tuple[str, ...]
    event: str
    at_holder: bool = True
    needs: tuple[Need, ...] = ()
    guards: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    move: Move | None = None


@dataclass(frozen=True)
class Loop:
    """The whole table.

    Parameters
    ----------
    groups
        Roles of accounts by the name a row calls them.
    holder
        Level that holds a new case, by family.
    verified
        Families in which the reporting grid worker verifies before a case closes for good.
    escalates
        By step: whether a case goes up by itself when the step's time is over.
    """

    groups: Mapping[str, frozenset[str]]
    holder: Mapping[str, Level]
    verified: frozenset[str]
    states: Mapping[str, State]
    escalates: Mapping[str, bool]
    rows: tuple[Row, ...]
    _index: Mapping[tuple[str, str, str], Row] = field(repr=False, compare=False)

    @property
    def open_states(self) -> tuple[str, ...]:
        """States in which a case lives."""
        return tuple(name for name, state in self.states.items() if not state.end)

    @property
    def actions(self) -> tuple[str, ...]:
        """Every action, in the order of the table."""
        return tuple(dict.fromkeys(row.action for row in self.rows))

    def row(self, family: str, action: str, state: str) -> Row | None:
        """Return the row by which an action starts from a state, None if it does not."""
        return self._index.get((family, action, state))

    def of_family(self, family: str) -> tuple[Row, ...]:
        """Return the rows that hold for a family."""
        return tuple(row for row in self.rows if family in row.families)

    def starts(self, family: str, action: str) -> tuple[str, ...]:
        """Return the states an action starts from, in the order of the states."""
        return tuple(state for state in self.states if (family, action, state) in self._index)


@cache
def the_loop() -> Loop:
    """Return the table the product ships, checked.

    Raises
    ------
    DataFault
        Says what is wrong with which row.
    """
    text = (files("dispatch.case") / "data" / "loop.toml").read_text("utf-8")
    return parse_loop(tomllib.loads(text))


def parse_loop(data: Mapping[str, Any]) -> Loop:
    """Return the table of a parsed file.

    Raises
    ------
    DataFault
        A row repeats what another says, or a field is unknown.
    """
    families = data["families"]
    rows = tuple(_row(raw, tuple(families)) for raw in data["rows"])
    index: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        for family in row.families:
            for state in row.from_states:
                if index.setdefault((family, row.action, state), row) is not row:
                    raise DataFault(f"two rows tell of {row.action} from {state} for {family}")
    return Loop(
        groups={name: frozenset(roles) for name, roles in data["groups"].items()},
        holder={name: Level(raw["holder"]) for name, raw in families.items()},
        verified=frozenset(name for name, raw in families.items() if raw["verified"]),
        states={name: State(name, **raw) for name, raw in data["states"].items()},
        escalates={name: bool(raw["escalates"]) for name, raw in data["steps"].items()},
        rows=rows,
        _index=index,
    )


_FIELDS = frozenset(
    ["action", "families", "from", "to", "who", "at", "needs", "guards", "effects", "event",
     "assignment"]
)  # fmt: skip


def _row(raw: Mapping[str, Any], families: tuple[str, ...]) -> Row:
    name = raw.get("action", "?")
    if unknown := set(raw) - _FIELDS:
        raise DataFault(f"row {name}: unknown fields {sorted(unknown)}")
    if raw.get("at", "holder") not in ("holder", "sight"):
        raise DataFault(f"row {name}: at must be holder or sight")
    return Row(
        action=name,
        families=tuple(raw.get("families", families)),
        from_states=tuple(raw["from"]),
        to_state=raw["to"],
        who=tuple(raw["who"]),
        event=raw["event"],
        at_holder=raw.get("at", "holder") == "holder",
        needs=tuple(
            Need(text.rstrip("?"), not text.endswith("?")) for text in raw.get("needs", ())
        ),
        guards=tuple(raw.get("guards", ())),
        effects=tuple(raw.get("effects", ())),
        move=_move(raw["assignment"]) if "assignment" in raw else None,
    )


def _move(raw: Mapping[str, Any]) -> Move:
    return Move(raw["to"], tuple(raw.get("from", ())), raw.get("ends") == "all")
