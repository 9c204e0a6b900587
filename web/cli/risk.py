"""``ganxin risk``: density and backtest of any points, and the report of a district."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from geodata.crs import METRIC_EPSG
from geodata.errors import InvalidInput
from geodata.point_file import read_points
from geodata.polygon_file import read_polygons
from geodata.raster import write_geotiff
from geodata.settings import Settings
from layers.risk.density.frame import Frame
from layers.risk.density.kernel import Kernel
from layers.risk.density.surface import Edge, Events, Mode, measure_surface, within
from layers.risk.foresight.backtest import Plan, Record
from layers.risk.foresight.comparison import compare_grids
from web.cli import risk_report


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands' options."""
    kinds = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    density = kinds.add_parser("density", help="events per km² as a GeoTIFF")
    _add_points(density)
    density.add_argument("--bandwidth-m", type=float, required=True, metavar="H",
                         help="gaussian: standard deviation; epanechnikov: radius")  # fmt: skip
    density.add_argument("--cell-m", type=float, default=25.0, metavar="C")
    density.add_argument("--kernel", type=Kernel, choices=list(Kernel), default=Kernel.GAUSSIAN)
    density.add_argument("--bbox", required=True, metavar="W,S,E,N",
                         help="metres; --bbox=-5,… where the west is negative")  # fmt: skip
    density.add_argument("--mode", type=Mode, choices=list(Mode), default=Mode.FAST)
    density.add_argument("--edge", type=Edge, choices=list(Edge), default=Edge.NONE)
    density.add_argument("--mask", type=Path, help="GeoJSON outline in the plane of the points")
    density.add_argument("--out", type=Path, required=True, metavar="FILE.tif")
    density.set_defaults(work=_density)
    backtest = kinds.add_parser("backtest", help="how much each model would have caught, as JSON")
    _add_points(backtest)
    backtest.add_argument("--date", required=True, metavar="COL", help="column of dates, ISO 8601")
    backtest.add_argument("--cell-m", type=float, default=150.0, metavar="C")
    backtest.add_argument("--train-days", type=int, default=180, metavar="N")
    backtest.add_argument("--windows", type=int, default=26, metavar="N", help="weeks")
    backtest.add_argument("--area-share", type=float, default=0.01, metavar="PART")
    backtest.add_argument("--mask", type=Path, help="GeoJSON of the study area in the plane of the"
                          " points; their convex hull without it")  # fmt: skip
    backtest.set_defaults(work=_backtest)
    risk_report.configure(
        kinds.add_parser("report", help="the report of the district's risk map, as files")
    )


def _add_points(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("points", type=Path, help="CSV file with a header")
    parser.add_argument("--x", required=True, metavar="COL", help="column of eastings, metres")
    parser.add_argument("--y", required=True, metavar="COL", help="column of northings, metres")
    parser.add_argument("--epsg", type=int, default=METRIC_EPSG, help="plane of the points")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Do what is asked; the outcome is JSON on standard output, progress is on standard error."""
    if options.what == "report":
        return risk_report.run(options, settings)
    work: Callable[[argparse.Namespace], int] = options.work
    return work(options)


def _density(options: argparse.Namespace) -> int:
    """Read, measure, write; say in one line what the file holds."""
    console = Console(stderr=True)
    with console.status("reading points"):
        points = read_points(options.points, options.x, options.y)
    frame = Frame.over(_bbox(options.bbox), options.cell_m, options.epsg)
    events = Events.plain(points.x, points.y)
    mask = None if options.mask is None else frame.cells_within(read_polygons(options.mask))
    _check_mask(options, mask)
    with console.status(f"{len(events)} events on {frame.columns} x {frame.rows} cells"):
        surface = measure_surface(
            frame, events, options.kernel, options.bandwidth_m, options.mode,
            edge=options.edge, mask=mask,
        )  # fmt: skip
    if options.edge is not Edge.NONE and mask is not None:
        surface = np.where(mask, surface, np.nan)
    facts = {
        "unit": "events per square kilometre",
        "kernel": str(options.kernel),
        "bandwidth_m": f"{options.bandwidth_m:g}",
        "mode": str(options.mode),
        "edge": str(options.edge),
        "events": str(len(events)),
    }
    write_geotiff(
        options.out, surface, west_m=frame.west_m, north_m=frame.north_m, cell_m=frame.cell_m,
        epsg=frame.epsg, tags=facts,
    )  # fmt: skip
    print(json.dumps(facts | _told(frame, events, surface, points.left_out), ensure_ascii=False))
    return 0


def _told(
    frame: Frame, events: Events, surface: NDArray[np.float64], left_out: int
) -> dict[str, object]:
    everywhere = np.ones(frame.shape, bool)
    return {
        "columns": frame.columns,
        "rows": frame.rows,
        "events_in_frame": int(within(frame, events, everywhere).sum()),
        "rows_without_coordinates": left_out,
        "highest": round(float(np.nanmax(surface)), 6),
        "sum": round(float(np.nansum(surface)) * frame.cell_km2, 6),
    }


def _bbox(text: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = map(float, text.split(","))
    except ValueError:
        raise InvalidInput("--bbox is four numbers: W,S,E,N", field="bbox") from None
    return west, south, east, north


def _check_mask(options: argparse.Namespace, mask: NDArray[np.bool_] | None) -> None:
    if options.edge is Edge.NONE and mask is not None:
        raise InvalidInput("--mask is for --edge uniform or diggle", field="mask")
    if options.edge is not Edge.NONE and mask is None:
        raise InvalidInput(f"--edge {options.edge} needs --mask FILE", field="mask")
    if mask is not None and not mask.any():
        raise InvalidInput(
            f"no cell of the frame lies in {options.mask}: are both in EPSG:{options.epsg}?",
            field="mask",
        )


def _backtest(options: argparse.Namespace) -> int:
    """Read, go back week by week, tell what each model would have caught."""
    points = read_points(options.points, options.x, options.y, options.date)
    plan = Plan(options.train_days, options.windows, options.area_share)
    record = Record(points.x, points.y, points.day)
    outline = (
        shapely.MultiPoint(np.column_stack([points.x, points.y])).convex_hull
        if options.mask is None
        else read_polygons(options.mask)
    )
    with Progress(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("grids", total=None)
        found = compare_grids(
            record, outline, options.cell_m, options.epsg, plan,
            lambda done, total: bars.update(task, completed=done, total=total),
        )  # fmt: skip
    told = {
        "events": len(points.x),
        "rows_left_out": points.left_out,
        "train_days": plan.train_days,
        "windows": plan.windows,
        "cell_m": options.cell_m,
        "area_share": plan.area_share,
        "study_area": "convex hull of the points" if options.mask is None else str(options.mask),
        "models": found,
    }
    print(_with_short_lists(json.dumps(told, ensure_ascii=False, indent=1)))
    return 0


def _with_short_lists(text: str) -> str:
    """Return JSON with each list of numbers on one line: a curve has some forty of them."""

    def on_one_line(found: re.Match[str]) -> str:
        return f"[{', '.join(found[1].replace(',', ' ').split())}]"

    return re.sub(r"\[\n([-+.0-9eE,\s]*)\]", on_one_line, text)
