"""What the supervisor notes: every line as JSON in its log, warnings on the terminal too."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

import structlog
from structlog.typing import EventDict, WrappedLogger

from geodata.home import open_log


@contextmanager
def make_log(path: Path) -> Iterator[structlog.typing.FilteringBoundLogger]:
    """Lend a logger that writes to ``path``."""
    with TextIOWrapper(open_log(path), "utf-8", write_through=True) as file:
        yield structlog.wrap_logger(
            structlog.WriteLogger(file),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _echo,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(0),
        )


def _echo(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Show warnings and errors on the terminal, in one plain line."""
    del logger
    if method in ("warning", "error"):
        facts = " ".join(f"{key}={event[key]}" for key in event if key not in _STANDARD)
        print(f"ganxin: {event.get('event')} {facts}", file=sys.stderr)
    return event


_STANDARD = {"event", "level", "timestamp"}
