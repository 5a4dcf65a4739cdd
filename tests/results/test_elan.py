"""Documents of ELAN, as other programs read them."""

from xml.etree import ElementTree

import numpy as np
import pytest

from skcrosstask import Video
from skcrosstask.results import StepTable

TITLE = 'pour <b>"milk" & co</b>; a=b #1\\ --> x, and wait'


@pytest.fixture
def document(table, tmp_path):
    video = Video(np.zeros((2, 1)), name="v1", source=tmp_path / "my clip.mp4")
    part = table.by_video()["v1", "latte"]
    part.to_elan(tmp_path / "v1.eaf", videos=[video])
    return tmp_path / "v1.eaf"


def test_pympi_reads_it(document):
    elan = pytest.importorskip("pympi.Elan")
    found = elan.Eaf(document)
    assert list(found.get_tier_names()) == ["steps"]
    assert found.get_annotation_data_for_tier("steps") == [
        (0, 7500, TITLE),
        (7500, 3723062, "=SUM(A1)"),
    ]
    (media,) = found.get_linked_files()
    assert media["MEDIA_URL"].endswith("/my%20clip.mp4")
    assert media["MIME_TYPE"] == "video/mp4"


def test_every_reference_is_there_in_the_order_of_the_schema(document):
    root = ElementTree.parse(document).getroot()
    assert [child.tag for child in root] == [
        "HEADER",
        "TIME_ORDER",
        "TIER",
        "LINGUISTIC_TYPE",
    ]
    slots = {slot.get("TIME_SLOT_ID") for slot in root.iter("TIME_SLOT")}
    annotations = [*root.iter("ALIGNABLE_ANNOTATION")]
    used = {a.get(f"TIME_SLOT_REF{i}") for a in annotations for i in (1, 2)}
    assert used == slots
    assert len({a.get("ANNOTATION_ID") for a in annotations}) == len(annotations)
    types = {kind.get("LINGUISTIC_TYPE_ID") for kind in root.iter("LINGUISTIC_TYPE")}
    assert {tier.get("LINGUISTIC_TYPE_REF") for tier in root.iter("TIER")} == types


def test_overlapping_steps_have_tiers_of_their_own():
    rows = [(0, 4), (2, 6), (4, 5)]
    table = StepTable(("v", "t", k, f"{k}", *ends) for k, ends in enumerate(rows))
    tiers = [
        [value.text for value in tier.iter("ANNOTATION_VALUE")]
        for tier in ElementTree.fromstring(table.to_elan().encode()).iter("TIER")
    ]
    assert tiers == [["0", "2"], ["1"]]


def test_no_step_and_no_character_of_xml():
    left_out = StepTable([("v", "t", 0, "x")]).to_elan()
    assert [*ElementTree.fromstring(left_out.encode()).iter("TIER")] != []
    table = StepTable([("v", "t", 0, "a\x07b\ufffec", 0.0, 1.0, 0.5)])
    root = ElementTree.fromstring(table.to_elan().encode())
    assert [value.text for value in root.iter("ANNOTATION_VALUE")] == ["a b\ufffdc"]
