"""Whether anything is lost or half-written when commands are killed or disks are full.

Makes a small collection, runs fit (with a checkpoint: whole segments, and Adam), a fit
that packs its rows in a folder, features, predict, windows and reproduce once each,
undisturbed, and then

- kills them at random moments (SIGKILL and SIGTERM in turn) and starts them anew in the
  same folder, until they end by themselves;
- runs them on disks that are full after so many bytes (a small tmpfs, or a limit on the
  size of files for who may not mount) and then on ones with room;
- runs them in folders that cannot be written to;
- removes a file of features while a fit runs.

After each end, files that bear their final name must be whole and those of the
undisturbed run (a model: its weights and labels to the bit), a checkpoint must be
readable and no older than before, and after an error there must be one line of at most
300 characters. Processes are forked, so that a run costs what it does and no imports.

    python benchmarks/fault_injection.py
    python benchmarks/fault_injection.py --kills 20 --jobs fit predict

On two shared, busy cores, in 6 minutes: 121 times SIGKILL, 127 times SIGTERM,
16 full disks, 7 folders that were read-only and 12 removed files; nothing was lost,
corrupt or different. The first run had found that `reproduce` took the result of an
interrupted fit for that of a whole one. Where files are written in place instead, a
run of 19 kills counts 17 faults.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _fault_jobs import Job, make_jobs

from skcrosstask._files import read_archive

# Ends of a process that are those of an error or of the signal it got.
_ERROR, _KILLED, _ENDED = 2, -signal.SIGKILL, (143, -signal.SIGTERM)
_ENOUGH = 8  # kills of one run, which is then left to end


@dataclass
class Child:
    """A forked process that does a job."""

    pid: int
    log: Path
    status: int | None = None

    @classmethod
    def start(cls, job: Job, out: Path, limit: int | None = None) -> Child:
        log = out.with_suffix(".log")
        sys.stdout.flush()
        pid = os.fork()
        if pid:
            return cls(pid, log)
        status = 1
        try:
            descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for number in (1, 2):
                os.dup2(descriptor, number)
            if limit is not None:
                # The log has room on another disk, but not under a limit.
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            job.run(out)
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        except OSError as error:
            print(f"error: {error}", file=sys.stderr)
            status = _ERROR
        finally:
            with contextlib.suppress(OSError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)

    def ended(self) -> bool:
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def wait(self, seconds: float = 120) -> int:
        end = time.monotonic() + seconds
        while not self.ended():
            if time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
                raise SystemExit(f"hangs: {self.log.read_text()[-300:]}")
            time.sleep(0.002)
        assert self.status is not None
        return self.status

    def error(self) -> str:
        lines = self.log.read_text().splitlines()
        return next((line for line in reversed(lines) if "error: " in line), "")


class Inspector:
    """Compares what there is with what an undisturbed run made, and counts faults."""

    def __init__(self, job: Job, expected: dict[str, str]):
        self.job, self.expected = job, expected
        self.faults: list[str] = []
        self.n_done = 0

    def fault(self, text: str) -> None:
        self.faults.append(f"{self.job.name}: {text}")
        print(f"  FAULT {self.faults[-1]}", flush=True)

    def begin(self) -> None:
        self.n_done = 0

    def look(self, out: Path, *, complete: bool = False) -> None:
        """After any end: what is there is right; after a good one, all is there."""
        try:
            found = self.job.results(out)
        except Exception as error:
            self.fault(f"a file cannot be read: {error}")
            return
        wrong = [k for k, v in found.items() if self.expected.get(k) != v]
        if wrong:
            self.fault(f"differs: {wrong}")
        if complete and found.keys() != self.expected.keys():
            self.fault(f"missing: {sorted(self.expected.keys() - found.keys())}")
        path = out / (self.job.checkpoint or "?")
        if complete and path.exists():
            self.fault("the checkpoint is still there")
        elif path.exists():
            self._look_at_checkpoint(path)
        elif self.n_done and not found:
            self.fault(f"the checkpoint of {self.n_done} epochs is gone")
        else:
            self.n_done = 0

    def _look_at_checkpoint(self, path: Path) -> None:
        try:
            document = read_archive(path, "document", "checkpoint")[0]
        except ValueError as error:
            self.fault(f"the checkpoint cannot be read: {error}")
            return
        if document["n_done"] < self.n_done:
            self.fault(f"epochs were lost: {document['n_done']} after {self.n_done}")
        self.n_done = document["n_done"]

    def complaint(self, child: Child, out: Path) -> None:
        """After an error: one line that can be read."""
        text = child.error()
        n = len(text.replace(str(out), ""))
        shown = child.log.read_text()
        if child.status != _ERROR or not text or n > 300 or "Traceback" in shown:
            self.fault(f"status {child.status}, {n} characters: {shown[-500:]}")


def kill_again_and_again(
    job: Job, inspector: Inspector, root: Path, n_kills: int, seconds: float, seed: int
) -> Counter:
    """Kill runs until there were so many kills; each run ends in the end."""
    rng = np.random.default_rng(seed)
    count: Counter = Counter()
    while count["KILL"] + count["TERM"] < n_kills:
        out = Path(tempfile.mkdtemp(dir=root))
        inspector.begin()
        for _ in range(_ENOUGH):
            child = Child.start(job, out)
            time.sleep(rng.uniform(0, 1.1 * seconds))
            if child.ended():
                break
            name = "KILL" if rng.random() < 0.5 else "TERM"
            os.kill(child.pid, getattr(signal, f"SIG{name}"))
            if child.wait() == 0:
                break
            count[name] += 1
            if child.status not in (_KILLED, *_ENDED):
                inspector.fault(f"{child.status} after {name}: {child.log.read_text()}")
            inspector.look(out)
        if child.status != 0 and Child.start(job, out).wait() != 0:
            inspector.fault(f"does not go on: {child.log.read_text()[-300:]}")
        inspector.look(out, complete=True)
        count["drafts"] += len(list(out.rglob(".*.tmp"))) + len(
            list(out.rglob("*.part*"))
        )
        shutil.rmtree(out)
    return count


def fill_disks(job: Job, inspector: Inspector, root: Path, sizes: list[int]) -> Counter:
    """Run where there is too little room, then where there is enough."""
    count: Counter = Counter()
    for size in sizes:
        out = Path(tempfile.mkdtemp(dir=root))
        inspector.begin()
        with small_disk(out, size) as mounted:
            child = Child.start(job, out, None if mounted else size)
            status = child.wait()
            count["full" if status else "enough room"] += 1
            if status:
                inspector.complaint(child, out)
            inspector.look(out, complete=not status)
            if mounted:
                subprocess.run(
                    ["mount", "-o", "remount,size=64m", str(out)], check=True
                )
            if Child.start(job, out).wait() != 0:
                inspector.fault("does not go on where there is room")
            inspector.look(out, complete=True)
        shutil.rmtree(out)
    return count


def refuse_writing(job: Job, inspector: Inspector, root: Path) -> Counter:
    """Run where nothing may be written."""
    out = Path(tempfile.mkdtemp(dir=root))
    inspector.begin()
    with small_disk(out, 1 << 20) as mounted:
        if mounted:
            subprocess.run(["mount", "-o", "remount,ro", str(out)], check=True)
        else:
            out.chmod(0o500)
        child = Child.start(job, out)
        if child.wait() == 0:
            inspector.fault("wrote to a read-only folder")
        else:
            inspector.complaint(child, out)
        out.chmod(0o700) if not mounted else None
        inspector.look(out)
    shutil.rmtree(out)
    return Counter({"read-only": 1})


@contextlib.contextmanager
def small_disk(folder: Path, size: int) -> Iterator[bool]:
    """Mount a disk of so many bytes on a folder; False where that is not allowed."""
    argv = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(argv, capture_output=True).returncode == 0
    except FileNotFoundError:
        mounted = False
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def remove_files(
    job: Job, inspector: Inspector, root: Path, seconds: float, n: int
) -> Counter:
    """Remove a file of features while a fit runs: the same model, or an error."""
    rng = np.random.default_rng(0)
    files = sorted((root / "release" / "features").glob("*.npy"))
    count: Counter = Counter()
    for _ in range(n):
        out = Path(tempfile.mkdtemp(dir=root))
        inspector.begin()
        path = files[rng.integers(len(files))]
        child = Child.start(job, out)
        time.sleep(rng.uniform(0, seconds))
        hidden = path.rename(path.with_suffix(".gone"))
        status = child.wait()
        hidden.rename(path)
        if "left out 1 of" in child.log.read_text():
            count["removed before"] += 1  # and said so
        elif status:
            inspector.complaint(child, out)
            if path.name not in child.error():
                inspector.fault(f"does not name {path.name}: {child.error()}")
            count["removed, named"] += 1
        else:
            inspector.look(out, complete=True)
            count["removed, not needed"] += 1
        shutil.rmtree(out)
    return count


def undisturbed(job: Job, root: Path) -> tuple[dict[str, str], float]:
    """Results of a job and its seconds."""
    out = Path(tempfile.mkdtemp(dir=root))
    # First in this process, so that those that it forks find kernels compiled.
    quiet = io.StringIO()
    with contextlib.redirect_stderr(quiet), contextlib.redirect_stdout(quiet):
        try:
            job.run(out)
        except SystemExit as end:
            if end.code:
                raise SystemExit(f"{job.name}: {quiet.getvalue()}") from None
    signal.signal(signal.SIGINT, signal.default_int_handler)
    first = job.results(out)
    shutil.rmtree(out)
    out.mkdir()
    begin = time.perf_counter()
    child = Child.start(job, out)
    if child.wait() or not first or job.results(out) != first:
        raise SystemExit(f"{job.name}, undisturbed: {child.log.read_text()}")
    seconds = time.perf_counter() - begin
    shutil.rmtree(out)
    return first, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--kills", type=int, default=240, help="in all")
    parser.add_argument("--jobs", nargs="+", help="only those whose name begins so")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", help="file for the counts")
    args = parser.parse_args()

    faults: list[str] = []
    table: dict[str, dict[str, int]] = {}
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        jobs = [
            job
            for job in make_jobs(root)
            if args.jobs is None or job.name.startswith(tuple(args.jobs))
        ]
        for i, job in enumerate(jobs):
            expected, seconds = undisturbed(job, root)
            inspector = Inspector(job, expected)
            share = (args.kills * (i + 1)) // len(jobs) - (args.kills * i) // len(jobs)
            count = kill_again_and_again(
                job, inspector, root, share, seconds, args.seed + i
            )
            count += fill_disks(job, inspector, root, [4096, 24_576, 65_536])
            count += refuse_writing(job, inspector, root)
            if job.checkpoint:
                count += remove_files(job, inspector, root, seconds, 6)
            table[job.name] = dict(count)
            faults += inspector.faults
            told = ", ".join(f"{n} {name}" for name, n in count.items())
            print(f"{job.name} ({seconds:.2f} s undisturbed): {told}", flush=True)
    total = sum((Counter(c) for c in table.values()), Counter())
    n_kills = total["KILL"] + total["TERM"]
    print(f"{n_kills} kills, {len(faults)} faults, {time.perf_counter() - begin:.0f} s")
    if args.json:
        Path(args.json).write_text(json.dumps({"jobs": table, "faults": faults}))
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()
