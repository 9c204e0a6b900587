"""The one typed settings object. Only entry points read the environment."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from geodata.errors import InvalidInput

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}


@dataclass(frozen=True)
class Settings:
    """Everything that may differ between two installations.

    Each field is read from ``GANXIN_<NAME>``; docs/operations.md documents every one of them
    (a test holds that true).
    """

    home: Path
    """Data, logs and caches: ``GANXIN_HOME``."""
    host: str = "127.0.0.1"
    """Address the web process listens on."""
    port: int = 8000
    """TCP port of the web process."""
    database_url: str | None = None
    """libpq URL of one's own database; None runs the embedded cluster."""
    web_workers: int = 2
    """Number of web processes."""
    worker_connections: int = 1000
    """Connections one web process holds open at once."""
    pool_size: int = 8
    """Database connections per web process."""
    statement_timeout_s: int = 15
    """Longest a statement of a request may run."""
    session_hours: int = 12
    """Life of a sign-in."""
    max_body_bytes: int = 1_048_576
    """Largest request body."""
    secure_cookies: bool = False
    """Set behind HTTPS: cookies are then sent over TLS only."""
    trusted_proxies: int = 0
    """Number of reverse proxies whose X-Forwarded-For is believed."""

    @property
    def cache_dir(self) -> Path:
        """Where derived files (memory-mapped road graphs) lie; safe to delete."""
        return self.home / "cache"

    @property
    def log_dir(self) -> Path:
        """Where the processes write their logs."""
        return self.home / "log"

    @property
    def stream_socket(self) -> Path:
        """Unix socket on which the stream process takes over browser connections.

        A socket path over 107 bytes cannot be bound, so a long home gets a short stand-in.
        """
        path = self.home / "run" / "stream.sock"
        if len(str(path)) <= 100:
            return path
        digest = hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
        return Path("/tmp") / f"ganxin-{digest}" / "stream.sock"  # noqa: S108 - made 0700 by its maker

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings, naming the variable that cannot be understood.

        Raises
        ------
        InvalidInput
            A number or switch is malformed or out of range.
        """
        home = Path(environ.get("GANXIN_HOME") or "var").absolute()
        return cls(
            home=home,
            host=environ.get("GANXIN_HOST") or cls.host,
            port=_integer(environ, "GANXIN_PORT", cls.port, 1, 65535),
            database_url=environ.get("GANXIN_DATABASE_URL") or None,
            web_workers=_integer(environ, "GANXIN_WEB_WORKERS", cls.web_workers, 1, 64),
            worker_connections=_integer(
                environ, "GANXIN_WORKER_CONNECTIONS", cls.worker_connections, 10, 100_000
            ),
            pool_size=_integer(environ, "GANXIN_POOL_SIZE", cls.pool_size, 2, 100),
            statement_timeout_s=_integer(
                environ, "GANXIN_STATEMENT_TIMEOUT_S", cls.statement_timeout_s, 1, 600
            ),
            session_hours=_integer(environ, "GANXIN_SESSION_HOURS", cls.session_hours, 1, 720),
            max_body_bytes=_integer(
                environ, "GANXIN_MAX_BODY_BYTES", cls.max_body_bytes, 1024, 1 << 30
            ),
            secure_cookies=_switch(environ, "GANXIN_SECURE_COOKIES"),
            trusted_proxies=_integer(environ, "GANXIN_TRUSTED_PROXIES", 0, 0, 10),
        )


def _integer(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environ.get(name)
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text[:9]) <= most:
        raise InvalidInput(f"{name} must be a whole number from {least} to {most}", field=name)
    return int(text)


def _switch(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name, "").lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise InvalidInput(f"{name} must be 1 or 0", field=name)
