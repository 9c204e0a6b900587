"""Where the web process hands connections over: a Unix socket only we may open.

The talk is: facts (or a question) in, a verdict out, then the connection's descriptor in. The
descriptor is the commitment: until it comes, the web process alone may write to the browser, and
after it the web process never does.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
import structlog
from gevent import socket
from gevent.pool import Pool

from geodata.errors import DataFault
from web.stream.facts import StreamFacts
from web.stream.hall import Refusal

PATIENCE_S = 5.0
_MESSAGE_BYTES = 1 << 16
_BACKLOG = 1024
TALKS = 128
"""Hand-overs at once; each holds two descriptors for a moment."""
BREATH_S = 0.1


class Door:
    """The listening end of the hand-over.

    Parameters
    ----------
    path
        Of the socket. The newest process to open it gets the connections; an older one notices
        with :meth:`is_ours` that it has been replaced.
    promise, seat, release
        Keep a seat or refuse; take a connection; give the kept seat back.
    status
        Answers the question ``{"ask": "status"}``.
    """

    def __init__(
        self,
        path: Path,
        *,
        promise: Callable[[StreamFacts], Refusal | None],
        seat: Callable[[int, StreamFacts], None],
        release: Callable[[StreamFacts], None],
        status: Callable[[], dict[str, Any]],
    ) -> None:
        self._path = path
        self._promise = promise
        self._seat = seat
        self._release = release
        self._status = status
        self._talks = Pool(TALKS)
        self._log = structlog.get_logger("stream.door")
        self._listener, self._inode = _listen(path)

    def run(self) -> None:
        """Take hand-overs until closed."""
        while True:
            try:
                visitor, _ = self._listener.accept()
            except OSError as exc:
                if self._listener.closed:
                    return
                self._log.error("a connection was not taken", error=str(exc))  # no descriptor left
                gevent.sleep(BREATH_S)
                continue
            self._talks.spawn(self._talk, visitor)

    def is_ours(self) -> bool:
        """Tell whether the path still leads to this process."""
        try:
            return os.stat(self._path).st_ino == self._inode
        except FileNotFoundError:
            return False

    def close(self) -> None:
        """Stop listening; take the socket away unless somebody else's stands there."""
        if self.is_ours():
            self._path.unlink(missing_ok=True)
        self._listener.close()
        self._talks.kill()

    def _talk(self, visitor: Any) -> None:
        with visitor, gevent.Timeout(PATIENCE_S, False):
            try:
                self._answer(visitor)
            except (OSError, ValueError, KeyError):
                return

    def _answer(self, visitor: Any) -> None:
        message = visitor.recv(_MESSAGE_BYTES)
        if not message:
            return
        if b'"ask"' in message[:16]:
            visitor.sendall(json.dumps(self._status()).encode())
            return
        facts = StreamFacts.from_json(message)
        refusal = self._promise(facts)
        if refusal is not None:
            visitor.sendall(
                json.dumps({"refused": refusal.status, "why": refusal.message}).encode()
            )
            return
        taken = False
        try:
            visitor.sendall(b"{}")
            taken = self._take(visitor, facts)
        finally:
            if not taken:
                self._release(facts)

    def _take(self, visitor: Any, facts: StreamFacts) -> bool:
        _, fds, _, _ = socket.recv_fds(visitor, 16, 1)
        if not fds:
            return False
        self._seat(fds[0], facts)
        return True


def _listen(path: Path) -> tuple[Any, int]:
    _private_directory(path.parent)
    fresh = path.with_name(f".{os.getpid()}")
    fresh.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(str(fresh))
    fresh.chmod(stat.S_IRUSR | stat.S_IWUSR)
    listener.listen(_BACKLOG)
    inode = os.stat(fresh).st_ino
    os.replace(fresh, path)
    return listener, inode


def _private_directory(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.stat(path).st_uid != os.geteuid():
        raise DataFault(
            f"{path} belongs to another user. The streams' socket needs a directory of its own;"
            " remove it or set GANXIN_HOME elsewhere."
        )
