"""Features that give rows: never asked for whole, and the same to the bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skcrosstask import FeaturesFirst, Video, WeaklySupervisedStepEstimator
from skcrosstask._data import Rows
from skcrosstask.baselines import DiffracEstimator
from skcrosstask.datasets import make_instructional_videos


class Shelf:
    """Gives slices alone, as few rows as possible, and remembers how many."""

    def __init__(self, array, most=1024):
        self.array, self.shape, self.most = array, array.shape, most
        self.dtype, self.taken = array.dtype, []

    def __getitem__(self, index):
        first = index if isinstance(index, slice) else index[-1]
        assert isinstance(first, slice)
        part = self.array[index]
        assert max(part.shape[0], 0) <= self.most or isinstance(index, tuple)
        self.taken.append((first.start, first.stop))
        return part


class Tensor(Shelf):
    """Refuses NumPy until it is detached, and has a type that NumPy has not."""

    dtype = "bfloat16"

    def __init__(self, array):
        self.array, self.shape = array, array.shape

    def __getitem__(self, index):
        return Tensor(self.array[index])

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("call detach first")

    def detach(self):
        return Half(self.array)


class Half:
    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        raise TypeError("unsupported ScalarType BFloat16")

    def float(self):
        return self.array


@settings(deadline=None)
@given(st.data())
def test_any_index_gives_what_an_array_gives(data):
    n = data.draw(st.integers(1, 3000))
    array = np.arange(2.0 * n).reshape(n, 2)
    rows = Rows(Shelf(array))
    index = data.draw(
        st.one_of(
            st.slices(n),
            st.integers(-n, n - 1),
            st.lists(st.integers(0, n - 1), max_size=8).map(
                lambda units: np.array(units, dtype=np.int64)
            ),
        )
    )
    assert_array_equal(rows[index], array[index])
    assert_array_equal(np.asarray(rows), array)
    flipped = Rows(array.T, features_first=True)
    assert_array_equal(flipped[index], array[index])


def test_only_the_neighbourhood_of_a_row_is_read():
    shelf = Shelf(np.zeros((100_000, 2)))
    Rows(shelf)[np.array([7, 50_000, 9, 99_999])]
    assert shelf.taken == [(7, 10), (50_000, 50_001), (99_999, 100_000)]


def test_learning_from_rows_is_learning_from_arrays(tmp_path):
    videos, tasks = make_instructional_videos(
        6, n_features=6, length=(30, 40), random_state=0
    )
    forms = {
        "rows": Shelf,
        "tensor": Tensor,
        "first": lambda array: FeaturesFirst(Shelf(np.ascontiguousarray(array.T))),
        "big": lambda array: array.astype(">f4"),
        "fortran": np.asfortranarray,
    }
    for system in (
        WeaklySupervisedStepEstimator(random_state=0, store_folder=tmp_path),
        DiffracEstimator(random_state=0),
    ):
        expected = system.fit(videos, tasks).predict(videos, tasks)
        for form in forms.values():
            others = [
                Video(form(v.features), v.task, v.windows, name=v.name) for v in videos
            ]
            found = system.fit(others, tasks).predict(others, tasks)
            for one, other in zip(found, expected, strict=True):
                assert_array_equal(one, other)


@pytest.mark.parametrize("kind", ["h5py", "zarr"])
def test_data_sets_of_other_programs(kind, tmp_path):
    module = pytest.importorskip(kind)
    array = np.random.default_rng(0).normal(size=(2000, 4)).astype(np.float32)
    if kind == "h5py":
        with module.File(tmp_path / "f.h5", "w") as file:
            file["v"] = array
        file = module.File(tmp_path / "f.h5")
        stored = file["v"]
    else:
        stored = module.create_array(
            tmp_path / "f.zarr", shape=array.shape, dtype=array.dtype, chunks=(256, 4)
        )
        stored[:] = array
    video = Video(stored, name="v1")
    assert repr(video) == "Video('v1', (2000, 4))"
    assert_array_equal(np.asarray(video.open()), array)
    units = np.array([1500, 3, 4])
    assert_array_equal(video.open()[units], array[units])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (Shelf(np.zeros((3, 2, 2))), "features must have shape (T, D), got shape"),
        (Shelf(np.zeros((0, 2))), "features are empty"),
        (Shelf(np.zeros((3, 2), dtype=complex)), "must be real numbers, got dtype"),
        (FeaturesFirst(np.zeros(3)), "features must have shape (T, D)"),
    ],
)
def test_what_is_seen_at_once_is_refused_at_once(source, message):
    with pytest.raises(ValueError, match="video 'v1': ") as error:
        Video(source, name="v1")
    assert message in str(error.value)


def test_rows_of_another_shape_are_refused():
    shelf = Shelf(np.zeros((30, 2)))
    shelf.shape = (30, 3)
    with pytest.raises(ValueError, match=r"video 'v1': features of type Shelf gave"):
        Video(shelf, name="v1").open()[:2]


def test_failure_to_read_names_the_video():
    def fail(index):
        raise OSError("disk on fire")

    class Broken(Shelf):
        __getitem__ = staticmethod(fail)

    with pytest.raises(ValueError, match="video 'v1': features cannot be read: disk"):
        Video(Broken(np.zeros((3, 2))), name="v1").open()[0]
