"""Tasks and lists of videos from a user's own files."""

import pytest

from skcrosstask import Task
from skcrosstask.datasets._task_files import read_task_list

LATTE = '{"latte": ["grind coffee", "pour milk"], "tea": ["boil water"]}'


@pytest.fixture
def tasks(write):
    return write("tasks.json", LATTE)


def test_list_and_lengths_beside_the_tasks(write, tasks):
    write("videos.csv", '\ufefftask,video\r\n latte , v1 \r\n\r\ntea,"a, b",url\r\n')
    write("frame_counts.csv", 'v1,70\n"a, b",80\n')
    known = read_task_list(tasks)
    assert known.tasks["tea"] == Task("tea", ["boil water"])
    assert known.pairs == [("latte", "v1"), ("tea", "a, b")]
    assert known.lengths == {"v1": 70, "a, b": 80}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('latte,"two\nlines"\nmilk,v1\n', "line 3: task 'milk' is unknown"),
        ("latte,v1\n\nlatte,\n", "line 3: expected task,video; got 'latte,'"),
        ("latte,v1\n\nlatte,v1\n", "line 3: video 'v1' .* already listed in line 1"),
        ('latte,v1\nlatte,"v"2\n', "line 2: not CSV"),
        (b"latte,\xff\n", "is not UTF-8"),
    ],
)
def test_bad_lists_name_the_line(text, message, write, tasks):
    with pytest.raises(ValueError, match=message):
        read_task_list(tasks, write("list.csv", text))


def test_missing_list(tasks, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"List of videos '.*no' is missing"):
        read_task_list(tasks, tmp_path / "no")
