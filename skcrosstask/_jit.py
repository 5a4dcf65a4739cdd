"""How kernels are compiled: cached on disk, free of the GIL, the same bits each time.

A kernel holds copies of all inner functions that it calls. Were these compiled by
themselves, a process that compiles and one that reads the cache could link copies
that were optimised differently, and round differently.
"""

from __future__ import annotations

import hashlib
import pickle
import warnings
from collections.abc import Callable
from typing import Any

from numba import njit
from numba.core.caching import FunctionCache
from numba.core.serialize import dumps

__all__ = ["inner", "kernel", "summing_inner"]

_ALL: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
# Called from kernels, which keep their copies in the cache.
inner = njit(forceinline=True, **_ALL)
# The same for long sums, which need leave to be reordered to run in many lanes;
# nothing is assumed of inf and nan.
summing_inner = njit(forceinline=True, fastmath={"reassoc", "nsz", "contract"}, **_ALL)
_REMEDY = (
    "Compiled code cannot be kept ({}), so that each process compiles anew, which "
    "takes seconds; set NUMBA_CACHE_DIR to a folder that can be written."
)


def kernel(function: Callable) -> Any:
    """Compile a function that is called from Python, as it is first called.

    Parameters
    ----------
    function : callable
        Written for numba.

    Returns
    -------
    callable
        Kept on the disk, where a folder for it can be written: that which
        ``NUMBA_CACHE_DIR`` names, the package's own, or the user's cache.
    """
    compiled = njit(**_ALL)(function)
    # With NUMBA_DISABLE_JIT, it is the function itself.
    if hasattr(compiled, "enable_caching"):
        try:
            compiled._cache = _Cache(compiled.py_func)
        except (OSError, RuntimeError):
            _warn("no folder for it can be written")
    return compiled


class _Cache(FunctionCache):
    """Numba's cache of a kernel, but a damaged or full one costs time alone."""

    def __init__(self, function: Callable) -> None:
        super().__init__(function)
        self._cache_file: Any = _Checked(self._cache_file)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        # What is damaged fails in any of pickle's and LLVM's ways.
        try:
            return super().load_overload(sig, target_context)
        except Exception:
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            try:
                super().save_overload(sig, data)
            except OSError:
                raise
            except Exception:
                self.flush()
                super().save_overload(sig, data)
        except Exception as error:
            _warn(str(error) or type(error).__name__)


class _Checked:
    """Entries of a cache, each with its own key and checksum.

    Numba writes the index and the code one after the other, so that two processes
    that compile for different types at once can leave the code of one under the key
    of the other.
    """

    def __init__(self, entries: Any) -> None:
        self._entries = entries

    def save(self, key: Any, data: Any) -> None:
        payload = dumps((key, data))
        self._entries.save(key, (hashlib.sha256(payload).digest(), payload))

    def load(self, key: Any) -> Any:
        entry = self._entries.load(key)
        if entry is None:
            return None
        digest, payload = entry
        if digest != hashlib.sha256(payload).digest():
            return None
        found, data = pickle.loads(payload)
        return data if found == key else None

    def flush(self) -> None:
        self._entries.flush()


_warned = False


def _warn(reason: str) -> None:
    global _warned
    if not _warned:
        _warned = True
        warnings.warn(_REMEDY.format(reason), stacklevel=3)
