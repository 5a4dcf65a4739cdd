"""Random numbers that need no state: dropout masks and choices of rows.

A number depends on the seed, the visit and the time unit alone, so a mask does not
depend on which other rows are read, and the same seed gives the same bits.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numba import types
from numba.extending import overload

from skcrosstask._jit import inner

_LOW = 0xFFFFFFFF
_STRIDE = 0x9E3779B9
# The golden ratio's bits again, within the 62 bits of a key.
_VISIT_STRIDE = 0x1E3779B97F4A7C15
_KEY_BITS = 2**62 - 1
_NUMBER, _SIGN = np.uint32(0x7FFF), np.uint32(0x8000)
_SHIFT, _SIGN_SHIFT, _TWO_TO_112 = np.uint32(13), np.uint32(16), np.float32(2.0**112)


@inner
def _mix(x):
    """Scramble 32 bits: multiply and fold, twice."""
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & _LOW
    x = ((x ^ (x >> 15)) * 0x846CA68B) & _LOW
    return x ^ (x >> 16)


@inner
def visit_key(seed, visit, purpose):
    """62 bits for the random numbers of one visit: purpose 0 trains, 1 aligns."""
    key = (int(seed) + (2 * int(visit) + purpose) * _VISIT_STRIDE) & _KEY_BITS
    return key ^ (key >> 31)


@inner
def _row_key(key, unit):
    """32 bits for one time unit of one visit."""
    key, unit = int(key), int(unit)
    return _mix(_mix((key ^ unit) & _LOW) ^ (key >> 31))


@cache
def mask_table(n_features: int) -> np.ndarray:
    """All 16-bit numbers once, shuffled, then from the start again for a row more."""
    # RandomState's stream is the same in all versions of NumPy.
    numbers = np.random.RandomState(0).permutation(2**16).astype(np.uint16)
    return np.resize(numbers, 2**16 + n_features)


@inner
def _place_bits(row, out):
    # Exponent and fraction of float16 in the places of float32's are the number but
    # for a power of two.
    bits = out.view(np.uint32)
    for j in range(row.shape[0]):
        wide = np.uint32(row[j])
        bits[j] = (wide & _NUMBER) << _SHIFT | (wide & _SIGN) << _SIGN_SHIFT


@inner
def widen_row(row, out):
    """Write the float32 of float16, of which `row` has the bits."""
    _place_bits(row, out)
    for j in range(row.shape[0]):
        out[j] *= _TWO_TO_112


def _drop(row, mask, threshold, scale, out):
    """`drop_row` for a mask; compiled for each type of rows by what follows."""
    values = row.view(np.float16) if row.dtype == np.uint16 else row
    for j in range(row.shape[0]):
        out[j] = values[j] * scale if mask[j] >= threshold else np.float32(0.0)


@overload(_drop, jit_options={"error_model": "numpy"})
def _compile_drop(row, mask, threshold, scale, out):
    def drop_single(row, mask, threshold, scale, out):
        zero = np.float32(0.0)
        for j in range(row.shape[0]):
            scaled = row[j] * scale
            out[j] = scaled if mask[j] >= threshold else zero

    def drop_half(row, mask, threshold, scale, out):
        zero, scale = np.float32(0.0), scale * _TWO_TO_112
        _place_bits(row, out)
        for j in range(row.shape[0]):
            out[j] = out[j] * scale if mask[j] >= threshold else zero

    return drop_half if row.dtype == types.uint16 else drop_single


@inner
def drop_row(row, masks, key, unit, threshold, out):
    """Write a row with dropout: a number of `masks` a feature against a threshold.

    A mask is a stretch of the table, whose start is random. The survivors are scaled
    by 65536 / (65536 - threshold), so the mean is kept. A row of uint16 has the bits
    of float16.
    """
    scale = np.float32(65536.0 / (65536.0 - threshold))
    start = _row_key(key, unit) & 0xFFFF
    # 16 bits against 16 bits: in the 64 of an int, fewer would fit into a lane.
    limit = np.uint16(threshold)
    _drop(row, masks[start : start + row.shape[0]], limit, scale, out)


@inner
def choose_rows(labels, pool, n_negatives, key, shuffled, chosen, position):
    """Rows of an F-step: the labelled ones, then random others of the pool.

    Fills `chosen` with row numbers, each once, and `position[k]` with the place of
    step k's row in it (-1 where the step has no label); `shuffled` has room for the
    pool. Returns how many labelled rows and how many rows in all there are.
    """
    n_labelled = 0
    for k in range(labels.shape[0]):
        position[k] = -1
        for i in range(n_labelled):
            if labels[k] >= 0 and chosen[i] == labels[k]:
                position[k] = i
        if labels[k] >= 0 and position[k] < 0:
            chosen[n_labelled] = labels[k]
            position[k] = n_labelled
            n_labelled += 1
    n_rows, n_pool = n_labelled, pool.shape[0]
    row_key = _row_key(key, -1)
    for i in range(n_pool):
        shuffled[i] = pool[i]
    for i in range(min(n_negatives, n_pool)):
        bits = _mix((i * _STRIDE + row_key) & _LOW)
        j = i + (bits * (n_pool - i) >> 32)
        shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
        fresh = True
        for r in range(n_labelled):
            fresh = fresh and chosen[r] != shuffled[i]
        if fresh:
            chosen[n_rows] = shuffled[i]
            n_rows += 1
    return n_labelled, n_rows
