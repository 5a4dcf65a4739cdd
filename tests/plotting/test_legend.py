import pytest

pytest.importorskip("matplotlib")

from skcrosstask.plotting._legend import in_columns

ENTRIES = [
    (None, name)
    for name in (
        "tea", " a", " b", " c",
        "toast", " d", " e", " f", " g",
        "latte", " h",
    )
]  # fmt: skip


@pytest.mark.parametrize("n_columns", [1, 2, 3])
def test_no_column_ends_inside_a_task(n_columns):
    names = [name for _, name in in_columns(ENTRIES, n_columns)]
    length, rest = divmod(len(names), n_columns)
    assert rest == 0
    columns = [names[i * length : (i + 1) * length] for i in range(n_columns)]
    assert all(not column[0].strip() or column[0][0] != " " for column in columns)
    shown = [name for name in names if name.strip()]
    assert shown == [name for _, name in ENTRIES]


def test_columns_are_no_longer_than_need_be():
    assert len(in_columns(ENTRIES, 2)) == 2 * 7
    assert len(in_columns(ENTRIES, 3)) == 3 * 5


def test_a_long_task_goes_on_in_the_next_column():
    entries = [(None, "tea"), *((None, f" {k}") for k in range(20))]
    assert len(in_columns(entries, 2)) == 2 * 11
