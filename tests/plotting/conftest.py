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
