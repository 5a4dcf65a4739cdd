"""How kernels are compiled: cached on disk, free of the GIL, the same bits each time.

A kernel holds copies of all inner functions that it calls. Were these compiled by
themselves, a process that compiles and one that reads the cache could link copies
that were optimised differently, and round differently.
"""

from __future__ import annotations

from typing import Any

from numba import njit

__all__ = ["inner", "kernel", "summing_inner"]

_ALL: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
# Called from Python.
kernel = njit(cache=True, **_ALL)
# Called from kernels, which keep their copies in the cache.
inner = njit(forceinline=True, **_ALL)
# The same for long sums, which need leave to be reordered to run in many lanes;
# nothing is assumed of inf and nan.
summing_inner = njit(forceinline=True, fastmath={"reassoc", "nsz", "contract"}, **_ALL)
