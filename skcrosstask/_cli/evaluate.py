"""The command `evaluate`: recall of predictions, beside evenly spread steps."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from skcrosstask._cli._selection import DATA, add_features, load_data
from skcrosstask._cli._shared import add_command, note, option
from skcrosstask._files import refuse_target, replacing
from skcrosstask._progress import counted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike
    from sklearn.utils import Bunch

    from skcrosstask._data import Task, Video
    from skcrosstask._input import PerVideo
    from skcrosstask.results._table import StepTable

__all__ = ["add_parser", "run"]

# Segments are compared in units of a tenth of a second.
_PER_SECOND = 10
_DETAILS = f"""\
Prints step recall: per task, the share of annotated steps whose predicted second
lies in one of their segments; then the mean over tasks. Beside it stands the recall
of evenly spread steps in the same videos, where their lengths are known from the
features or from DATA/frame_counts.csv. Videos without annotation are left out.

Where the file has the ends of the steps, their overlap with the truth follows: IoU by
step, and F1 of segments at three overlaps, as means over tasks.

{DATA}
example:
  python -m skcrosstask evaluate times.csv crosstask_release --json recall.json
"""


def add_parser(commands: Any) -> None:
    """Add the command to those of a parser."""
    summary = "compare placed steps with the truth"
    command = add_command(commands, "evaluate", summary, _DETAILS, run)
    option(command, "predictions", "PREDICTIONS", "CSV or JSON file that predict wrote")
    option(command, "data", "DATA", "collection with annotations, see below")
    text = "corrected annotations from the page of view, in place of those of DATA"
    option(command, "--annotations", "FILE", text)
    add_features(command)
    option(command, "--json", "FILE", "also write the results to this file")


def run(args: Namespace) -> int:
    """Print the recall of a file of predictions."""
    from skcrosstask.results import annotate
    from skcrosstask.results._matching import match_steps
    from skcrosstask.results._reading import read_placed_steps

    if args.json is not None:
        refuse_target(args.json)
    rows, places = read_placed_steps(args.predictions)
    if not rows:
        raise ValueError(f"{args.predictions} holds no prediction.")
    data = load_data(args, lengths_only=True)
    if args.annotations is not None:
        data.videos = annotate(data.videos, args.annotations)
        _refuse_late(data, _ends_of_truth(data.videos), args.annotations)
    matched = match_steps(rows, places, data.videos, data.tasks, args.predictions)
    known = [i for i in sorted(matched) if data.videos[i].annotation is not None]
    if len(known) < len(matched):
        n_unknown = counted(len(matched) - len(known), "video")
        note(f"left out {n_unknown} without annotation.")
    if not known:
        raise ValueError(
            f"none of the videos of {args.predictions} is annotated: {args.data} needs "
            "annotations/<task>_<video>.csv, or give --annotations."
        )
    _refuse_late(data, _starts_of_steps(matched), args.predictions)
    report = _report(data, {i: matched[i] for i in known})
    if args.json is not None:
        with replacing(args.json) as file:
            file.write((json.dumps(report, indent=2) + "\n").encode())
    print(_table(report))
    return 0


def _starts_of_steps(found: Mapping[int, StepTable]) -> dict[int, float]:
    """Of each video, the last start or moment of its steps."""
    return {
        i: max((x for row in rows for x in (row.start, row.time) if x == x), default=0)
        for i, rows in found.items()
    }


def _ends_of_truth(videos: Sequence[Video]) -> dict[int, float]:
    """Of each annotated video, when the last segment ends."""
    return {
        i: float(video.annotation[:, 2].max(initial=0.0))
        for i, video in enumerate(videos)
        if video.annotation is not None
    }


def _refuse_late(data: Bunch, times: Mapping[int, float], path: str) -> None:
    """Refuse times after the end: these are other videos, or rows taken for seconds."""
    from skcrosstask._segments import is_far_beyond

    for i, last in times.items():
        length = int(data.lengths[i])
        if length > 0 and is_far_beyond(last, length):
            raise ValueError(
                f"{path}: {data.videos[i]}: {last:g} s is long after its end, {length} "
                "s; times are in seconds."
            )


def _report(data: Bunch, found: Mapping[int, StepTable]) -> dict[str, Any]:
    """Recall per task and its mean, beside those of evenly spread steps."""
    import numpy as np

    from skcrosstask.baselines import UniformBaseline
    from skcrosstask.metrics import recall_table

    chosen = list(found)
    tasks, lengths = [data.tasks[i] for i in chosen], data.lengths[chosen]
    rates = [data.videos[i].rate for i in chosen]
    unknown = {t.name for t, n in zip(tasks, lengths, strict=True) if n < 0}
    blank = [
        np.zeros((max(int(np.ceil(n * rate)), len(task.steps)), 1), dtype=np.float16)
        for task, n, rate in zip(tasks, lengths, rates, strict=True)
    ]
    uniform = UniformBaseline().predict(blank, tasks)
    systems: dict[str, PerVideo] = {
        "recall": [_units(found[i], data.videos[i].rate) for i in chosen],
        "uniform": uniform,
    }
    truth = [data.videos[i].annotation for i in chosen]
    table = recall_table(truth, systems, tasks, average=False, rates=rates)
    per_task = {
        name: {
            "title": data.catalog[name].title,
            "n_videos": sum(task.name == name for task in tasks),
            "recall": recall,
            "uniform": None if name in unknown else even,
        }
        for name, recall, even in zip(*table.values(), strict=True)
    }
    # A mean over fewer videos than the one beside it would mislead.
    comparable = unknown.isdisjoint(per_task)
    return {
        "n_videos": sum(row["n_videos"] for row in per_task.values()),
        "recall": float(np.mean(table["recall"])),
        "uniform": float(np.mean(table["uniform"])) if comparable else None,
        **_overlaps([data.videos[i] for i in chosen], [*found.values()], tasks),
        "tasks": per_task,
    }


def _units(rows: StepTable, rate: float) -> np.ndarray:
    """Time unit of each step's best moment, or of its middle; -1 if it is left out."""
    import numpy as np

    times = np.array([row.time for row in rows])
    middles = np.array([(row.start + row.end) / 2 for row in rows])
    times = np.where(np.isnan(times), middles, times)
    return np.where(np.isnan(times), -1, np.nan_to_num(times) * rate).astype(np.int64)


def _scaled(segments: ArrayLike, rate: float) -> np.ndarray:
    """Segments in seconds as segments in units, of which there are rate a second."""
    import numpy as np

    # 1.1 s times 10 is a little more than 11 units.
    return np.round(np.asarray(segments) * [1, rate, rate], 6)


def _overlaps(
    videos: list[Video], found: list[StepTable], tasks: list[Task]
) -> dict[str, Any]:
    """IoU and F1 of segments, if there are any."""
    import numpy as np

    from skcrosstask.metrics import frame_labels, iou_score, segmental_f1

    labels: list[list[np.ndarray]] = [[], []]
    for video, rows in zip(videos, found, strict=True):
        ends = [(row.step, row.start, row.end) for row in rows if row.end == row.end]
        assert video.annotation is not None
        both = (video.annotation, np.reshape(ends, (-1, 3)))
        pair = [np.round(_scaled(segments, _PER_SECOND)) for segments in both]
        for segments in pair:
            np.maximum(segments[:, 2], segments[:, 1] + 1, out=segments[:, 2])
        n_units = int(np.ceil(max([s[:, 2].max() for s in pair if len(s)], default=0)))
        for column, segments in zip(labels, pair, strict=True):
            column.append(frame_labels(segments, n_units))
    if not any((column >= 0).any() for column in labels[1]):
        return {}
    f1 = segmental_f1(labels[0], labels[1], tasks, average="task", ignore=-1)
    return {
        "iou": iou_score(labels[0], labels[1], tasks, average="task", ignore=-1),
        "f1": {str(overlap): value for overlap, value in f1.items()},
    }


def _table(report: dict[str, Any]) -> str:
    rows = [(task["title"] or name, task) for name, task in report["tasks"].items()]
    rows.append(("mean", report))
    pad = max(len("task"), *(len(title) for title, _ in rows))
    lines = [f"{'task':{pad}}  videos  recall %  uniform %"]
    for title, row in rows:
        recall, uniform = (
            "-" if row[name] is None else f"{100 * row[name]:.1f}"
            for name in ("recall", "uniform")
        )
        lines.append(f"{title:{pad}}  {row['n_videos']:6}  {recall:>8}  {uniform:>9}")
    if "iou" in report:
        f1 = ", ".join(f"{100 * x:.1f} at {k}" for k, x in report["f1"].items())
        lines.append(f"segments: IoU {100 * report['iou']:.1f} %, F1 % {f1}")
    return "\n".join(lines)
