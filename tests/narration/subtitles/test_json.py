"""JSON of Whisper, YouTube and others."""

import json

import numpy as np
import pytest

from skcrosstask.narration import read_narration


def test_whisper(write):
    words = [
        {"word": " pour", "start": 0.5, "end": 0.9, "probability": 0.9},
        {"word": " milk", "start": 0.9, "end": 1.4},
    ]
    segments = [
        {"id": 0, "start": 0.0, "end": 2.0, "text": " pour milk", "words": words},
        {
            "id": 1,
            "start": 2.0,
            "end": 4.0,
            "text": " ab cd",
            "words": [{"word": "ab"}],
        },
    ]
    content = json.dumps({"text": "", "segments": segments, "language": "en"})
    speech = read_narration(write("a.json", content))
    assert speech.words == ("pour", "milk", "ab", "cd")
    np.testing.assert_allclose(speech.times, [[0.5, 0.9], [0.9, 1.4], [2, 3], [3, 4]])


def test_youtubes_json3(write):
    """Words of rolling captions, whose events last on while the next are spoken."""
    events = [
        {"tStartMs": 0, "dDurationMs": 90000, "id": 1, "wpWinPosId": 1},
        {
            "tStartMs": 1000,
            "dDurationMs": 5000,
            "segs": [
                {"utf8": "pour"},
                {"utf8": " the", "tOffsetMs": 400},
                {"utf8": " milk", "tOffsetMs": 900},
            ],
        },
        {"tStartMs": 2990, "dDurationMs": 3010, "aAppend": 1, "segs": [{"utf8": "\n"}]},
        {"tStartMs": 3000, "dDurationMs": 2500, "segs": [{"utf8": "[Music]"}]},
        {
            "tStartMs": 7000,
            "dDurationMs": 2000,
            "segs": [{"utf8": "a"}, {"utf8": "b\ncd"}],
        },
    ]
    content = json.dumps({"wireMagic": "pb3", "events": events})
    speech = read_narration(write("a.en.json3", content))
    assert speech.words == ("pour", "the", "milk", "ab", "cd")
    np.testing.assert_allclose(
        speech.times, [[1, 1.4], [1.4, 1.9], [1.9, 3], [7, 8], [8, 9]]
    )


def test_chunks_of_hugging_face(write):
    chunks = [
        {"timestamp": [0.5, 2.5], "text": " ab cd"},
        {"timestamp": [3.0, None], "text": " stir"},
    ]
    content = json.dumps({"text": " ab cd stir", "chunks": chunks})
    speech = read_narration(write("a.json", content))
    assert speech.words == ("ab", "cd", "stir")
    np.testing.assert_allclose(speech.times, [[0.5, 1.5], [1.5, 2.5], [3, 3.4]])


def test_whisper_cpp(write):
    rows = [
        {
            "timestamps": {"from": f"00:00:0{a},000", "to": f"00:00:0{b},500"},
            "offsets": {"from": 1000 * a, "to": 1000 * b + 500},
            "text": text,
        }
        for a, b, text in [(0, 2, " pour"), (3, 4, " stir")]
    ]
    content = json.dumps({"systeminfo": "", "transcription": rows})
    speech = read_narration(write("a.json", content))
    assert speech.words == ("pour", "stir")
    assert speech.times.tolist() == [[0, 2.5], [3, 4.5]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"chunks": [{"timestamp": 1, "text": "a"}]}, "chunk 0: timestamp must be"),
        ({"chunks": [{"timestamp": [None, 1], "text": "a"}]}, "chunk 0: start is miss"),
        ({"chunks": ["a"]}, "chunk 0: start, end and text were expected"),
        ({"transcription": [{"text": "a"}]}, "transcription 0: offsets must hold"),
        (
            {"transcription": [{"offsets": {"from": 2, "to": 1}, "text": "a"}]},
            "transcription 0: ends before it starts",
        ),
        ({"events": [{}, {"segs": [1]}]}, "event 1: segs must hold texts in utf8"),
        ({"events": [{"segs": [{"utf8": 1}]}]}, "event 0: segs must hold"),
        (
            {"events": [{"tStartMs": "x", "segs": [{"utf8": "a"}]}]},
            "event 0: 'x' is not a time",
        ),
        (
            {"events": [{"tStartMs": 9, "segs": [{"utf8": "a"}], "dDurationMs": -1}]},
            "event 0: dDurationMs must be from 0, got -1",
        ),
        ({"events": [{"segs": [{"utf8": "a"}]}]}, "event 0: tStartMs is missing"),
        (
            {"events": 3},
            "a list of rows or an object with segments, events, chunks, transcription",
        ),
    ],
)
def test_broken_json_of_programs(write, content, message):
    with pytest.raises(ValueError, match=f"a.json[,:] {message}"):
        read_narration(write("a.json", json.dumps(content)))
