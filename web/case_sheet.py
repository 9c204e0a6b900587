"""Cases as a table for people: in their language, times local, personal data masked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dispatch.case.mask import mask_case
from dispatch.case.store import Case
from dispatch.export import Export
from geodata.clock import LOCAL_ZONE
from geodata.code import DIGITS, Level, level_of
from mapsvc.cell import MOMENT, WHOLE, Column
from mapsvc.workbook import Sheet
from web.api.case_model import role_label

Say = Callable[[str], str]
"""Returns the text of a message id in the reader's language."""

_COLUMNS = (
    Column("number", 23), Column("type", 24), Column("family", 12), Column("state", 14),
    Column("light", 11), Column("due", 17, MOMENT), Column("urgent", 9), Column("street", 16),
    Column("community", 18), Column("grid", 20), Column("address", 34), Column("words", 46),
    Column("channel", 14), Column("reported", 17, MOMENT), Column("since", 17, MOMENT),
    Column("level", 12), Column("holder", 18), Column("lead", 12), Column("role", 14),
    Column("hops", 8, WHOLE), Column("card", 10), Column("closed", 17, MOMENT),
    Column("closing", 14), Column("note", 40),
)  # fmt: skip


@dataclass(frozen=True)
class Reader:
    """For whom the table is: language, names of areas, and the moment it was asked for."""

    locale: str
    say: Say
    names: Mapping[str, str]
    now: datetime


def case_sheets(export: Export, reader: Reader, made_by: str) -> list[Sheet]:
    """Return the sheets of an export: the cases, and what the file says of itself."""
    rows = [_row(mask_case(case), reader) for case in export.rows]
    return [
        Sheet(reader.say("export.cases"), _named(_COLUMNS, reader.say), rows),
        _about(export, reader, made_by),
    ]


def _about(export: Export, reader: Reader, made_by: str) -> Sheet:
    say = reader.say
    lines: list[tuple[str, object]] = [
        (say("export.made_by"), made_by),
        (say("export.made_at"), f"{reader.now.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}"),
        (say("export.count"), str(len(export.rows))),
        (say("export.masked"), say("export.masked_how")),
        (say("export.recorded"), say("export.recorded_how")),
        (say("export.zone"), say("export.zone_is")),
    ]
    if export.cut:
        lines.insert(0, (say("export.cut"), say("export.cut_how")))
    columns = (Column(say("export.about"), 22), Column("", 96))
    return Sheet(say("export.about"), columns, lines)


def _named(columns: tuple[Column, ...], say: Say) -> list[Column]:
    return [Column(say(f"export.column_{c.name}"), c.width, c.form) for c in columns]


def _row(case: Case, reader: Reader) -> list[object]:
    say, english = reader.say, reader.locale == "en"
    lead = case.lead
    street, community = (
        case.grid_code[: DIGITS[level]] for level in (Level.STREET, Level.COMMUNITY)
    )
    light = _light(case, reader.now)
    return [
        case.number,
        case.type_name_en if english and case.type_name_en else case.type_name,
        say(f"family.{case.family}"),
        say(f"state.{case.state}"),
        say(f"desk.light_{light}") if light else None,
        _local(case.due_at),
        say("export.yes") if case.urgent else None,
        reader.names.get(street),
        reader.names.get(community),
        case.grid_code,
        case.address,
        case.description,
        say(f"channel.{case.channel}"),
        _local(case.reported_at),
        _local(case.state_since),
        say(f"level.{level_of(case.holder_code)}"),
        reader.names.get(case.holder_code),
        lead.name if lead else None,
        role_label(lead.role, reader.locale) if lead else None,
        case.hops,
        say(f"desk.card_{case.card}") if case.card else None,
        _local(case.closed_at),
        say(f"desk.kind_{case.closing_kind}") if case.closing_kind else None,
        case.closing_note,
    ]


def _light(case: Case, now: datetime) -> str | None:
    if case.due_at is None:
        return None
    if case.due_at <= now:
        return "red"
    return "yellow" if case.yellow_at is not None and case.yellow_at <= now else "green"


def _local(at: datetime | None) -> datetime | None:
    """Return a moment as a workbook takes it: local, without its zone, to the second."""
    return at.astimezone(LOCAL_ZONE).replace(tzinfo=None, microsecond=0) if at else None
