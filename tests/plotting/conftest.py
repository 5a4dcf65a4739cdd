"""Figures of a test are drawn without a screen, and closed after it."""

import pytest


@pytest.fixture(autouse=True)
def pyplot():
    try:
        import matplotlib.pyplot as plt
    except ImportError:  # some tests do without
        yield None
        return
    plt.switch_backend("Agg")
    plt.close("all")
    with plt.rc_context():
        plt.rcdefaults()
        yield plt
    plt.close("all")


@pytest.fixture
def assert_within():
    """Check that nothing is cut at the edge of a figure."""
    return _assert_within


def _assert_within(figure):
    figure.draw_without_rendering()
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert box.x0 >= 0
    assert box.y0 >= 0
    assert box.x1 <= width
    assert box.y1 <= height


@pytest.fixture
def assert_apart():
    """Check that no text covers another."""
    return _assert_apart


def _assert_apart(texts):
    boxes = [text.get_window_extent() for text in texts if text.get_text()]
    for i, box in enumerate(boxes):
        for other in boxes[:i]:
            wide = min(box.x1, other.x1) - max(box.x0, other.x0)
            high = min(box.y1, other.y1) - max(box.y0, other.y0)
            # A pixel is lost in rounding.
            assert wide <= 1 or high <= 1, texts[i]
