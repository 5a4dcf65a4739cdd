"""Public docstrings follow numpydoc."""

import importlib
import inspect
import pkgutil
import re

import pytest

import skcrosstask

# Comes with the extra "dev".
validate = pytest.importorskip("numpydoc.validate").validate

# Errors by numpydoc's codes: sections present, complete and in order. Left out are
# matters of taste (GL01: first line's place, SA04, EX01, ES01, SA01, YD01) and what
# type hints or the section on attributes already say (PR01 of inherited **kwargs).
CHECKED = {
    "GL03", "GL05", "GL06", "GL07", "GL08", "GL09", "SS01", "SS02", "SS03", "SS04",
    "SS06", "PR01", "PR02", "PR03", "PR04", "PR06", "PR07", "PR08", "PR09", "RT01",
    "RT03", "RT05",
}  # fmt: skip


def public_objects():
    names = {
        info.name
        for info in pkgutil.walk_packages(skcrosstask.__path__, "skcrosstask.")
        if not any(part.startswith("_") for part in info.name.split("."))
    }
    for module_name in sorted({"skcrosstask", *names}):
        module = importlib.import_module(module_name)
        assert module.__doc__, f"{module_name} has no docstring"
        for name in getattr(module, "__all__", ()):
            thing = getattr(module, name)
            if not callable(thing):
                continue
            yield f"{module_name}.{name}"
            if inspect.isclass(thing):
                for method, value in vars(thing).items():
                    if not method.startswith("_") and callable(value):
                        yield f"{module_name}.{name}.{method}"


def _is_method(name):
    return name.split(".")[-2][0].isupper()


@pytest.mark.parametrize("name", sorted(set(public_objects())))
def test_docstring(name):
    errors = [
        f"{code}: {text}" for code, text in validate(name)["errors"] if code in CHECKED
    ]
    assert not errors


@pytest.mark.parametrize(
    "name", sorted({n for n in public_objects() if not _is_method(n)})
)
def test_example_in_docstring(name):
    parts = name.split(".")
    thing = getattr(importlib.import_module(".".join(parts[:-1])), parts[-1])
    assert ">>>" in inspect.getdoc(thing), "no runnable example"


def _classes():
    for name in sorted(set(public_objects())):
        module, _, attribute = name.rpartition(".")
        if not _is_method(name):
            thing = getattr(importlib.import_module(module), attribute)
            if inspect.isclass(thing):
                yield thing


def _methods(thing):
    """Public methods and properties that the package itself gives a class."""
    for name in dir(thing):
        if name.startswith("_"):
            continue
        value = inspect.getattr_static(thing, name)
        owner = next(kind for kind in thing.__mro__ if name in vars(kind))
        kinds = (property, classmethod, staticmethod)
        if not (callable(value) or isinstance(value, kinds)):
            continue
        if owner.__module__.startswith("skcrosstask"):
            yield name


@pytest.mark.parametrize("thing", sorted(set(_classes()), key=repr))
def test_example_of_each_method(thing):
    """In its own docstring, or in that of the class, which is on the same page."""
    lines = inspect.getdoc(thing).split("\n")
    code = "\n".join(line for line in lines if line.startswith((">>>", "...")))
    without = [
        name
        for name in _methods(thing)
        if ">>>" not in (inspect.getdoc(getattr(thing, name)) or "")
        and not re.search(rf"\.{name}\b", code)
    ]
    assert not without
