"""How the defaults were chosen: recall on every set of videos that has features.

Each row is an estimator, among them the defaults, the defaults with one thing changed,
the paper's procedure, and what learns nothing or learns from annotations. Real sets
are split by subject, box or video; what is random there is averaged over seeds. Each
seed of a simulated set draws features and split anew.

    python benchmarks/real_data.py --data ../shared/data --out table.md
    python benchmarks/real_data.py --sets cad120 openpack --rows default even
    python benchmarks/real_data.py --sets generated --record
    python benchmarks/real_data.py --scale

Recall is in percent, its mean and standard deviation over folds, or seeds. The
difference to evenly spaced steps is taken within each fold or seed, and comes with
the standard error of its mean. Sets and rows are given by name, or several by a part
of their names.

With ``--scale``, the table is of features in other units: recall of the defaults
should not change. With ``--record``, figures go to ``measured/real_data.csv``, where
they replace those of the same sets and rows (``units.csv`` with ``--scale``).
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from _measured import add_record, record
from _real_sets import REAL, SIMULATED, Split

from skcrosstask import Video, WeaklySupervisedStepEstimator
from skcrosstask.baselines import (
    ActionSetEstimator,
    DiffracEstimator,
    RandomOrderBaseline,
    SupervisedStepEstimator,
    UniformBaseline,
)
from skcrosstask.experiments import PAPER

VERSION_0_1 = {
    "condition": False,
    "n_passes": 0,
    "decoding": "one_per_step",
    "init_iter": 10,
    "max_iter": 20,
    "contrast": "both",
}
VERSION_0_1_SUPERVISED = {
    name: value for name, value in VERSION_0_1.items() if name != "init_iter"
} | {"max_iter": 30}
# So much that no segment is worth leaving its windows.
HARD = 1e4
EVEN = "even spacing"


@dataclass(frozen=True)
class Row:
    """An estimator of the table.

    Attributes
    ----------
    make : callable
        Gives the estimator for a seed.
    random : bool
        Whether results depend on the seed.
    annotated : bool
        Whether it learns from annotated videos alone.
    needs_windows : bool
        Whether it differs from the defaults only where videos have windows.
    knows : callable, optional
        What of a task it must have seen in training to predict that task.
    """

    make: Callable[[int], object]
    random: bool = False
    annotated: bool = False
    needs_windows: bool = False
    knows: Callable[[Video], Iterable] | None = None


def weak(random=False, needs_windows=False, **params) -> Row:
    return Row(
        lambda seed: WeaklySupervisedStepEstimator(random_state=seed, **params),
        random=random,
        needs_windows=needs_windows,
    )


def supervised(random=False, **params) -> Row:
    return Row(
        lambda seed: SupervisedStepEstimator(random_state=seed, **params),
        random=random,
        annotated=True,
    )


ROWS = {
    EVEN: Row(lambda seed: UniformBaseline()),
    "random order": Row(
        lambda seed: RandomOrderBaseline(random_state=seed), random=True
    ),
    "DIFFRAC": Row(
        lambda seed: DiffracEstimator(random_state=seed),
        random=True,
        knows=lambda video: [video.task],
    ),
    "action sets": Row(
        lambda seed: ActionSetEstimator(random_state=seed),
        random=True,
        knows=lambda video: video.task.steps,
    ),
    "the paper": weak(random=True, **PAPER),
    "version 0.1": weak(random=True, **VERSION_0_1),
    "default": weak(),
    "only centred": weak(condition=False),
    "no position prior": weak(position_prior=0.0),
    "1 pass": weak(n_passes=1),
    "8 passes": weak(n_passes=8),
    "no window penalty": weak(needs_windows=True, window_penalty=0.0),
    "hard windows": weak(needs_windows=True, window_penalty=HARD),
    "windows unused": weak(needs_windows=True, use_windows=False),
    "one unit decoded": weak(decoding="one_per_step"),
    "segments decoded": weak(decoding="segments"),
    "+ Adam, steps": weak(random=True, max_iter=5),
    "+ Adam, both": weak(random=True, max_iter=5, contrast="both"),
    "supervised, 0.1": supervised(random=True, **VERSION_0_1_SUPERVISED),
    "supervised": supervised(),
}


class Runs(NamedTuple):
    """Results of a row: of each fold or seed, recall in percent, seconds of a fit."""

    recall: np.ndarray
    seconds: float


def skipped(row: Row, train: Sequence[Video], test: Sequence[Video]) -> str | None:
    """Why a row has no result on a set, if so."""
    if row.needs_windows and all(video.windows is None for video in train):
        return "no windows"
    if row.knows is not None:
        seen = {what for video in train for what in row.knows(video)}
        if not seen.issuperset(what for video in test for what in row.knows(video)):
            return "steps not seen in training"
    return None


def recall_of(row: Row, seed: int, train: Sequence[Video], test: Sequence[Video]):
    """Recall in percent, and seconds of the fit."""
    if row.annotated:
        train = [video for video in train if video.annotation is not None]
    start = time.perf_counter()
    est = row.make(seed).fit(train)
    seconds = time.perf_counter() - start
    return 100 * est.score(test), seconds


def folds_of(split: Split):
    """Training and test videos of each fold."""
    for train, test in split.folds:
        yield [split.videos[i] for i in train], [split.videos[i] for i in test]


def run_real(split: Split, rows: dict[str, Row], n_seeds: int):
    """Runs of each row, one a fold, each the mean over seeds; or why there are none."""
    found = {}
    for name, row in rows.items():
        reasons = {skipped(row, train, test) for train, test in folds_of(split)}
        if reasons != {None}:
            found[name] = next(reason for reason in reasons if reason)
            continue
        results = [
            [
                recall_of(row, seed, train, test)
                for seed in range(n_seeds if row.random else 1)
            ]
            for train, test in folds_of(split)
        ]
        recall, seconds = np.moveaxis(np.array(results), -1, 0)
        found[name] = Runs(recall.mean(axis=1), seconds.mean())
    return found


def run_simulated(load: Callable[[int], Split], rows: dict[str, Row], n_seeds: int):
    """Runs of each row, one a seed; or why there are none."""
    found, results = {}, defaultdict(list)
    for seed in range(n_seeds):
        ((train, test),) = folds_of(load(seed))
        for name, row in rows.items():
            reason = skipped(row, train, test)
            if reason:
                found[name] = reason
                continue
            results[name].append(recall_of(row, seed, train, test))
    for name, pairs in results.items():
        recall, seconds = np.transpose(pairs)
        found[name] = Runs(recall, seconds.mean())
    return {name: found[name] for name in rows}


def deviation(values: np.ndarray) -> float:
    return values.std(ddof=1) if len(values) > 1 else np.nan


def figures_of(name: str, found: dict[str, Runs | str]) -> list[dict]:
    """Figures of one set: of each row, means over folds or seeds, and their spread."""
    even = found[EVEN].recall
    return [
        {
            **{"set": name, "row": row, "n": len(runs.recall)},
            **{"recall": runs.recall.mean(), "deviation": deviation(runs.recall)},
            "gain": (runs.recall - even).mean(),
            "gain error": deviation(runs.recall - even) / np.sqrt(len(even)),
            "seconds": runs.seconds,
        }
        for row, runs in found.items()
        if not isinstance(runs, str)
    ]


def mean_and(values: np.ndarray, *, error: bool = False, sign: str = "") -> str:
    """Mean with standard deviation, or with the mean's standard error."""
    text = f"{values.mean():{sign}.1f}"
    if len(values) == 1:
        return text
    spread = deviation(values) / (np.sqrt(len(values)) if error else 1)
    return f"{text} ± {spread:.1f}"


def lines_of(name: str, found: dict[str, Runs | str]) -> list[str]:
    """Lines of the table for one set."""
    even = found[EVEN].recall
    lines = []
    for row, runs in found.items():
        if isinstance(runs, str):
            lines.append(f"| {name} | {row} | {runs} | | |")
            continue
        gain = "" if row == EVEN else mean_and(runs.recall - even, error=True, sign="+")
        recall = mean_and(runs.recall)
        lines.append(f"| {name} | {row} | {recall} | {gain} | {runs.seconds:.2f} |")
    return lines


def compile_kernels(rows: dict[str, Row]) -> None:
    """Fit each row once, so that no time in the table is that of compilation."""
    ((train, test),) = folds_of(SIMULATED["generated"](Path(), 0))
    for row in rows.values():
        recall_of(row, 0, train, test)


def chosen(names: Iterable[str], wanted: Sequence[str] | None) -> list[str]:
    """Names that are wanted, or contain what is wanted and no name; by default, all."""
    names = list(names)
    if not wanted:
        return names
    parts = [part for part in wanted if part not in names]
    return [n for n in names if n in wanted or any(part in n for part in parts)]


def table_of_sets(args, sets: Sequence[str], rows: dict[str, Row], n_seeds: int):
    """Lines of the table, set by set, which are recorded too."""
    yield [
        "| set | row | recall, % | over even spacing | fit, s |",
        "|---|---|--:|--:|--:|",
    ]
    for name in sets:
        if name in REAL:
            found = run_real(REAL[name](args.data), rows, n_seeds)
        else:
            load = SIMULATED[name]
            found = run_simulated(
                lambda seed, f=load: f(args.data, seed), rows, n_seeds
            )
        record(args.record, ("set", "row"), figures_of(name, found), seeds=n_seeds)
        yield lines_of(name, found)


def table_of_scales(args, sets: Sequence[str]):
    """Lines of a table of recall with features in other units."""
    units = {
        "as they are": lambda n: 1.0,
        "x 1e-3": lambda n: 1e-3,
        "x 1e3": lambda n: 1e3,
        "each its own": lambda n: 10 ** np.random.default_rng(0).uniform(-3, 3, n),
    }
    yield [
        "| set | " + " | ".join(units) + " | most it changes |",
        "|---|" + "--:|" * (len(units) + 1),
    ]
    for name in sets:
        load = REAL.get(name) or (lambda data, f=name: SIMULATED[f](data, 0))
        split = load(args.data)
        recall = []
        for factor in units.values():
            videos = [scaled(video, factor) for video in split.videos]
            folds = folds_of(Split(videos, split.folds))
            runs = [recall_of(ROWS["default"], 0, *videos)[0] for videos in folds]
            recall.append(np.mean(runs))
        change = np.abs(np.array(recall) - recall[0]).max()
        if args.record is not None:
            path = args.record.with_name("units.csv")
            record(path, ["set"], [{"set": name, "change": change}])
        cells = " | ".join(f"{value:.2f}" for value in recall)
        yield [f"| {name} | {cells} | {change:.2f} |"]


def scaled(video: Video, factor: Callable[[int], float | np.ndarray]) -> Video:
    features = np.asarray(video.features, dtype=float)
    features = features * factor(features.shape[1])
    return replace(video, features=features.astype(np.float32))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    data = os.environ.get("SKCROSSTASK_DATA", "../shared/data")
    parser.add_argument("--data", type=Path, default=Path(data))
    parser.add_argument("--sets", nargs="+", help="by default, all")
    parser.add_argument("--rows", nargs="+", help="by default, all")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="one seed")
    parser.add_argument("--scale", action="store_true", help="features in other units")
    parser.add_argument("--out", type=Path, help="file for the table too")
    add_record(parser)
    args = parser.parse_args()

    sets = chosen([*REAL, *SIMULATED], args.sets)
    rows = [EVEN, *chosen(ROWS, args.rows)]
    # Steps of held-out videos may have no word that was seen.
    warnings.simplefilter("ignore", UserWarning)
    if args.scale:
        table = table_of_scales(args, sets)
    else:
        n_seeds = 1 if args.quick else args.seeds
        table_rows = {name: ROWS[name] for name in rows}
        compile_kernels(table_rows)
        table = table_of_sets(args, sets, table_rows, n_seeds)
    lines: list[str] = []
    for part in table:
        print("\n".join(part), flush=True)
        lines += part
        if args.out is not None:
            args.out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
