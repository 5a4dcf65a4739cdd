"""What the manual and CONTRIBUTING say of the code is so."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "how_it_is_built.rst"

pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="no manual here")


@pytest.fixture(scope="module")
def architecture():
    spec = importlib.util.spec_from_file_location(
        "_architecture", ROOT / "docs" / "_architecture.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_file_on_the_page_exists():
    files = re.findall(r"``(skcrosstask/[^`]+)``", PAGE.read_text("utf-8"))
    assert len(files) > 10
    assert [name for name in files if not (ROOT / name).is_file()] == []


def test_every_name_on_the_page_is_in_the_package():
    names = re.findall(r"``([A-Za-z_]\w*(?:\.\w+)*)``", PAGE.read_text("utf-8"))
    source = "\n".join(p.read_text("utf-8") for p in ROOT.glob("skcrosstask/**/*.py"))
    words = set(re.findall(r"\w+", source))
    assert names
    assert [n for n in names if not words.issuperset(n.split("."))] == []


def test_contributing_names_files_that_exist():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    files = re.findall(r"`((?:skcrosstask|tests|docs)/[\w/.]+\.\w+)`", text)
    assert files
    assert [name for name in files if not (ROOT / name).is_file()] == []


def test_diffs_of_contributing_apply():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    diffs = "\n".join(re.findall(r"```diff\n(.*?)```", text, re.DOTALL))
    seen = 0
    for change in re.split(r"^--- .*\n", diffs, flags=re.MULTILINE)[1:]:
        head, body = change.rstrip("\n").split("\n", 1)
        path = ROOT / head.removeprefix("+++ b/")
        assert path.parent.is_dir()
        if all(line[:1] in ("", "+") for line in body.split("\n")):
            assert not path.exists()
            compile(re.sub(r"^\+", "", body, flags=re.MULTILINE), path.name, "exec")
            continue
        for hunk in body.split("\n@@\n"):
            old = [line[1:] for line in hunk.split("\n") if line[:1] in (" ", "-")]
            assert path.read_text("utf-8").count("\n".join(old)) == 1
            seen += 1
    assert seen == 5


def test_imports_point_down(architecture, tmp_path):
    pytest.importorskip("matplotlib")
    # Raises where an import points up or a room has no place.
    architecture.draw_rooms(ROOT / "skcrosstask", tmp_path / "rooms.png")
    assert (tmp_path / "rooms.png").stat().st_size > 10_000


def test_shortcuts_are_left_out(architecture):
    graph = {"a": {"b", "c"}, "b": {"c"}, "c": set()}
    assert architecture.without_shortcuts(graph) == {"a": {"b"}, "b": {"c"}, "c": set()}


def test_imports_are_read_from_source(architecture, tmp_path):
    package = tmp_path / "skcrosstask"
    (package / "learning").mkdir(parents=True)
    (package / "learning" / "_x.py").write_text(
        "import numpy\n"
        "from skcrosstask import Task\n"
        "from skcrosstask.learning._y import z\n"
        "def f():\n    import skcrosstask.alignment._align\n"
    )
    graph = architecture.import_graph(package)
    assert graph == {"learning": {"_data", "alignment"}}
