"""Queries live in files: ``query("dispatch.case", "locate_grid")`` reads sql/locate_grid.sql."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import LiteralString


@cache
def query(package: str, name: str) -> LiteralString:
    """Return the text of ``<package>/sql/<name>.sql``, read once per process.

    The text comes from the installed package, never from a user, so it is as good as a literal.
    """
    return (files(package) / "sql" / f"{name}.sql").read_text("utf-8")
