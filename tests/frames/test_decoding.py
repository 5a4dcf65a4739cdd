"""Files as people have them: good, odd and broken."""

import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
from sklearn import datasets

from skcrosstask.frames._decoding import VideoFileError, decode

PHOTOGRAPH = Path(datasets.__file__).parent / "images" / "china.jpg"
TENTHS = np.arange(100) / 10


def read(path):
    """Starts and brightness of all pictures, and what is wrong with the file."""
    complaints = []
    read = [
        (start, still.square(16).mean())
        for start, _, still in decode(path, "v", complaints)
    ]
    return *map(np.array, zip(*read, strict=True)), complaints


@pytest.fixture(scope="session")
def clips(tmp_path_factory, write_clip, greys):
    """Ten seconds, ever lighter, in several kinds of files."""
    folder = tmp_path_factory.mktemp("clips")
    kinds = {
        "a.mp4": "mpeg4", "a.mkv": "ffv1", "a.avi": "mpeg4", "a.webm": "libvpx-vp9",
        "a.ts": "libx264", "a.mov": "libx264", "a.flv": "flv", "a.h264": "libx264",
    }  # fmt: skip
    for name, codec in kinds.items():
        write_clip(folder / name, greys(100), TENTHS, codec=codec)
    fast = {"movflags": "faststart"}
    write_clip(folder / "fast.mp4", greys(100), TENTHS, codec="libx264", options=fast)
    return folder


@pytest.mark.parametrize("kind", ["mp4", "mkv", "avi", "webm", "ts", "mov", "flv"])
def test_times_and_pictures(clips, kind, greys):
    starts, light, complaints = read(clips / f"a.{kind}")
    np.testing.assert_allclose(starts, TENTHS, atol=0.002)
    np.testing.assert_allclose(light, [grey.mean() for grey in greys(100)], atol=6)
    assert complaints == []


def test_no_time_stamps(clips):
    starts, light, complaints = read(clips / "a.h264")
    np.testing.assert_allclose(starts, np.arange(100) / 25)
    assert (np.diff(light) >= -2).all()
    assert "missing" in complaints[0]
    assert "100 pictures" in complaints[0]


def test_two_recordings_in_one_file(clips, tmp_path):
    path = tmp_path / "twice.ts"
    path.write_bytes(2 * (clips / "a.ts").read_bytes())
    starts, light, complaints = read(path)
    np.testing.assert_allclose(starts[100:], 10 + TENTHS, atol=0.1)
    np.testing.assert_allclose(light[100:], light[:100], atol=2)
    assert "1 picture;" in complaints[0]


def test_time_starts_with_the_file(tmp_path, write_clip, greys):
    late = write_clip(
        tmp_path / "late.mkv", greys(10), np.arange(10), offset=3.0, sound=(13,)
    )
    assert read(late)[0][0] == pytest.approx(3.0, abs=0.01)
    path = write_clip(tmp_path / "later.ts", greys(10), np.arange(10), offset=3.0,
                      codec="libx264")  # fmt: skip
    assert read(path)[0] == pytest.approx(np.arange(10), abs=0.01)


@pytest.mark.parametrize(
    ("turned", "matrix"),
    [
        (3, (0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)),
        (1, (0, -65536, 0, 65536, 0, 0, 0, 0, 1 << 30)),
        (2, (-65536, 0, 0, 0, -65536, 0, 0, 0, 1 << 30)),
    ],
)
def test_rotation(tmp_path, write_clip, photographs, turned, matrix):
    photograph = photographs[0]
    path = write_clip(tmp_path / "a.mp4", [photograph] * 5, np.arange(5))
    content = bytearray(path.read_bytes())
    # The matrix of the track header, 40 bytes after its version and flags.
    at = content.index(b"tkhd") + 44
    content[at : at + 36] = struct.pack(">9i", *matrix)
    path.write_bytes(content)
    *_, still = next(decode(path, "v", []))
    expected = np.rot90(photograph[:, 20:140].astype(float), turned)
    assert np.abs(still.square(120) - expected).mean() < 8


def test_sound_may_be_longer(tmp_path, write_clip, greys):
    for kind in "mp4", "mkv":
        path = tmp_path / f"a.{kind}"
        write_clip(path, greys(20), np.arange(20) / 10, sound=(6,))
        assert read(path)[2] == []


@pytest.mark.parametrize("name", ["a.mkv", "a.webm", "fast.mp4"])
def test_truncated(clips, tmp_path, name):
    content = (clips / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(content[: len(content) * 7 // 10])
    starts, _, complaints = read(path)
    assert 3 < starts[-1] < 9
    lost = float(complaints[0].split("the last ")[1].split(" s")[0])
    assert lost == pytest.approx(10 - starts[-1], abs=0.3)
    assert complaints[0].startswith("v: ")


def test_damage_in_the_middle(clips, tmp_path):
    content = bytearray((clips / "a.mp4").read_bytes())
    third, half = len(content) // 3, len(content) // 2
    content[third:half] = bytes(half - third)
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    starts, _, complaints = read(path)
    assert starts[-1] == pytest.approx(9.9, abs=0.01)
    gap = np.diff(starts).max()
    assert f"{gap - 0.1:.1f} s within" in complaints[0]


def make_text(path, clips):
    path.write_text("Pour the milk.\n" * 50)


def make_empty(path, clips):
    path.touch()


def make_folder(path, clips):
    path.mkdir()


def make_image(path, clips):
    shutil.copy(PHOTOGRAPH, path)


def make_headless(path, clips):
    content = (clips / "a.mp4").read_bytes()
    path.write_bytes(content[: len(content) // 2])


def make_hollow(path, clips):
    content = (clips / "a.mp4").read_bytes()
    start, end = content.index(b"mdat") + 4, content.index(b"moov") - 4
    path.write_bytes(content[:start] + bytes(end - start) + content[end:])


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (make_text, "cannot be opened as a video"),
        (make_empty, "is empty"),
        (make_folder, "is a folder"),
        (make_image, "is an image, not a video"),
        (make_headless, "cannot be opened as a video"),
        (make_hollow, "no picture of"),
    ],
)
def test_no_video(clips, tmp_path, make, problem):
    path = tmp_path / "v.mp4"
    make(path, clips)
    with pytest.raises(VideoFileError, match=problem) as caught:
        read(path)
    assert str(caught.value).startswith("v: ")
    assert len(str(caught.value).replace(str(tmp_path), "")) <= 300


def test_texts_are_no_animation(tmp_path):
    path = tmp_path / "v.ans"
    make_text(path, None)
    with pytest.raises(VideoFileError, match=r"a text|cannot be opened"):
        read(path)


def test_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"v: .*nowhere.mp4' is missing"):
        read(tmp_path / "nowhere.mp4")


def test_sound_has_no_video(tmp_path, write_sound):
    path = tmp_path / "v.mp4"
    write_sound(path)
    with pytest.raises(VideoFileError, match="has no video stream, only audio"):
        read(path)


def test_a_cover_is_no_video(tmp_path, write_sound):
    write_sound(tmp_path / "v.aac", format="adts")
    # A tag ID3v2.3 with the frame of a picture, front cover.
    picture = b"\0image/jpeg\0\3\0" + PHOTOGRAPH.read_bytes()
    frame = b"APIC" + struct.pack(">I", len(picture)) + b"\0\0" + picture
    size = bytes(len(frame) >> shift & 127 for shift in (21, 14, 7, 0))
    path = tmp_path / "cover.aac"
    path.write_bytes(b"ID3\3\0\0" + size + frame + (tmp_path / "v.aac").read_bytes())
    with pytest.raises(VideoFileError, match="video stream, only audio, a cover"):
        read(path)
