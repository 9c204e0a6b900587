"""By which areas each person is in somebody's scope: policy people_scope, in memory."""

from __future__ import annotations

from collections.abc import Mapping

from geodata.db.scope import Scope


class Roster:
    """Area codes of every person; a person it does not know is in nobody's scope."""

    def __init__(self) -> None:
        self._codes: dict[int, tuple[str, ...]] = {}

    def replace(self, codes: Mapping[int, tuple[str, ...]]) -> None:
        """Take the whole roster anew."""
        self._codes = dict(codes)

    def update(self, codes: Mapping[int, tuple[str, ...]]) -> None:
        """Take some people anew."""
        self._codes.update(codes)

    def codes(self, person_id: int) -> tuple[str, ...]:
        """Return the areas by which a person is in scope, none for an unknown person."""
        return self._codes.get(person_id, ())

    def covers(self, scope: Scope, person_id: int) -> bool:
        """Tell whether a person may be named to a scope."""
        if f"p:{person_id}" in scope.subjects:
            return True
        return any(scope.covers(code) for code in self.codes(person_id))
