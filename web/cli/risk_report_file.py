"""What ``ganxin risk report`` does: read the district, ask, write the files."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console

from geodata.clock import SystemClock, local_day, midnight
from geodata.db.cluster import running
from geodata.db.pool import make_pool
from geodata.db.scope import Scope, scoped, unscoped
from geodata.errors import InvalidInput
from geodata.settings import Settings
from layers.area import require_area
from layers.risk.foresight.trial import judge
from layers.risk.ground import read_ground
from layers.risk.incident import read_incidents
from layers.risk.question import BANDWIDTH_M, Kind, Period, Question, Weight
from mapsvc.report.base import read_base
from mapsvc.report.form import Format
from mapsvc.report.make import file_name, make_report
from mapsvc.report.proof import trial_of, try_judging
from mapsvc.report.subject import Step, Subject
from mapsvc.report.words import Words
from web.cli.progress import Bars


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Read the district, write the files; their names are JSON on standard output."""
    folder = _folder(options.out)
    with Bars(Console(stderr=True)) as bars:
        with running(settings, "risk report") as dsn:
            subject = _read(dsn, options, bars.step)
        subject = _with_bandwidth(subject, options.bandwidth_m)
        files = _write(subject, folder, options.formats, bars)
    told = {
        "files": [str(path) for path in files],
        "events": subject.surface.n,
        "bandwidth_m": subject.question.bandwidth_m,
        "bandwidth": "chosen by backtest" if _is_chosen(subject, options) else "as asked",
    }
    print(json.dumps(told, ensure_ascii=False, indent=1))
    return 0


def _read(dsn: str, options: argparse.Namespace, step: Step) -> Subject:
    """Read all that the report needs, as somebody of the whole district sees it."""
    now = SystemClock().now()
    with make_pool(dsn, "ganxin_app", name="risk-report", max_size=1) as pool:
        with unscoped(pool) as conn:
            require_area(conn, options.area)
            base, ground = read_base(conn, now), read_ground(conn, now)
        question = _question(options, now, base.code)
        with scoped(pool, Scope((base.code,))) as conn:
            incidents = read_incidents(conn, now)
    words = Words(options.locale)
    step(words("stage.backtest"), 0, 1)
    verdict = try_judging(trial_of(question), lambda trial: judge(trial, incidents, ground))
    step(words("stage.backtest"), 1, 1)
    return Subject(question, incidents, ground, base, words, now, verdict, step=step)


def _question(options: argparse.Namespace, now: datetime, district: str) -> Question:
    last = options.until or local_day(now)
    first = options.since or last - timedelta(days=options.days - 1)
    return Question(
        period=Period(midnight(first), midnight(last + timedelta(days=1))),
        within=(options.area or district,),
        kind=Kind(
            families=tuple(options.family or ()), types=tuple(options.type or ()),
            source=options.source,
        ),
        weight=Weight(options.urgent_weight, options.half_life_days),
        bandwidth_m=options.bandwidth_m or BANDWIDTH_M,
        cell_m=options.cell_m,
    )  # fmt: skip


def _with_bandwidth(subject: Subject, asked_m: float | None) -> Subject:
    """Return the subject with the bandwidth that the backtest chose, if none was asked for."""
    if asked_m is not None or subject.verdict is None:
        return subject
    chosen_m = subject.verdict.choice.chosen_m
    return replace(subject, question=replace(subject.question, bandwidth_m=chosen_m), _kept={})


def _is_chosen(subject: Subject, options: argparse.Namespace) -> bool:
    return options.bandwidth_m is None and subject.verdict is not None


def _write(subject: Subject, folder: Path, formats: Sequence[Format], bars: Bars) -> list[Path]:
    paths = []
    for done, form in enumerate(formats, 1):
        path = folder / file_name(subject, form)
        path.write_bytes(make_report(subject, form))
        paths.append(path)
        bars.step(subject.words("stage.files"), done, len(formats))
    return paths


def _folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be made: {error.strerror}", field="out") from error
    return path
