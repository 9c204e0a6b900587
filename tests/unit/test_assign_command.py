"""``ganxin assign solve``: what it prints, and how it names what it cannot read."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.flow_queue import Peer, clustered
from web.cli import main

ROOT = Path(__file__).parents[2]
QUEUE = {
    "arcs": [[11, 7, 3], [11, "wang", 5], ["12", 7, 2], [13, "wang", 9], [13, 7.5, 1]],
    "capacity": {"7": 1, "wang": 2, "7.5": 0},
    "unassigned": {"11": 10, "12": 10, "13": 4, "far away": 6},
}


def _solve(capsys: pytest.CaptureFixture[str], path: Path, problem: object) -> dict[str, Any]:
    path.write_text(problem if isinstance(problem, str) else json.dumps(problem), "utf-8")
    assert main(["assign", "solve", str(path)]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    answer: dict[str, Any] = json.loads(shown.out)
    assert list(answer) == ["objective", "pairs", "unassigned", "seconds"]
    assert 0.0 <= answer.pop("seconds") < 5.0
    return answer


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "problem.json"


def test_ids_come_back_as_they_were_in_the_arcs(
    capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    assert _solve(capsys, file, QUEUE) == {
        "objective": 5 + 2 + 4 + 6,
        "pairs": [[11, "wang"], ["12", 7]],
        "unassigned": [13, "far away"],
    }


def test_standard_input_is_read_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = json.dumps(QUEUE | {"arcs": [["案件", "张", 1.5]]}, ensure_ascii=False)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + text.encode())))
    assert main(["assign", "solve", "-"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["pairs"] == [["案件", "张"]]
    assert answer["objective"] == 1.5 + 10 + 10 + 4 + 6


@pytest.mark.parametrize(
    ("arcs", "capacity", "unassigned", "answer"),
    [
        ([], {}, {}, (0, [], [])),
        # Nobody says how many a person may take: one.
        ([[1, 2, 3], [4, 2, 1]], {}, {"1": 9, "4": 9}, (10, [[4, 2]], [1])),
        # Without an unassigned cost a case goes first; where it cannot, it adds nothing.
        ([[1, 2, 3], [4, 2, 1]], {"2": 1}, {"4": 99}, (102, [[1, 2]], [4])),
        ([[1, 2, 3], [4, 2, 1]], {"2": 1}, {}, (1, [[4, 2]], [1])),
        ([[1, 2, 3]], {"2": 0}, {}, (0, [], [1])),
        # The cheapest of two arcs between the same two; 1, 1.0 and "1" are one case.
        ([[1, 2, 3], [1.0, "2", 1], ["1", 2.0, 2]], {"2": 1}, {"1": 9}, (1, [[1, 2]], [])),
        # A person and a case may share an id; people without an arc do not matter.
        ([[1, 1, 0]], {"1": 1, "9": 5}, {"1": 0}, (0, [[1, 1]], [])),
        ([[1, 2, 0.1], [3, 2, 0.2]], {"2": 2}, {}, (0.3, [[1, 2], [3, 2]], [])),
        ([[1, 2, 3]], {"2": 10**30}, {"1": 10**25}, (3, [[1, 2]], [])),
    ],
)
def test_small_queues(
    capsys: pytest.CaptureFixture[str],
    file: Path,
    arcs: list[Any],
    capacity: dict[str, int],
    unassigned: dict[str, float],
    answer: tuple[float, list[Any], list[Any]],
) -> None:
    problem = {"arcs": arcs, "capacity": capacity, "unassigned": unassigned}
    objective, pairs, left = answer
    found = _solve(capsys, file, problem)
    assert found["objective"] == pytest.approx(objective, rel=1e-15)
    assert type(found["objective"]) is type(objective)
    assert found | {"objective": 0} == {"objective": 0, "pairs": pairs, "unassigned": left}


FINE = '"capacity": {}, "unassigned": {}'


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"arcs": [[1, 2, -1]], %s}', "arcs[0], cost: must be from 0 to 1e300, not -1"),
        ('{"arcs": [[1, 2, 1], [1, 2, "x"]], %s}', 'arcs[1], cost: must be a number, not "x"'),
        ('{"arcs": [[1, 2, true]], %s}', "arcs[0], cost: must be a number, not true"),
        ('{"arcs": [[1, 2, null]], %s}', "arcs[0], cost: must be a number, not null"),
        ('{"arcs": [[1, 2, NaN]], %s}', "NaN is not a number that JSON knows"),
        ('{"arcs": [[1, 2, -Infinity]], %s}', "-Infinity is not a number"),
        ('{"arcs": [[1, 2, 1e999]], %s}', "arcs[0], cost: must be from 0 to 1e300, not Inf"),
        ('{"arcs": [[1, 2, 9007199254740993]], %s}', "arcs[0], cost: must be at most 2^53"),
        ('{"arcs": [[1, 2]], %s}', "arcs[0]: must be [case, person, cost], not [1, 2]"),
        ('{"arcs": [7], %s}', "arcs[0]: must be [case, person, cost], not 7"),
        ('{"arcs": {"1": 2}, %s}', "arcs: must be a list of [case, person, cost]"),
        ('{"arcs": [[null, 2, 1]], %s}', "arcs[0], case: a case must be a text or a number"),
        ('{"arcs": [[1, [2], 1]], %s}', "arcs[0], person: a person must be a text or a number"),
        ('{"arcs": [[false, 2, 1]], %s}', "arcs[0], case: a case must be"),
        ('{"arcs": [], "capacity": {"2": -1}, "unassigned": {}}', 'capacity["2"]: must be a whole'),
        (
            '{"arcs": [], "capacity": {"2": 1.5}, "unassigned": {}}',
            'capacity["2"]: must be a whole',
        ),
        ('{"arcs": [], "capacity": {"2": true}, "unassigned": {}}', "zero or more, not true"),
        ('{"arcs": [], "capacity": [1], "unassigned": {}}', "capacity: must be an object, not [1]"),
        ('{"arcs": [], "capacity": {}, "unassigned": {"1": -2}}', 'unassigned["1"]: must be'),
        (
            '{"arcs": [], "capacity": {}, "unassigned": {"1": "a"}}',
            'unassigned["1"]: must be a num',
        ),
        (
            '{"arcs": [], "capacity": {}, "unassigned": {"1": 1%s}}' % ("0" * 400),
            'unassigned["1"]: must be from 0 to 1e300, not too much',
        ),
        ('{"arcs": [], "capacity": {}}', '"unassigned" is missing; it may be empty'),
        ('{"arcs": [], "unassigned": {}}', '"capacity" is missing'),
        ("{%s}", '"arcs" is missing'),
        ('{"arcs": [], "capacity": {"2": 1, "2": 3}, "unassigned": {}}', '"2" stands twice'),
        ("[]", "a problem must be an object with arcs, capacity and unassigned, not []"),
        (
            '{"arcs": [\n  [1, 2 3]\n]}',
            "this is no JSON: Expecting ',' delimiter at line 2, column 9",
        ),
        ("", "this is no JSON: Expecting value at line 1, column 1"),
        ("[" * 100_000, "nested too deeply"),
        ('{"arcs": [[1, 2, 1%s]]}' % ("0" * 5_000), "too many digits"),
    ],
)
def test_what_is_wrong_is_named(
    capsys: pytest.CaptureFixture[str], file: Path, text: str, named: str
) -> None:
    file.write_text(text.replace("%s", FINE), "utf-8")
    assert main(["assign", "solve", str(file)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("ganxin: ")
    assert named in shown.err
    assert shown.err.count("\n") == 1


def test_a_file_that_cannot_be_read_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["assign", "solve", str(tmp_path / "none.json")]) == 2
    assert "none.json cannot be read: No such file" in capsys.readouterr().err
    (tmp_path / "latin.json").write_bytes(b'{"arcs": "\xe9"}')
    assert main(["assign", "solve", str(tmp_path / "latin.json")]) == 2
    assert "latin.json is not UTF-8" in capsys.readouterr().err


def test_a_long_queue_is_solved_as_ortools_does(
    capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    problem = clustered(3, cases=300, people=2_000)
    arcs = np.column_stack([problem.case, problem.person, problem.cost]).astype(int).tolist()
    answer = _solve(
        capsys,
        file,
        {
            "arcs": [[f"c{case}", person, cost] for case, person, cost in arcs],
            "capacity": {str(p): n for p, n in enumerate(problem.capacity.tolist())},
            "unassigned": {f"c{c}": int(n) for c, n in enumerate(problem.unassigned.tolist())},
        },
    )
    assert answer["objective"] == Peer(problem).solve()
    assert len(answer["pairs"]) + len(answer["unassigned"]) == 300
    assert answer["unassigned"]


def test_neither_flask_nor_a_database_is_loaded(file: Path) -> None:
    file.write_text(json.dumps(QUEUE), "utf-8")
    program = (
        "import sys; from web.cli import main; "
        f"main(['assign', 'solve', {str(file)!r}]); "
        "print([name for name in ('flask', 'gevent', 'geopandas', 'shapely')"
        " if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.splitlines()[-1] == "[]"
