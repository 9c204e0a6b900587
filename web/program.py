"""The processes of a running ganxin: what is started, how, and with which environment."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from geodata.errors import Unavailable
from geodata.settings import Settings

GRACE_S = 3  # open requests of the web process may take that long once it is told to stop


@dataclass(frozen=True)
class Program:
    """One process to keep running.

    Parameters
    ----------
    name
        Names its log: ``$GANXIN_HOME/log/<name>.log``.
    command
        Program and arguments.
    descriptors
        Open files it inherits under the same numbers.
    """

    name: str
    command: tuple[str, ...]
    descriptors: tuple[int, ...] = ()


def listen(settings: Settings) -> socket.socket:
    """Open the port that the web processes take requests from.

    The supervisor holds it: while the web process starts or restarts, requests wait in the
    backlog instead of being refused.

    Raises
    ------
    Unavailable
        The port is taken, or not ours to take.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise Unavailable(
            f"Cannot listen on {address(settings)}: {os.strerror(error.errno or 0)}. "
            "Choose another port with --port N or GANXIN_PORT."
        ) from error


def address(settings: Settings) -> str:
    """Return the URL a browser on this machine opens."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - a comparison, nothing is bound
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def web(settings: Settings, listener: socket.socket) -> Program:
    """Return the pages and the API: gunicorn with cooperative workers on the open port."""
    options = {
        "--bind": f"fd://{listener.fileno()}",
        "--worker-class": "gevent",
        "--workers": str(settings.web_workers),
        "--worker-connections": str(settings.worker_connections),
        "--graceful-timeout": str(GRACE_S),
        "--timeout": "60",
        "--keep-alive": "30",
        "--limit-request-line": "8190",
        "--name": "ganxin-web",
    }
    words = [word for option in options.items() for word in option]
    command = (sys.executable, "-m", "gunicorn", "web.wsgi:application", "--no-control-socket")
    return Program("web", (*command, *words), (listener.fileno(),))


def module(name: str, dotted: str, niceness: int = 0) -> Program:
    """Return a process that runs a Python module of ours; 10 is nice to all others."""
    command = (sys.executable, "-m", dotted)
    return Program(name, ("nice", "-n", str(niceness), *command) if niceness else command)


def environment(settings: Settings) -> Mapping[str, str]:
    """Return what the processes read their settings from: ours, with what was decided here."""
    return os.environ | {
        # glibc: large arrays (a search of the road graph takes 0.5 MB) come from the heap again and
        # again, instead of from the kernel and back, page by page, each time.
        "MALLOC_MMAP_THRESHOLD_": "16777216",
        "MALLOC_TRIM_THRESHOLD_": "67108864",
        "MALLOC_TOP_PAD_": "4194304",
        "GANXIN_HOME": str(settings.home),
        "GANXIN_HOST": settings.host,
        "GANXIN_PORT": str(settings.port),
        "PYTHONUNBUFFERED": "1",
    }
