import json
from dataclasses import replace

import numpy as np
import pytest

from skcrosstask.baselines import UniformBaseline
from skcrosstask.experiments._cells import Cell
from skcrosstask.experiments._runner import (
    Runner,
    _clock,
    _frame_scores,
    make_estimator,
    run_cell,
)
from skcrosstask.learning.adam._alternation import Alternation
from skcrosstask.learning.segments._passes import SegmentPasses
from skcrosstask.metrics import mean_average_precision, step_recall

QUICK = (("init_iter", 1), ("max_iter", 1), ("sharing", "words"))
WEAK = Cell("weak", 1, "primary + related", settings=QUICK)


def test_a_cell_is_what_a_user_would_compute(study):
    result = run_cell(study, Cell("uniform", 1))
    tested = [study.videos[i] for i in study.test(1)]
    truth, tasks = [v.annotation for v in tested], [v.task for v in tested]
    predictions = UniformBaseline().predict(tested)
    assert result["predictions"] == [list(times) for times in predictions]
    assert result["recall"] == step_recall(truth, predictions, tasks)
    assert result["average_precision"].keys() == {t.name for t in study.primary}
    assert json.loads(json.dumps(result)) == result


def test_scores_give_the_precision(study):
    result = run_cell(study, WEAK)
    est = make_estimator(WEAK)
    assert est.random_state == 1
    est.fit([study.videos[i] for i in study.train(1, "primary + related")])
    tested = [study.videos[i] for i in study.test(1)]
    expected = mean_average_precision(
        [v.annotation for v in tested],
        est.decision_function(tested),
        [v.task for v in tested],
        average=None,
    )
    assert result["average_precision"] == expected


def test_validation_videos_can_be_tested(study):
    cell = replace(WEAK, test="validation")
    assert cell.tested(study) == study.validation()
    assert len(run_cell(study, cell)["predictions"]) == 2


@pytest.mark.parametrize(
    ("settings", "course"),
    [
        ({"n_passes": 2, "max_iter": 0}, SegmentPasses),
        ({"n_passes": 0, "max_iter": 2}, Alternation),
    ],
)
def test_an_interrupted_fit_is_no_result(settings, course, study, monkeypatch):
    def interrupt(self, source):
        raise KeyboardInterrupt

    monkeypatch.setattr(course, "epoch", interrupt)
    cell = replace(WEAK, settings=tuple((dict(WEAK.settings) | settings).items()))
    with (
        pytest.warns(UserWarning, match="interrupted"),
        pytest.raises(KeyboardInterrupt),
    ):
        run_cell(study, cell)


def test_placements_rank_frames_at_random(study):
    est, cell = UniformBaseline(), Cell("uniform", 4)
    videos = study.videos[:2]
    one, other = (_frame_scores(est, videos, cell) for _ in range(2))
    for video, a, b in zip(videos, one, other, strict=True):
        assert a.shape == (video.shape[0], len(video.task.steps))
        np.testing.assert_array_equal(a, b)


def test_time_left_goes_by_the_kind_of_cell(study, tmp_path):
    runner = Runner(study, tmp_path, n_jobs=2)
    fast, slow = Cell("uniform", 0), Cell("diffrac", 0)
    done = {fast: {"seconds": 1.0}, slow: {"seconds": 99.0}}
    later = [replace(cell, split=split) for cell in (fast, slow) for split in (1, 2)]
    assert runner._time_left(later, done) == (1 + 1 + 99 + 99) / 2
    assert runner._time_left([replace(slow, source="related")], done) == 99
    # Of what has not been seen, the mean of all is expected.
    assert runner._time_left([Cell("oracle", 0)], done) == 50
    assert runner._time_left([], done) == 0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.6, "1 min 0 s"), (61, "1 min 1 s"), (3725, "1 h 2 min")],
)
def test_clock(seconds, text):
    assert _clock(seconds) == text
