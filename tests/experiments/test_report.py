import csv
import io

import pytest

from skcrosstask.experiments import Report
from skcrosstask.experiments._report import spread

TABLE = {"a|b": ['x, "y"', "line\nbreak"], "n": [1.5, None], "m": [float("nan"), 2]}


def test_markdown_by_hand():
    report = Report("name", "Title", TABLE, remarks=["One.", "Two."])
    assert report.markdown() == (
        "# Title\n\n"
        "| a\\|b | n | m |\n"
        "| --- | ---: | ---: |\n"
        '| x, "y" | 1.5 |  |\n'
        "| line break |  | 2 |\n"
        "\nOne.\n\nTwo.\n"
    )
    assert str(report) == report.markdown()


def test_a_wide_table_is_turned_in_markdown_alone():
    table = {"system": ["A", "B"], "tea": [1, 2], "average": [3, 4]}
    report = Report("name", "Title", table, wide=True)
    assert report.markdown() == (
        "# Title\n\n"
        "|  | A | B |\n"
        "| --- | ---: | ---: |\n"
        "| tea | 1 | 2 |\n"
        "| average | 3 | 4 |\n"
    )
    assert report.csv() == "system,tea,average\nA,1,3\nB,2,4\n"


def test_csv_reads_back():
    header, *rows = csv.reader(io.StringIO(Report("name", "Title", TABLE).csv()))
    assert header == list(TABLE)
    assert rows == [['x, "y"', "1.5", "nan"], ["line\nbreak", "", "2"]]


def test_simulated_features_are_named_everywhere():
    def draw(note):
        import matplotlib.pyplot as plt

        notes.append(note)
        return plt.figure()

    notes = []
    report = Report("name", "Title", TABLE, draw, note="simulated features")
    assert "**Simulated features**" in report.markdown()
    rows = list(csv.DictReader(io.StringIO(report.csv())))
    assert [row["features"] for row in rows] == ["simulated"] * 2
    report._picture("png", 50)
    assert notes == ["simulated features"]
    assert "features" not in report.table


def test_columns_must_be_of_one_length():
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        Report("name", "Title", {"a": [1, 2], "b": [1]}).markdown()


def test_what_fails_leaves_older_files(tmp_path):
    Report("name", "Title", TABLE).write(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(before) == {"name.csv", "name.md", "name.tex"}

    def draw(note):
        raise RuntimeError("no ink")

    with pytest.raises(RuntimeError, match="no ink"):
        Report("name", "Other", {"a": [1]}, draw).write(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_files_are_named_and_folders_made(tmp_path):
    import matplotlib.pyplot as plt

    report = Report("name", "Title", TABLE, lambda note: plt.figure())
    paths = report.write(tmp_path / "a" / "b")
    assert [path.name for path in paths] == [
        f"name.{suffix}" for suffix in ("csv", "md", "tex", "png")
    ]
    assert sorted((tmp_path / "a" / "b").iterdir()) == sorted(paths)


def test_spread_by_hand():
    assert spread([0.1, 0.2]) == (15.0, 5.0)
    # One figure spreads nowhere; 0.0 would claim that splits agree.
    assert spread([0.1]) == (10.0, None)


def test_latex_by_hand():
    table = {"a_b & c": ["50 %", "x ± 1"], "n": [1.5, None]}
    report = Report("name", "Title", table, remarks=["One\nline."])
    assert report.latex() == (
        "% Title\n% One line.\n"
        "\\begin{tabular}{lr}\n\\toprule\n"
        "a\\_b \\& c & n \\\\\n\\midrule\n"
        "50 \\% & 1.5 \\\\\nx $\\pm$ 1 &  \\\\\n"
        "\\bottomrule\n\\end{tabular}\n"
    )


@pytest.mark.parametrize(("form", "start"), [("pdf", b"%PDF"), ("svg", b"<?xml")])
def test_pictures_of_lines(tmp_path, form, start):
    import matplotlib.pyplot as plt

    report = Report("name", "Title", TABLE, lambda note: plt.figure())
    *_, path = report.write(tmp_path, picture=form)
    assert path.name == f"name.{form}"
    assert path.read_bytes().startswith(start)


def test_pixels_an_inch(tmp_path):
    import matplotlib.pyplot as plt

    def draw(note):
        figure = plt.figure(figsize=(2, 1))
        figure.add_subplot()
        return figure

    report = Report("name", "Title", TABLE, draw)
    widths = []
    for dpi in (50, 100):
        *_, path = report.write(tmp_path, dpi=dpi)
        widths.append(plt.imread(path).shape[1])
    assert widths[1] == pytest.approx(2 * widths[0], abs=3)
