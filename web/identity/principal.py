"""The one who asks: a value made from a live session or token, carried through a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from geodata.db.scope import Row, Scope
from geodata.errors import Forbidden
from web.identity.role import Permission, permissions_of

Credential = Literal["sessions", "tokens"]


@dataclass(frozen=True)
class Principal:
    """A user with the credential used.

    Parameters
    ----------
    credential, credential_id
        ``sessions:17`` or ``tokens:3``: what ends when somebody signs out or revokes.
    csrf_token
        What a change by cookie must send back; None for a bearer token.
    """

    user_id: int
    username: str
    display_name: str
    role: str
    level: str
    area_codes: tuple[str, ...]
    person_id: int | None
    locale: str
    credential: Credential
    credential_id: int
    csrf_token: str | None
    expires_at: datetime | None

    @property
    def subject(self) -> str:
        """Who acts, as written into events and assignments."""
        return f"u:{self.user_id}"

    @cached_property
    def scope(self) -> Scope:
        """What this user may see."""
        person = (f"p:{self.person_id}",) if self.person_id is not None else ()
        return Scope(areas=self.area_codes, subjects=(self.subject, *person))

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        """What this user may do."""
        return permissions_of(self.role)

    def may(self, permission: Permission) -> bool:
        """Tell whether this user may do something."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Refuse what this user's role may not do.

        Raises
        ------
        Forbidden
            The role lacks the permission.
        """
        if not self.may(permission):
            raise Forbidden(f"The role {self.role} may not do this ({permission})")

    def public(self) -> dict[str, Any]:
        """Return what the user is told about themselves."""
        return {
            "id": self.user_id,
            "username": self.username,
            "display_name": self.display_name,
            "role": self.role,
            "level": self.level,
            "area_codes": list(self.area_codes),
            "person_id": self.person_id,
            "locale": self.locale,
            "permissions": sorted(self.permissions),
        }


def principal_of(row: Row, credential: Credential) -> Principal:
    """Return the principal in a row of sql/find_session.sql or sql/find_token.sql."""
    return Principal(
        user_id=row["user_id"],
        username=row["username"],
        display_name=row["display_name"],
        role=row["role"],
        level=row["level"],
        area_codes=tuple(row["area_codes"]),
        person_id=row["person_id"],
        locale=row["locale"],
        credential=credential,
        credential_id=row["id"],
        csrf_token=row["csrf_token"],
        expires_at=row["expires_at"],
    )
