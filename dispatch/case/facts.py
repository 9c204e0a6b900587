"""Facts: what a decision about a case needs to know of it, and of who decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dispatch.actor import Actor
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
    my_roles
        Roles in which the actor has a live assignment of the case.
    my_report
        Whether the actor reported it, or a case merged into it.
    open_joint
        Bodies of a joint handling that have not finished.
    request_by
        Who asked for an extension that nobody has decided, None if nobody has.
    target
        The case named by ``into``, None if there is none in sight.
    """

    id: int
    number: str
    family: str
    type_code: str
    parent_code: str | None
    urgent: bool
    state: str
    version: int
    channel: str
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
    my_roles: tuple[str, ...] = ()
    my_report: bool = False
    open_joint: int = 0
    request_by: str | None = None
    target: Target | None = None

    @property
    def level(self) -> Level:
        """The level that holds the case."""
        return level_of(self.holder_code)


def reaches(actor: Actor, code: str) -> bool:
    """Tell whether an area lies within the actor's areas; a named process reaches everything."""
    return actor.role == "system" or actor.scope.covers(code)
