"""``python -m web.sequencer``: seals events, the one step that gives them their order.

Writers do not notify (that would cost them half their speed), so this looks every 50 ms: 20 empty
looks a second cost a thousandth of a core. Any number of sequencers may run; the advisory lock in
``geodata.seal_events`` lets one work at a time and the others find nothing to do.
"""

from __future__ import annotations

import os
import signal
import sys
from threading import Event as Signal
from types import FrameType

import psycopg
import structlog
from psycopg.rows import dict_row

from geodata.db import event
from geodata.db.cluster import owner_dsn
from geodata.db.scope import Conn
from geodata.settings import Settings
from web.log import configure_log

IDLE_S = 0.05
BACKOFF_S = (0.1, 0.2, 0.5, 1.0, 2.0)
CONNECT_TIMEOUT_S = 3


def main() -> int:
    """Seal until told to stop."""
    configure_log()
    settings = Settings.from_environ(os.environ)
    stop = Signal()

    def on_signal(number: int, where: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    run(settings.database_url or owner_dsn(settings), stop)
    return 0


def run(dsn: str, stop: Signal) -> None:
    """Seal until ``stop`` is set; a lost database is waited for."""
    log = structlog.get_logger("sequencer")
    failures = 0
    while not stop.is_set():
        try:
            with _connect(dsn) as conn:
                failures = 0
                drain(conn, stop)
        except psycopg.Error as exc:
            log.warning("database lost", error=type(exc).__name__)
            stop.wait(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)])
            failures += 1


def drain(conn: Conn, stop: Signal) -> None:
    """Seal batch after batch, waiting a moment whenever there is nothing left."""
    while not stop.is_set():
        if event.seal(conn) is None:
            stop.wait(IDLE_S)


def _connect(dsn: str) -> Conn:
    """Open an autocommitting connection as the system role: each batch is one transaction."""
    conn = psycopg.connect(
        dsn,
        autocommit=True,
        row_factory=dict_row,
        connect_timeout=CONNECT_TIMEOUT_S,
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
        tcp_user_timeout=10_000,
        application_name="ganxin-sequencer",
    )
    conn.execute("SET ROLE ganxin_system")
    conn.execute("SELECT set_config('statement_timeout', '15s', false)")
    return conn


if __name__ == "__main__":
    sys.exit(main())
