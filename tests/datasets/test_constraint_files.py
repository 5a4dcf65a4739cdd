"""Files of constraints, without the command line."""

from dataclasses import replace

import numpy as np
import pytest

from skcrosstask import Task, Video
from skcrosstask.datasets._constraint_files import (
    Placed,
    check_names,
    format_confidence,
    other_files,
    write_constraints,
)
from skcrosstask.datasets._crosstask_files import parse_segments
from skcrosstask.narration import NarrationAligner, read_narration


@pytest.fixture
def placed(write):
    said = read_narration(write("v.csv", "1,grind the coffee\n9,pour some milk\n"))
    task = Task("latte", ["grind coffee", "pour milk"])
    videos = [Video(np.zeros((30, 1)), task, name="v", narration=said)]
    (match,) = NarrationAligner().fit(videos).match(videos)
    return [Placed.of(videos[0], match)]


def test_what_is_written_is_read(placed, tmp_path):
    write_constraints(placed, tmp_path / "deep" / "out")
    found = parse_segments(tmp_path / "deep" / "out" / "latte_v.csv", 2, windows=True)
    np.testing.assert_allclose(found, placed[0].match.windows, atol=0.0051)
    assert len(found) > 0


def test_other_files(placed, tmp_path):
    assert other_files(placed, tmp_path / "nowhere") == []
    for name in ("latte_v.csv", "latte_w.csv", "list.csv"):
        (tmp_path / name).touch()
    assert other_files(placed, tmp_path) == ["latte_w.csv"]


def test_confidence_of_a_step_without_a_window(placed):
    task, video, match = placed[0]
    bare = Placed(task, video, replace(match, windows=np.empty((0, 3))))
    header, first, *_ = format_confidence([bare]).splitlines()
    assert header == "task,video,step,start,end,confidence"
    assert first == f"latte,v,1,,,{match.confidence[0]:.3f}"


@pytest.mark.parametrize("name", ["../v", "a\\b", "a\0b"])
def test_names_stay_in_the_folder(name):
    with pytest.raises(ValueError, match="no file can be named"):
        check_names([("latte", name)])
