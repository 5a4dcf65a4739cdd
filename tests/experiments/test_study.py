import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrosstask.experiments._study import open_crosstask

SOURCES = ("primary", "related", "primary + related")


def names(study, numbers):
    return {study.timelines[i].name for i in numbers}


def tasks(study, numbers):
    return {study.timelines[i].task for i in numbers}


@settings(max_examples=25)
@given(
    seed=st.integers(0, 50),
    split=st.integers(0, 12),
    n_train=st.integers(1, 4),
    source=st.sampled_from(SOURCES),
)
def test_train_test_validation_are_disjoint(make_study, seed, split, n_train, source):
    study = make_study(n_train=n_train, seed=seed)
    train, test = study.train(split, source), study.test(split)
    parts = [names(study, part) for part in (train, test, study.validation())]
    assert not parts[0] & parts[1]
    assert not parts[0] & parts[2]
    assert not parts[1] & parts[2]
    assert tasks(study, test) == set(study.primary)
    for task in study.primary:
        n = sum(study.timelines[i].task == task for i in train)
        assert n == (n_train if "primary" in source else 0)
    wanted = {"primary": study.primary, "related": study.related}
    wanted["primary + related"] = (*study.primary, *study.related)
    assert tasks(study, train) == set(wanted[source])


def test_validation_videos_are_of_primary_tasks(study):
    assert names(study, study.validation()) == {
        f"{task.name}-0" for task in study.primary
    }


def test_a_split_does_not_depend_on_what_was_asked_before(make_study):
    forth, back = make_study(), make_study()
    one = [forth.test(split) for split in range(4)]
    other = [back.test(split) for split in reversed(range(4))][::-1]
    assert one == other
    assert len({tuple(test) for test in one}) == 4
    assert one != [make_study(seed=1).test(split) for split in range(4)]


def test_orders_of_related_tasks_are_nested(study):
    orders = {tuple(study.related_order(split)) for split in range(8)}
    assert orders == {study.related, study.related[::-1]}
    for split in range(3):
        some, more = (set(study.train(split, "related", n)) for n in (1, 2))
        assert some < more
        assert tasks(study, some) == {study.related_order(split)[0]}
        assert more == set(study.train(split, "related"))


def test_without_a_number_all_train_and_are_tested(make_study):
    study = make_study(n_train=None)
    assert study.test(3) == list(range(len(study.timelines)))
    assert study.train(3, "primary + related") == study.test(3)


def changed(videos, **fields):
    return [replace(videos[0], **fields), *videos[1:]]


def test_fingerprint_tells_contents_apart(make_study):
    videos = make_study.videos
    features = videos[0].features.copy()
    features[0, 0] += 1
    studies = [
        make_study(),
        make_study(n_train=2),
        make_study(seed=1),
        make_study(generator={"noise": 1.0}),
        make_study(generator={"noise": 2.0}),
        make_study(changed(videos, windows=None)),
        make_study(changed(videos, annotation=[[0, 1, 2]])),
        make_study(changed(videos, features=features)),
        make_study(changed(videos, features=features[:-1])),
        make_study(videos[:-1]),
    ]
    assert len({study.fingerprint for study in studies}) == len(studies)
    assert make_study().fingerprint == studies[0].fingerprint


def test_features_are_drawn_once_and_labelled(make_study):
    study = make_study(generator={"n_features": 5})
    assert study.note == "simulated features"
    assert study.videos is study.videos
    assert study.videos[0].shape == (study.lengths[0], 5)
    assert make_study().note == ""
    assert make_study().videos is not None


def test_crosstask_follows_the_paper(release_dir):
    study = open_crosstask(release_dir.parent)
    assert (len(study.primary), len(study.related)) == (18, 65)
    assert len(study.validation()) == 360
    train, test = study.train(0, "primary"), study.test(0)
    # Of 2,750 videos; some are listed under two tasks.
    assert len(train) == pytest.approx(18 * 30, abs=5)
    assert len(test) == 2750 - 360 - 18 * 30
    both = study.train(0, "primary + related")
    assert not names(study, both) & (
        names(study, test) | names(study, study.validation())
    )
    assert study.note == "simulated features"
    # Steps have room, and lengths are those of the release.
    assert np.min(study.lengths) >= 15


def test_lengths_must_be_known(write_release, make_study, tmp_path):
    ids = {video.task.name: str(i) for i, video in enumerate(make_study.videos)}
    write_release(tmp_path / "r", make_study.videos, ids, features=False)
    (tmp_path / "r" / "frame_counts.csv").unlink()
    with pytest.raises(ValueError, match="give the length of 24 videos, such as"):
        open_crosstask(tmp_path / "r")


def test_a_manifest_is_a_collection_too(make_study, tmp_path):
    tasks, videos = {}, []
    for video in make_study.videos[:8]:
        tasks[video.task.name] = {"steps": video.task.steps}
        path = tmp_path / f"{video.name}.npy"
        np.save(path, np.asarray(video.open())[::2])
        windows = [[int(k) + 1, a, b] for k, a, b in video.windows.tolist()]
        entry = {"features": str(path), "task": video.task.name, "windows": windows}
        videos.append(entry)
    path = tmp_path / "c.json"
    path.write_text(json.dumps({"rate": 0.5, "tasks": tasks, "videos": videos}))
    study = open_crosstask(path)
    assert study.note == ""
    assert {video.rate for video in study.videos} == {0.5}
    assert [v.name for v in study.videos] == [v.name for v in make_study.videos[:8]]
    drawn = open_crosstask(path, features="simulated")
    assert drawn.note == "simulated features"
    assert {video.rate for video in drawn.videos} == {1.0}
    for video, whole in zip(drawn.videos, make_study.videos, strict=False):
        assert abs(video.shape[0] - whole.shape[0]) <= 1
    with pytest.raises(ValueError, match="need real features"):
        open_crosstask(path, features="simulated", constraints="constraints")
    for file in tmp_path.glob("*.npy"):
        file.unlink()
    with (
        pytest.warns(UserWarning, match="8 of 8 files of features are missing"),
        pytest.raises(ValueError, match=r"c\.json: no video has features; simulated"),
    ):
        open_crosstask(path)
