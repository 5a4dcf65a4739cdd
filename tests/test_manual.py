"""What the manual and CONTRIBUTING say of the code is so."""

import importlib
import importlib.util
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import skcrosstask

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "how_it_is_built.rst"

pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="no manual here")


def load(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def architecture():
    return load("_architecture")


@pytest.fixture(scope="module")
def offline():
    pytest.importorskip("docutils.utils.math.latex2mathml")
    return load("_offline")


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


def _public_things():
    """Each public thing by the names it may have on the page of the API."""
    modules = {
        info.name
        for info in pkgutil.walk_packages(skcrosstask.__path__, "skcrosstask.")
        if not any(part.startswith("_") for part in info.name.split("."))
    }
    things = {}
    for module_name in sorted({"skcrosstask", *modules}):
        module = importlib.import_module(module_name)
        for name in getattr(module, "__all__", ()):
            thing = getattr(module, name)
            if not inspect.ismodule(thing):
                key = id(thing) if callable(thing) else f"{module_name}.{name}"
                things.setdefault(key, set()).add(f"{module_name}.{name}")
    return list(things.values())


def test_every_public_name_has_a_page():
    text = (ROOT / "docs" / "api.rst").read_text("utf-8")
    parts = re.split(r"^\.\. currentmodule:: (\S+)$", text, flags=re.MULTILINE)[1:]
    listed = {
        f"{module}.{name}"
        for module, part in zip(parts[::2], parts[1::2], strict=True)
        for name in re.findall(r"^(?:   |\.\. autodata:: )(\w+)$", part, re.MULTILINE)
    }
    assert len(listed) > 70
    things = _public_things()
    missing = [names for names in things if not names & listed]
    assert missing == [{"skcrosstask.__version__"}]
    assert listed <= set().union(*things)


def test_code_of_the_readme_prints_what_it_says(capsys):
    text = (ROOT / "README.md").read_text("utf-8")
    code, output = re.search(
        r"Or in Python:\n\n```python\n(.*?)```\n\n```text\n(.*?)```", text, re.DOTALL
    ).groups()
    exec(code, {})
    assert capsys.readouterr().out == output


def test_formulae_can_be_shown():
    math = pytest.importorskip("docutils.utils.math.latex2mathml")
    pages = [*ROOT.glob("docs/*.rst"), *ROOT.glob("docs/user_guide/*.rst")]
    formulae = []
    for path in (*pages, *ROOT.glob("skcrosstask/**/*.py")):
        source = path.read_text("utf-8")
        formulae += [(tex, False) for tex in re.findall(r":math:`([^`]+)`", source)]
        blocks = re.findall(r"\.\. math::\n\n((?: +.*\n|\n)+)", source)
        formulae += [(tex, True) for tex in blocks]
    assert len(formulae) > 20
    for formula, is_block in formulae:
        shown = math.tex2mathml(formula.strip(), as_block=is_block)
        assert shown.startswith("<math")


def test_names_without_their_module_are_those_that_can_be_imported(offline):
    names = offline.public_names()
    assert len(names) > 70
    for name, full in names.items():
        module = importlib.import_module(full.removesuffix(f".{name}"))
        assert hasattr(module, name)


@pytest.mark.parametrize(
    ("name", "page"),
    [
        (
            "numpy.ndarray",
            "numpy.org/doc/stable/reference/generated/numpy.ndarray.html",
        ),
        (
            "numpy.random.RandomState",
            "numpy.org/doc/stable/reference/random/legacy.html",
        ),
        ("pandas.DataFrame", "pydata.org/docs/reference/api/pandas.DataFrame.html"),
    ],
)
def test_names_of_other_packages_link_to_their_manuals(offline, name, page):
    text = pytest.importorskip("docutils.nodes").Text(name)
    link = offline.link_name(None, None, {"reftarget": name}, text)
    assert link["refuri"].endswith(f"{page}#{name}")


@pytest.mark.parametrize("name", ["numpy", "polars.DataFrame", "n_jobs", ""])
def test_other_names_stay_text(offline, name):
    assert offline.link_name(None, None, {"reftarget": name}, []) is None


def test_each_page_of_the_guide_is_in_its_order():
    guide = ROOT / "docs" / "user_guide"
    listed = re.findall(r"^   (\w+)$", (guide / "index.rst").read_text("utf-8"), re.M)
    assert sorted(listed) == sorted(
        path.stem for path in guide.glob("*.rst") if path.stem != "index"
    )
