"""Counter-based random numbers: dropout masks and choices of rows.

A number is a hash of the seed, the visit and the time unit, so a mask does not
depend on which other rows are read, and the same seed gives the same bits.
"""

from __future__ import annotations

import numpy as np

from skcrosstask._jit import inner

_LOW = 0xFFFFFFFF
_STRIDE = 0x9E3779B9


@inner
def _mix(x):
    """Scramble 32 bits: multiply and fold, twice."""
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & _LOW
    x = ((x ^ (x >> 15)) * 0x846CA68B) & _LOW
    return x ^ (x >> 16)


@inner
def _row_key(key, unit):
    """32 bits for one time unit of one visit; key has 62 bits."""
    key, unit = int(key), int(unit)
    return _mix(_mix((key ^ unit) & _LOW) ^ (key >> 31))


@inner
def drop_row(row, key, unit, threshold, out):
    """Write a row with dropout: 16 random bits a feature against a threshold.

    The survivors are scaled by 65536 / (65536 - threshold), so the mean is kept.
    """
    n_features = row.shape[0]
    if threshold == 0:
        out[:] = row
        return
    scale = np.float32(65536.0 / (65536.0 - threshold))
    zero = np.float32(0.0)
    half = (n_features + 1) // 2
    rest = n_features - half
    row_key = _row_key(key, unit)
    # One hash serves two features, half a row apart. Indices into slices need no
    # check for wrapping around, which would keep the loop from running in lanes.
    first, second = row[:half], row[half:]
    out_first, out_second = out[:half], out[half:]
    for j in range(rest):
        bits = _mix((j * _STRIDE + row_key) & _LOW)
        low, high = first[j] * scale, second[j] * scale
        out_first[j] = low if (bits & 0xFFFF) >= threshold else zero
        out_second[j] = high if (bits >> 16) >= threshold else zero
    if rest < half:
        bits = _mix((rest * _STRIDE + row_key) & _LOW)
        out[rest] = row[rest] * scale if (bits & 0xFFFF) >= threshold else zero


@inner
def choose_rows(labels, pool, n_negatives, key, chosen, position):
    """Rows of an F-step: the labelled ones, then random others of the pool.

    Fills `chosen` with row numbers, each once, and `position[k]` with the place of
    step k's row in it (-1 where the step has no label). Returns how many labelled
    rows and how many rows in all there are.
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
    n_rows = n_labelled
    n_pool = pool.shape[0]
    row_key = _row_key(key, -1)
    shuffled = pool.copy()
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
