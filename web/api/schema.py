"""What all models of the API share: strictness, identifiers, coordinates, lists, problems.

``extra='forbid'`` and ``allow_inf_nan=False`` hold for every model; the schema of a model is made
once, because flask-openapi3 asks for it at every request.
"""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
)

from geodata.code import parse_code
from geodata.crs import Datum, parse_datum
from geodata.errors import InvalidInput
from web.json_format import moment
from web.request_body import text_problem

MAX_LIMIT = 200
BIGINT = 2**63 - 1
FIRST_YEAR, LAST_YEAR = 1970, 2200
Item = TypeVar("Item")


def _clean(text: str) -> str:
    if problem := text_problem(text):
        raise ValueError(problem)
    return text


_DATUMS = {datum.value: datum for datum in Datum}


def _datum(value: object) -> Datum:
    if isinstance(value, str) and value in _DATUMS:
        return _DATUMS[value]
    try:
        return parse_datum(value)
    except InvalidInput as exc:
        raise ValueError(exc.public_message) from None


def _moment(at: datetime) -> datetime:
    """Refuse years near the ends of the calendar, where arithmetic with offsets overflows."""
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"must be from the year {FIRST_YEAR} to {LAST_YEAR}")
    return at


def _area_code(text: str) -> str:
    try:
        return parse_code(text)
    except InvalidInput as exc:
        raise ValueError(exc.public_message) from None


Text = Annotated[str, AfterValidator(_clean)]
Words = Annotated[Text, Field(min_length=1, max_length=2000)]
Line = Annotated[Text, Field(min_length=1, max_length=200)]
AreaCode = Annotated[str, AfterValidator(_area_code), Field(max_length=17)]
Id = Annotated[int, Field(ge=1, le=BIGINT)]
BodyId = Annotated[int, Strict(), Field(ge=1, le=BIGINT)]
BodyFlag = Annotated[bool, Strict()]
Degrees = Annotated[float, Strict(), Field(description="degrees in the declared datum")]
Metres = Annotated[float, Strict(), Field(ge=0, le=20_000)]
DeclaredDatum = Annotated[Datum, BeforeValidator(_datum)]
Moment = Annotated[
    AwareDatetime, AfterValidator(_moment), Field(description="RFC 3339 with its offset")
]
Version = Annotated[int, Strict(), Field(ge=1, le=2**31 - 1)]
Locale = Literal["zh", "en"]


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return BaseModel.model_json_schema.__func__(model)  # type: ignore[attr-defined,no-any-return] # the classmethod's function


class Model(BaseModel):
    """Base of every request and answer."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the JSON schema; the plain form, asked for at every request, is kept."""
        if args or kwargs:
            return super().model_json_schema(*args, **kwargs)
        return _schema(cls)


class Answer(BaseModel):
    """Base of the answers: documentation of what a facade returns."""

    model_config = ConfigDict(extra="forbid")


class Page(Answer, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next: str | None = Field(description="cursor of the next page; null at the end")


class IdPath(Model):
    """The id in a path."""

    id: Id


class ListQuery(Model):
    """What every list takes."""

    limit: int = Field(50, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(None, max_length=400, description="``next`` of the page before")


class Problem(BaseModel):
    """RFC 9457 problem document."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None
    winner: dict[str, Any] | None = None
    incident: str | None = None


PROBLEM = {"content": {"application/problem+json": {"schema": Problem.model_json_schema()}}}


def problems(*statuses: int) -> dict[str | int, Any]:
    """Return the documented problem answers of an operation."""
    return {str(status): deepcopy(PROBLEM) for status in (401, 422, *statuses)}


def moment_text(at: datetime | None) -> str | None:
    """Return a moment as RFC 3339 text in UTC."""
    return None if at is None else moment(at)
