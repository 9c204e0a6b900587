"""Limits on sign-in by account and by address, counted with one atomic upsert.

Failures are what is limited: a success gives its hit back, so an office behind one address and a
test that signs in a hundred times are not locked out. Both keys count before the password is
looked at, so parallel guesses cannot slip through.
"""

from __future__ import annotations

from geodata.db.query import query
from geodata.db.scope import Conn

WINDOW_S = 300
PER_ACCOUNT = 30
PER_ADDRESS = 200


def count_attempt(conn: Conn, username: str, address: str) -> int | None:
    """Count an attempt to sign in; return the seconds to wait if there were too many, else None.

    The caller commits the count before refusing: an error raised inside the transaction would
    take the count back with it.
    """
    limits = _limits(username, address)
    rows = conn.execute(
        query("web.identity", "count_hit"), {"keys": list(limits), "window_s": WINDOW_S}
    ).fetchall()
    over = [int(row["left_s"]) for row in rows if row["hits"] > limits[row["key"]]]
    return max([1, *over]) if over else None


def forgive_attempt(conn: Conn, username: str, address: str) -> None:
    """Give the hit of a successful sign-in back."""
    conn.execute(
        "UPDATE web.rate_limits SET hits = greatest(hits - 1, 0) WHERE key IN"
        " (SELECT key FROM web.rate_limits WHERE key = ANY(%s) ORDER BY key FOR UPDATE)",
        (list(_limits(username, address)),),
    )


def _limits(username: str, address: str) -> dict[str, int]:
    return {
        f"sign_in:user:{username.casefold()}": PER_ACCOUNT,
        f"sign_in:address:{address}": PER_ADDRESS,
    }
