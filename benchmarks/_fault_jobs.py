"""Small collections, and what `fault_injection` does to them."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# Processes are forked from one that must have no threads.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from skcrosstask import WeaklySupervisedStepEstimator, load_model, save_model
from skcrosstask.__main__ import run as run_command
from skcrosstask.datasets import make_instructional_videos

_IDS = {"pancakes": "11", "latte": "22", "omelette": "33"}


@dataclass(frozen=True)
class Job:
    """Something that writes into a folder."""

    name: str
    run: Callable[[Path], None]
    models: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    checkpoint: str | None = None

    def results(self, out: Path) -> dict[str, str]:
        """What is in the folder under a final name, each with a digest."""
        found = {}
        for pattern in self.texts:
            for path in out.glob(pattern):
                content = path.read_bytes()
                found[str(path.relative_to(out))] = hashlib.sha256(content).hexdigest()
        for name in self.models:
            if (out / name).exists():
                found[name] = _digest_of_model(out / name)
        return found


def _digest_of_model(path: Path) -> str:
    est = load_model(path)
    arrays = [est.coef_, est.intercept_, *est.alignments_]
    numbers = f"{est.agreement_} {est.temperature_} {est.n_iter_}".encode()
    return hashlib.sha256(
        b"".join([a.tobytes() for a in arrays] + [numbers])
    ).hexdigest()


def command(*argv: object) -> None:
    sys.argv = ["skcrosstask", *map(str, argv)]
    run_command()


def make_collection(root: Path) -> tuple[Path, Path]:
    """A folder like the release with features, and one of timelines alone."""
    videos, _ = make_instructional_videos(
        8, n_tasks=3, n_features=48, length=(100, 200), random_state=0
    )
    for folder in (root / "release", root / "timelines"):
        for part in ("annotations", "constraints", "features", "subtitles"):
            (folder / part).mkdir(parents=True)
        _write_tables(folder, videos)
    for video in videos:
        number = _IDS[video.task.name]
        np.save(root / "release" / "features" / f"{video.name}.npy", video.features)
        for part in ("annotations", "constraints"):
            rows = video.annotation if part == "annotations" else video.windows
            text = "".join(f"{int(s) + 1},{a:.2f},{b:.2f}\n" for s, a, b in rows)
            for folder in ("release", "timelines"):
                (root / folder / part / f"{number}_{video.name}.csv").write_text(text)
        cues = [
            f"{_stamp(a)}.000 --> {_stamp(b)}.900\nnow {video.task.steps[int(s)]}\n"
            for s, a, b in video.annotation
        ]
        path = root / "release" / "subtitles" / f"{video.name}.vtt"
        path.write_text("\n".join(["WEBVTT\n", *cues]))
    shutil.rmtree(root / "timelines" / "features")
    counts = "".join(f"{v.name},{v.shape[0]}\n" for v in videos)
    (root / "timelines" / "frame_counts.csv").write_text(counts)
    return root / "release", root / "timelines"


def _stamp(seconds: float) -> str:
    return f"00:{int(seconds) // 60:02}:{int(seconds) % 60:02}"


def _write_tables(folder: Path, videos: list) -> None:
    blocks: dict[str, str] = {"primary": "", "related": ""}
    for task in dict.fromkeys(video.task for video in videos):
        lines = [_IDS[task.name], f"Make {task.name}", "url", str(len(task.steps))]
        block = "\n".join([*lines, ",".join(task.steps), "", ""])
        blocks["related" if task.name == "omelette" else "primary"] += block
    for kind, text in blocks.items():
        (folder / f"tasks_{kind}.txt").write_text(text)
    rows = [f"{_IDS[video.task.name]},{video.name},url\n" for video in videos]
    (folder / "videos.csv").write_text("".join(rows))
    (folder / "videos_val.csv").write_text("")


def make_clips(folder: Path) -> None:
    import av

    folder.mkdir()
    for i, name in enumerate("abcd"):
        with av.open(str(folder / f"{name}.mkv"), "w") as file:
            stream = file.add_stream("ffv1", rate=5, width=64, height=48)
            for t in range(40):
                picture = np.full((48, 64, 3), 5 * t + i, np.uint8)
                frame = av.VideoFrame.from_ndarray(picture)
                file.mux(stream.encode(frame.reformat(format="yuv444p")))
            file.mux(stream.encode())


def make_jobs(root: Path) -> list[Job]:
    release, timelines = make_collection(root)
    make_clips(root / "clips")
    save_model(_estimator().fit(_videos()), root / "model.skct")

    def fit(out: Path, *options: object) -> None:
        argv = ["fit", release, "--out", out / "model.skct", "--quiet"]
        command(*argv, "--checkpoint", out / "fit.ckpt", *options)

    def pack(out: Path) -> None:
        est = _estimator().set_params(store_folder=out / "rows", n_passes=2)
        save_model(est.fit(_videos()), out / "model.skct")

    def predict(out: Path) -> None:
        command("predict", root / "model.skct", release, "--out", out / "times.csv")

    def windows(out: Path) -> None:
        command("windows", release / "subtitles", release, "--out", out / "made")

    def reproduce(out: Path) -> None:
        few = ("--splits", 2, "--n-train", 3, "--quiet")
        command("reproduce", "table3", "--data", timelines, "--out", out, *few)

    segments = ("--n-passes", 8, "--max-iter", 4)
    adam = ("--n-passes", 0, "--init-iter", 15, "--max-iter", 15, "--no-condition")
    kept = {"models": ("model.skct",), "checkpoint": "fit.ckpt"}
    return [
        Job("fit", lambda out: fit(out, *segments), **kept),
        Job("fit, Adam", lambda out: fit(out, *adam), **kept),
        Job("pack", pack, models=("model.skct",)),
        Job(
            "features",
            lambda out: command("features", root / "clips", "--out", out / "made"),
            texts=("made/*.npy",),
        ),
        Job("predict", predict, texts=("times.csv",)),
        Job("windows", windows, texts=("made/*.csv",)),
        Job("reproduce", reproduce, texts=("*.csv", "*.md")),
    ]


def _estimator() -> WeaklySupervisedStepEstimator:
    return WeaklySupervisedStepEstimator(random_state=0)


def _videos() -> list:
    return make_instructional_videos(
        8, n_tasks=3, n_features=48, length=(100, 200), random_state=0
    )[0]
