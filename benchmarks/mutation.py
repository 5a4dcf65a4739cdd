"""Whether the tests notice wrong kernels: operators and constants flipped, one by one.

Each mutant is one change in the code of a module: ``+`` for ``-``, ``<`` for ``<=``,
``max`` for ``min``, a constant that is one more. The tests of that module run on it, in
a forked process that imports the changed code instead of the file, without the JIT.
A mutant is noticed if a test fails, or if it takes much longer than the tests do.

    python benchmarks/mutation.py
    python benchmarks/mutation.py --modules learning.adam._kernels --per-module 40

Of 169 mutants in half an hour, 153 were noticed, 90.5 %. These 16 survived, and compute
the same, or the same but where two floats are equal:

==================== ======================================================= =========
module               what survived                                           why
==================== ======================================================= =========
_kernels (alignment) pairs of rows for many steps instead of for few         speed
_kernels (alignment) ``skip_major <= inf``: steps skipped at no finite cost  same
_kernels (alignment) ``K + 2`` for "more units outside than there are"       same
_kernels (alignment) ``>= -40`` for where a sum of logs rounds               equality
_segment_kernels     ``a >= b`` in the larger of two; ``< -40`` as above     equality
_segment_posteriors  scratch of one row, or one column, more (2)             same
_segment_rule        ``<= 0.05`` for the last correlation                    equality
_segment_rule        videos as long as the lag, which add no pair of rows    same
_closed_form         steps without rows, which add nothing to the sums       same
_closed_form         ``strict=False`` for tuples of one length               same
_conditioning        rows' or columns' products for a square                 rounding
_calibration         11 halvings of an interval instead of 10                finer
_calibration         ``>= confidence``                                       equality
_kernels (learning)  blocks of 257 features instead of 256                   speed
==================== ======================================================= =========

The first run noticed 133. Tests were added for the rest, such as for the gradient of
four steps at a time, for shares by hand, and for which models a calibration compares.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import importlib
import importlib.abc
import importlib.util
import json
import os
import re
import select
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

os.environ.update(NUMBA_DISABLE_JIT="1", OMP_NUM_THREADS="1")

import numpy as np
import pytest

_ROOT = Path(__file__).parents[1]
# What children need and no mutant changes: imported once, before the forks. Not what
# brings plugins to pytest, which must come to it first.
_SHARED = ("joblib", "numba", "scipy.linalg", "scipy.special")
_SHARED += ("sklearn.model_selection", "sklearn.utils.extmath", "sklearn.pipeline")
# The tests of each module, those that are quickest to notice first.
_TESTS = {
    "alignment._kernels": "alignment/test_align alignment/test_posteriors "
    "alignment/test_many",
    "alignment._segment_kernels": "alignment/test_align "
    "alignment/test_segments_around alignment/test_segment_posteriors",
    "alignment._segment_posteriors": "alignment/test_segment_posteriors",
    "learning.adam._kernels": "learning/adam/test_scores learning/adam/test_loss "
    "learning/adam/test_choose_rows learning/adam/test_adam",
    "learning.segments._closed_form": "learning/segments/test_closed_form "
    "learning/segments/test_segment_passes",
    "learning.segments._kernels": "learning/segments/test_segment_kernels",
    "learning.segments._calibration": "learning/segments/test_calibration",
    "learning.segments._rule": "learning/segments/test_segment_rule "
    "learning/segments/test_segment_passes",
    "learning.rows._conditioning": "learning/rows/test_conditioning",
}
_FLIPS: dict[type, tuple[type, ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
_SWAPPED = {
    name: other
    for pair in (("min", "max"), ("minimum", "maximum"), ("argmin", "argmax"))
    for name, other in (pair, pair[::-1])
}


@dataclass(frozen=True)
class Mutant:
    """One change: the number of the node in the tree, and which flip of it."""

    module: str
    node: int
    flip: int
    line: int
    text: str

    def tree(self, tree: ast.Module) -> ast.Module:
        """A changed copy."""
        changed = copy.deepcopy(tree)
        node = list(ast.walk(changed))[self.node]
        _flips_of(node)[self.flip][1](node)
        return ast.fix_missing_locations(changed)


def _flips_of(node: ast.AST) -> list[tuple[str, object]]:
    """What can be changed at a node: how it reads, and what changes it."""
    found = []
    if isinstance(node, (ast.BinOp, ast.AugAssign, ast.BoolOp)):
        for other in _FLIPS.get(type(node.op), ()):
            text = f"{type(node.op).__name__} -> {other.__name__}"
            found.append((text, lambda n, o=other: setattr(n, "op", o())))
    elif isinstance(node, ast.Compare):
        for other in _FLIPS.get(type(node.ops[0]), ()):
            text = f"{type(node.ops[0]).__name__} -> {other.__name__}"
            found.append((text, lambda n, o=other: n.ops.__setitem__(0, o())))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not)):
        if isinstance(node.op, ast.USub):
            found.append(("-x -> x", lambda n: setattr(n, "op", ast.UAdd())))
        else:
            found.append(("not x -> x", _drop_not))
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float, bool):
        value = node.value
        other = not value if isinstance(value, bool) else value + 1
        text = f"{value} -> {other}"
        found.append((text, lambda n, o=other: setattr(n, "value", o)))
    elif isinstance(node, ast.Name) and node.id in _SWAPPED:
        other = _SWAPPED[node.id]
        found.append((f"{node.id} -> {other}", lambda n, o=other: setattr(n, "id", o)))
    elif isinstance(node, ast.Attribute) and node.attr in _SWAPPED:
        other = _SWAPPED[node.attr]
        text = f"{node.attr} -> {other}"
        found.append((text, lambda n, o=other: setattr(n, "attr", o)))
    return found


def _drop_not(node: ast.UnaryOp) -> None:
    node.operand = ast.UnaryOp(ast.Not(), node.operand)


def _passive(tree: ast.Module) -> set[int]:
    """Nodes that do nothing when the code runs: annotations and decorators."""
    passive: set[int] = set()
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            parts += node.decorator_list
        if isinstance(node, ast.FunctionDef):
            parts.append(node.returns)
        if isinstance(node, (ast.arg, ast.AnnAssign)):
            parts.append(node.annotation)
        for part in filter(None, parts):
            passive |= {id(inner) for inner in ast.walk(part)}
    return passive


def path_of(module: str) -> Path:
    return _ROOT / "skcrosstask" / (module.replace(".", "/") + ".py")


def mutants_of(module: str) -> list[Mutant]:
    source = path_of(module).read_text()
    tree, lines = ast.parse(source), source.splitlines()
    passive = _passive(tree)
    found = []
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in passive:
            continue
        for flip, (text, _) in enumerate(_flips_of(node)):
            shown = f"{text}: {lines[node.lineno - 1].strip()}"
            found.append(Mutant(module, number, flip, node.lineno, shown))
    return found


class _Loader(importlib.abc.Loader):
    """Runs changed code where a module is imported."""

    def __init__(self, mutant: Mutant):
        self.mutant = mutant

    def exec_module(self, module: object) -> None:
        path = path_of(self.mutant.module)
        tree = self.mutant.tree(ast.parse(path.read_text()))
        exec(compile(tree, str(path), "exec"), module.__dict__)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the changed module before the file is found."""

    def __init__(self, mutant: Mutant):
        self.mutant = mutant

    def find_spec(self, name: str, path: object, target: object = None) -> object:
        if name != f"skcrosstask.{self.mutant.module}":
            return None
        return importlib.util.spec_from_loader(name, _Loader(self.mutant))


def run_tests(module: str, mutant: Mutant | None, seconds: float) -> tuple[str, float]:
    """Name of the first test that fails, or nothing, and the seconds it took."""
    begin = time.monotonic()
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.setsid()
        status = 1
        try:
            os.dup2(writing, 1)
            os.dup2(writing, 2)
            os.chdir(_ROOT)
            sys.path.insert(0, str(_ROOT / "tests"))
            if mutant is not None:
                sys.meta_path.insert(0, _Finder(mutant))
            tests = [f"tests/{name}.py" for name in _TESTS[module].split()]
            tests = [name for name in tests if (_ROOT / name).exists()]
            plain = ["-p", "no:cacheprovider", "-p", "no:randomly", "--tb=no", "-rfE"]
            status = int(pytest.main(["-x", "-q", *plain, *tests]))
        except BaseException:
            traceback.print_exc()
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
            os._exit(status)
    os.close(writing)
    shown, late = _read(reading, begin + seconds)
    if late:
        os.killpg(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    took = time.monotonic() - begin
    if late:
        return "takes too long", took
    if status == 0:
        return "", took
    named = re.search(r"(?:FAILED|ERROR) tests/(\S+)", shown)
    return named[1] if named else f"status {status}: {shown[-200:]}", took


def _read(descriptor: int, end: float) -> tuple[str, bool]:
    parts = []
    with open(descriptor, "rb", buffering=0) as pipe:
        while True:
            ready, _, _ = select.select([pipe], [], [], max(end - time.monotonic(), 0))
            if not ready:
                return b"".join(parts).decode(errors="replace"), True
            part = pipe.read(1 << 16)
            if not part:
                return b"".join(parts).decode(errors="replace"), False
            parts.append(part)


def judge(module: str, n: int, seed: int) -> Iterator[tuple[Mutant, str]]:
    """Some mutants of a module, each with the test that noticed it, if any."""
    noticed, seconds = run_tests(module, None, 900)
    if noticed:
        raise SystemExit(f"{module}: its tests fail without any change: {noticed}")
    found = mutants_of(module)
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.permutation(len(found))[:n])
    print(
        f"{module}: {len(chosen)} of {len(found)} mutants, tests take {seconds:.0f} s"
    )
    for i in chosen:
        yield found[i], run_tests(module, found[i], 20 + 5 * seconds)[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--modules", nargs="+", choices=_TESTS, default=list(_TESTS))
    parser.add_argument("--per-module", type=int, default=22)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", help="file for all mutants, one a line")
    args = parser.parse_args()

    for name in _SHARED:
        importlib.import_module(name)
    n, n_noticed = 0, 0
    for module in args.modules:
        here = [0, 0]
        for mutant, noticed in judge(module, args.per_module, args.seed):
            here[0] += 1
            here[1] += bool(noticed)
            told = noticed or "SURVIVES"
            print(f"  {told}  {mutant.line}: {mutant.text}", flush=True)
            if args.json:
                entry = [module, mutant.line, mutant.text, noticed]
                with open(args.json, "a") as file:
                    file.write(json.dumps(entry) + "\n")
        n, n_noticed = n + here[0], n_noticed + here[1]
        print(f"{module}: {here[1]} of {here[0]} noticed", flush=True)
    print(f"{n_noticed} of {n} mutants noticed: {n_noticed / n:.1%}")
    raise SystemExit(n_noticed < 0.9 * n)


if __name__ == "__main__":
    main()
