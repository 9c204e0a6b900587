"""The web process's side: a request becomes a stream by passing its socket on.

What gunicorn does with a connection after the answer decides the shape (27.0, gevent worker): an
answer equal to ``ALREADY_HANDLED`` keeps the worker in its keep-alive loop, where it would read a
pipelined request and answer it into the middle of the stream. ``StopIteration`` raised while the
answer is iterated ends the loop instead, and the worker closes its own copy of the descriptor
without ``shutdown``, so the connection lives on in the stream process.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from flask import Response

from geodata.errors import GanxinError, TooManyRequests, Unavailable
from web.stream.facts import StreamFacts

PATIENCE_S = 3.0
"""Longest the stream process may take to answer; a request never hangs on it."""
RETRY_AFTER_S = 2
_MESSAGE_BYTES = 1 << 16
_AWAY = "The event stream is away for a moment; the page tries again by itself."


class HandedOver:
    """An answer without a body: iterating it gives the connection away.

    The descriptor goes only when the web process is done with everything else (after-request
    hooks included), because from then on it must not write. Closed without being iterated, the
    stream process keeps nothing.
    """

    def __init__(self, door: socket.socket, connection: socket.socket) -> None:
        self._door = door
        self._connection = connection

    def __iter__(self) -> Iterator[bytes]:
        """Pass the descriptor, then end gunicorn's dealings with this connection."""
        try:
            with self._door:
                socket.send_fds(self._door, [b"take"], [self._connection.fileno()])
        except OSError as exc:
            raise StopIteration from exc  # nothing was written: the browser sees an end and retries
        raise StopIteration

    def close(self) -> None:
        """Let go of the stream process."""
        self._door.close()


def hand_over(environ: dict[str, Any], facts: StreamFacts, socket_path: Path) -> Response:
    """Ask the stream process to take the request's connection.

    Parameters
    ----------
    environ
        WSGI environment of an authenticated ``GET``, served by gunicorn.
    facts
        Who is listening.
    socket_path
        ``Settings.stream_socket``.

    Returns
    -------
    Response
        To be returned by the view as it is.

    Raises
    ------
    Unavailable
        The stream process is away, starting or full; the connection is still ours.
    TooManyRequests
        The user has too many streams already.
    """
    if environ["REQUEST_METHOD"] == "HEAD":
        return Response(mimetype="text/event-stream")
    connection = environ.get("gunicorn.socket")
    if connection is None:
        raise Unavailable("Streams are served by gunicorn only.")
    door = _knock(socket_path)
    try:
        door.sendall(facts.to_json())
        _judge(_read(door))
    except OSError as exc:
        door.close()
        raise Unavailable(_AWAY) from exc
    except GanxinError:
        door.close()
        raise
    answer = Response(
        HandedOver(door, connection),  # iterated by gunicorn as it is
        mimetype="text/event-stream",
        direct_passthrough=True,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def probe(socket_path: Path) -> dict[str, Any]:
    """Return the stream process's own account of itself, for a health check.

    Raises
    ------
    Unavailable
        It does not answer.
    """
    with _knock(socket_path) as door:
        try:
            door.sendall(b'{"ask": "status"}')
            return _read(door)
        except OSError as exc:
            raise Unavailable(_AWAY) from exc


def _knock(socket_path: Path) -> socket.socket:
    door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    door.settimeout(PATIENCE_S)
    try:
        door.connect(str(socket_path))
    except OSError as exc:
        door.close()
        raise Unavailable(_AWAY) from exc
    return door


def _read(door: socket.socket) -> dict[str, Any]:
    message = door.recv(_MESSAGE_BYTES)
    if not message:
        raise ConnectionResetError("the stream process hung up")
    answer: dict[str, Any] = json.loads(message)
    return answer


def _judge(verdict: dict[str, Any]) -> None:
    if "refused" not in verdict:
        return
    _refuse(verdict["refused"], verdict["why"])


def _refuse(status: int, why: str) -> NoReturn:
    if status == 429:
        raise TooManyRequests(why, retry_after_s=RETRY_AFTER_S)
    raise Unavailable(why)
