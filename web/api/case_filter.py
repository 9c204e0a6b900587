"""Which cases: what lists, figures of the desk and files take alike."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dispatch.case.filter import Filter
from dispatch.case.order import ORDERS, Order
from dispatch.case.tally import STUCK_H
from dispatch.case.type import require_types
from geodata.db.scope import Conn
from layers.area import require_area
from web.api.change import actor_of
from web.api.schema import AreaCode, Id, Line, ListQuery, Model, Moment
from web.identity.principal import Principal
from web.services import services

OrderName = Literal["newest", "due"]


class CaseFilter(Model):
    """Which cases in scope; what is left out does not matter."""

    state: list[Line] | None = Field(None, description="states, or open; may be repeated")
    family: list[Line] | None = None
    type: list[Line] | None = None
    urgent: bool | None = None
    area: AreaCode | None = None
    q: str | None = Field(
        None, min_length=1, max_length=100, description="in number, words or address"
    )
    mine: bool = Field(False, description="assigned to me, or taken part in")
    reported_since: Moment | None = None
    reported_until: Moment | None = None
    holder: list[AreaCode] | None = Field(
        None, description="the area whose desk holds it, or one within"
    )
    level: list[Line] | None = Field(None, description="of the desk that holds it")
    light: list[Line] | None = Field(None, description="green, yellow or red, by its limit")
    card: list[Line] | None = Field(None, description="of supervision: yellow, red")
    returned: bool | None = Field(None, description="given back, rejected, handed up or down")
    stuck: bool = Field(False, description="in its present state for stuck_hours or longer")
    stuck_hours: float = Field(STUCK_H, gt=0, le=8784)
    lead: Id | None = Field(None, description="the person who leads it")


class CaseQuery(CaseFilter, ListQuery):
    """Which cases, in which order."""

    order: OrderName = Field("newest", description="newest first, or by due time")
    masked: bool = Field(False, description="phone and identity numbers by their ends, no flats")


def order_of(name: OrderName) -> Order:
    """Return the order of a name."""
    return ORDERS[name]


def filter_of(query: CaseFilter, principal: Principal) -> Filter:
    """Return what dispatch is asked for; lights are those of the present moment."""
    return Filter(
        states=tuple(query.state or ()),
        families=tuple(query.family or ()),
        type_codes=tuple(query.type or ()),
        urgent=query.urgent,
        area_code=query.area,
        text=query.q,
        mine=actor_of(principal).subjects if query.mine else (),
        reported_from=query.reported_since,
        reported_to=query.reported_until,
        holders=tuple(query.holder or ()),
        levels=tuple(query.level or ()),
        lights=tuple(query.light or ()),
        cards=tuple(query.card or ()),
        returned=query.returned,
        stuck_h=query.stuck_hours if query.stuck else None,
        lead=query.lead,
        now=services().clock.now(),
    )


def check_filter(conn: Conn, wanted: Filter) -> None:
    """Refuse an area or a type that there is not; InvalidInput names the field."""
    require_area(conn, wanted.area_code)
    require_types(conn, wanted.type_codes)
