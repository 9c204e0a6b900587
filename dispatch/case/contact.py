"""Who reported a case, and its parties: masked for all, in clear for a stated purpose only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from psycopg.rows import class_row

from dispatch.case.words import check_text
from geodata.db.scope import Conn
from geodata.errors import Conflict, InvalidInput, NotFound

MAX_NAME, MAX_PURPOSE = 60, 500
READ = "case.contact_read"
"""Event of a reading in clear; dispatch.read_contact (migration 0065) writes it."""
_PHONE = re.compile(r"\+?[0-9]{5,20}", re.ASCII)


class Part(StrEnum):
    """What somebody who is not staff has to do with a case."""

    REPORTER = "reporter"
    APPLICANT = "applicant"
    RESPONDENT = "respondent"
    WITNESS = "witness"


@dataclass(frozen=True)
class Contact:
    """A name, a phone number, or both; bad values are refused when it is made.

    Parameters
    ----------
    field
        Where the values came from, for errors: ``reporter``.

    Raises
    ------
    InvalidInput
        ``<field>.name`` or ``<field>.phone``.
    """

    name: str | None = None
    phone: str | None = None
    field: str = "reporter"

    def __post_init__(self) -> None:
        if self.name is None and self.phone is None:
            raise InvalidInput("A name or a phone number is needed", field=f"{self.field}.name")
        if self.name is not None:
            check_text(self.name, f"{self.field}.name")
            if len(self.name) > MAX_NAME:
                raise InvalidInput(
                    f"A name has at most {MAX_NAME} characters", field=f"{self.field}.name"
                )
        if self.phone is not None:
            plain = re.sub(r"[ -]", "", self.phone)
            if not _PHONE.fullmatch(plain):
                raise InvalidInput("A phone number has 5 to 20 digits", field=f"{self.field}.phone")
            object.__setattr__(self, "phone", plain)


@dataclass(frozen=True)
class Masked:
    """Somebody as everybody in sight of the case may see them: 张*, 138****1234."""

    id: int
    part: str
    name_masked: str | None
    phone_masked: str | None


def add_contact(
    conn: Conn, case_id: int, part: Part, contact: Contact, subject: str, at: datetime
) -> None:
    """Write somebody of a case.

    Raises
    ------
    Conflict
        The case has a reporter already.
    """
    written = conn.execute(
        "INSERT INTO dispatch.contacts (case_id, part, name, phone, added_by, added_at)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (case_id, part.value, contact.name, contact.phone, subject, at),
    )
    if written.rowcount == 0:
        raise Conflict("This case has a reporter already", field="part", winner={})


def remove_contact(conn: Conn, case_id: int, contact_id: int, at: datetime) -> None:
    """Take somebody away who was noted by mistake; what was read stays on record.

    Raises
    ------
    NotFound
        Nobody of that id in sight.
    """
    done = conn.execute(
        "UPDATE dispatch.contacts SET removed_at = %s"
        " WHERE id = %s AND case_id = %s AND removed_at IS NULL",
        (at, contact_id, case_id),
    )
    if done.rowcount == 0:
        raise NotFound("There is no such person on this case", field="cid")


def list_masked(conn: Conn, case_id: int) -> list[Masked]:
    """Return the people of a case in sight, masked, in the order they were noted."""
    with conn.cursor(row_factory=class_row(Masked)) as rows:
        return rows.execute(
            "SELECT id, part, name_masked, phone_masked FROM dispatch.contacts"
            " WHERE case_id = %s AND removed_at IS NULL ORDER BY id",
            (case_id,),
        ).fetchall()


def read_clear(
    conn: Conn, subject: str, case_id: int, contact_id: int, purpose: str | None, at: datetime
) -> Contact:
    """Return somebody in clear; who read it, when and why is written before it is read.

    Raises
    ------
    InvalidInput
        ``purpose`` is missing or no text.
    NotFound
        Nobody of that id in sight.
    """
    if len(check_text(purpose, "purpose")) > MAX_PURPOSE:
        raise InvalidInput(f"A purpose has at most {MAX_PURPOSE} characters", field="purpose")
    row = conn.execute(
        "SELECT name, phone FROM dispatch.read_contact(%s, %s, %s, %s, %s)",
        (case_id, contact_id, subject, purpose, at),
    ).fetchone()
    if row is None:
        raise NotFound("There is no such person on this case, or it is not in your area")
    return Contact(row["name"], row["phone"])
