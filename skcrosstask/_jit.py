"""How kernels are compiled: cached on disk, free of the GIL, the same bits each time.

A kernel holds copies of all inner functions that it calls. Were these compiled by
themselves, a process that compiles and one that reads the cache could link copies
that were optimised differently, and round differently.
"""

from __future__ import annotations

from numba import njit

__all__ = ["inner", "kernel", "summing_inner"]

# Called from Python.
kernel = njit(cache=True, nogil=True, error_model="numpy")
# Called from kernels.
inner = njit(cache=True, nogil=True, forceinline=True, error_model="numpy")
# The same for long sums, which need leave to be reordered to run in many lanes;
# nothing is assumed of inf and nan.
summing_inner = njit(
    cache=True, nogil=True, forceinline=True, fastmath={"reassoc", "nsz", "contract"}
)
