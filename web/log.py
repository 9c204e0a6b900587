"""Logs: one JSON line per event on standard output, without the values of local variables.

structlog's own default prints locals with a traceback; passwords and names would be among them.
"""

from __future__ import annotations

import logging

import structlog


def configure_log() -> None:
    """Set structlog up for an entry point."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
