"""How values become JSON: times as RFC 3339 in UTC, dataclasses as objects, sets as lists."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from flask.json.provider import DefaultJSONProvider


def plain(value: Any) -> Any:
    """Return what JSON has for a value that it does not know.

    Raises
    ------
    TypeError
        There is nothing.
    """
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def moment(value: datetime) -> str:
    """Return a moment as RFC 3339 text in UTC."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class JsonFormat(DefaultJSONProvider):
    """The application's JSON: compact, in the order given, Chinese as Chinese."""

    default = staticmethod(plain)
    ensure_ascii = False
    sort_keys = False
    compact = True
