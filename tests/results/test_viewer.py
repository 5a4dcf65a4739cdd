import base64
import hashlib
import html
import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask import FeaturesFirst, Task, Video
from skcrosstask.baselines import UniformBaseline
from skcrosstask.results import StepTable, annotate
from skcrosstask.results._viewer import is_viewer_page, viewer_page

LATTE = Task("latte", ["add coffee", "press coffee", "pour milk"], "Make a Latte")
ROWS = [
    ("v1", "latte", 0, "add coffee", 3.0, 7.5, 5.5, 0.97, 0.9),
    ("v1", "latte", 2, "pour milk"),
]


def data_of(page):
    text = re.search(r'<script type="application/json" id="data">(.*?)</script>', page)
    return json.loads(text[1])["videos"]


def only(page):
    (video,) = data_of(page)
    return video


def test_rows_and_what_is_known():
    video = Video(np.zeros((30, 1)), LATTE, [[1, 2, 9]], [[0, 4, 8]], "v1", rate=0.5)
    found = only(viewer_page(StepTable(ROWS), [video]))
    assert found["steps"] == list(LATTE.steps)
    assert found["rows"] == [
        [0, 3.0, 7.5, 5.5, 0.97, 0.9],
        [2, None, None, None, None, None],
    ]
    assert found["windows"] == [[1, 2.0, 9.0]]
    assert found["truth"] == [[0, 4.0, 8.0]]
    assert found["duration"] == 60.0
    assert found["source"] is None


def test_table_alone():
    found = only(viewer_page(StepTable(ROWS)))
    assert found["steps"] == ["add coffee", "", "pour milk"]
    assert found["duration"] is None


def test_a_video_of_two_tasks_is_two_and_gets_its_own_truth():
    table = StepTable([("v", "latte", 0), ("v", "tea", 0)])
    videos = [
        Video(np.zeros((9, 1)), "tea", None, [[0, 1, 2]], "v"),
        Video(np.zeros((9, 1)), "latte", None, [[0, 3, 4]], "v"),
    ]
    found = data_of(viewer_page(table, videos))
    assert [v["truth"] for v in found] == [[[0, 3.0, 4.0]], [[0, 1.0, 2.0]]]
    with pytest.raises(ValueError, match=r"video 'v': two videos of task 'tea'"):
        viewer_page(table, [videos[0], videos[0]])


def test_missing_features_leave_the_length_open(tmp_path):
    videos = [Video(tmp_path / "gone.npy", LATTE, name="v1")]
    assert only(viewer_page(StepTable(ROWS), videos))["duration"] is None


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("site/clips/a b#1?.mp4", "./clips/a%20b%231%3F.mp4"),
        ("other/a.mp4", "./../other/a.mp4"),
        ("site/x:y.mp4", "./x%3Ay.mp4"),
        ("https://example.org/a.mp4", "https://example.org/a.mp4"),
        ("s3://bucket/a.mp4", None),
        ("javascript://x/%0aalert(1)", None),
    ],
)
def test_address_of_the_video_file(source, address, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    video = Video(None, LATTE, name="v1", source=source)
    page = viewer_page(StepTable(ROWS), [video], folder="site")
    assert only(page)["source"] == address
    policy = html.unescape(re.search(r'Security-Policy" content="([^"]*)"', page)[1])
    assert ("https://example.org" in policy) == (source[:5] == "https")


def test_address_without_a_folder_is_absolute(tmp_path):
    video = Video(None, LATTE, name="v1", source=tmp_path / "a b.mp4")
    address = only(viewer_page(StepTable(ROWS), [video]))["source"]
    assert address == (tmp_path / "a b.mp4").as_uri()


@given(
    st.text(max_size=40)
    | st.sampled_from(
        ["</script><script>alert(1)</script>", "<!--<script>", "{{script}}", '">&amp;']
    )
)
def test_names_are_harmless_and_come_back(text):
    page = viewer_page(StepTable([(text, text, 0, text)]), title=text)
    found = only(page)
    assert (found["name"], found["task"], found["steps"]) == (text, text, [text])
    assert page.count("<script") == page.count("</script") == 2
    assert page.count("<!--") == 0
    assert f"<title>{html.escape(text)}</title>" in page


def test_policy_names_the_script_and_the_style_and_no_site():
    page = viewer_page(StepTable(ROWS))
    policy = html.unescape(re.search(r'Security-Policy" content="([^"]*)"', page)[1])
    for kind, tag in (("script-src", "<script>"), ("style-src", "<style>")):
        text = page.split(tag)[1].split(f"</{tag[1:]}")[0]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    # Nothing is fetched, and nothing runs that the policy would refuse.
    assert not re.search(r"https?://|@import|\bsrc=|\son\w+=|\sstyle=", page)


def test_small():
    assert len(viewer_page(StepTable(ROWS))) < 60_000


def test_a_page_is_known_again(tmp_path):
    table = StepTable(ROWS)
    table.to_html(tmp_path / "page.html")
    assert is_viewer_page(tmp_path / "page.html")
    table.to_csv(tmp_path / "steps.csv")
    assert not is_viewer_page(tmp_path / "steps.csv")


def test_videos_without_a_name_are_found_by_that_of_their_file(tmp_path):
    features = np.zeros((20, 1), np.float32)
    np.save(tmp_path / "v1.npy", features.T)
    videos = [
        Video(FeaturesFirst(str(tmp_path / "v1.npy")), LATTE),
        Video(features, LATTE, source="clips/v2.mp4"),
        Video(features, LATTE),
    ]
    table = UniformBaseline().fit(videos).locate(videos)
    assert [name for name, _ in table.by_video()] == ["v1", "v2", "#2"]
    truth = {("v2", "latte"): [[1, 3, 4]], ("#2", "latte"): [[0, 1, 2.5]]}
    known = annotate(videos, truth)
    assert [video.annotation is None for video in known] == [True, False, False]
    found = data_of(viewer_page(table, known))
    assert [video["truth"] for video in found] == [[], [[1, 3, 4]], [[0, 1, 2.5]]]
    second = table.by_video()["v2", "latte"]
    assert "clips/v2.mp4" in second.to_elan(videos=videos)
    with pytest.raises(ValueError, match="'v1': two videos of task 'latte'"):
        viewer_page(table, [*videos, videos[0]])
