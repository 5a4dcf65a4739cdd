"""Killed commands and full disks lose nothing: a little of the benchmark."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "fault_injection.py"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and forks")
@pytest.mark.skipif(not BENCHMARK.exists(), reason="benchmarks are not here")
def test_nothing_is_lost(tmp_path):
    counts = tmp_path / "counts.json"
    command = [sys.executable, BENCHMARK, "--jobs", "fit, Adam", "predict"]
    command += ["--kills", "8", "--json", counts]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    found = json.loads(counts.read_text())
    assert found["faults"] == []
    assert set(found["jobs"]) == {"fit, Adam", "predict"}
    for job in found["jobs"].values():
        assert job.get("KILL", 0) + job.get("TERM", 0) >= 4
        assert job["full"] >= 1
        assert job["read-only"] == 1
