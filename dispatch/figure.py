"""Key figures of the cases and people in scope: for the wall and for the heads of lists."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from geodata.clock import LOCAL_ZONE
from geodata.db.query import query
from geodata.db.scope import Conn

DISPATCH_DAYS = 7
"""Average time to dispatch is taken over the cases reported in so many days."""


def count_figures(conn: Conn, now: datetime) -> dict[str, Any]:
    """Return the key figures within the scope of the transaction.

    Days are local (Asia/Shanghai). ``closing_rate`` is closed / reported over all that was ever
    reported, void cases left out; ``today`` and ``yesterday`` are up to the same time of day, so
    that they can be compared.

    Parameters
    ----------
    now
        Aware moment up to which things are counted.
    """
    day = local_day(now)
    row = conn.execute(
        query("dispatch", "count_figures"),
        {
            "now": now,
            "today": day,
            "yesterday": day - timedelta(days=1),
            "yesterday_now": now - timedelta(days=1),
            "dispatch_since": now - timedelta(days=DISPATCH_DAYS),
        },
    ).fetchone()
    figures = dict(row or {})
    reported = figures["reported"]
    figures["closing_rate"] = round(figures["closed"] / reported, 6) if reported else None
    return figures


def local_day(now: datetime) -> datetime:
    """Return the moment the local day of ``now`` began."""
    return now.astimezone(LOCAL_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
