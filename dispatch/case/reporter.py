"""How to reach who reported a case: masked for everybody, in clear for a stated purpose only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from dispatch.case.words import check_text
from geodata.db.scope import Conn
from geodata.errors import InvalidInput, NotFound

MAX_NAME, MAX_PURPOSE = 60, 500
READ = "case.reporter_read"
"""Event of a reading in clear; dispatch.read_reporter (migration 0065) writes it."""
_PHONE = re.compile(r"\+?[0-9]{5,20}", re.ASCII)


@dataclass(frozen=True)
class Contact:
    """A name, a phone number, or both; bad values are refused when it is made.

    Raises
    ------
    InvalidInput
        ``reporter.name`` or ``reporter.phone``.
    """

    name: str | None = None
    phone: str | None = None

    def __post_init__(self) -> None:
        if self.name is None and self.phone is None:
            raise InvalidInput("A reporter has a name or a phone number", field="reporter.name")
        if self.name is not None:
            check_text(self.name, "reporter.name")
            if len(self.name) > MAX_NAME:
                raise InvalidInput(
                    f"A name has at most {MAX_NAME} characters", field="reporter.name"
                )
        if self.phone is not None:
            plain = re.sub(r"[ -]", "", self.phone)
            if not _PHONE.fullmatch(plain):
                raise InvalidInput("A phone number has 5 to 20 digits", field="reporter.phone")
            object.__setattr__(self, "phone", plain)


@dataclass(frozen=True)
class Masked:
    """A reporter as everybody in sight of the case may see them: 张*, 138****1234."""

    name_masked: str | None
    phone_masked: str | None


def keep_contact(conn: Conn, case_id: int, contact: Contact) -> None:
    """Write how to reach who reported a new case."""
    conn.execute(
        "INSERT INTO dispatch.reporters (case_id, name, phone) VALUES (%s, %s, %s)",
        (case_id, contact.name, contact.phone),
    )


def read_masked(conn: Conn, case_id: int) -> Masked | None:
    """Return the masked reporter of a case in sight, None if nothing is known."""
    with conn.cursor(row_factory=class_row(Masked)) as rows:
        return rows.execute(
            "SELECT name_masked, phone_masked FROM dispatch.reporters WHERE case_id = %s",
            (case_id,),
        ).fetchone()


def read_clear(
    conn: Conn, subject: str, case_id: int, purpose: str | None, at: datetime
) -> Contact:
    """Return the reporter in clear; who read it, when and why is written before it is read.

    Raises
    ------
    InvalidInput
        ``purpose`` is missing or no text.
    NotFound
        No such case in sight, or its reporter left no contact.
    """
    if len(check_text(purpose, "purpose")) > MAX_PURPOSE:
        raise InvalidInput(f"A purpose has at most {MAX_PURPOSE} characters", field="purpose")
    row = conn.execute(
        "SELECT name, phone FROM dispatch.read_reporter(%s, %s, %s, %s)",
        (case_id, subject, purpose, at),
    ).fetchone()
    if row is None:
        raise NotFound("Nothing is known of who reported this, or it is not in your area")
    return Contact(row["name"], row["phone"])
