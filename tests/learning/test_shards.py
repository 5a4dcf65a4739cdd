"""Work on shards: dealt by lengths alone, the same bits from whoever does it."""

import os
import pickle
import signal
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joblib import parallel_config
from threadpoolctl import ThreadpoolController
from twins import BEST, START, make_passes

from skcrosstask import Video, WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.learning import _shards
from skcrosstask.learning._shards import (
    deal_shards,
    one_blas_thread,
    run_tasks,
    shares_memory,
)
from skcrosstask.learning.rows._conditioning import Conditioning
from skcrosstask.learning.rows._packing import Packing
from skcrosstask.learning.rows._store import FrameStore
from skcrosstask.learning.rows._worker_store import WorkerStore
from skcrosstask.learning.segments._closed_form import StepTable
from skcrosstask.learning.segments._passes import SegmentPasses
from skcrosstask.learning.segments._shard import label_shard


@given(st.lists(st.integers(1, 40_000), min_size=1, max_size=300))
def test_shards_are_all_videos_in_order(lengths):
    shards = deal_shards(lengths)
    np.testing.assert_array_equal(np.concatenate(shards), np.arange(len(lengths)))
    # Of each shard, all but the two videos at its ends lie within its room.
    for shard in shards:
        inside = sum(lengths[i] for i in shard[1:-1])
        assert len(shard) > 0
        assert inside <= min(2**15, max(sum(lengths) // 32, 1))


def test_many_videos_make_many_shards_and_none_too_large():
    assert len(deal_shards([300] * 64)) == 32
    assert max(map(len, deal_shards([300] * 100_000))) <= 110


def test_results_come_in_order():
    found = run_tasks(divmod, ((i, 3) for i in range(20)), n_jobs=2)
    assert list(found) == [divmod(i, 3) for i in range(20)]


def test_errors_of_tasks_are_raised():
    with pytest.raises(ZeroDivisionError):
        list(run_tasks(divmod, [(1, 1), (1, 0)], n_jobs=2))


def test_who_shares_memory():
    assert shares_memory(None)
    assert shares_memory(2)
    with parallel_config("loky"):
        assert shares_memory(1)
        assert not shares_memory(2)
    with parallel_config("loky", n_jobs=2):
        assert not shares_memory(None)


def test_one_blas_thread_is_taken_back_by_the_last():
    def threads():
        pools = ThreadpoolController().select(user_api="blas").info()
        return [pool["num_threads"] for pool in pools]

    before = threads()
    with one_blas_thread():
        with one_blas_thread():
            assert set(threads()) <= {1}
        assert set(threads()) <= {1}
    assert threads() == before
    assert not _shards._inside


def test_a_shard_that_travelled_finds_the_same(tmp_path):
    passes, *_ = make_passes(n_videos=6)
    passes.epoch(START)
    shard, chosen = passes.chosen([1])[0]
    here = label_shard(shard, passes.known_to(shard), chosen, BEST)
    for folder in (None, tmp_path, tmp_path):  # read, packed, and found again
        away = pickle.loads(pickle.dumps(shard))
        away.rows.packing = away.rows.packing._replace(folder=folder)
        there = label_shard(away, passes.known_to(shard), chosen, BEST)
        assert there.sums.tobytes() == here.sums.tobytes()
        np.testing.assert_array_equal(there.segments, here.segments)


def test_a_shard_travels_without_the_rows_of_others():
    passes, *_ = make_passes(n_videos=4, length=14)
    small = len(pickle.dumps(passes.shards[0]))
    passes, *_ = make_passes(n_videos=40, length=14)
    assert len(pickle.dumps(passes.shards[0])) < 2 * small


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("kept", [True, False])
def test_workers_store_what_this_process_would(tmp_path, dtype, kept):
    rng = np.random.default_rng(0)
    videos = [Video(rng.normal(size=(9 + i, 5))) for i in range(7)]
    lengths = [len(v.features) for v in videos]
    conditioning = Conditioning.learn(videos, lengths, shrinkage=0.1, n_directions=3)
    units = [np.arange(n) for n in lengths]
    one = FrameStore(videos, units, 3, dtype=dtype, conditioning=conditioning)
    folder = tmp_path if kept else None
    packing = Packing(dtype, 3, conditioning, folder)
    calls = []
    other = WorkerStore(videos, lengths, packing, progress=lambda: calls.append(1))
    assert len(calls) == 7
    assert (other.n_rows, other.nbytes) == (one.n_rows, one.nbytes)
    assert other.mean_norm == one.mean_norm
    assert bool(list(tmp_path.iterdir())) == kept
    for i in range(7):
        np.testing.assert_array_equal(other.rows(i), one.rows(i).astype("f4"))
        shard = next(s for s in other.shards if i in s)
        place, there = i - shard[0], other.shard(shard)
        with there.opened([place]) as rows:
            np.testing.assert_array_equal(there.of_video(rows, place), other.rows(i))


def test_workers_know_the_rows_they_packed(tmp_path, monkeypatch):
    videos = [Video(np.random.default_rng(i).normal(size=(9, 5))) for i in range(4)]
    store = WorkerStore(videos, [9] * 4, Packing("float32", 5, folder=tmp_path))
    wanted = np.array([0, 1, 2, 3])
    for numbers in (*store.shards, wanted):  # the last were not packed as one
        shard = store.shard(numbers)
        known = len(numbers) == 1
        with monkeypatch.context() as patch:
            if known:
                patch.setattr("skcrosstask.learning.rows._shard_rows.rows_key", None)
            with shard.opened(range(len(numbers))) as rows:
                for j, i in enumerate(numbers):
                    found = shard.of_video(rows, j)
                    np.testing.assert_array_equal(
                        found, videos[i].features.astype("f4")
                    )


def test_workers_name_the_video_that_is_broken():
    videos = [Video(np.ones((5, 2))), Video(np.full((5, 2), np.nan), name="v1")]
    with pytest.raises(ValueError, match=r"video 'v1': features must be finite"):
        WorkerStore(videos, [5, 5], Packing("float32", 2))


def test_steps_of_shards_are_those_of_the_table():
    passes, *_ = make_passes(n_videos=6)
    table = StepTable(passes.compositions, len(passes.model.coef))
    for shard in passes.shards:
        for i, ids in zip(shard.numbers, shard.ids, strict=True):
            np.testing.assert_array_equal(shard.steps[ids], table.ids[i])


def fit(videos, **options):
    est = WeaklySupervisedStepEstimator(random_state=0, **options).fit(videos)
    return bits(est) + est.locate(videos).to_csv().encode()


def bits(est):
    return est.coef_.tobytes() + repr((est.temperature_, est.learning_rate_)).encode()


@pytest.fixture(scope="module")
def videos():
    return make_instructional_videos(4, n_features=8, random_state=0)[0]


@pytest.fixture(scope="module")
def expected(videos):
    return fit(videos)


def test_the_same_bits_from_threads(videos, expected):
    assert fit(videos, n_jobs=2) == expected
    assert fit(videos, n_jobs=3) == expected


def test_the_same_bits_out_of_memory(videos, expected, tmp_path):
    assert fit(videos, max_memory=0, n_jobs=2) == expected
    assert fit(videos, store_folder=tmp_path) == expected
    assert fit(videos, store_folder=tmp_path) == expected


def test_the_same_bits_from_processes(videos, expected, tmp_path):
    with parallel_config("loky", n_jobs=2):
        assert fit(videos, store_folder=tmp_path) == expected
        assert len(list(tmp_path.glob("rows-*.npy"))) == len(
            deal_shards([v.shape[0] for v in videos])
        )
        # Without a folder, videos are read again by each pass.
        quick = {"n_passes": 1, "calibrate": False}
        assert fit(videos, **quick) == fit(videos, **quick, n_jobs=1)


def test_adam_learns_here_whatever_the_backend(videos):
    options = {"n_passes": 1, "max_iter": 1, "calibrate": False}
    with parallel_config("loky", n_jobs=2):
        found = bits(
            WeaklySupervisedStepEstimator(random_state=0, **options).fit(videos)
        )
    assert found == bits(
        WeaklySupervisedStepEstimator(random_state=0, **options).fit(videos)
    )


def test_a_cluster_that_loses_a_worker(videos, tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    quick = {"n_passes": 2, "calibrate": False}
    expected = fit(videos, **quick)
    epoch, killed = SegmentPasses.epoch, []

    def lose_one(passes, source):
        if source.phase == "segments" and not killed:
            killed.append(next(iter(client.run(os.getpid).values())))
            threading.Timer(0.02, os.kill, (killed[0], signal.SIGKILL)).start()
        return epoch(passes, source)

    monkeypatch.setattr(SegmentPasses, "epoch", lose_one)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
        parallel_config("dask"),
    ):
        assert fit(videos, store_folder=tmp_path, **quick) == expected
        assert killed[0] not in client.run(os.getpid).values()
        adam = {"n_passes": 0, "max_iter": 2, "n_adam_shards": 3}
        there = fit(videos, store_folder=tmp_path, **adam)
    assert there == fit(videos, **adam)


@pytest.mark.parametrize("n_jobs", [1, 2, 3])
def test_threads_give_results_in_order_and_take_tasks_as_needed(n_jobs):
    taken = []

    def tasks():
        for i in range(30):
            taken.append(i)
            yield (i,)

    found = run_tasks(lambda i: i * i, tasks(), n_jobs)
    assert next(found) == 0
    assert len(taken) <= 2 * n_jobs + 1
    assert list(found) == [i * i for i in range(1, 30)]


def test_an_error_in_a_thread_ends_the_work():
    done = []

    def fail(i):
        done.append(i)
        return 1 / (i - 3)

    with pytest.raises(ZeroDivisionError):
        list(run_tasks(fail, ((i,) for i in range(1000)), 2))
    assert len(done) < 20
    assert not _shards._inside


def test_work_that_needs_this_memory_stays_here():
    found = []
    with parallel_config("loky", n_jobs=2):
        list(run_tasks(found.append, ((i,) for i in range(5)), None, here=True))
    assert sorted(found) == [0, 1, 2, 3, 4]
