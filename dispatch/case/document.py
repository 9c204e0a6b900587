"""Documents of a case: papers and pictures as they were handed in."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from dispatch.case.words import check_text
from geodata.db.scope import Conn
from geodata.errors import InvalidInput, NotFound

MAX_BYTES = 700_000
"""As much as a request body of the default size carries in base64."""
MAX_NAME = 120
KINDS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"%PDF-": "application/pdf",
}
"""What may be handed in, by its first bytes: a name or a declared type says nothing."""


@dataclass(frozen=True)
class Document:
    """A document without its content."""

    id: int
    name: str
    media_type: str
    size_bytes: int
    added_by: str
    added_at: datetime


def decode_content(text: str) -> bytes:
    """Return the bytes of base64 text.

    Raises
    ------
    InvalidInput
        ``content``: no base64, empty, or too large.
    """
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput("content must be base64", field="content") from None
    if not 0 < len(content) <= MAX_BYTES:
        raise InvalidInput(f"A document has 1 to {MAX_BYTES} bytes", field="content")
    return content


def media_type_of(content: bytes) -> str:
    """Return the type of a document by what it begins with.

    Raises
    ------
    InvalidInput
        ``content``: none of the kinds that may be handed in.
    """
    for start, media_type in KINDS.items():
        if content.startswith(start):
            return media_type
    raise InvalidInput("A document must be a JPEG, a PNG or a PDF", field="content")


def add_document(
    conn: Conn, case_id: int, name: str, content: bytes, subject: str, at: datetime
) -> None:
    """Write a document of a case in sight."""
    if len(check_text(name, "name")) > MAX_NAME:
        raise InvalidInput(f"A name has at most {MAX_NAME} characters", field="name")
    conn.execute(
        "INSERT INTO dispatch.documents (case_id, name, media_type, content, sha256, added_by,"
        " added_at) VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (case_id, name, media_type_of(content), content, hashlib.sha256(content).digest(), subject,
         at),
    )  # fmt: skip


def list_documents(conn: Conn, case_id: int) -> list[Document]:
    """Return the documents of a case in sight, oldest first."""
    with conn.cursor(row_factory=class_row(Document)) as rows:
        return rows.execute(
            "SELECT id, name, media_type, length(content) AS size_bytes, added_by, added_at"
            " FROM dispatch.documents WHERE case_id = %s AND removed_at IS NULL ORDER BY id",
            (case_id,),
        ).fetchall()


def read_document(conn: Conn, case_id: int, document_id: int) -> tuple[str, str, bytes]:
    """Return name, media type and content.

    Raises
    ------
    NotFound
        No such document in sight.
    """
    row = conn.execute(
        "SELECT name, media_type, content FROM dispatch.documents"
        " WHERE id = %s AND case_id = %s AND removed_at IS NULL",
        (document_id, case_id),
    ).fetchone()
    if row is None:
        raise NotFound("There is no such document in your area", field="did")
    return row["name"], row["media_type"], bytes(row["content"])


def remove_document(conn: Conn, case_id: int, document_id: int, at: datetime) -> None:
    """Take a document away that was handed in by mistake; it is kept, and no longer shown.

    Raises
    ------
    NotFound
        No such document in sight.
    """
    done = conn.execute(
        "UPDATE dispatch.documents SET removed_at = %s"
        " WHERE id = %s AND case_id = %s AND removed_at IS NULL",
        (at, document_id, case_id),
    )
    if done.rowcount == 0:
        raise NotFound("There is no such document in your area", field="did")
