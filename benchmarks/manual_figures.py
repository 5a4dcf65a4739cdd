"""Whether the manual and the READMEs quote figures as benchmarks recorded them.

    python benchmarks/real_data.py --record
    python benchmarks/manual_figures.py          # names what pages have otherwise
    python benchmarks/manual_figures.py --write  # puts tables into their pages

Sentences that quote figures are only compared: they are for people to write.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from _manual_sentences import sentences_of
from _manual_tables import Cell, Measured, Table
from _measured import FOLDER

from skcrosstask._files import replacing

ROOT = Path(__file__).parents[1]


def differences(root: Path = ROOT, folder: Path = FOLDER) -> Iterator[str]:
    """What pages have otherwise than it was measured, and how to measure it again."""
    measured = Measured(folder)
    for table in measured.tables():
        page = (root / table.page).read_text("utf-8").splitlines()
        shown, wanted = page[table.find(page)], table.lines()
        where = f"{table.page}, table {table.name}"
        if len(shown) != len(wanted):
            yield (
                f"{where}: {len(shown)} lines, but measured are {len(wanted)} "
                f"(benchmarks/measured/{table.source}.csv)"
            )
            continue
        rows = [None] * (len(wanted) - len(table.rows)) + table.rows
        for there, line, row in zip(shown, wanted, rows, strict=True):
            if there != line:
                yield from _differences_of_line(where, table, there, line, row)
    for page, text, line in sentences_of(measured):
        if text not in " ".join((root / page).read_text("utf-8").split()):
            yield f"{page}: does not say '{text}', as measured by: {line['command']}"


def _differences_of_line(
    where: str, table: Table, there: str, line: str, row: list[Cell] | None
) -> Iterator[str]:
    """One message a cell, or one where the line is not of cells, or has others."""
    if table.title is None:
        cells = [cell.strip() for cell in there.split("|")[1:-1]]
    else:
        cells = re.findall(r'"(.*?)"', there)
    if row is None or len(cells) != len(row):
        yield f"{where}: '{there.strip()}' should be '{line.strip()}'"
        return
    for name, cell, shown in zip(table.header, row, cells, strict=True):
        if cell.text != shown:
            command = f" by: {cell.line['command']}" if cell.line else ""
            yield (
                f"{where}, row '{row[0].text}', column '{name}': {shown}, but measured "
                f"is {cell.text} (benchmarks/measured/{table.source}.csv){command}"
            )


def write(root: Path = ROOT, folder: Path = FOLDER) -> None:
    """Put the tables into their pages."""
    for table in Measured(folder).tables():
        path = root / table.page
        page = path.read_text("utf-8").splitlines()
        place = table.find(page)
        if place.start == place.stop:
            raise SystemExit(f"{table.page} has no '{table.lines()[0]}'.")
        page[place] = table.lines()
        with replacing(path) as file:
            file.write("\n".join([*page, ""]).encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--write", action="store_true", help="put tables into pages")
    args = parser.parse_args()
    if args.write:
        write()
    found = list(differences())
    print("\n".join(found))
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
