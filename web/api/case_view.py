"""Cases as the reader of this request sees them: in their language, with the names of areas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dispatch.case.store import Case
from geodata.db.scope import Conn
from web.api.case_model import show_case
from web.identity.guard import current
from web.message import choose_locale
from web.services import services


def view_cases(conn: Conn, cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Return cases as the API shows them."""
    deps = services()
    codes = {code for case in cases for code in (case.grid_code, case.runner_up_code or "")}
    names = deps.names.of(conn, codes, deps.clock.now())
    locale = choose_locale(current().locale)
    return [show_case(case, names, locale) for case in cases]


def view_case(conn: Conn, case: Case) -> dict[str, Any]:
    """Return one case as the API shows it."""
    return view_cases(conn, [case])[0]
