"""What a case is, where it runs, and what must come of it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from skcrosstask import Task, Video, WeaklySupervisedStepEstimator, save_model
from skcrosstask._cli import main

LONGEST = 300
TIMEOUT = 20
_KINDS = (ValueError, TypeError, OSError, ImportError)
LATTE = Task("latte", ["add coffee", "press coffee", "pour milk"])
TEA = Task("tea", ["boil water", "add tea"])
RELEASE = {
    "tasks_primary.txt": "1\nA Latte\nurl\n3\nadd coffee,press coffee,pour milk\n\n",
    "videos.csv": "1,v1,url\n1,v2,url\n",
    "constraints/1_v1.csv": "1,2,5\n3,10,14\n",
    "annotations/1_v1.csv": "1,2,5\n3,10,14\n",
}


class Case(NamedTuple):
    """One malformed input.

    ``act`` runs in a folder of its own and either returns words for the command line
    or does something in Python. The error must hold ``culprit``.
    """

    kind: str
    fault: str
    culprit: str
    act: Callable[[], Any]
    cli: bool = False
    # A warning will do: what was broken could be mended.
    mended: bool = False


class Outcome(NamedTuple):
    """What came of a case; ``verdict`` is empty where all is well."""

    verdict: str
    message: str


def make_base(folder: Path) -> None:
    """Files that are well, for one fault at a time: a collection, a model, times."""
    rng = np.random.default_rng(0)
    videos = [
        Video(rng.normal(size=(30, 8)).astype(np.float32), task, name=name)
        for name, task in (("v1", LATTE), ("v2", LATTE), ("v3", TEA))
    ]
    estimator = WeaklySupervisedStepEstimator(n_passes=1, random_state=0)
    save_model(estimator.fit(videos), folder / "model.skct")
    estimator.locate(videos).to_csv(folder / "times.csv")
    estimator.locate(videos).to_json(folder / "times.json")
    for name in ("v1", "v2"):
        np.save(folder / f"{name}.npy", np.array(videos[0].features))
    (folder / "collection.json").write_text(json.dumps(collection()))
    for name, text in RELEASE.items():
        write(folder / "release" / name, text)
    for name in ("v1", "v2"):
        path = folder / "release" / "features" / f"{name}.npy"
        path.parent.mkdir(exist_ok=True)
        np.save(path, np.array(videos[0].features))


def collection(**video: Any) -> dict:
    """A manifest of two videos; the fields are the first one's."""
    first = {"name": "v1", "task": "latte", "features": "v1.npy"} | video
    second = {"name": "v2", "task": "latte", "features": "v2.npy"}
    tasks = {task.name: {"steps": list(task.steps)} for task in (LATTE, TEA)}
    return {"tasks": tasks, "videos": [first, second]}


def write(path: str | Path, content: str | bytes) -> str:
    """Write a file, and the folder that it is in."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    data = (
        content.encode("utf-8", "surrogateescape")
        if isinstance(content, str)
        else content
    )
    path.write_bytes(data)
    return str(path)


def manifest(**video: Any) -> str:
    """Write a manifest."""
    return write("collection.json", json.dumps(collection(**video)))


def fit(data: str, *more: str) -> list[str]:
    """Words of a quick fit."""
    return ["fit", data, "--out", "new.skct", "--n-passes", "1", "--quiet", *more]


def judge(case: Case, base: Path) -> Outcome:
    """Run a case and say what is wrong with what the user is told."""
    with _own_folder(base):
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            try:
                with _at_most(TIMEOUT):
                    status, text = _run(case)
            except TimeoutError:
                return Outcome("hangs", "")
        told = [str(warning.message) for warning in seen]
        text = text or (" ".join(told[:1]) if case.mended else "")
        left = [
            name for name in ("new.skct", "out.csv", "out.json") if Path(name).exists()
        ]
    if status not in ("error", 2) and not (case.mended and text):
        if status in ("accepted", 0):
            return Outcome("accepted", text)
        return Outcome(f"ends by {status}", text)
    lines = text.strip().splitlines()
    if not lines:
        return Outcome("says nothing", text)
    # A progress line may follow what was mended.
    faults = [line for line in lines if "error: " in line or "warning: " in line]
    message = (faults or lines)[-1]
    if "Traceback" in text:
        return Outcome("traceback", text)
    if not case.mended and not case.cli and len(lines) > 1:
        return Outcome("several lines", text)
    if len(message) > LONGEST:
        return Outcome(f"{len(message)} characters", message)
    if _plain(case.culprit) not in _plain(message):
        return Outcome(f"does not name {case.culprit}", message)
    if left and status == 2:
        return Outcome(f"leaves {left[0]}", message)
    return Outcome("", message)


def _plain(text: str) -> str:
    # Options and parameters differ in this alone.
    return text.lower().replace("-", "_")


def _run(case: Case) -> tuple[Any, str]:
    """Status and text: of the error, or of what the command prints on its streams."""
    if not case.cli:
        try:
            case.act()
        except _KINDS as error:
            return "error", f"{error}"
        except Exception as error:
            return type(error).__name__, str(error)
        return "accepted", ""
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
        try:
            status: Any = main([str(word) for word in case.act()])
        except SystemExit as error:
            status = error.code
        except Exception as error:
            return f"a traceback ({type(error).__name__})", str(error)
    return status, errors.getvalue()


@contextlib.contextmanager
def _own_folder(base: Path) -> Iterator[None]:
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(base, folder, dirs_exist_ok=True)
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


@contextlib.contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise TimeoutError

    if not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
