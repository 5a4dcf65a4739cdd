"""What `init` sees in a folder, and writes."""

import numpy as np
import pytest

from skcrosstask.datasets import load_manifest
from skcrosstask.datasets._folder_manifest import FoundTask, FoundVideo, scan_folder
from skcrosstask.datasets._manifest_text import format_manifest


def make(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def shown(root, videos):
    return [
        (
            video.task,
            video.name,
            {kind: str(file.relative_to(root)) for kind, file in video.files.items()},
        )
        for video in videos
    ]


def test_files_of_one_stem_are_one_video(tmp_path):
    make(
        tmp_path,
        "a.mp4", "a.en.vtt", "a.npy", "b.mkv", "b.zh-Hans.srt", "c.npz",
        "Title [abc-DEF_123].webm", "Other title [abc-DEF_123].en.vtt",
        "Other title [abc-DEF_123].en-orig.vtt", "Title [abc-DEF_123].info.json",
        "collection.json", ".hidden.mp4", "notes.txt", "annotations/x_a.npy",
    )  # fmt: skip
    tasks, videos = scan_folder(tmp_path, "latte")
    assert tasks == [FoundTask("latte", [])]
    youtube = "Title [abc-DEF_123].webm"
    spoken = "Other title [abc-DEF_123].en.vtt"
    assert shown(tmp_path, videos) == [
        (
            "latte",
            "a",
            {"source": "a.mp4", "features": "a.npy", "subtitles": "a.en.vtt"},
        ),
        ("latte", "abc-DEF_123", {"source": youtube, "subtitles": spoken}),
        ("latte", "b", {"source": "b.mkv", "subtitles": "b.zh-Hans.srt"}),
        ("latte", "c", {"features": "c.npz"}),
    ]


def test_folders_are_tasks_save_those_of_kinds(tmp_path):
    make(
        tmp_path,
        "latte/a.mp4", "latte/deep/a2.mp4", "tea/clips/a.mp4", "features/tea/a.npy",
        "features/b.npy", "latte/b.mp4", "subtitles/b.vtt", "new.npy",
    )  # fmt: skip
    (tmp_path / "latte" / "steps.txt").write_text("pour milk\n\n# no step\n stir \n")
    tasks, videos = scan_folder(tmp_path)
    assert tasks == [
        FoundTask("latte", ["pour milk", "stir"]),
        FoundTask("task", []),
        FoundTask("tea", []),
    ]
    b = {"source": "latte/b.mp4", "features": "features/b.npy"}
    assert shown(tmp_path, videos) == [
        ("latte", "latte_a", {"source": "latte/a.mp4"}),
        ("latte", "a2", {"source": "latte/deep/a2.mp4"}),
        ("latte", "b", {**b, "subtitles": "subtitles/b.vtt"}),
        ("task", "new", {"features": "new.npy"}),
        (
            "tea",
            "tea_a",
            {"source": "tea/clips/a.mp4", "features": "features/tea/a.npy"},
        ),
    ]


def test_what_cannot_be_told_apart(tmp_path):
    with pytest.raises(FileNotFoundError, match="is missing"):
        scan_folder(tmp_path / "no")
    with pytest.raises(FileNotFoundError, match="holds no videos, subtitles or feat"):
        scan_folder(tmp_path)
    make(tmp_path, "a.mp4", "a.mkv")
    with pytest.raises(ValueError, match=r"video 'a' of task 't' has two files of sou"):
        scan_folder(tmp_path, "t")


@pytest.mark.parametrize("suffix", ["yaml", "json", "csv"])
def test_what_is_written_is_read_back(suffix, tmp_path):
    names = ["a: b", "#1", "- x", "007", "on", "ü 'q' \"r\"", "plain name", "~"]
    videos = []
    for name in names:
        file = tmp_path / "rows" / f"{name}.npy"
        file.parent.mkdir(exist_ok=True)
        np.save(file, np.zeros((4, 2)))
        videos.append(FoundVideo(name, "no: 1", {"features": file}))
    tasks = [FoundTask("no: 1", ["pour milk, then stir", "yes", "# 3"])]
    path = tmp_path / f"c.{suffix}"
    path.write_text(format_manifest(path, tasks, videos, 0.5), encoding="utf-8")
    data = load_manifest(path)
    assert [video.name for video in data.videos] == names
    assert {video.rate for video in data.videos} == {0.5}
    assert data.catalog["no: 1"].steps == tuple(tasks[0].steps)
    assert data.missing_features == ()


@pytest.mark.parametrize("suffix", ["yaml", "json", "csv"])
def test_a_task_without_steps_must_be_filled_in(suffix, tmp_path):
    videos = [FoundVideo("a", "t", {"source": tmp_path / "a.mp4"})]
    path = tmp_path / f"c.{suffix}"
    path.write_text(format_manifest(path, [FoundTask("t")], videos))
    with pytest.raises(ValueError, match=r"line \d+: task 't' has no steps; "):
        load_manifest(path)
    text = path.read_text()
    filled = text.replace("      # - pour", "      - pour")
    filled = filled.replace('"steps": []', '"steps": ["pour milk"]')
    filled = filled.replace(",t,,\n", ",t,,pour milk\n")
    path.write_text(filled)
    assert load_manifest(path).videos[0].task.steps == ("pour milk",)


def test_what_commands_make_of_videos_of_one_name_is_found(tmp_path):
    make(tmp_path, "latte/a.mp4", "latte/a.en.vtt", "tea/A.mp4", "tea/b.mp4")
    names = [video.name for video in scan_folder(tmp_path)[1]]
    assert names == ["latte_a", "tea_A", "b"]
    make(tmp_path, "features/latte_a.npy", "features/tea_A.npy", "features/b.npy")
    tasks, videos = scan_folder(tmp_path)
    assert [task.name for task in tasks] == ["latte", "tea"]
    assert [video.name for video in videos] == names
    for video in videos:
        assert video.files["features"].stem == video.name
