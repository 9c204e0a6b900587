"""``ganxin serve``: the embedded or your database, and the processes that always run."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from socket import socket

from geodata.db.cluster import DATABASE, Cluster
from geodata.db.migrate import pending
from geodata.errors import Unavailable
from geodata.home import hold
from geodata.settings import Settings
from web import program
from web.cli.journal import make_log
from web.supervisor import Supervisor
from web.upgrade import upgrade

FIRST_ANSWER_S = 60.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--port", help="TCP port (GANXIN_PORT, 8000)")
    parser.add_argument("--host", help="address to listen on (GANXIN_HOST, 127.0.0.1)")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Serve until Ctrl-C or SIGTERM."""
    settings = with_options(settings, options)
    with opened(settings, "serve") as (listener, cluster, dsn):
        if cluster is not None:
            upgrade(dsn)
        elif missing := pending(dsn):
            raise Unavailable(f"The schema lacks {', '.join(missing)}. Run `ganxin migrate`.")
        keep(settings, base_programs(settings, listener), cluster)
    return 0


def with_options(settings: Settings, options: argparse.Namespace) -> Settings:
    """Return the settings with what the command line says instead."""
    given = {"GANXIN_PORT": options.port} if options.port else {}
    port = Settings.from_environ(given).port if given else settings.port
    return replace(settings, port=port, host=options.host or settings.host)


@contextmanager
def opened(settings: Settings, what: str) -> Iterator[tuple[socket, Cluster | None, str]]:
    """Hold the home and the port, and lend the owner's connection string of a running database.

    Yields
    ------
    tuple
        The listening socket; the embedded cluster, None with one's own database; the string.
    """
    for number in (signal.SIGINT, signal.SIGTERM):  # in order, also where a shell ignores SIGINT
        signal.signal(number, signal.default_int_handler)
    with ExitStack() as stack:
        stack.enter_context(hold(settings.home, f"{what} on {program.address(settings)}"))
        listener = stack.enter_context(program.listen(settings))
        if settings.database_url is not None:
            yield listener, None, settings.database_url
            return
        cluster = Cluster(settings)
        cluster.ensure()
        stack.callback(cluster.stop)
        cluster.start()
        cluster.create_database(DATABASE)
        yield listener, cluster, cluster.dsn()


def base_programs(settings: Settings, listener: socket) -> list[program.Program]:
    """Return what always runs: the sequencer, the sweeper, the stream, the web."""
    return [
        program.module("sequencer", "web.sequencer"),
        program.module("sweeper", "web.sweeper"),
        program.module("stream", "web.stream"),
        program.web(settings, listener),
    ]


def keep(settings: Settings, programs: Sequence[program.Program], cluster: Cluster | None) -> None:
    """Keep the programs running until a signal ends it, and say when the first page answers."""
    with make_log(settings.log_dir / "supervisor.log") as log:
        supervisor = Supervisor(
            programs, program.environment(settings), settings.log_dir, log, cluster
        )
        announcer = threading.Thread(target=_announce, args=(settings,), daemon=True)
        announcer.start()  # the port is open already: its request waits there for the web process
        supervisor.run()


def _announce(settings: Settings) -> None:
    url = program.address(settings)
    try:
        with urllib.request.urlopen(f"{url}/health/live", timeout=FIRST_ANSWER_S):  # noqa: S310 - our own http address
            told = f"ganxin is serving on {url}  (Ctrl-C stops it; logs: {settings.log_dir})"
            print(told, flush=True)  # whoever reads a log instead of a terminal waits for it
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        print(f"ganxin: no answer on {url}: {error}. See {settings.log_dir}", file=sys.stderr)
