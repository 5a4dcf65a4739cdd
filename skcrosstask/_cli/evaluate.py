"""The command `evaluate`: recall of predictions, beside evenly spread steps."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from skcrosstask._cli._selection import DATA, add_features, load_data
from skcrosstask._cli._shared import add_command, note, option
from skcrosstask._files import refuse_target, replacing
from skcrosstask._progress import counted

if TYPE_CHECKING:
    import numpy as np
    from sklearn.utils import Bunch

    from skcrosstask._input import PerVideo

__all__ = ["add_parser", "run"]

_DETAILS = f"""\
Prints step recall: per task, the share of annotated steps whose predicted second
lies in one of their segments; then the mean over tasks. Beside it stands the recall
of evenly spread steps in the same videos, where their lengths are known from the
features or from DATA/frame_counts.csv. Videos without annotation are left out.

{DATA}
example:
  python -m skcrosstask evaluate times.csv crosstask_release --json recall.json
"""


def add_parser(commands: Any) -> None:
    """Add the command to those of a parser."""
    summary = "compare placed steps with the truth"
    command = add_command(commands, "evaluate", summary, _DETAILS, run)
    option(command, "predictions", "PREDICTIONS", "CSV file that predict wrote")
    option(command, "data", "DATA", "collection with annotations, see below")
    add_features(command)
    option(command, "--json", "FILE", "also write the results to this file")


def run(args: Namespace) -> int:
    """Print the recall of a file of predictions."""
    from skcrosstask.results._predictions import match_predictions, read_predictions

    if args.json is not None:
        refuse_target(args.json)
    rows = read_predictions(args.predictions)
    data = load_data(args, lengths_only=True)
    matched = match_predictions(rows, data.videos, data.tasks, args.predictions)
    known = [i for i in sorted(matched) if data.videos[i].annotation is not None]
    if len(known) < len(matched):
        n_unknown = counted(len(matched) - len(known), "video")
        note(f"left out {n_unknown} without annotation.")
    if not known:
        raise ValueError(f"none of the videos of {args.predictions} is annotated.")
    report = _report(data, {i: matched[i] for i in known})
    if args.json is not None:
        with replacing(args.json) as file:
            file.write((json.dumps(report, indent=2) + "\n").encode())
    print(_table(report))
    return 0


def _report(data: Bunch, predictions: Mapping[int, np.ndarray]) -> dict[str, Any]:
    """Recall per task and its mean, beside those of evenly spread steps."""
    import numpy as np

    from skcrosstask.baselines import UniformBaseline
    from skcrosstask.metrics import recall_table

    chosen = list(predictions)
    tasks, lengths = [data.tasks[i] for i in chosen], data.lengths[chosen]
    unknown = {t.name for t, n in zip(tasks, lengths, strict=True) if n < 0}
    blank = [
        np.zeros((max(n, len(task.steps)), 1), dtype=np.float16)
        for task, n in zip(tasks, lengths, strict=True)
    ]
    uniform = UniformBaseline().predict(blank, tasks)
    systems: dict[str, PerVideo] = {
        "recall": [*predictions.values()],
        "uniform": uniform,
    }
    truth = [data.videos[i].annotation for i in chosen]
    table = recall_table(truth, systems, tasks, average=False)
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
        "tasks": per_task,
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
    return "\n".join(lines)
