"""The ladder of a case as the API shows it."""

from __future__ import annotations

from typing import Any

from dispatch.assign.shortfall import sentence
from dispatch.offer import Offer
from web.api.schema import Answer, moment_text
from web.json_format import moment


class OfferOut(Answer):
    """Whether people are asked one after the other, and why nobody is left."""

    state: str
    begun_at: str
    next_at: str | None
    ended_at: str | None
    asked: int
    causes: dict[str, int] | None
    text: str | None


def show_offer(offer: Offer | None, locale: str) -> dict[str, Any] | None:
    """Return the ladder as the API shows it, None where there is none."""
    if offer is None:
        return None
    short = offer.shortfall
    return {
        "state": offer.state,
        "begun_at": moment(offer.begun_at),
        "next_at": moment_text(offer.next_at),
        "ended_at": moment_text(offer.ended_at),
        "asked": offer.asked,
        "causes": short and short["causes"],
        "text": short and sentence("", short["area"], 1, 1, short["causes"], None, locale),
    }
