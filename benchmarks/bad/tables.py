"""Tasks, segments, manifests, the release's files and predictions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bad._case import LATTE, RELEASE, Case, collection, fit, manifest, write
from bad.features import GOOD
from skcrosstask import Task, Video
from skcrosstask.datasets import load_crosstask, load_manifest
from skcrosstask.results import read_steps

SEGMENTS: dict[str, Any] = {
    "two columns": [[0, 1]],
    "four columns": [[0, 1, 2, 3]],
    "one axis": [0, 1, 2],
    "ragged": [[0, 1, 2], [1, 2]],
    "text": [["a", "b", "c"]],
    "a word": "soon",
    "nan": [[0, float("nan"), 3]],
    "infinity": [[0, 1, float("inf")]],
    "reversed": [[0, 9, 4]],
    "empty": [[0, 4, 4]],
    "before 0": [[0, -3, 4]],
    "unknown step": [[3, 1, 4]],
    "step -1": [[-1, 1, 4]],
    "step 0.5": [[0.5, 1, 4]],
    "complex": [[1j, 1, 4]],
}
TASKS: dict[str, tuple[Any, ...]] = {
    "no steps": ("latte", []),
    "a step is empty": ("latte", ["a", ""]),
    "a step is blank": ("latte", ["a", " \t"]),
    "a step is None": ("latte", ["a", None]),
    "a number": ("latte", [1, 2]),
    "steps are one text": ("latte", "pour milk"),
    "steps are None": ("latte", None),
    "no name": ("", ["a"]),
    "name is a number": (3, ["a"]),
    "title is a number": ("latte", ["a"], 3),
    "before itself": ("latte", ["a", "b"], "", [(0, 0)]),
    "before unknown": ("latte", ["a", "b"], "", [(0, 2)]),
    "a cycle": ("latte", ["a", "b"], "", [(0, 1), (1, 0)]),
    "before is text": ("latte", ["a", "b"], "", "ab"),
    "before of halves": ("latte", ["a", "b"], "", [(0.5, 1)]),
}
_ROW = "1,2,5\n"
ROWS: dict[str, str | bytes] = {
    "reversed": "1,9,4\n",
    "unknown step": "4,1,2\n",
    "step 0": "0,1,2\n",
    "step -1": "-1,1,2\n",
    "two cells": "1,2\n",
    "four cells": "1,2,3,4\n",
    "text": "one,two,three\n",
    "nan": "1,nan,4\n",
    "infinity": "1,2,inf\n",
    "semicolons": "1;2;5\n",
    "a fault in line 3": f"{_ROW}\n1,2,x\n",
    "an open quote": '1,"2,5\n',
    "zero bytes within": "1,2,\0\n",
    "binary": bytes(range(128, 200)),
    "utf-16": _ROW.encode("utf-16"),
    "huge step": "9" * 400 + ",1,2\n",
    "5000 digits": "9" * 5000 + ",1,2\n",
    "a cell of 200000": "1," + "x" * 200000 + ",2\n",
}
RELEASE_FAULTS: dict[str, tuple[str, str | bytes]] = {
    "empty tasks": ("tasks_primary.txt", ""),
    "four lines": ("tasks_primary.txt", "1\nLatte\nurl\n3\n\n"),
    "another count": ("tasks_primary.txt", "1\nLatte\nurl\n4\na,b,c\n\n"),
    "count is text": ("tasks_primary.txt", "1\nLatte\nurl\nmany\na,b,c\n\n"),
    "an empty step": ("tasks_primary.txt", "1\nLatte\nurl\n3\na,,c\n\n"),
    "a task twice": ("tasks_primary.txt", 2 * RELEASE["tasks_primary.txt"]),
    "no blank line": ("tasks_primary.txt", 2 * RELEASE["tasks_primary.txt"].strip()),
    "binary tasks": ("tasks_primary.txt", bytes(range(128, 255))),
    "a long step": ("tasks_primary.txt", f"1\nL\nu\n9\n{'a' * 9000},b\n\n"),
    "a video twice": ("videos.csv", "1,v1,url\n1,v1,url\n"),
    "unknown task": ("videos.csv", "7,v1,url\n"),
    "long unknown task": ("videos.csv", f"{'7' * 5000},v1,url\n"),
    "no video": ("videos.csv", "1,,url\n"),
    "two cells": ("videos.csv", "1,v1\n"),
    "an open quote": ("videos.csv", '1,"v1,url\n'),
    "binary": ("videos.csv", b"\xff\xfe\x00\x01"),
    "lengths of text": ("frame_counts.csv", "v1,many\n"),
    "lengths of 0": ("frame_counts.csv", "v1,0\n"),
    "lengths of 5000 digits": ("frame_counts.csv", f"v1,{'9' * 5000}\n"),
}


def _with(**changes: Any) -> str:
    return json.dumps(collection() | changes)


_TASK = {"latte": {"steps": ["a", "b", "c"]}}
JSONS: dict[str, tuple[str | bytes, str]] = {
    "zero bytes": ("", ""),
    "prose": ("hello world", "line 1"),
    "a list": ("[1, 2]", "collection"),
    "a number": ("3", "collection"),
    "null": ("null", "neither"),
    "an open brace": ('{"tasks": {', "line 1"),
    "nested 100000 deep": ("[" * 100000, "nested"),
    "nested 20 deep": ("[" * 20 + "]" * 20, "nested"),
    "nan": ('{"rate": NaN}', "rate"),
    "utf-16": (_with().encode("utf-16"), "UTF-8"),
    "latin-1": ('{"tasks": {"caf\xe9": {"steps": ["a"]}}}'.encode("latin-1"), "UTF-8"),
    "zero byte": (_with().replace("latte", "la\0tte"), "line 1"),
    "a key twice": ('{"rate": 1, "rate": 2}', "rate"),
    "unknown field": (_with(colour=1), "colour"),
    "rate 0": (_with(rate=0), "rate"),
    "rate -1": (_with(rate=-1), "rate"),
    "rate is text": (_with(rate="fast"), "rate"),
    "rate 1e999": (_with().replace("{", '{"rate": 1e999, ', 1), "rate"),
    "layout": (_with(layout="sideways"), "layout"),
    "tasks are a list": (_with(tasks=["latte"]), "tasks"),
    "no steps": (_with(tasks={"latte": {}}), "latte"),
    "steps are text": (_with(tasks={"latte": {"steps": "abc"}}), "latte"),
    "a step is a list": (_with(tasks={"latte": {"steps": [["a"]]}}), "latte"),
    "an empty step": (_with(tasks={"latte": {"steps": ["a", ""]}}), "latte"),
    "a null step": (_with(tasks={"latte": {"steps": ["a", None]}}), "latte"),
    "before a cycle": (
        _with(tasks={"latte": {"steps": ["a", "b"], "before": ["1<2", "2<1"]}}),
        "latte",
    ),
    "before unknown": (
        _with(tasks={"latte": {"steps": ["a", "b"], "before": ["1<3"]}}),
        "latte",
    ),
    "before is text": (
        _with(tasks={"latte": {"steps": ["a", "b"], "before": ["a"]}}),
        "latte",
    ),
    "related is text": (
        _with(tasks={"latte": {"steps": ["a"], "related": "perhaps"}}),
        "latte",
    ),
    "a long name": (_with(tasks={"t" * 9000: {"steps": []}}), "line 1"),
    "a long field": (_with(**{"f" * 9000: 1}), "line 1"),
    "videos are text": (_with(videos="v1"), "videos"),
    "a video is text": (_with(videos=["v1"]), "video"),
    "a video is empty": (_with(videos=[{}]), "video"),
    "a video twice": (_with(videos=[collection()["videos"][0]] * 2), "v1"),
    "neither tasks nor videos": ("{}", "neither"),
}
FIELDS: dict[str, dict[str, Any]] = {
    "unknown task": {"task": "soup"},
    "task of 9000": {"task": "s" * 9000},
    "task is a list": {"task": ["latte"]},
    "name is a list": {"name": []},
    "name is null": {"name": None},
    "unknown field": {"colour": "red"},
    "rate 0": {"rate": 0},
    "rate is text": {"rate": "fast"},
    "rate is a list": {"rate": [1]},
    "layout": {"layout": "sideways"},
    "turned, too short": {"layout": "features_first"},
    "features are numbers": {"features": [[1, 2], [3, 4]]},
    "validation": {"validation": "perhaps"},
    "windows missing": {"windows": "no.csv"},
    "windows are a folder": {"windows": "release"},
    "windows: reversed": {"windows": [[1, 5, 2]]},
    "windows: step 0": {"windows": [[0, 1, 2]]},
    "windows: step 4": {"windows": [[4, 1, 2]]},
    "windows: two cells": {"windows": [[1, 2]]},
    "windows: text": {"windows": [["a", 1, 2]]},
    "windows: nested": {"windows": [[1, [2], 3]]},
    "windows: a mapping": {"windows": {"a": 1}},
    "windows: 5000 digits": {"windows": [["9" * 5000, 1, 2]]},
    "annotation missing": {"annotation": "no.csv"},
    "annotation: before 0": {"annotation": [[1, -9, -2]]},
    "annotation: far beyond": {"annotation": [[1, 900, 1000]]},
    "annotation: nan": {"annotation": [[1, "nan", 2]]},
}
YAMLS: dict[str, tuple[str, str]] = {
    "a tag": ("tasks: !!python/object/apply:os.system ['touch harm']\n", "tag"),
    "an alias bomb": (
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\ntasks: [*c, *c]\n",
        "anchor",
    ),
    "a tab": ("tasks:\n\tlatte: 1\n", "line 2"),
    "an open bracket": ("tasks: [a, b\n", "line"),
    "two documents": ("rate: 1\n---\nrate: 2\n", "second"),
    "a key twice": ("rate: 1\nrate: 2\n", "rate"),
    "merge keys": ("tasks:\n  <<: {a: 1}\n", "<<"),
    "a list as key": ("? [a, b]\n: 1\n", "key"),
    "control characters": ("tasks: \x07\n", "line"),
    "blank": ("\n\n", "neither"),
    "a deep nest": ("[" * 5000, "nest"),
    "colon in a step": ("tasks:\n  latte:\n    steps:\n    - add: milk\n", "latte"),
}
CSVS: dict[str, tuple[str, str]] = {
    "header alone": ("name,task,features\n", "neither"),
    "no header": ("v1,latte,v1.npy\n", ""),
    "a column twice": ("name,name\nv1,v2\n", "name"),
    "an unnamed column": ("name,,task\nv1,a,b\n", "column"),
    "unknown column": ("name,colour,steps,task\nv1,red,a|b,latte\n", "colour"),
    "too many cells": ("name,task\nv1,latte,more\n", "line 2"),
    "unknown task": ("name,task,steps\n,latte,a|b\nv1,soup,\n", "soup"),
    "steps of which task": ("name,steps\nv1,a|b\n", "steps"),
    "two lists of steps": ("name,task,steps\nv1,t,a|b\nv2,t,a|c\n", "line 3"),
    "a video twice": ("name,task,steps\nv1,t,a|b\nv1,t,a|b\n", "v1"),
    "rate": ("name,task,steps,rate\nv1,t,a|b,fast\n", "rate"),
    "an open quote": ('name,task,steps\nv1,t,"a|b\n', "line"),
    "a zero byte": ("name,task,steps\nv\0,t,a|b\n", "line 2"),
}
_HEAD = "video,task,step,text,start,end,time\n"
PREDICTIONS: dict[str, str | bytes] = {
    "zero bytes": "",
    "header alone, wrong": "a,b,c\n",
    "no header": "v1,latte,1,add coffee,1,2,1.5\n",
    "a column twice": "video,task,step,step\n",
    "a step twice": _HEAD + 2 * "v1,latte,1,add coffee,1,2,1.5\n",
    "step 0": _HEAD + "v1,latte,0,a,1,2,1.5\n",
    "step 1.5": _HEAD + "v1,latte,1.5,a,1,2,1.5\n",
    "huge step": _HEAD + f"v1,latte,{'9' * 5000},a,1,2,1.5\n",
    "times are text": _HEAD + "v1,latte,1,a,soon,2,1.5\n",
    "nan": _HEAD + "v1,latte,1,a,1,inf,1.5\n",
    "reversed": _HEAD + "v1,latte,1,a,5,2,1.5\n",
    "negative": _HEAD + "v1,latte,1,a,-5,2,-1\n",
    "too few cells": _HEAD + "v1,latte\n",
    "too many cells": _HEAD + "v1,latte,1,a,1,2,1.5,7,7\n",
    "binary": b"\xff\xfe\x00\x00",
    "an open quote": _HEAD + '"v1,latte,1\n',
    "a long cell": _HEAD + f"v1,latte,{'x' * 9000},a,1,2,1.5\n",
    "a long unknown video": _HEAD + f"{'v' * 9000},latte,0,a,1,2,1.5\n",
}
_RECORD = {"video": "v1", "task": "latte", "step": 1, "start": 1, "end": 2, "time": 1.5}
RECORDS: dict[str, str] = {
    "zero bytes": "",
    "prose": "hello",
    "an object": "{}",
    "numbers": "[1, 2]",
    "no step": '[{"video": "v1", "task": "latte"}]',
    "a step twice": json.dumps([_RECORD, _RECORD]),
    "nested": "[" * 100000,
    **{
        f"{key} {value!r:.12}": json.dumps([_RECORD | {key: value}])
        for key, value in (
            *[("step", v) for v in (0, 1.5, "1", None, True, 10**30)],
            *[("time", v) for v in ("soon", [1], -3, float("inf"), True, 10**400)],
            *[("video", v) for v in (3, None, [])],
            *[("task", v) for v in (3, {}, None)],
            ("end", 0.5),
            ("text", 7),
            ("step", "x" * 9000),
        )
    },
}


def cases() -> Iterator[Case]:
    """All of them."""
    for fault, given in TASKS.items():
        yield Case("task", fault, "task", lambda given=given: Task(*given))
    for field in ("windows", "annotation"):
        for fault, rows in SEGMENTS.items():
            yield Case(
                field,
                fault,
                f"v1': {field}",
                lambda f=field, r=rows: Video(GOOD, LATTE, name="v1", **{f: r}),
            )
    overlap = [[0, 1, 5], [0, 4, 8]]
    yield Case(
        "windows", "overlap", "v1", lambda: Video(GOOD, LATTE, overlap, name="v1")
    )
    for rate in (0, -1, float("nan"), float("inf"), "1", None, True):
        yield Case(
            "rate", repr(rate), "v1", lambda r=rate: Video(GOOD, name="v1", rate=r)
        )
    fields = {"task": 3, "name": 3, "narration": "hello", "source": 3}
    for field, value in fields.items():
        yield Case(
            "video",
            f"{field} is {value!r}",
            field,
            lambda f=field, v=value: _video(f, v),
        )
    yield from _release_cases()
    yield from _manifest_cases()
    yield from _prediction_cases()


def _video(field: str, value: Any) -> Video:
    return Video(GOOD, **{field: value})


def _release_cases() -> Iterator[Case]:
    for folder in ("constraints", "annotations"):
        for fault, content in ROWS.items():
            path = f"release/{folder}/1_v1.csv"
            if (folder, fault) == ("constraints", "empty"):
                continue

            def load(path: str = path, content: str | bytes = content) -> None:
                write(path, content)
                load_crosstask("release")

            yield Case(f"{folder} file", fault, "1_v1.csv", load)
            yield Case(
                f"{folder} file",
                fault,
                "1_v1.csv",
                lambda p=path, c=content: write(p, c) and fit("release"),
                cli=True,
            )
    for fault, (name, content) in RELEASE_FAULTS.items():
        yield Case(
            "release",
            fault,
            "release" if fault == "empty tasks" else name,
            lambda n=name, c=content: write(f"release/{n}", c) or fit("release"),
            cli=False,
        )._replace(
            act=lambda n=name, c=content: (
                write(f"release/{n}", c),
                load_crosstask("release"),
            )
        )
        yield Case(
            "release",
            fault,
            "release" if fault == "empty tasks" else name,
            lambda n=name, c=content: write(f"release/{n}", c) and fit("release"),
            cli=True,
        )
    for name in ("tasks_primary.txt", "videos.csv"):
        yield Case(
            "release",
            f"no {name}",
            name,
            lambda n=name: Path("release", n).unlink() or fit("release"),
            cli=True,
        )


def _manifest_cases() -> Iterator[Case]:
    documents = {
        "json": JSONS,
        "yaml": YAMLS,
        "csv": CSVS,
    }
    for suffix, faults in documents.items():
        for fault, (content, culprit) in faults.items():
            name = f"own.{suffix}"
            yield Case(
                f"manifest, {suffix}",
                fault,
                culprit,
                lambda n=name, c=content: (write(n, c), load_manifest(n)),
            )
            yield Case(
                f"manifest, {suffix}",
                fault,
                name,
                lambda n=name, c=content: write(n, c) and fit(n),
                cli=True,
            )
    for fault, field in FIELDS.items():
        others = {"unknown field": "colour", "turned, too short": "v2"}
        culprit = others.get(fault, "name" if "name" in fault else "v1")
        yield Case(
            "manifest, a video",
            fault,
            culprit,
            lambda f=field: fit(manifest(**f)),
            cli=True,
        )
    yield Case("manifest", "missing", "no.json", lambda: fit("no.json"), cli=True)
    yield Case(
        "manifest",
        "a folder",
        "d.json",
        lambda: Path("d.json").mkdir() or fit("d.json"),
        cli=True,
    )
    yield Case(
        "manifest",
        "unknown suffix",
        "own.toml",
        lambda: fit(write("own.toml", "")),
        cli=True,
    )
    yield Case(
        "manifest",
        "a folder without one",
        "new",
        lambda: Path("new").mkdir() or fit("new"),
        cli=True,
    )


def _prediction_cases() -> Iterator[Case]:
    for suffix, faults in (("csv", PREDICTIONS), ("json", RECORDS)):
        for fault, content in faults.items():
            name = f"found.{suffix}"
            yield Case(
                f"predictions, {suffix}",
                fault,
                name,
                lambda n=name, c=content: read_steps(write(n, c)),
            )
            yield Case(
                f"predictions, {suffix}",
                fault,
                name,
                lambda n=name, c=content: [
                    "evaluate",
                    write(n, c),
                    "release",
                    "--json",
                    "out.json",
                ],
                cli=True,
            )
    others = {
        "unknown video": "v9,latte,1,a,1,2,1.5\n",
        "no video": ",latte,1,a,1,2,1.5\n",
        "unknown task": "v1,soup,1,a,1,2,1.5\n",
        "unknown step": "v1,1,9,a,1,2,1.5\n",
        "after the end": "v1,1,1,a,900,901,900.5\n",
        "nothing placed": "",
    }
    for fault, row in others.items():
        yield Case(
            "evaluate",
            fault,
            "found.csv",
            lambda r=row: [
                "evaluate",
                write("found.csv", _HEAD + r),
                "release",
                "--json",
                "out.json",
            ],
            cli=True,
        )
    yield Case(
        "evaluate",
        "missing",
        "no.csv",
        lambda: ["evaluate", "no.csv", "release"],
        cli=True,
    )
    yield Case(
        "evaluate",
        "a folder",
        "release",
        lambda: ["evaluate", "release", "release"],
        cli=True,
    )
