"""``python -m web.stream``: the stream process."""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()  # before anything that waits is imported: this file is an entry point

import os  # noqa: E402 - after patch_all, as all below
import resource  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402

import gevent  # noqa: E402

from geodata.clock import SystemClock  # noqa: E402
from geodata.db.cluster import owner_dsn  # noqa: E402
from geodata.db.pool import make_pool  # noqa: E402
from geodata.settings import Settings  # noqa: E402
from web.log import configure_log  # noqa: E402
from web.stream.door import TALKS  # noqa: E402
from web.stream.service import Limits, Service  # noqa: E402

SPARE_FILES = 64 + 2 * TALKS


def main(limits: Limits | None = None) -> int:
    """Serve until told to stop."""
    settings = Settings.from_environ(os.environ)
    configure_log()
    dsn = settings.database_url or owner_dsn(settings)
    files = _raise_file_limit() - SPARE_FILES
    limits = limits or Limits(total=min(Limits.total, files))
    pool = make_pool(dsn, "ganxin_system", name="stream", min_size=0, max_size=4)
    service = Service(dsn, pool, settings.stream_socket, SystemClock(), limits)
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, service.stop)
    service.run()
    pool.close(timeout=1.0)
    return 0


def _raise_file_limit() -> int:
    """Allow as many open files as the machine permits: every stream is one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        hard = 1 << 16
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


if __name__ == "__main__":
    sys.exit(main())
