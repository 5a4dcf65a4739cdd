import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask.frames import SimpleEncoder

encode = SimpleEncoder()
LAYOUT, COLOURS, EDGES, MOTION = np.split(np.arange(256), [48, 112, 240])


def rows(*pictures):
    return np.stack(pictures)[None]


@given(st.integers(16, 70), st.integers(16, 70), st.integers(1, 3), st.integers(0, 9))
def test_numbers_are_between_0_and_1(height, width, n_frames, seed):
    shape = (2, n_frames, height, width, 3)
    pictures = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    features = encode(pictures)
    assert features.shape == (2, 256)
    assert features.dtype == np.float32
    assert features.min() >= 0
    assert features.max() <= 1


def test_layout_is_the_mean_colour_of_each_cell():
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:16, 16:32] = [255, 51, 0]
    layout = encode(rows(picture))[0, LAYOUT].reshape(4, 4, 3)
    np.testing.assert_allclose(layout[0, 1], [1, 0.2, 0], atol=1e-6)
    assert layout.sum() == pytest.approx(1.2)


def test_colours_are_shares():
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:, :16] = 255
    shares = encode(rows(picture))[0, COLOURS] ** 2
    assert (shares[0], shares[-1]) == pytest.approx((0.75, 0.25))


def test_edges_have_directions():
    upright = np.zeros((64, 64, 3), np.uint8)
    upright[:, 32:] = 255
    flat = upright.transpose(1, 0, 2)
    a, b = (
        encode(rows(p))[0, EDGES].reshape(16, 8).sum(axis=0) for p in (upright, flat)
    )
    assert a.argmax() == 0
    assert b.argmax() == 4


def test_motion_is_where_it_is():
    before = np.full((64, 64, 3), 100, np.uint8)
    after = before.copy()
    after[48:, :16] = 200
    still, moved = encode(np.stack([[before, before], [before, after]]))[:, MOTION]
    assert (still == 0).all()
    assert moved.nonzero()[0].tolist() == [12]


def test_single_pictures_do_not_move(photographs):
    features = encode(np.stack(photographs))
    assert (features[:, MOTION] == 0).all()
    assert np.abs(features[0] - features[1]).max() > 0.1


def test_a_batch_is_its_rows(photographs):
    batch = np.stack([photographs, photographs[::-1]])
    np.testing.assert_allclose(
        encode(batch), np.concatenate([encode(batch[:1]), encode(batch[1:])]), atol=1e-6
    )


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((2, 64, 64), np.uint8),
        np.zeros((2, 64, 64, 3)),
        np.zeros((2, 64, 64, 4), np.uint8),
        np.zeros((2, 15, 64, 3), np.uint8),
    ],
)
def test_other_arrays_are_refused(bad):
    with pytest.raises(ValueError, match="SimpleEncoder: pictures must"):
        encode(bad)
