"""What every page tells its modules in the browser: who, where, which language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from flask import Flask, g

from geodata.db.scope import Conn, unscoped
from web.identity.principal import Principal
from web.identity.role import Permission
from web.services import Services

PAGES: tuple[tuple[str, Permission], ...] = (
    ("wall", Permission.PAGE_WALL),
    ("dispatch", Permission.PAGE_DISPATCH),
    ("desk", Permission.PAGE_DESK),
    ("roster", Permission.ROSTER_READ),
    ("risk", Permission.PAGE_RISK),
    ("me", Permission.PAGE_WORK),
    ("run_cards", Permission.TYPE_EDIT),
)
"""Every page that has a link, and what it takes to see it, in the order of the links."""


@dataclass(frozen=True)
class District:
    """The district in the heading of a page; ``bbox`` is (west, south, east, north), EPSG:4326."""

    code: str
    name: str
    name_en: str
    synthetic: bool
    bbox: tuple[float, float, float, float]


def find_district(conn: Conn) -> District | None:
    """Return the district of this database, None while nothing is loaded."""
    row = conn.execute(
        "SELECT code, name, name_en, synthetic, ST_XMin(geom) AS west, ST_YMin(geom) AS south,"
        " ST_XMax(geom) AS east, ST_YMax(geom) AS north FROM geodata.districts LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    bbox = (row["west"], row["south"], row["east"], row["north"])
    return District(row["code"], row["name"], row["name_en"], row["synthetic"], bbox)


def page_links(principal: Principal | None) -> list[str]:
    """Return the names of the pages that somebody may open."""
    if principal is None:
        return []
    return [name for name, permission in PAGES if principal.may(permission)]


def register(app: Flask, services: Services) -> None:
    """Give templates ``district``, ``page_links`` and ``page_context``."""

    @app.context_processor
    def context_of_pages() -> dict[str, Any]:
        """Add what the shared frame of the pages shows."""
        return {
            "page_links": page_links(g.get("principal")),
            "page_context": _page_context(services),
        }


def load_district(services: Services) -> District | None:
    """Read the district for one page; pages are loaded seldom, so nothing is kept."""
    with unscoped(services.pool) as conn:
        return find_district(conn)


def _page_context(services: Services) -> Callable[..., dict[str, Any]]:
    def context(locale: str, district: District | None) -> dict[str, Any]:
        """Return what goes into the page's ``data-context``."""
        principal: Principal | None = g.get("principal")
        version = services.messages.version(locale)
        return {
            "locale": locale,
            "csrf_token": (principal.csrf_token if principal else None) or "",
            "user": principal.public() if principal else None,
            "district": asdict(district) if district else None,
            "messages_url": f"/messages/{locale}.json?v={version}",
            "vendor_url": services.static.url("vendor/"),
        }

    return context
