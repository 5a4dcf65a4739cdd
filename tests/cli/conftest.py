"""A folder like the release, and commands run on it."""

import av
import numpy as np
import pytest

from skcrosstask._cli import main
from skcrosstask.datasets import make_instructional_videos

IDS = {"pancakes": "11", "latte": "22", "omelette": "33"}
RELATED = "33"
MISSING = "pancakes-3"
HELD_OUT = "latte-3"


@pytest.fixture(scope="session")
def folder(tmp_path_factory, write_release):
    """A folder like the release: two primary tasks, one related, four videos each."""
    root = tmp_path_factory.mktemp("release")
    videos, _ = make_instructional_videos(
        4, n_tasks=3, n_features=8, length=(30, 50), random_state=0
    )
    related = [name for name, number in IDS.items() if number == RELATED]
    write_release(root, videos, IDS, related, held_out=[HELD_OUT])
    (root / "features" / f"{MISSING}.npy").unlink()
    return root


@pytest.fixture(scope="session")
def run():
    """Run a command line, given as words of any type."""
    return lambda *argv: main([str(word) for word in argv])


@pytest.fixture(scope="session")
def fit(run):
    """Fit quickly: call it with folder, model file and options."""
    quick = ("--n-passes", 2)
    return lambda folder, out, *options: run(
        "fit", folder, "--out", out, *quick, *options
    )


@pytest.fixture(scope="session")
def model(fit, folder, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.skct"
    assert fit(folder, path, "--quiet") == 0
    return path


@pytest.fixture
def predictions(run, folder, model, tmp_path, capsys):
    path = tmp_path / "times.csv"
    assert run("predict", model, folder, "--out", path) == 0
    capsys.readouterr()
    return path


@pytest.fixture
def clips(tmp_path):
    """Folder of two clips, of 3 and 2 seconds."""
    folder = tmp_path / "clips"
    folder.mkdir()
    for name, seconds in ("a", 3), ("b", 2):
        with av.open(str(folder / f"{name}.mkv"), "w") as file:
            stream = file.add_stream("ffv1", rate=10, width=48, height=32)
            for i in range(10 * seconds):
                picture = np.full((32, 48, 3), 8 * i, np.uint8)
                frame = av.VideoFrame.from_ndarray(picture)
                file.mux(stream.encode(frame.reformat(format="yuv444p")))
            file.mux(stream.encode())
    return folder


@pytest.fixture
def only_error(capsys):
    """The one line that an error printed, without the name of the program."""

    def read():
        out, err = capsys.readouterr()
        assert out == ""
        lines = [line for line in err.splitlines() if ": warning: " not in line]
        assert len(lines) == 1
        assert lines[0].startswith("skcrosstask: error: ")
        return lines[0].removeprefix("skcrosstask: error: ")

    return read
