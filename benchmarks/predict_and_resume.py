"""Prediction that is killed again and again ends with the table of an undisturbed run.

Files of features are predicted by the command line with ``--resume``; SIGKILL comes at
random moments, after which the same command goes on.

    python benchmarks/predict_and_resume.py
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from skcrosstask import WeaklySupervisedStepEstimator, save_model
from skcrosstask.datasets import make_instructional_videos


def write_files(folder: Path, n_files: int) -> list[str]:
    """A model of one task, and files of features to predict."""
    videos, _ = make_instructional_videos(20, n_tasks=1, random_state=0)
    est = WeaklySupervisedStepEstimator(random_state=0).fit(videos)
    save_model(est, folder / "model.skct")
    rng = np.random.default_rng(0)
    files = []
    for i in range(n_files):
        features = videos[i % len(videos)].open()
        noise = rng.standard_normal(features.shape, dtype=np.float32)
        files.append(str(folder / f"v{i:05}.npy"))
        np.save(files[-1], features + noise)
    return files


def count_videos(journal: Path) -> int:
    try:
        return max(journal.read_bytes().count(b"\n") - 1, 0)
    except FileNotFoundError:
        return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=10)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_files(folder, args.files)
        command = [sys.executable, "-m", "skcrosstask", "predict"]
        command += [str(folder / "model.skct"), *files, "--out"]
        start = time.perf_counter()
        whole = folder / "whole.csv"
        subprocess.run([*command, str(whole)], check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - start
        print(f"{args.files} files, undisturbed: {seconds:.1f} s")
        out, journal = folder / "out.csv", folder / "out.csv.journal"
        kills, done, start = 0, 0, time.perf_counter()
        while True:
            process = subprocess.Popen(
                [*command, str(out), "--resume"], stdout=subprocess.DEVNULL
            )
            enough = done + random.uniform(0, args.files / args.kills)
            while process.poll() is None:
                time.sleep(0.01)
                done = count_videos(journal)
                if kills < args.kills and done >= enough:
                    process.kill()
            if not process.wait():
                break
            kills += 1
            print(f"kill {kills}: {done} videos are done", flush=True)
        print(f"killed {kills} times: {time.perf_counter() - start:.1f} s")
        if out.read_bytes() != whole.read_bytes() or journal.exists():
            raise SystemExit("The tables differ.")
        print("the tables are the same")


if __name__ == "__main__":
    main()
