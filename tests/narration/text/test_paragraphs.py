"""How-to articles from files."""

import json

import pytest

from skcrosstask.narration import read_paragraphs


@pytest.fixture
def write(tmp_path):
    def write_file(content):
        path = tmp_path / "a.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


def test_paragraphs(write):
    articles = [[["a b", "c"], ["d"]], [["e"]]]
    content = [{"title": "t", "paragraphs": articles[0]}, articles[1]]
    assert read_paragraphs(write(json.dumps(content))) == articles


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[\n1,", "line 2: not JSON"),
        (b"[\xff]", "not JSON in UTF-8"),
        ("{}", "a list of articles"),
        ("[]", "a list of articles"),
        ('[{"title": "t"}]', "article 0 must be a list of paragraphs, got None"),
        ('[[["a"]], ["b"]]', "article 1, paragraph 0 must be a list of sentences"),
        ('[[["a", 3]]]', "article 0, paragraph 0, sentence 1 must be a str, got 3"),
    ],
)
def test_broken_paragraphs(write, content, message):
    with pytest.raises(ValueError, match=message):
        read_paragraphs(write(content))


def test_byte_order_mark_and_other_languages(write):
    articles = [[["牛奶 倒入", "küßt"], ["أضف الحليب"]]]
    content = json.dumps(articles, ensure_ascii=False).encode("utf-8-sig")
    assert read_paragraphs(write(content)) == articles


@pytest.mark.parametrize("content", ["[" * 100_000, "[" + "1" * 5000 + "]"])
def test_hostile_json(write, content):
    with pytest.raises(ValueError, match=r"a\.json"):
        read_paragraphs(write(content))
