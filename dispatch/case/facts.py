"""Facts: what a decision about a case needs to know of it, and of who decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dispatch.actor import Actor
from dispatch.case.loop import PROCESS, Loop
from geodata.code import Level, level_of


@dataclass(frozen=True)
class Target:
    """The case another one is to be merged into."""

    id: int
    number: str
    state: str


@dataclass(frozen=True)
class Facts:
    """A case as a decision sees it; ``my_*`` are about who asks.

    Parameters
    ----------
    holder_code
        Code of the area (district to grid) whose desk holds the case.
    channels
        How the case, and the cases merged into it, were reported.
    my_parts
        Live assignments of the actor on the case: role and state.
    recused
        Whether the actor stands aside from it.
    my_report
        Whether the actor reported it, or a case merged into it.
    open_joint
        Bodies of a joint handling that have not finished.
    request_by
        Who asked for an extension that nobody has decided, None if nobody has.
    target
        The case named by ``into``, None if there is none in sight.
    failed_mediations
        At community level.
    """

    id: int
    number: str
    family: str
    type_code: str
    parent_code: str | None
    urgent: bool
    state: str
    version: int
    channels: tuple[str, ...]
    grid_code: str
    holder_code: str
    reported_at: datetime
    state_since: datetime
    held_since: datetime
    closed_at: datetime | None
    suspended_from: str | None
    merged_into: int | None
    hops: int
    card: str | None
    my_parts: tuple[tuple[str, str], ...] = ()
    recused: bool = False
    my_report: bool = False
    open_joint: int = 0
    request_by: str | None = None
    target: Target | None = None
    failed_mediations: int = 0

    @property
    def my_roles(self) -> tuple[str, ...]:
        """Roles in which the actor has a live assignment of the case."""
        return tuple(dict.fromkeys(role for role, _ in self.my_parts))

    @property
    def level(self) -> Level:
        """The level that holds the case."""
        return level_of(self.holder_code)


def is_process(actor: Actor) -> bool:
    """Tell whether this is a named process of the platform, not an account of a machine."""
    return actor.subject.startswith("system:")


def reaches(actor: Actor, code: str) -> bool:
    """Tell whether an area lies within the actor's areas; a named process reaches everything."""
    return is_process(actor) or actor.scope.covers(code)


def belongs(loop: Loop, actor: Actor, group: str) -> bool:
    """Tell whether an actor is one of a group of roles; a named process acts as the desk."""
    if group in ("desk", PROCESS) and is_process(actor):
        return True
    return actor.role in loop.groups.get(group, ())
