"""Rates of a collection, compared with what else is known of its videos."""

import numpy as np
import pytest

from skcrosstask.datasets import load_crosstask
from skcrosstask.datasets._rates import check_rates, last_times

NAMES = [f"v{i}" for i in range(6)]
ONE = dict.fromkeys(NAMES, 1.0)
SECONDS = {name: 60 + 10 * i for i, name in enumerate(NAMES)}
ENDS = {name: 0.9 * s for name, s in SECONDS.items()}


def rows(rate):
    return {name: round(s * rate) for name, s in SECONDS.items()}


@pytest.mark.parametrize("rate", [0.2, 0.5, 1.5, 2, 15, 30])
def test_lengths_tell_the_rate(rate):
    text = rf"^6 of 6 videos differ in length from frame_counts.csv.*rate={rate} would"
    with pytest.raises(ValueError, match=text):
        check_rates(rows(rate), ONE, SECONDS, {})
    check_rates(rows(rate), dict.fromkeys(NAMES, float(rate)), SECONDS, ENDS)


def test_uncommon_rate():
    with pytest.raises(ValueError, match=r"rate=1\.87 would fit\.$"):
        check_rates(rows(29.97 / 16), ONE, SECONDS, ENDS)


def test_ends_tell_of_too_high_a_rate():
    text = r"differ in length from annotations or windows.*rate=0\.5 would fit"
    with pytest.raises(ValueError, match=text):
        check_rates(rows(0.5), ONE, {}, ENDS)


def test_ends_of_many_videos_hint_at_too_low_a_rate():
    with pytest.warns(UserWarning, match=r"before 45% of their rows.*rate=2 would fit"):
        check_rates(rows(2), ONE, {}, ENDS)
    # A few videos may well go on without a step.
    check_rates({"v0": 120, "v1": 140}, ONE, {}, ENDS)
    # Where lengths are known, they say that all is well.
    check_rates(rows(1), ONE, SECONDS, dict.fromkeys(NAMES, 20.0))


def test_a_single_video_that_differs_is_cut_short():
    found = {**rows(1), "v3": 20}
    with pytest.warns(UserWarning, match="1 of 6 videos differ.*'v3': 20 rows at rate"):
        check_rates(found, ONE, SECONDS, ENDS)


def test_a_little_is_no_difference():
    check_rates({"v0": 65}, ONE, SECONDS, {})
    check_rates({"v0": 55}, ONE, {}, {"v0": 60.0})
    with pytest.raises(ValueError, match="1 of 1 video differs"):
        check_rates({"v0": 67}, ONE, SECONDS, {})


def test_times_long_after_a_known_end_are_warned_of():
    late = {**ENDS, "v2": 300.0}
    message = r"1 of 6 videos go on long after the end, such as 'v2'.* 80 s.* at 300 s"
    with pytest.warns(UserWarning, match=message):
        check_rates(rows(1), ONE, SECONDS, late)
    # A little is usual.
    check_rates(rows(1), ONE, SECONDS, {**ENDS, "v2": 83.0})


def test_last_times():
    annotations = [np.array([[0, 1, 5], [1, 2, 9]]), None, np.empty((0, 3))]
    windows = [None, None, np.array([[0, 1, 7.5]])]
    assert last_times(annotations, windows) == [9, 0, 7.5]


FILES = {
    "tasks_primary.txt": "1\nMake Tea\nhttp://tea\n2\nboil water,pour water\n",
    "videos.csv": "1,a,http://a\n",
    "annotations/1_a.csv": "1,3,9.5\n2,40,57\n",
    "constraints/1_a.csv": "1,2,7\n2,30,70\n",
}


@pytest.fixture
def release(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "features").mkdir()

    def write(n_rows, seconds=None):
        np.save(tmp_path / "features" / "a.npy", np.ones((n_rows, 2)))
        if seconds is not None:
            (tmp_path / "frame_counts.csv").write_text(f"a,{seconds}\n")
        return tmp_path

    return write


@pytest.mark.parametrize(("rate", "n_rows"), [(0.5, 30), (1, 60), (2, 121), (30, 1795)])
def test_loading_at_a_rate(rate, n_rows, release):
    data = load_crosstask(release(n_rows, 60), rate=rate)
    (video,) = data.videos
    assert video.rate == rate
    assert data.lengths.tolist() == [int(np.ceil(n_rows / rate))]
    assert video.annotation.tolist() == [[0, 3, 9.5], [1, 40, 57]]
    assert video.windows[-1].tolist() == [1, 30, n_rows / rate]


def test_loading_at_another_rate_is_refused(release):
    text = r"'a': 120 rows at rate 1 are 120 s, but it has 60 s; rate=2 would fit"
    with pytest.raises(ValueError, match=text):
        load_crosstask(release(120, 60))
    root = release(30)
    (root / "frame_counts.csv").unlink()
    with pytest.raises(ValueError, match=r"30 rows.*they end at 57 s; rate=0.5 would"):
        load_crosstask(root)


@pytest.mark.parametrize("rate", [0, -1, np.inf, np.nan])
def test_impossible_rates(rate, release):
    with pytest.raises(ValueError, match="rate must be above 0"):
        load_crosstask(release(60), rate=rate)
