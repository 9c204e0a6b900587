"""A stream lives no longer than the credential that let it in."""

from __future__ import annotations

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from geodata.db.scope import Pool, unscoped
from web.stream.frame import frame
from web.stream.hall import Hall
from web.stream.screen import Screen
from web.stream.store import check_credentials

SIGNED_OUT = frame({"reason": "credential"}, event="signed-out")
AUTHORITY_CHANGED = frame({"reason": "authority"}, event="resync")


class Guard:
    """Checks screens against ``web.sessions``, ``web.tokens`` and ``web.users``.

    A screen is checked when it is seated (a session may have ended on the way here), when its
    session, token or user changes, and with everybody at each sweep, because expiry tells nobody.
    """

    def __init__(self, pool: Pool, hall: Hall) -> None:
        self._pool = pool
        self._hall = hall
        self._due: set[Screen] = set()
        self._log = structlog.get_logger("stream.guard")

    @property
    def busy(self) -> bool:
        """Tell whether somebody waits to be checked."""
        return bool(self._due)

    def suspect(self, screen: Screen) -> None:
        """Check this screen at the next look."""
        self._due.add(screen)

    def suspect_all(self) -> None:
        """Check everybody at the next look."""
        self._due.update(self._hall)

    def suspect_credential(self, note: str) -> None:
        """Check whom a notification is about: ``sessions:12``, ``tokens:3`` or ``users:7``."""
        table, _, row_id = note.partition(":")
        for screen in self._hall:
            if note == screen.facts.credential or (
                table == "users" and row_id == str(screen.facts.user_id)
            ):
                self._due.add(screen)

    def look(self) -> None:
        """Check everybody who is due; while the database is away they stay due."""
        waiting, self._due = self._due, set()
        due = {screen for screen in waiting if screen.open}
        try:
            with unscoped(self._pool) as conn:
                valid = check_credentials(conn, {screen.facts.credential for screen in due})
        except (psycopg.Error, PoolTimeout) as exc:
            self._log.warning("credentials not checked", error=type(exc).__name__)
            self._due |= due
            return
        for screen in due:
            _judge(screen, valid.get(screen.facts.credential))


def _judge(screen: Screen, authority: str | None) -> None:
    if authority is None:
        screen.finish(SIGNED_OUT)
    elif screen.authority is None:
        screen.authority = authority
    elif screen.authority != authority:
        screen.finish(AUTHORITY_CHANGED)
