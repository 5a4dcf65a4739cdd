"""Files of predictions, without the command line."""

import numpy as np
import pytest

from skcrosstask import Task, Video
from skcrosstask.results._predictions import (
    format_predictions,
    match_predictions,
    read_predictions,
)

TASK = Task("7", ["add coffee", "add milk"])
VIDEOS = [Video(np.zeros((9, 1)), TASK, name=name) for name in ("plain", 'a,"b"')]
TIMES = [[2, 5], [-1, 8]]


def test_what_is_written_is_read(write):
    path = write("times.csv", format_predictions(VIDEOS, TIMES))
    found = match_predictions(read_predictions(path), VIDEOS, [TASK] * 2, path)
    assert {i: times.tolist() for i, times in found.items()} == dict(enumerate(TIMES))


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_are_counted_whatever_ends_them(start, end, write):
    lines = ["task,video,step,time", "", "7,plain,1,2", "7,plain,2,4"]
    path = write("times.csv", start + end.join([*lines, ""]))
    assert read_predictions(path) == {("7", "plain"): {0: (2, 3), 1: (4, 4)}}
    path = write("times.csv", start + end.join([*lines, "7,plain,2,1"]))
    with pytest.raises(ValueError, match=r"line 5: step 2 .* in line 4"):
        read_predictions(path)


def test_a_row_of_several_lines_is_named_by_its_first(write):
    text = 'task,video,step,time\n7,"two\nlines",1,3\n7,plain,0,3\n'
    with pytest.raises(ValueError, match="line 4: steps count from 1"):
        read_predictions(write("times.csv", text))
