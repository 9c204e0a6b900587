"""Recommendations of the risk map: a place to patrol, or where to install a device.

Each is a case of the recommendation family and goes through the same loop as any other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from dispatch.actor import Actor
from dispatch.case import store as cases
from dispatch.case.locate import Location
from dispatch.case.store import Case
from dispatch.case.type import choose_type
from dispatch.case.words import check_text
from dispatch.intake import Report, make_draft, place_of, take_in
from dispatch.office import Office
from geodata.db.scope import Conn
from geodata.errors import Forbidden

RECOMMENDERS = frozenset({"commander", "dispatcher", "clerk", "planner", "supervisor"})
"""Planners and supervisors report no other case (dispatch/intake.py)."""


class Advice(StrEnum):
    """What is recommended."""

    PATROL = "patrol"
    PILLAR = "pillar"
    CAMERA = "camera"


TYPES = {Advice.PATROL: "R01", Advice.PILLAR: "R02", Advice.CAMERA: "R02"}
LABELS = {
    Advice.PATROL: {"zh": "建议加强巡查", "en": "Patrol this place"},
    Advice.PILLAR: {"zh": "建议加装报警柱", "en": "Install an alarm pillar"},
    Advice.CAMERA: {"zh": "建议加装视频探头", "en": "Install a camera"},
}


@dataclass(frozen=True)
class Recommendation:
    """What should be done where, and why.

    Parameters
    ----------
    words
        The reasons of who recommends it.
    link
        Path of the map it follows from, None if there is none.
    locale
        ``zh`` or ``en``: the language of who recommends it, in which it is labelled.
    """

    advice: Advice
    location: Location
    words: str
    link: str | None
    locale: str

    @property
    def description(self) -> str:
        """What the case says: label, words, and the map on a line of its own."""
        text = f"{LABELS[self.advice][self.locale]}: {self.words.strip()}"
        return text if self.link is None else f"{text}\n{self.link}"


def recommend_measure(
    conn: Conn, office: Office, actor: Actor, recommendation: Recommendation
) -> Case:
    """Take in a recommendation as a case that waits, and tell of it.

    Raises
    ------
    InvalidInput, Forbidden
    """
    if actor.role not in RECOMMENDERS:
        raise Forbidden("Your role may not recommend a measure", role=actor.role)
    check_text(recommendation.words, "words")
    description = check_text(recommendation.description, "words")
    kind, now = choose_type(conn, TYPES[recommendation.advice]), office.now()
    report = Report(kind.code, description, recommendation.location, channel="desk")
    location, place = place_of(conn, report, now)
    row = conn.execute("SELECT nextval('dispatch.case_ids') AS id").fetchone()
    draft = make_draft(row["id"] if row else 0, kind, place, location, report, actor, now, None)
    draft = replace(draft, state="pending")  # who recommends a measure has judged that it is one
    return take_in(conn, office, actor, cases.make_case(draft), kind)
