"""Ctrl-C and SIGTERM at any moment: one line, and a loadable model or none."""

import signal
import subprocess
import sys
import time

import pytest

from skcrosstask import load_model

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
NUMBERS = {signal.SIGINT: 130, signal.SIGTERM: 143}
# Says when learning has begun, and then takes its time.
SLOW = """
import sys, time
from skcrosstask.learning.segments._passes import SegmentPasses
epoch = SegmentPasses.epoch
def slow(self, source):
    entry = epoch(self, source)
    print("epoch", flush=True)
    time.sleep(30)
    return entry
SegmentPasses.epoch = slow
sys.argv[0] = "skcrosstask"
from skcrosstask.__main__ import run
run()
"""


def start(code, *argv):
    command = [sys.executable, *code, *map(str, argv)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True)


def test_while_it_starts(folder, tmp_path):
    # At once for all, since each takes its time to get there.
    delays = [0.15, 0.3, 0.5, 0.8, 1.1, 1.5]
    running, begun = [], time.monotonic()
    for i, delay in enumerate(delays):
        number = list(NUMBERS)[i % 2]
        out = tmp_path / f"m{i}"
        argv = ["fit", folder, "--out", out, "--quiet", "--n-passes", 50]
        running.append((start(["-m", "skcrosstask"], *argv), delay, number, out))
    for process, delay, number, out in running:
        time.sleep(max(begun + delay - time.monotonic(), 0))
        process.send_signal(number)
        shown = process.communicate(timeout=60)
        if "runpy" in shown[1] or process.returncode == -number:
            continue  # Python had not come to the package, or had done with it
        assert process.returncode in (NUMBERS[number], 0), shown
        lines = [line for line in shown[1].splitlines() if "left out" not in line]
        assert all(line.startswith("skcrosstask: ") for line in lines), shown
        assert len([line for line in lines if "interrupted" in line]) <= 1
        if out.exists():
            load_model(out)
    assert not [file.name for file in tmp_path.iterdir() if file.suffix == ".tmp"]


def test_while_it_learns(folder, tmp_path):
    running = []
    for number, status in NUMBERS.items():
        out = tmp_path / f"m{status}"
        argv = ["fit", folder, "--out", out, "--quiet", "--tasks", "22"]
        running.append((start(["-c", SLOW], *argv), number, out))
    for process, number, out in running:
        assert process.stdout.readline() == "epoch\n"
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
        assert process.returncode == NUMBERS[number]
        (line,) = err.splitlines()
        if "no model was written" not in line:  # the signal came before the entry
            assert load_model(out).n_iter_ >= 1
            assert f"--from {out} goes on from there." in line


def test_where_an_exception_would_be_lost():
    code = """
import os, signal, sys, time
from skcrosstask import _cli
class Lost:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.1)
def main():
    Lost()
    time.sleep(20)
_cli.main = main
from skcrosstask.__main__ import run
run()
"""
    begun = time.monotonic()
    process = start(["-c", code])
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (143, "skcrosstask: interrupted.\n")
    assert time.monotonic() - begun < 10
