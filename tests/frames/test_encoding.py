"""What the encoder gets, and what it may return."""

import numpy as np
import pytest

from skcrosstask.frames._encoding import Encoding, encode_video


@pytest.fixture(scope="module")
def clip(tmp_path_factory, write_clip, greys):
    """Seven seconds, ever lighter, without loss."""
    path = tmp_path_factory.mktemp("clip") / "clip.mkv"
    return write_clip(path, greys(70), np.arange(70) / 10, codec="ffv1")


def encode(clip, encoder, batch_size=3, **more):
    return encode_video(clip, "v", Encoding(encoder, 1.0, 16, batch_size, **more))[0]


@pytest.mark.parametrize("n_frames", [1, 2, 5])
def test_batches(clip, n_frames):
    seen = []

    def encoder(pictures):
        seen.append(pictures)
        return np.ones((len(pictures), 2))

    assert encode(clip, encoder, n_frames=n_frames).shape == (7, 2)
    one = (16, 16, 3) if n_frames == 1 else (n_frames, 16, 16, 3)
    assert [batch.shape for batch in seen] == [(3, *one), (3, *one), (1, *one)]
    assert all(batch.dtype == np.uint8 for batch in seen)
    # They may be kept: none is written over by the next.
    light = np.concatenate(seen).reshape(7, -1).mean(axis=1)
    assert (np.diff(light) > 20).all()


@pytest.mark.parametrize("n_frames", [1, 2])
def test_the_size_of_batches_is_no_matter(clip, n_frames):
    def encoder(pictures):
        return pictures.reshape(len(pictures), -1)[:, ::50]

    whole = encode(clip, encoder, 100, n_frames=n_frames)
    for batch_size in 1, 2, 7:
        parts = encode(clip, encoder, batch_size, n_frames=n_frames)
        np.testing.assert_array_equal(parts, whole)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("f2", "f2"), ("f4", "f4"), ("f8", "f4"), ("i8", "f4"), ("?", "f4")],
)
def test_types(clip, given, kept):
    features = encode(clip, lambda pictures: np.ones((len(pictures), 2), given))
    assert features.dtype == kept


def test_lists_are_arrays(clip):
    assert encode(clip, lambda pictures: [[1.0, 2.0]] * len(pictures)).shape == (7, 2)


class Stubborn:
    def __array__(self, dtype=None, copy=None):
        raise TypeError("cannot convert from the device")


@pytest.mark.parametrize(
    ("encoder", "problem"),
    [
        (lambda p: np.ones(len(p)), r"here \(3, D\), got shape \(3,\)"),
        (lambda p: np.ones((1, 4)), r"got shape \(1, 4\)"),
        (lambda p: np.ones((len(p), 0)), r"got shape \(3, 0\)"),
        (lambda p: np.full((len(p), 2), np.nan), "not finite"),
        (lambda p: np.full((len(p), 2), 1e300), "not finite"),
        (lambda p: np.full((len(p), 2), "a"), "real numbers, got dtype <U1"),
        (lambda p: np.ones((len(p), 1 + len(p))), "returned 4 numbers a row, then 2"),
        (lambda p: Stubborn(), "a Stubborn that cannot be one: cannot convert"),
        (lambda p: None, r"got shape \(\)"),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_other_results_are_refused(clip, encoder, problem):
    with pytest.raises(ValueError, match=problem) as caught:
        encode(clip, encoder)
    assert str(caught.value).startswith("v: ")


def test_an_encoder_s_error_tells_the_video(clip):
    def encoder(pictures):
        raise KeyError("layer")

    with pytest.raises(KeyError, match="layer") as caught:
        encode(clip, encoder)
    assert caught.value.__notes__ == ["The encoder was given rows 0 onwards of v."]


def test_one_that_is_stopped_does_not_go_on(clip):
    encoding = Encoding(lambda p: np.ones((len(p), 1)), 1.0, 16, 3)
    encoding.stop.set()
    with pytest.raises(InterruptedError):
        encode_video(clip, "v", encoding)
