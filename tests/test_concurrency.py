"""Many at once: threads that share an estimator, processes that share a folder."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from skcrosstask import Task, Video, WeaklySupervisedStepEstimator
from skcrosstask.baselines import (
    ActionSetEstimator,
    DiffracEstimator,
    SupervisedStepEstimator,
)

LATTE = Task("latte", ["add coffee", "press coffee", "pour milk"])
N_THREADS = 8


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    """Some in memory, some in files."""
    rng, folder = np.random.default_rng(0), tmp_path_factory.mktemp("features")
    made = []
    for i in range(12):
        features = rng.normal(size=(rng.integers(20, 60), 6)).astype(np.float32)
        if i % 2:
            np.save(folder / f"v{i}.npy", features)
            features = folder / f"v{i}.npy"
        truth = [[0, 1, 3], [1, 5, 8], [2, 12, 15]]
        made.append(Video(features, LATTE, annotation=truth, name=f"v{i}"))
    return made


@pytest.mark.parametrize(
    "est",
    [
        WeaklySupervisedStepEstimator(random_state=0),
        WeaklySupervisedStepEstimator(skip_cost="auto", decoding="segments"),
        SupervisedStepEstimator(random_state=0),
        DiffracEstimator(max_iter=5, n_init=1, random_state=0),
        ActionSetEstimator(max_iter=2, random_state=0),
    ],
    ids=lambda est: type(est).__name__,
)
def test_threads_share_an_estimator(est, videos):
    est.fit(videos)
    alone = [est.predict([video])[0].tolist() for video in videos]

    def predict(shift):
        order = np.roll(np.arange(len(videos)), shift)
        found = est.predict([videos[i] for i in order])
        return dict(zip(order.tolist(), [row.tolist() for row in found], strict=True))

    with ThreadPoolExecutor(N_THREADS) as pool:
        for found in pool.map(predict, range(4 * N_THREADS)):
            assert [found[i] for i in range(len(videos))] == alone
    score = est.score(videos)
    with ThreadPoolExecutor(N_THREADS) as pool:
        assert {*pool.map(est.score, [videos] * N_THREADS)} == {score}


_FIT = """
import numpy as np, sys
from skcrosstask import Task, Video, WeaklySupervisedStepEstimator
rng = np.random.default_rng(0)
task = Task("latte", ["add coffee", "press coffee", "pour milk"])
videos = [Video(rng.normal(size=(100, 32)), task, name=f"v{i}") for i in range(40)]
est = WeaklySupervisedStepEstimator(n_passes=1, store_folder="packed", random_state=0)
sys.stdin.readline()
for _ in range(2):
    print(est.fit(videos).coef_.tobytes().hex()[:5000])
"""


def test_processes_share_a_folder(tmp_path):
    """Both pack the same rows at the same time, and read what the other packed."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _FIT],
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in running:
        process.stdin.write("\n")
        process.stdin.flush()
    learnt = [line for process in running for line in process.communicate()[0].split()]
    assert [process.returncode for process in running] == [0, 0]
    assert len(learnt) == 4
    assert len({*learnt}) == 1
    assert not [*(tmp_path / "packed").glob("*.part*")]
