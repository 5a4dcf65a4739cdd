"""Kernels compile wherever the package is, whatever is in the cache."""

import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numba
import numpy as np
import pytest

import skcrosstask
from skcrosstask import _jit

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("NUMBA_DISABLE_JIT")), reason="nothing is compiled"
)
_RUN = """
import warnings
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    import numpy as np
    from skcrosstask.alignment import align_steps
    print(align_steps(np.eye(4)[:, :3] * -1.0).tolist())
for warning in seen:
    print("warning:", warning.message)
"""

_KERNEL = """
from skcrosstask._jit import kernel
@kernel
def twice(x):
    return x + x
"""
_TWO = """
import warnings
warnings.simplefilter("error")
from quick import twice
print(twice(1), twice(0.5))
"""


def twice(x):
    return x + x


def compile_twice(monkeypatch, folder):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(folder))
    monkeypatch.setattr(_jit, "_warned", False)
    return _jit.kernel(twice)


def kept(folder, ending):
    return sorted(folder.rglob(f"*{ending}"))


@pytest.fixture
def readonly(tmp_path):
    """Runs Python beside a copy of the package in which nothing can be kept."""
    source, home = Path(skcrosstask.__file__).parent, tmp_path / "site"
    nothing_compiled = shutil.ignore_patterns("__pycache__")
    shutil.copytree(source, home / "skcrosstask", ignore=nothing_compiled)
    (home / "quick.py").write_text(_KERNEL)
    folders = [path for path in (home, *home.rglob("*")) if path.is_dir()]
    for folder in folders:
        # Nobody can write into a file, not even whom no permission holds back.
        (folder / "__pycache__").touch()
        folder.chmod(0o555)

    def start(program, **environment):
        return subprocess.Popen(
            [sys.executable, "-B", "-c", program],
            env={"PYTHONPATH": str(home), "HOME": os.devnull, **environment},
            cwd=home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    yield start
    for folder in folders:
        folder.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="folders of users are found otherwise")
def test_readonly_without_home(readonly):
    answer, *others = readonly(_RUN).communicate()[0].splitlines()
    assert answer == "[0, 1, 2]"
    assert len(others) == 1
    assert others[0].startswith("warning: Compiled code cannot be kept")
    assert "NUMBA_CACHE_DIR" in others[0]


@pytest.mark.skipif(os.name == "nt", reason="folders of users are found otherwise")
def test_processes_share_named_folder(readonly, tmp_path):
    folder = tmp_path / "cache"
    running = [readonly(_TWO, NUMBA_CACHE_DIR=str(folder)) for _ in range(2)]
    for process in running:
        assert process.communicate()[0] == "2 1.0\n"
    assert len(kept(folder, ".nbc")) == 2
    assert not kept(folder, ".tmp.*")


def test_code_is_kept(monkeypatch, tmp_path):
    assert compile_twice(monkeypatch, tmp_path)(2) == 4
    assert len(kept(tmp_path, ".nbc")) == 1
    again = compile_twice(monkeypatch, tmp_path)
    assert again(3) == 6
    assert sum(again.stats.cache_hits.values()) == 1


def flip(data):
    return data[:-40] + bytes([data[-40] ^ 255]) + data[-39:]


@pytest.mark.parametrize("ending", [".nbi", ".nbc"])
@pytest.mark.parametrize(
    "damage",
    [lambda data: b"", lambda data: data[: len(data) // 2], lambda data: b"no", flip],
    ids=["empty", "half", "else", "bit"],
)
def test_damaged_cache_is_made_anew(monkeypatch, tmp_path, ending, damage):
    compile_twice(monkeypatch, tmp_path)(2)
    (path,) = kept(tmp_path, ending)
    path.write_bytes(damage(path.read_bytes()))
    again = compile_twice(monkeypatch, tmp_path)
    assert again(4) == 8
    third = compile_twice(monkeypatch, tmp_path)
    assert third(5) == 10
    assert sum(third.stats.cache_hits.values()) == 1


def test_code_under_another_key_is_not_run(monkeypatch, tmp_path):
    """As left by two processes that compile for two types at once."""
    compile_twice(monkeypatch, tmp_path)(2)
    (first,) = kept(tmp_path, ".nbc")
    of_integers = first.read_bytes()
    compile_twice(monkeypatch, tmp_path)(0.5)
    (second,) = {*kept(tmp_path, ".nbc")} - {first}
    second.write_bytes(of_integers)
    again = compile_twice(monkeypatch, tmp_path)
    assert again(0.25) == 0.5
    assert not again.stats.cache_hits


def test_full_disk_costs_time_alone(monkeypatch, tmp_path):
    full = compile_twice(monkeypatch, tmp_path)

    def refuse(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(full._cache._cache_file._entries, "_save_data", refuse)
    with pytest.warns(UserWarning, match="No space left.*NUMBA_CACHE_DIR"):
        assert full(2) == 4
    assert full(3) == 6


def test_no_folder_at_all(monkeypatch, tmp_path):
    monkeypatch.setattr(_jit, "_warned", False)
    monkeypatch.setattr("numba.core.caching.CacheImpl._locator_classes", [])
    with pytest.warns(UserWarning, match="no folder for it can be written"):
        first = _jit.kernel(twice)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        second = _jit.kernel(twice)
    assert first(np.float32(2)) == second(np.float32(2)) == 4
