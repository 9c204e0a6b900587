"""The whole queue at once: ours, OR-Tools, a dense assignment and one by one; its matrix apart.

The question: 2,000 cases × 17,700 people, each case with its 20 to 60 nearest who have the skill,
three quarters of the cases in a few hot spots, specialists scarce (tests/flow_queue.py). Asked of:

- ours, ``dispatch.assign.flow.solver.solve`` (compiled beforehand; what that takes is told below);
- OR-Tools' ``SimpleMinCostFlow`` on the same arcs, its graph built from arrays; the sum must be
  equal, or this fails;
- scipy's ``linear_sum_assignment`` over a dense table, a column per place and one per case for
  leaving it;
- one by one: cases in the order they came in, each takes the cheapest who still has room.

The matrix: travel times on a lattice of 62,500 crossings within 15 minutes, a third of the people
by each mode; every twentieth case is compared with a search of its own, or this fails.

``python -m bench.assign_solve``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version

import numpy as np
from scipy.optimize import linear_sum_assignment

from bench.rounds import compiling, in_turns
from bench.travel import lattice_graph
from dispatch.assign.flow.greedy import one_by_one
from dispatch.assign.flow.problem import NOBODY, Problem, total
from dispatch.assign.flow.solver import solve, warm
from dispatch.assign.matrix import MODES, TravelMatrix
from geodata.road.graph import RoadGraph
from geodata.road.position import Positions
from geodata.road.profile import Mode
from geodata.road.travel import search_to
from tests.flow_proof import prove
from tests.flow_queue import Peer, clustered

SEED = 210211
CASES, PEOPLE = 2_000, 17_700
SIDE, LIMIT_S = 250, 900.0
NEEDED_MS, NEEDED_S = 100.0, 2.0
QUEUES = {
    "clustered": {},
    "specialists scarce": {"special": 0.01},
    "one hot spot, nobody may be left lightly": {"hot": 1, "left_m": 30_000.0},
}
HEAD = ("queue", "arcs", "engine", "ms, median", "ms, min to max", "sum", "above the least",
        "left", "needed ms", "ratio")  # fmt: skip
MATRIX_HEAD = ("matrix", "s, median", "s, min to max", "needed s")
Answer = np.ndarray


def main() -> None:
    """Measure and print the rows of two markdown tables."""
    args = _arguments()
    warm()
    _head(HEAD)
    for name, mix in QUEUES.items():
        _measure_queue(name, clustered(SEED, CASES, PEOPLE, **mix), args)
    print()
    _head(MATRIX_HEAD)
    told = _measure_matrix(args.rounds)
    with tempfile.TemporaryDirectory(prefix="ganxin-bench-") as home:
        cold_s, kept_s = (compiling("dispatch.assign.flow.solver", home) for _ in range(2))
    packages = ", ".join(f"{name} {version(name)}" for name in ("numba", "ortools", "scipy"))
    print(
        f"\n{CASES:,} cases, {PEOPLE:,} people; {args.rounds} rounds in turns (the dense table"
        f" once); the ratio is to ours. OR-Tools: its graph is built, then solved. {told} warm() in"
        f" a new process: {cold_s:.1f} s with nothing kept on disk, {kept_s:.2f} s after that."
        f" {packages}."
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--no-dense", action="store_true", help="leave the dense table out")
    return parser.parse_args()


def _head(names: Sequence[str]) -> None:
    print(f"| {' | '.join(names)} |\n" + "|---" * len(names) + "|", flush=True)


def _measure_queue(name: str, problem: Problem, args: argparse.Namespace) -> None:
    solution = solve(problem)
    prove(problem, solution)
    least = solution.objective
    if Peer(problem).solve() != least:
        raise SystemExit("OR-Tools and we disagree: nothing to compare")
    # OR-Tools tells the sum alone; who goes where is read by nobody here.
    engines: dict[str, Callable[[], object]] = {
        "ours": lambda: solve(problem),
        "OR-Tools": lambda: Peer(problem).solve(),
        "one by one": lambda: one_by_one(problem),
    }
    times = in_turns(list(engines.values()), args.rounds)
    answers = [solution.arc, solution.arc, one_by_one(problem)[0]]
    rows = list(zip(engines, times, answers, strict=True))
    if not args.no_dense:
        start = time.perf_counter()
        answer = dense(problem)
        rows.append(("scipy, dense", [time.perf_counter() - start], answer))
    base = float(np.median(times[0]))
    for engine, taken, answer in rows:
        print(row(name, problem, engine, taken, answer, least, base), flush=True)


def row(
    name: str,
    problem: Problem,
    engine: str,
    taken: Sequence[float],
    answer: Answer,
    least: float,
    base: float,
) -> str:
    """Return one row of the table."""
    objective, median = total(problem, answer), float(np.median(taken))
    cells = [
        name,
        f"{len(problem.case):,}",
        engine,
        f"{median * 1e3:.1f}",
        f"{min(taken) * 1e3:.1f} to {max(taken) * 1e3:.1f}" if len(taken) > 1 else "one round",
        f"{objective:,.0f}",
        f"{objective / least - 1.0:.2%}",
        str(int((answer == NOBODY).sum())),
        f"{NEEDED_MS:g}" if engine == "ours" else "",
        f"{median / base:.1f}×",
    ]
    return f"| {' | '.join(cells)} |"


def dense(problem: Problem) -> Answer:
    """Return the arcs that scipy takes of a dense table: places, then a column to leave each."""
    n = len(problem.unassigned)
    first = np.concatenate([[0], np.cumsum(problem.capacity)])
    never = 1.0 + float(problem.cost.max() + problem.unassigned.max())
    table = np.full((n, first[-1] + n), never)
    which = np.full(table.shape, NOBODY, np.int32)
    for arc, (case, person) in enumerate(zip(problem.case, problem.person, strict=True)):
        seats = slice(first[person], first[person + 1])
        table[case, seats], which[case, seats] = problem.cost[arc], arc
    table[np.arange(n), first[-1] + np.arange(n)] = problem.unassigned
    case, column = linear_sum_assignment(table)
    answer = np.full(n, NOBODY)
    answer[case] = which[case, column]
    return answer


def _measure_matrix(rounds: int) -> str:
    """Print the rows of the matrix; return what else is to be told of it."""
    graph, rng = lattice_graph(SIDE), np.random.default_rng(SEED)
    people, cases = _people(graph, rng), _draw(graph, rng, CASES)
    _filled(graph, people, cases.take(np.arange(2)))
    matrix = _filled(graph, people, cases)
    _check(graph, matrix, people, cases)
    times = in_turns([lambda: _filled(graph, people, cases), matrix.times], min(rounds, 7))
    moves = [lambda: matrix.move([0], MODES[0], _draw(graph, rng, 1)),
             lambda: matrix.move(list(range(300)), MODES[1], _draw(graph, rng, 300)),
             lambda: matrix.place([0], dict.fromkeys(MODES, _draw(graph, rng, 1)))]  # fmt: skip
    times += in_turns(moves, rounds)
    pairs = _pairs(graph, rng)
    times += in_turns([lambda: matrix.between(*pairs)], rounds)
    names = (
        f"{CASES:,} cases × {PEOPLE:,} people, anew",
        "its times, in order",
        "one person moves",
        "300 people move",
        "one case comes in",
        f"asked for {len(pairs[0]):,} pairs",
    )
    for number, (name, taken) in enumerate(zip(names, times, strict=True)):
        needed = f"{NEEDED_S:g}" if number == 0 else ""
        spread = f"{min(taken):.4f} to {max(taken):.4f}"
        print(f"| {name} | {np.median(taken):.4f} | {spread} | {needed} |", flush=True)
    return (
        f"Matrix: {len(graph.node_id):,} crossings, within {LIMIT_S:g} s, {len(matrix.times()):,}"
        f" times, {matrix.nbytes / 2**20:.0f} MiB."
    )


def _people(graph: RoadGraph, rng: np.random.Generator) -> list[Positions]:
    return [_draw(graph, rng, PEOPLE // len(MODES)) for _ in MODES]


def _pairs(graph: RoadGraph, rng: np.random.Generator) -> tuple[list[int], Mode, Positions]:
    """Return 40 people for each case: what the queue asks for."""
    return np.repeat(np.arange(CASES), 40).tolist(), MODES[0], _draw(graph, rng, 40 * CASES)


def _draw(graph: RoadGraph, rng: np.random.Generator, count: int) -> Positions:
    edge = rng.integers(0, len(graph.edge_id), count).astype(np.int32)
    return Positions(edge, rng.random(count), np.zeros(count))


def _filled(graph: RoadGraph, people: Sequence[Positions], cases: Positions) -> TravelMatrix:
    matrix = TravelMatrix(graph, LIMIT_S)
    for number, (mode, at) in enumerate(zip(MODES, people, strict=True)):
        matrix.move(range(number * len(at), (number + 1) * len(at)), mode, at)
    matrix.place(range(len(cases)), dict.fromkeys(MODES, cases))
    return matrix


def _check(
    graph: RoadGraph, matrix: TravelMatrix, people: Sequence[Positions], cases: Positions
) -> None:
    times = matrix.times()
    for case in range(0, len(cases), 20):
        expected = np.concatenate(
            [
                search_to(graph, mode, cases[case], LIMIT_S).travel_s(at)
                for mode, at in zip(MODES, people, strict=True)
            ]
        )
        found = np.full(len(expected), np.inf)
        mine = times.case_id == case
        found[times.person_id[mine]] = times.travel_s[mine]
        if not (found == expected).all():
            raise SystemExit("the matrix and a search of its own disagree: nothing to tell")


if __name__ == "__main__":
    main()
