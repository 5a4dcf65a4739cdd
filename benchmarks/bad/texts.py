"""Subtitles of every format, word vectors, model files and saved aggregations."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bad._case import LATTE, Case, write
from bad.features import ARCHIVES, header
from skcrosstask import load_model
from skcrosstask.narration import LearnedAggregation, WordVectors, read_narration

FORMATS = (
    *("vtt", "srt", "csv", "tsv", "json", "json3", "srv1", "srv3", "xml", "ttml"),
    *("ass", "ssa", "sub", "smi", "sbv", "lrc", "TextGrid"),
)
CONTENTS: dict[str, bytes] = {
    "zero bytes": b"",
    "blank lines": b"\n\n\n",
    "binary": bytes(range(256)) * 9,
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(999),
    "prose": b"It was a dark and stormy night.\nThe rain fell.\n",
    "html": b"<html><body>404 not found</body></html>\n",
    "nested": b"[" * 100000,
}
_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {new} "{f"&{old};" * 10}">'
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><{0}>&i;</{0}>"
)
_FILE_ENTITY = (
    '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    '<transcript><text start="1" dur="1">&a;</text></transcript>'
)
SUBTITLES: dict[str, tuple[str, str | bytes]] = {
    "entities that grow": ("srv1", _BOMB.replace("{0}", "transcript")),
    "entities that grow, ttml": ("ttml", _BOMB.replace("{0}", "tt")),
    "entity of a file": ("srv1", _FILE_ENTITY),
    "reversed": ("vtt", "WEBVTT\n\n00:09.000 --> 00:02.000\nadd coffee\n"),
    "no time": ("vtt", "WEBVTT\n\nsoon --> later\nadd coffee\n"),
    "no number": ("srt", "x\n00:00:01,000 -> 00:00:02,000\nadd coffee\n"),
    "text for times": ("csv", "start,end,text\nsoon,later,add coffee\n"),
    "nan for times": ("csv", "start,end,text\nnan,inf,add coffee\n"),
    "no such columns": ("csv", "a,b\n1,2\n"),
    "an open quote": ("csv", 'start,end,text\n1,2,"add\n'),
    "an empty object": ("json", "{}"),
    "a number": ("json", "3"),
    "null": ("json", "null"),
    "no times": ("json", '[{"text": "add"}]'),
    "times are lists": ("json", '[{"start": [1], "end": 2, "text": "add"}]'),
    "text is a number": ("json", '[{"start": 1, "end": 2, "text": 3}]'),
    "huge times": ("json", f'[{{"start": 1{"0" * 400}, "end": 2, "text": "a"}}]'),
    "infinity": ("json", '[{"start": Infinity, "end": NaN, "text": "a"}]'),
    "segments is text": ("json", '{"segments": "abc"}'),
    "no frame rate": ("sub", "{1}{2}add coffee\n"),
    "cut short": ("TextGrid", 'File type = "ooTextFile"\nObject class = "TextGrid"\n'),
    "not gzip": ("vtt.gz", b"WEBVTT\n"),
    "gzip cut short": ("vtt.gz", gzip.compress(b"WEBVTT\n" * 99)[:-12]),
    "gzip bomb": ("vtt.gz", gzip.compress(bytes(300 << 20), 9)),
    "bz2 that is not": ("srt.bz2", b"BZh9nothing"),
    "xz that is not": ("srt.xz", b"\xfd7zXZ\0nothing"),
    "unknown format": ("pdf", b"%PDF-1.4"),
}
_GOOD = "add 1 2\npour 3 4\nmilk 5 6\n"
_BIN = (
    b"2 3\nadd "
    + np.ones(3, "<f4").tobytes()
    + b"\npour "
    + np.ones(3, "<f4").tobytes()
)
VECTORS: dict[str, tuple[str, bytes]] = {
    "zero bytes": ("txt", b""),
    "blank": ("txt", b"\n\n"),
    "prose": ("txt", b"It was a dark night\nindeed\n"),
    "a row too short": ("txt", b"add 1 2 3\npour 1 2\n"),
    "fewer than said": ("txt", b"9 2\n" + _GOOD.encode()),
    "zero dimensions": ("txt", b"3 0\nadd\n"),
    "text for numbers": ("txt", b"add one two\npour a b\n"),
    "nan": ("txt", b"add nan 1\npour 1 2\n"),
    "beyond float32": ("txt", b"add 1e99 1\npour 1 2\n"),
    "binary": ("txt", bytes(range(256)) * 9),
    "bin: zero bytes": ("bin", b""),
    "bin: prose": ("bin", b"It was a dark night\n"),
    "bin: cut short": ("bin", _BIN[:-5]),
    "bin: fewer than said": ("bin", _BIN.replace(b"2 3", b"9 3")),
    "bin: more than said": ("bin", _BIN.replace(b"2 3", b"1 3")),
    "bin: huge": ("bin", b"999999999999999 999999999\nadd "),
    "bin: nan": ("bin", _BIN[:-4] + b"\xff\xff\xff\xff"),
    "not gzip": ("txt.gz", _GOOD.encode()),
    "fastText: cut short": ("bin", b"\xba\x16\x4f\x2f\x0c\0\0\0" + bytes(9)),
    "fastText: zeros": ("bin", b"\xba\x16\x4f\x2f\x0c\0\0\0" + bytes(400)),
    "fastText: ones": ("bin", b"\xba\x16\x4f\x2f\x0c\0\0\0" + b"\xff" * 400),
}


def _subtitles(name: str, content: str | bytes) -> Callable[[], Any]:
    return lambda: read_narration(write(name, content))


def _windows(name: str, content: str | bytes, *more: str) -> list[str]:
    write(f"subtitles/{name}", content)
    tasks = write("tasks.json", json.dumps({"latte": list(LATTE.steps)}))
    return ["windows", "subtitles", tasks, "--out", "made", *more]


def _aligned(name: str, content: bytes) -> list[str]:
    said = "WEBVTT\n\n00:01.000 --> 00:05.000\nadd the coffee now\n"
    return _windows("v1.vtt", said, "--vectors", write(name, content))


def remade(change: Callable[[dict, dict], Any]) -> bytes:
    """The model file, with something else in its document or arrays."""
    with np.load("model.skct") as archive:
        arrays = dict(archive)
    document = json.loads(arrays.pop("document").tobytes())
    change(document, arrays)
    text = json.dumps(document).encode()
    file = io.BytesIO()
    np.savez(file, document=np.frombuffer(text, np.uint8), **arrays)
    return file.getvalue()


def _set(*path: Any) -> Callable[[dict, dict], None]:
    *keys, last, value = path

    def change(document: dict, arrays: dict) -> None:
        place: Any = document
        for key in keys:
            place = place[key]
        place[last] = value

    return change


def _array(
    name: str, make: Callable[[np.ndarray], Any]
) -> Callable[[dict, dict], None]:
    def change(document: dict, arrays: dict) -> None:
        arrays[name] = make(arrays[name])

    return change


CHANGES: dict[str, Callable[[dict, dict], Any]] = {
    "format": _set("format", "another"),
    "version 99": _set("version", 99),
    "version is text": _set("version", "3"),
    "class": _set("class", "os.system"),
    "no class": lambda d, a: d.pop("class"),
    "an unknown key": _set("more", 1),
    "unknown parameter": _set("parameters", "more", 1),
    "parameter of another type": _set("parameters", "dropout", "half"),
    "dropout 2": _set("parameters", "dropout", 2.0),
    "decoding": _set("parameters", "decoding", "magic"),
    "a folder to write": _set("parameters", "store_folder", "harm"),
    "a million threads": _set("parameters", "n_jobs", 10**9),
    "stemmer": _set("parameters", "stemmer", "os.system"),
    "sharing": _set("vocabulary", "sharing", "all"),
    "components twice": lambda d, a: d["vocabulary"]["components"].append("add"),
    "words": _set("vocabulary", "words", [1]),
    "rng": _set("rng", "bit_generator", "MT19937"),
    "rng state": _set("rng", "state", "state", -1),
    "history": _set("history_", [1]),
    "tasks": _set("tasks", [1]),
    "a task without steps": _set("tasks", 0, "steps", []),
    "no features": _set("n_features_in_", 0),
    "other features": _set("n_features_in_", 9),
    "rate 0": _set("rate", 0.0),
    "temperature nan": _set("temperature", float("nan")),
    "huge seed": _set("seed", 10**30),
    "coef of another type": _array("coef", lambda c: c.astype("f8")),
    "coef of another shape": _array("coef", lambda c: c[:, :-1]),
    "coef nan": _array("coef", lambda c: c * np.nan),
    "coef of objects": _array("coef", lambda c: c.astype(object)),
    "coef of text": _array("coef", lambda c: c.astype(str)),
    "no coef": lambda d, a: a.pop("coef"),
    "one more array": lambda d, a: a.update(more=np.zeros(3)),
    "negative squares": _array("coef_square", lambda c: c - 1),
    "alignment ends": _array("alignment_ends", lambda e: e[::-1] + 1),
    "alignments -9": _array("alignments", lambda e: e * 0 - 9),
    "a projection of nan": _array("projection", lambda p: p * np.nan),
}


def _rewritten(how: str) -> bytes:
    data = Path("model.skct").read_bytes()
    if how == "cut short":
        return data[: len(data) // 2]
    if how == "flipped":
        return data[:900] + bytes([data[900] ^ 255]) + data[901:]
    members = {}
    with zipfile.ZipFile("model.skct") as archive:
        for name in archive.namelist():
            members[name] = archive.read(name)
    if how == "a member of petabytes":
        text = (
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 1000000), }"
        )
        members["coef.npy"] = header(text)
    elif how == "a bomb":
        text = "{'descr': '<f4', 'fortran_order': False, 'shape': (75000000,), }"
        members["coef.npy"] = header(text, bytes(300_000_000))
    elif how == "not JSON":
        members["document.npy"] = _bytes(b"hello")
    elif how == "nested":
        members["document.npy"] = _bytes(b"[" * 100000)
    elif how == "climbing out":
        members["../../harm.npy"] = members["coef.npy"]
    elif how == "not arrays":
        members["coef.npy"] = b"hello"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def _bytes(text: bytes) -> bytes:
    file = io.BytesIO()
    np.save(file, np.frombuffer(text, np.uint8))
    return file.getvalue()


_HOW = (
    *("cut short", "flipped", "a member of petabytes", "a bomb", "not JSON", "nested"),
    *("climbing out", "not arrays"),
)


def cases() -> Iterator[Case]:
    """All of them."""
    files = {
        f"{suffix}, {fault}": (suffix, content)
        for suffix in FORMATS
        for fault, content in CONTENTS.items()
    }
    for fault, (suffix, content) in {**files, **SUBTITLES}.items():
        name = f"v1.{suffix}"
        mended = fault not in ("gzip bomb", "entities that grow", "entity of a file")
        yield Case("subtitles", fault, name, _subtitles(name, content), mended=mended)
        if fault in SUBTITLES:
            yield Case(
                "subtitles, windows",
                fault,
                "v1" if suffix != "pdf" else "subtitles",
                lambda n=name, c=content: _windows(n, c),
                cli=True,
                mended=mended,
            )
    for fault, (suffix, content) in VECTORS.items():
        name = f"words.{suffix}"
        yield Case(
            "word vectors", fault, name, lambda n=name, c=content: _look_up(n, c)
        )
        yield Case(
            "word vectors",
            fault,
            name,
            lambda n=name, c=content: _aligned(n, c),
            cli=True,
        )
    yield Case("word vectors", "missing", "no.txt", lambda: WordVectors.open("no.txt"))
    yield from _model_cases()
    for fault, content in ARCHIVES.items():
        yield Case(
            "aggregation",
            fault,
            "a.npz",
            lambda c=content: LearnedAggregation.load(write("a.npz", c)),
        )
    yield Case(
        "aggregation",
        "a model",
        "model.skct",
        lambda: LearnedAggregation.load("model.skct"),
    )
    yield from _other_window_cases()


def _look_up(name: str, content: bytes) -> None:
    vectors = WordVectors.open(write(name, content))
    vectors.look_up(vectors.words)


def _model_cases() -> Iterator[Case]:
    made: dict[str, Callable[[], bytes]] = {
        **{fault: lambda c=content: c for fault, content in ARCHIVES.items()},
        **{fault: lambda c=change: remade(c) for fault, change in CHANGES.items()},
        **{f"file: {how}": lambda h=how: _rewritten(h) for how in _HOW},
    }
    for fault, make in made.items():
        yield Case(
            "model", fault, "m.skct", lambda m=make: load_model(write("m.skct", m()))
        )
        yield Case(
            "model",
            fault,
            "m.skct",
            lambda m=make: [
                "predict",
                write("m.skct", m()),
                "v1.npy",
                "--out",
                "out.csv",
            ],
            cli=True,
        )
    yield Case("model", "missing", "no.skct", lambda: load_model("no.skct"))
    yield Case("model", "a folder", "release", lambda: load_model("release"))
    yield Case(
        "model",
        "a folder",
        "release",
        lambda: ["predict", "release", "v1.npy", "--out", "out.csv"],
        cli=True,
    )


def _other_window_cases() -> Iterator[Case]:
    said = "WEBVTT\n\n00:01.000 --> 00:05.000\nadd the coffee now\n"
    tasks = {
        "zero bytes": "",
        "prose": "hello",
        "a list": "[1]",
        "empty": "{}",
        "no steps": '{"latte": []}',
        "steps are text": '{"latte": "abc"}',
        "steps are null": '{"latte": null}',
        "nested": "[" * 100000,
        "an empty step": '{"latte": [""]}',
        "a long wrong name": json.dumps({"t" * 9000: []}),
    }
    for fault, content in tasks.items():

        def act(content: str = content) -> list[str]:
            words = _windows("v1.vtt", said)
            write("tasks.json", content)
            return words

        yield Case("tasks, json", fault, "tasks.json", act, cli=True)
    yield Case(
        "subtitles, windows",
        "missing folder",
        "nothing",
        lambda: ["windows", "nothing", "release", "--out", "made"],
        cli=True,
    )
    yield Case(
        "subtitles, windows",
        "missing tasks",
        "no.json",
        lambda: [*_windows("v1.vtt", said)[:2], "no.json", "--out", "made"],
        cli=True,
    )
    lists = {
        "unknown task": "soup,v1\n",
        "no video": "latte,\n",
        "twice": "latte,v1\nlatte,v1\n",
        "binary": b"\xff\xfe\0",
    }
    for fault, rows in lists.items():
        yield Case(
            "list of videos",
            fault,
            "list.csv",
            lambda r=rows: _windows("v1.vtt", said, "--videos", write("list.csv", r)),
            cli=True,
        )
