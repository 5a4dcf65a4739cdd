import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask.frames._pictures import Still, scaled_size


def still(picture, **more):
    return Still(av.VideoFrame.from_ndarray(picture, format="rgb24"), **more)


@given(
    st.integers(1, 5000), st.integers(1, 5000), st.integers(16, 300),
    st.floats(0.1, 10),
)  # fmt: skip
def test_the_shorter_side_is_the_size(width, height, size, aspect):
    w, h = scaled_size(width, height, size, aspect)
    assert min(w, h) == size
    assert max(w, h) <= 16 * size


def test_the_middle_is_kept():
    picture = np.zeros((60, 100, 3), np.uint8)
    picture[:, 20:80] = [200, 100, 50]
    assert (still(picture).square(60) == [200, 100, 50]).all()


@pytest.mark.parametrize("shape", [(33, 47), (17, 101), (201, 99), (1, 1), (3, 2000)])
def test_odd_sizes(shape):
    picture = np.full((*shape, 3), 77, np.uint8)
    square = still(picture).square(31)
    assert square.shape == (31, 31, 3)
    assert (square == 77).all()


def test_wide_pixels_are_stretched():
    picture = np.zeros((40, 40, 3), np.uint8)
    picture[:, 10:30] = 255
    # Twice as wide on the screen, so that the middle is all there is.
    assert (still(picture, aspect=2.0).square(40)[:, 4:-4] == 255).all()
    assert (still(picture).square(40)[:, :5] == 0).all()


def test_scaling_down_averages():
    picture = np.zeros((320, 320, 3), np.uint8)
    picture[::2] = 200
    assert np.ptp(still(picture).square(32).astype(int)) < 5


def test_a_still_is_left_alone(photographs):
    square = still(photographs[0]).square(120)
    np.testing.assert_array_equal(square, photographs[0][:, 20:140])
