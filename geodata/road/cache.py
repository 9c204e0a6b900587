"""The road graph as one file that processes map instead of each building their own.

Layout: the magic, the length of the header, a JSON header (fields, names, and for every array its
dtype, shape and offset), then the arrays, each at a multiple of 64 bytes. Written beside the final
name, synced and renamed: a reader sees a whole file or none, and a file that is replaced stays
alive under the processes that have it mapped. Mapped copy-on-write: pages are shared until
written to, and only the last page of a search matrix ever is (network.py).
"""

from __future__ import annotations

import json
import math
import os
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.road.graph import RoadGraph
from geodata.road.network import Matrix, Network
from geodata.road.profile import PROFILES, Mode
from geodata.road.store import Edition

MAGIC = b"ganxin-road-1\n"
ALIGN = 64
_PLAIN = (
    *("node_id", "node_lon", "node_lat", "node_x_m", "node_y_m"),
    *("edge_id", "edge_from", "edge_to", "edge_twin", "length_m", "speed_class", "access"),
    *("name_index", "shape_offset", "shape_x_m", "shape_y_m", "shape_along_m"),
)
_MATRIX = ("row_start", "target", "weight_s", "edge")


def cache_file(directory: Path, edition: Edition, epsg: int) -> Path:
    """Return where the graph of an edition lies; other speeds or another plane is another file."""
    what = f"{edition.fingerprint}|{epsg}|{PROFILES!r}".encode()
    return directory / f"road-{edition.code}-{zlib.crc32(what):08x}{zlib.adler32(what):08x}.bin"


def save_graph(graph: RoadGraph, path: Path) -> None:
    """Write a graph for other processes to map; drops files of the same district's older roads.

    Raises
    ------
    OSError
        The disk is full or not ours; nothing is left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            _write(graph, file)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    district = "-".join(path.name.split("-")[:2])
    for old in path.parent.glob(f"{district}-*.bin"):
        if old != path:
            old.unlink(missing_ok=True)


def open_graph(path: Path, *, version: int = 0) -> RoadGraph | None:
    """Map a graph that was saved, or return None if there is none or it is not whole."""
    try:
        memory = np.memmap(path, np.uint8, mode="c")
        header, start = _header(memory)
    except (OSError, ValueError):
        return None
    arrays = {name: _view(memory, start, entry) for name, entry in header["arrays"].items()}
    plain = {name: _sealed(arrays[name]) for name in _PLAIN}
    networks = {mode: _network(arrays, mode) for mode in Mode}
    return RoadGraph(
        version=version,
        epsg=header["epsg"],
        names=tuple(header["names"]),
        networks=networks,
        **plain,
    )


def _write(graph: RoadGraph, file: Any) -> None:
    arrays = dict(_arrays(graph))
    entries: dict[str, Any] = {}
    offset = 0
    for name, array in arrays.items():
        entries[name] = [array.dtype.str, list(array.shape), offset]
        offset += math.ceil(array.nbytes / ALIGN) * ALIGN
    about = {"epsg": graph.epsg, "names": graph.names, "bytes": offset, "arrays": entries}
    header = json.dumps(about).encode()
    header += b" " * (-(len(MAGIC) + 8 + len(header)) % ALIGN)
    file.write(MAGIC + len(header).to_bytes(8, "little") + header)
    for array in arrays.values():
        file.write(array.tobytes())
        file.write(bytes(-array.nbytes % ALIGN))


def _arrays(graph: RoadGraph) -> Iterator[tuple[str, NDArray[Any]]]:
    for name in _PLAIN:
        yield name, getattr(graph, name)
    for mode, network in graph.networks.items():
        yield f"{mode}.edge_time_s", network.edge_time_s
        for way in ("forward", "reverse"):
            for name in _MATRIX:
                yield f"{mode}.{way}.{name}", getattr(getattr(network, way), name)


def _header(memory: NDArray[np.uint8]) -> tuple[dict[str, Any], int]:
    """Return the header and where the arrays start; ValueError if the file is not whole."""
    fixed = len(MAGIC) + 8
    if memory[: len(MAGIC)].tobytes() != MAGIC:
        raise ValueError("not a road graph of this version")
    start = fixed + int.from_bytes(memory[len(MAGIC) : fixed].tobytes(), "little")
    header: dict[str, Any] = json.loads(memory[fixed:start].tobytes())
    if start + header["bytes"] != len(memory):
        raise ValueError("a road graph cut short")
    return header, start


def _view(memory: NDArray[np.uint8], start: int, entry: list[Any]) -> NDArray[Any]:
    dtype, shape, offset = entry
    kind = np.dtype(dtype)
    size = math.prod(shape) * kind.itemsize
    piece = np.asarray(memory)[start + offset : start + offset + size]
    view: NDArray[Any] = piece.view(kind).reshape(shape)
    return view


def _sealed(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array


def _network(arrays: dict[str, NDArray[Any]], mode: Mode) -> Network:
    forward, reverse = (
        Matrix(*(arrays[f"{mode}.{way}.{name}"] for name in _MATRIX))
        for way in ("forward", "reverse")
    )
    return Network(_sealed(arrays[f"{mode}.edge_time_s"]), forward, reverse)
