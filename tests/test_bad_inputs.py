"""Malformed inputs: one short error that names the culprit, for one case in a few.

All of them are run by ``benchmarks/bad_inputs.py``.
"""

import importlib.util
import sys
from itertools import groupby
from pathlib import Path

import pytest

_FOLDER = Path(__file__).parents[1] / "benchmarks" / "bad"
# Of the cases of a kind, the first and each so many after it.
_EVERY = 40


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    """The package of cases, and a folder of files that are well."""
    if not _FOLDER.is_dir():
        pytest.skip("no benchmarks beside the tests")
    begin = _FOLDER / "__init__.py"
    places = [str(_FOLDER)]
    spec = importlib.util.spec_from_file_location(
        "bad", begin, submodule_search_locations=places
    )
    module = sys.modules["bad"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    base = tmp_path_factory.mktemp("base")
    module.make_base(base)
    yield module, base
    for name in [name for name in sys.modules if name.split(".")[0] == "bad"]:
        del sys.modules[name]


def test_faults_are_named(bad):
    module, base = bad
    said = []
    n_cases = 0
    for _, cases in groupby(module.all_cases(), key=lambda case: case.kind):
        for case in list(cases)[::_EVERY]:
            n_cases += 1
            verdict, message = module.judge(case, base)
            if verdict:
                said.append(f"{case.kind}, {case.fault}: {verdict}: {message[:300]}")
    assert not said
    assert n_cases > 80


def test_judge_knows_what_is_wrong(bad):
    """Of a case that is well, silent, long, vague or no error of ours."""
    module, base = bad

    def fail(error):
        raise error

    wanted = {
        "": ValueError("v1: wrong"),
        "accepted": None,
        "304 characters": ValueError("v1: " + "x" * 300),
        "does not name v1": ValueError("wrong"),
        "ends by KeyError": KeyError("v1"),
        "several lines": ValueError("v1:\nwrong"),
    }
    for verdict, error in wanted.items():
        act = (lambda: None) if error is None else (lambda e=error: fail(e))
        case = module.Case("array", "any", "v1", act)
        assert module.judge(case, base).verdict == verdict
    silent = module.Case("video", "none", "v1", lambda: ["--version"], cli=True)
    assert module.judge(silent, base).verdict == "accepted"
