"""Prediction that is killed again and again ends with the table of an undisturbed run.

Files of features are predicted by the command line with ``--resume``; SIGKILL comes at
random moments, after which the same command goes on. Each kill lands in the middle of
the work: it comes once the journal has as many videos as were drawn, one number from
each of as many equal parts of all files as there are kills.

    python benchmarks/predict_and_resume.py
"""

from __future__ import annotations

import argparse
import random
import signal
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


def kill_and_resume(command: list[str], journal: Path, marks: list[int]) -> list[int]:
    """Videos in the journal after each kill; at last the command ends by itself."""
    found = []
    for mark in [*marks, None]:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while process.poll() is None:
            time.sleep(0.002)
            if mark is not None and count_videos(journal) >= mark:
                process.kill()
                break
        if process.wait() != (0 if mark is None else -signal.SIGKILL):
            raise SystemExit(f"Exit code {process.returncode} where {mark} was due.")
        if mark is not None:
            found.append(count_videos(journal))
            text = f"kill {len(found)}: due at {mark} videos, {found[-1]} are done"
            print(text, flush=True)
    return found


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
        part = args.files // args.kills
        # In the first half of each part, so that the next one is still to come.
        marks = [
            random.randrange(i * part + 1, i * part + max(part // 2, 2))
            for i in range(args.kills)
        ]
        start = time.perf_counter()
        found = kill_and_resume([*command, str(out), "--resume"], journal, marks)
        print(f"killed {len(found)} times: {time.perf_counter() - start:.1f} s")
        if max(found) >= args.files or sorted(set(found)) != found:
            raise SystemExit("A kill came when nothing was left or done.")
        if out.read_bytes() != whole.read_bytes() or journal.exists():
            raise SystemExit("The tables differ.")
        print("the tables are the same")


if __name__ == "__main__":
    main()
