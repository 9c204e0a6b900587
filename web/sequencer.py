"""``python -m web.sequencer``: seals events, the one step that gives them their order.

Writers do not notify (that would cost them half their speed), so this looks every 50 ms: 20 empty
looks a second cost a thousandth of a core. It does not look sooner because it has found something:
each look at what two more writers have left would cost a flush and wake the stream (a fifth more of
both under load). Any number of sequencers may run; the advisory lock in
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

from geodata.db import event
from geodata.db.cluster import owner_dsn
from geodata.db.link import open_link
from geodata.db.scope import Conn
from geodata.settings import Settings
from web.log import configure_log

LOOK_S = 0.05
BACKOFF_S = (0.1, 0.2, 0.5, 1.0, 2.0)


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
            with open_link(dsn, "sequencer") as conn:
                failures = 0
                drain(conn, stop)
        except psycopg.Error as exc:
            log.warning("database lost", error=type(exc).__name__)
            stop.wait(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)])
            failures += 1


def drain(conn: Conn, stop: Signal) -> None:
    """Seal what there is again and again: at once while batches are full, else a moment later."""
    sealed = event.last_seq(conn)
    while not stop.is_set():
        last = event.seal(conn)
        if last is None or last - sealed < event.BATCH:
            stop.wait(LOOK_S)
        sealed = last or sealed


if __name__ == "__main__":
    sys.exit(main())
