"""The file of a case: people and documents added and taken away, each with its event."""

from __future__ import annotations

from dispatch.actor import Actor
from dispatch.case import contact as contacts
from dispatch.case import document as documents
from dispatch.case import store as cases
from dispatch.case.contact import Contact, Part
from dispatch.notice import notice, tell
from dispatch.office import Office
from geodata.db.scope import Conn


def add_party(
    conn: Conn, office: Office, actor: Actor, case_id: int, part: Part, contact: Contact
) -> None:
    """Note somebody of a case in sight; NotFound, Conflict."""
    case, now = cases.get_case(conn, case_id), office.now()
    contacts.add_contact(conn, case_id, part, contact, actor.subject, now)
    tell(conn, notice(actor, case, "case.contact_added", now, part=part.value))


def remove_party(conn: Conn, office: Office, actor: Actor, case_id: int, contact_id: int) -> None:
    """Take somebody away who was noted by mistake; NotFound."""
    case, now = cases.get_case(conn, case_id), office.now()
    contacts.remove_contact(conn, case_id, contact_id, now)
    tell(conn, notice(actor, case, "case.contact_removed", now))


def add_document(
    conn: Conn, office: Office, actor: Actor, case_id: int, name: str, content: bytes
) -> None:
    """Put a document into the file of a case in sight; NotFound, InvalidInput."""
    case, now = cases.get_case(conn, case_id), office.now()
    documents.add_document(conn, case_id, name, content, actor.subject, now)
    tell(conn, notice(actor, case, "case.document_added", now, bytes=len(content)))


def remove_document(
    conn: Conn, office: Office, actor: Actor, case_id: int, document_id: int
) -> None:
    """Take a document away that was put in by mistake; NotFound."""
    case, now = cases.get_case(conn, case_id), office.now()
    documents.remove_document(conn, case_id, document_id, now)
    tell(conn, notice(actor, case, "case.document_removed", now))
