"""A table with what files find hard."""

import pytest

from skcrosstask.results import StepTable

HARD = 'pour <b>"milk" & co</b>; a=b #1\\ --> x,\nand wait'


@pytest.fixture
def table():
    return StepTable(
        [
            ("v1", "latte", 0, HARD, 0.0, 7.5, 5.25, 0.97, 0.9),
            ("v1", "latte", 1, "=SUM(A1)", 7.5, 3723.0625, 8.1, 1 / 3, 0.1),
            ("v1", "latte", 2, "left out", *[float("nan")] * 3, 0.25),
            ("-x_1-", "thé ☕", 0, "'quoted'", 1.0, 2.0, 1.5),
        ]
    )
