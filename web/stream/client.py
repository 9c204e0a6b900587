"""A small reader of server-sent events for tests, benchmarks and scripts; resumes by itself."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Event as Signal
from time import monotonic

from geodata.errors import Unauthenticated, Unavailable

_RECONNECT_S = 0.05
_GONE = (401, 403)


@dataclass(frozen=True)
class Message:
    """One frame as the other side meant it.

    Parameters
    ----------
    event
        ``message`` where the frame names none.
    cursor
        The last id seen up to and including this frame.
    """

    event: str
    data: str
    cursor: str | None


@dataclass
class StreamClient:
    """Reads one stream like a browser would: after a cut it comes back with its cursor.

    Parameters
    ----------
    host, port
        Of the web process.
    path
        ``/api/v1/events``, with its query.
    headers
        What lets it in: a cookie or ``Authorization``.
    timeout_s
        Longest silence before it takes the connection for dead.
    cursor
        Last id seen; None starts at the present.
    """

    host: str
    port: int
    path: str = "/api/v1/events"
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 15.0
    cursor: str | None = None
    connections: int = 0
    _reading: tuple[socket.socket, HTTPResponse] | None = None

    def messages(self, patience_s: float) -> Iterator[Message]:
        """Yield frames, through any number of cuts, until told ``signed-out``.

        Raises
        ------
        Unavailable
            Nobody has answered for ``patience_s``.
        Unauthenticated
            Whatever let it in does so no more.
        """
        answered = monotonic()
        while True:
            try:
                for message in self._read(self._open()):
                    answered = monotonic()
                    yield message
                    if message.event == "signed-out":
                        return
            except (OSError, HTTPException):
                self.cut()
            if monotonic() - answered > patience_s:
                raise Unavailable("the stream does not answer", patience_s=patience_s)
            Signal().wait(_RECONNECT_S)

    def cut(self) -> None:
        """Drop the connection as a bad network would; reading goes on with a new one."""
        reading, self._reading = self._reading, None
        if reading is None:
            return
        connection, response = reading
        try:
            connection.shutdown(socket.SHUT_RDWR)  # wakes a reader in another thread
        except OSError:
            pass
        finally:
            connection.close()
            response.close()

    def _open(self) -> HTTPResponse:
        self.cut()
        connection = HTTPConnection(self.host, self.port, timeout=self.timeout_s)
        headers = {"Accept": "text/event-stream", **self.headers}
        if self.cursor is not None:
            headers["Last-Event-ID"] = self.cursor
        connection.request("GET", self.path, headers=headers)
        line: socket.socket = connection.sock  # the response takes it over
        response = connection.getresponse()
        self._reading = (line, response)
        if response.status != 200:
            self.cut()
            if response.status in _GONE:
                raise Unauthenticated("the stream refused us", status=response.status)
            raise ConnectionError(f"status {response.status}")
        self.connections += 1
        return response

    def _read(self, response: HTTPResponse) -> Iterator[Message]:
        fields: dict[str, str] = {}
        while line := response.readline():
            key, _, value = line.decode().rstrip("\n").partition(": ")
            if key:
                fields[key] = value
                continue
            if "data" in fields:  # a frame counts only once it is whole
                self.cursor = fields.get("id", self.cursor)
                yield Message(fields.get("event", "message"), fields["data"], self.cursor)
            fields.clear()
