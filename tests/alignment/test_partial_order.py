"""Placements and posteriors under a partial order, against enumeration."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skcrosstask.alignment import align_steps, segment_posteriors
from skcrosstask.alignment._down_sets import down_sets

INF = np.inf


@st.composite
def problems(draw, most_units=5, most_steps=4):
    """Costs (T, K), where windows allow a step, and pairs."""
    n_steps = draw(st.integers(1, most_steps))
    shape = draw(st.integers(n_steps, max(most_units, n_steps))), n_steps
    # Few values, so that many placements tie; sums are exact.
    values = st.sampled_from([0.0, 1.0, 2.0, 3.0, INF])
    cost = draw(arrays(np.float64, shape, elements=values))
    allowed = draw(arrays(np.bool_, shape))
    sequence = draw(st.permutations(range(n_steps)))
    pairs = draw(st.sets(st.sampled_from([(0, 0), *pairs_of(n_steps)]))) - {(0, 0)}
    return cost, allowed, [(sequence[i], sequence[j]) for i, j in pairs]


def pairs_of(n_steps):
    return list(itertools.combinations(range(n_steps), 2))


def closed(before, n_steps):
    pairs = set(before)
    for k, i, j in itertools.product(range(n_steps), repeat=3):
        if (i, k) in pairs and (k, j) in pairs:
            pairs.add((i, j))
    return pairs


def placements(shape, before, skipping):
    """All lists of distinct units, -1 for a step left out, in order."""
    n_units, n_steps = shape
    pairs = closed(before, n_steps)
    for times in itertools.product(range(-skipping, n_units), repeat=n_steps):
        placed = [t for t in times if t >= 0]
        if len(set(placed)) == len(placed) and all(
            times[i] < times[j] for i, j in pairs if times[i] >= 0 and times[j] >= 0
        ):
            yield times


def total_cost(cost, times, skip_cost):
    return sum(skip_cost if t < 0 else cost[t, k] for k, t in enumerate(times))


def check_refused(cost, allowed, before):
    with pytest.raises(ValueError, match=r"finite cost|possible at no time"):
        align_steps(cost, allowed, before=before)


@settings(max_examples=300)
@given(problems())
def test_all_placements(problem):
    cost, allowed, before = problem
    keys = {}
    for times in placements(cost.shape, before, skipping=False):
        outside = sum(not allowed[t, k] for k, t in enumerate(times))
        last_first = sorted(((t, -k) for k, t in enumerate(times)), reverse=True)
        key = (outside, total_cost(cost, times, 0), last_first)
        if key[1] < INF:
            keys[times] = key
    if keys:
        found = align_steps(cost, allowed, before=before)
        assert found.dtype == np.int64
        assert tuple(found) == min(keys, key=keys.get)
    else:
        check_refused(cost, allowed, before)


@settings(max_examples=200)
@given(problems(), st.sampled_from([0.0, 0.5, 1.0, 2.5]), st.integers(1, 5))
def test_all_placements_with_steps_left_out(problem, skip_cost, n_units):
    cost, allowed, before = problem
    cost, allowed = cost[:n_units], allowed[:n_units]
    walled = np.where(allowed, cost, INF)

    def key(times):
        return total_cost(walled, times, skip_cost), times.count(-1)

    every = list(placements(cost.shape, before, skipping=True))
    found = align_steps(cost, allowed, before=before, skip_cost=skip_cost)
    assert tuple(found) in every
    assert key(found.tolist()) == min(map(key, every))


@settings(max_examples=200)
@given(problems(most_units=9, most_steps=5), st.sampled_from([None, 0.0, 1.0, 2.5]))
def test_the_listed_order_as_pairs(problem, skip_cost):
    cost, allowed, _ = problem
    pairs = pairs_of(cost.shape[1])
    options = {"skip_cost": skip_cost, "background_cost": 0.5}
    try:
        expected = align_steps(cost, allowed, **options)
    except ValueError:
        check_refused(cost, allowed, pairs)
    else:
        found = align_steps(cost, allowed, before=pairs, **options)
        np.testing.assert_array_equal(found, expected)


def test_total_order_is_the_same_to_the_bit():
    rng = np.random.default_rng(0)
    for dtype in (np.float32, np.float64):
        cost = rng.normal(size=(200, 30)).astype(dtype)
        chain = [(k, k + 1) for k in range(29)]
        np.testing.assert_array_equal(
            align_steps(cost, before=chain), align_steps(cost)
        )
        backwards = align_steps(cost[:, ::-1], before=[(j, i) for i, j in chain])
        np.testing.assert_array_equal(backwards[::-1], align_steps(cost))


@settings(max_examples=150)
@given(problems(most_steps=3), st.integers(0, 2**31), st.booleans())
def test_posteriors_against_all_labellings(problem, seed, skipping):
    cost, _, before = problem
    n_units, n_steps = cost.shape
    rng = np.random.default_rng(seed)
    score, absent = rng.normal(size=cost.shape), rng.normal(size=n_steps)
    absent[rng.random(n_steps) < (0.3 if skipping else 1)] = -INF
    score[cost == INF] = -INF
    pairs = closed(before, n_steps)
    running, first, total = np.zeros(cost.shape), np.zeros(cost.shape), 0.0
    for labels in itertools.product(range(-1, n_steps), repeat=n_units):
        runs = [k for k, _ in itertools.groupby(labels) if k >= 0]
        if len(runs) != len(set(runs)) or any(
            runs.index(i) > runs.index(j) for i, j in pairs if {i, j} <= set(runs)
        ):
            continue
        cells = [(t, k) for t, k in enumerate(labels) if k >= 0]
        missing = [k for k in range(n_steps) if k not in runs]
        weight = np.exp(sum(score[cell] for cell in cells) + absent[missing].sum())
        total += weight
        for t, k in cells:
            running[t, k] += weight
        for k in runs:
            first[labels.index(k), k] += weight
    if total == 0:
        with pytest.raises(ValueError, match=r"finite score|possible at no time"):
            segment_posteriors(score, absent, before=before)
        return
    found = segment_posteriors(score, absent, before=before)
    np.testing.assert_allclose(found.running, running / total, atol=1e-12)
    np.testing.assert_allclose(found.first, first / total, atol=1e-12)
    np.testing.assert_allclose(found.present, first.sum(axis=0) / total)
    assert found.log_sum == pytest.approx(np.log(total))


@pytest.mark.parametrize("absent", [None, -0.5])
@pytest.mark.parametrize("n_units", [1, 2, 3, 7, 16, 50])
def test_posteriors_of_the_listed_order_as_pairs(n_units, absent):
    n_steps = min(n_units, 5)
    score = np.random.default_rng(n_units).normal(size=(n_units, n_steps))
    found = segment_posteriors(score, absent, before=pairs_of(n_steps))
    expected = segment_posteriors(score, absent)
    for part, same in zip(found, expected, strict=True):
        np.testing.assert_allclose(part, same, rtol=1e-9, atol=1e-12)


def test_number_of_down_sets():
    assert len(down_sets((), 10).starts) - 1 == 2**10
    assert len(down_sets(tuple(pairs_of(10)), 10).starts) - 1 == 11
    # Two chains of three: four places in each.
    assert len(down_sets(((0, 1), (1, 2), (3, 4), (4, 5)), 6).starts) - 1 == 16
    assert len(align_steps(np.zeros((14, 14)), before=())) == 14


@pytest.mark.parametrize("n_steps", [15, 40])
def test_too_many_down_sets(n_steps):
    for function in (align_steps, segment_posteriors):
        with pytest.raises(
            ValueError, match=rf"leaves {n_steps} steps too free: more than 20,000"
        ):
            function(np.zeros((50, n_steps)), before=())
    # A chain of many more is no trouble.
    chain = [(k, k + 1) for k in range(n_steps - 1)]
    align_steps(np.zeros((50, n_steps)), before=chain)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"occurrences": "at_least_one"}, "before places one time unit a step"),
        ({"before": [(0, 3)]}, r"the pair \(0, 3\), but steps run from 0 to 2"),
        ({"before": [(0, 1), (1, 0)]}, "goes round in a circle"),
    ],
)
def test_errors(options, message):
    with pytest.raises(ValueError, match=message):
        align_steps(np.zeros((5, 3)), **{"before": [(0, 1)], **options})


def test_errors_of_costs():
    with pytest.raises(ValueError, match="3 steps need at least 3 time units, got 2"):
        align_steps(np.zeros((2, 3)), before=())
    with pytest.raises(ValueError, match="step 1 is possible at no time"):
        align_steps([[0, INF], [0, INF]], before=())
    with pytest.raises(ValueError, match="cost is nan at time 1, step 0"):
        align_steps([[0, 0], [np.nan, 0]], before=())
