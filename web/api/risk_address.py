"""The address of the risk page, read as the page reads it: the question of the map that it shows.

The page itself (web/static/js/risk_state.js) passes over what it does not understand; here it is
refused by name, so that what is saved beside an address is of the very map that it opens.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from geodata.clock import local_day, midnight
from geodata.errors import InvalidInput
from layers.risk.foresight.trial import AREA_SHARE
from layers.risk.question import (
    BANDWIDTH_M,
    FAMILIES,
    MOST_BANDWIDTH_M,
    Measure,
    Source,
    Unit,
    Urgency,
)
from layers.risk.saved_map import split_query
from web.api.risk_model import MAX_DAYS, QuestionQuery
from web.api.schema import FIRST_YEAR, LAST_YEAR

SEASONS = {
    "spring": [3, 4, 5],
    "summer": [6, 7, 8],
    "autumn": [9, 10, 11],
    "winter": [12, 1, 2],
}
AREA_SHARES = ("0.005", "0.01", "0.02", "0.05")
"""As the page writes what the crews can cover."""
FIRST_DAYS = 180
"""Up to today, where no first day is given."""
SAFE = "!$'()*,/:;@"
"""Left as they are in an address."""


@dataclass(frozen=True)
class Address:
    """What an address asks for.

    Parameters
    ----------
    query
        The address with its days written out, so that it shows the same days tomorrow.
    asked
        Its question; ``bandwidth_m`` is not among its fields set where the backtest is to choose.
    area_share
        Part of the district that the backtest looks at.
    """

    query: str
    asked: QuestionQuery
    area_share: float

    def question(self, backtest: Mapping[str, Any] | None) -> QuestionQuery:
        """Return the question with the bandwidth that the page takes.

        Parameters
        ----------
        backtest
            Of the same layer and share, as ``/risk/backtest`` tells it; None where there is none.
        """
        if "bandwidth_m" in self.asked.model_fields_set:
            return self.asked
        name = "chosen_m" if self.asked.measure is Measure.DENSITY else "likelihood_m"
        chosen = (backtest or {}).get(name) or BANDWIDTH_M
        return self.asked.model_copy(update={"bandwidth_m": chosen})


def read_address(query: str, now: datetime) -> Address:
    """Return what the query of the page's address asks for; what is of the view only is kept.

    Parameters
    ----------
    query
        What stands behind the question mark; may be empty.
    now
        Days that are left out are told from it: 180 days up to today.

    Raises
    ------
    InvalidInput
        Names the parameter, ``query`` where it is not made of pairs; ``area`` always, for the page
        shows all that its reader may see.
    """
    pairs = [(name, text) for name, text in split_query(query) if text] if query else []
    given = _once(pairs)
    days = {"since": local_day(now - timedelta(days=FIRST_DAYS - 1)), "until": local_day(now)}
    days |= {name: _read(name, given[name], _day) for name in days if name in given}
    pairs += [(name, day.isoformat()) for name, day in days.items() if name not in given]
    found = {
        field: _read(name, given[name], read)
        for name, (field, read) in _READERS.items()
        if name in given
    }
    asked = QuestionQuery(
        since=midnight(days["since"]), until=midnight(days["until"] + timedelta(days=1)), **found
    )
    share = _read("cover", given["cover"], _share) if "cover" in given else AREA_SHARE
    return Address(urlencode(pairs, safe=SAFE), asked, share)


def _once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Return the parameters of the question; one that comes twice is refused."""
    given: dict[str, str] = {}
    for name, text in pairs:
        if name in given:
            raise InvalidInput(f"{name} stands in the address twice", field=name)
        if name == "area":
            raise InvalidInput("The page has no area: it shows all of yours", field=name)
        if name in _READERS or name in ("since", "until", "cover"):
            given[name] = text
    return given


def _read(name: str, text: str, read: Callable[[str], Any]) -> Any:
    try:
        return read(text)
    except ValueError:
        told = f"{name} of the page's address cannot be {text!r:.60}"
        raise InvalidInput(told, field=name) from None


def _day(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError
    found = date.fromisoformat(text)
    if not FIRST_YEAR <= found.year < LAST_YEAR:
        raise ValueError
    return found


def _hours(text: str) -> list[int]:
    """Return the hours from one to another, both included, over midnight too.

    >>> _hours("19-22"), _hours("22-2"), _hours("7-7")
    ([19, 20, 21, 22], [22, 23, 0, 1, 2], [7])
    """
    found = re.fullmatch(r"(\d{1,2})-(\d{1,2})", text, re.ASCII)
    if found is None:
        raise ValueError
    first, last = map(int, found.groups())
    if max(first, last) > 23:
        raise ValueError
    return [(first + k) % 24 for k in range((last - first) % 24 + 1)]


def _types(text: str) -> list[str]:
    found = [part for part in text.split(",") if part]
    if not found or not all(re.fullmatch(r"[A-Z0-9]{1,20}", part, re.ASCII) for part in found):
        raise ValueError
    return found


def _share(text: str) -> float:
    if text not in AREA_SHARES:
        raise ValueError
    return float(text)


def _season(text: str) -> list[int]:
    if text not in SEASONS:
        raise ValueError
    return SEASONS[text]


def _some(known: Collection[str]) -> Callable[[str], list[str]]:
    """Return what reads a list with commas, all of whose members are known."""

    def read(text: str) -> list[str]:
        found = [part for part in text.split(",") if part]
        if not found or not set(found) <= set(known):
            raise ValueError
        return found

    return read


def _number(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", text, re.ASCII):
            raise ValueError
        if not low <= float(text) <= high:
            raise ValueError
        return float(text)

    return read


_READERS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "measure": ("measure", Measure),
    "unit": ("unit", Unit),
    "family": ("family", _some(FAMILIES)),
    "type": ("type", _types),
    "urgency": ("urgency", Urgency),
    "source": ("source", Source),
    "weekday": ("weekday", _some("1234567")),
    "hours": ("hour", _hours),
    "season": ("month", _season),
    "bandwidth": ("bandwidth_m", _number(25, MOST_BANDWIDTH_M)),
    "half_life": ("half_life_days", _number(1, MAX_DAYS)),
    "urgent_weight": ("urgent_weight", _number(1, 100)),
}
"""Parameter of the address: field of the question, and what reads the one into the other."""
