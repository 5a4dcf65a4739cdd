"""Picture of the package's rooms and what they import, measured from the source."""

import ast
from pathlib import Path

import numpy as np

__all__ = ["draw_rooms", "import_graph", "without_shortcuts"]

# Column and row of each room: imports may only point to a lower row.
PLACES = {
    "_cli": (1.6, 0),
    "experiments": (1.6, 1),
    "model_selection": (0.0, 2),
    "plotting": (1.6, 2),
    "datasets": (1.6, 3),
    "results": (4.6, 6),
    "narration": (1.7, 4),
    "baselines": (3.3, 4),
    "frames": (0.0, 5),
    "estimators": (3.3, 5),
    "metrics": (0.0, 6),
    "learning": (2.6, 6),
    "alignment": (1.8, 7),
    "components": (3.2, 7),
    "_data": (1.8, 8),
    "helpers": (1.8, 9),
}
# The part of the method that "How it is built" walks through.
CORE = ("estimators", "learning", "alignment", "components", "_data")
LABELS = {"_data": "_data, _input", "helpers": "_jit, _files, ..."}
# Modules at the root that belong to a room; other private ones are small helpers.
_GUESTS = {
    "__main__": "_cli",
    "_input": "_data",
    "_segments": "_data",
}
_WIDTH, _HEIGHT = 1.25, 0.56


def room_of(module):
    """Room of a module such as ``skcrosstask.alignment._kernels``."""
    name = module.split(".")[1]
    name = _GUESTS.get(name, name)
    if name in PLACES:
        return name
    if name.startswith("_"):
        return "helpers"
    raise ValueError(f"{name} is not among PLACES in docs/_architecture.py.")


def import_graph(package):
    """Rooms that each room imports, inside functions too.

    Parameters
    ----------
    package : path
        Folder of the package.

    Returns
    -------
    dict of str to set of str
        Without a room's imports of itself.
    """
    package = Path(package)
    graph: dict[str, set[str]] = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        if len(parts) == 2 and parts[1] == "__init__":
            continue  # loads rooms by name, when they are first asked for
        room = room_of(".".join(parts))
        found = graph.setdefault(room, set())
        for module in _imports(ast.parse(path.read_text()), package.name):
            found |= {room_of(module)} - {room}
    return graph


def without_shortcuts(graph):
    """Drop each arrow whose end can also be reached by a longer way."""

    def below(room):
        return {room}.union(*(below(next_room) for next_room in graph[room]))

    return {
        room: {
            end
            for end in ends
            if not any(end in below(other) for other in ends - {end})
        }
        for room, ends in graph.items()
    }


def draw_rooms(package, path):
    """Draw the rooms, and the imports that no other import implies.

    Parameters
    ----------
    package : path
        Folder of the package.
    path : path
        Where the picture goes.

    Raises
    ------
    ValueError
        If an import points up, or a room has no layer.
    """
    from matplotlib.figure import Figure

    graph = import_graph(package)
    for room, ends in graph.items():
        for end in ends:
            if PLACES[end][1] <= PLACES[room][1]:
                raise ValueError(f"{room} imports {end}, which is not below it.")
    figure = Figure(figsize=(7.2, 6.6))
    ax = figure.add_axes((0, 0, 1, 1))
    for room, ends in without_shortcuts(graph).items():
        for end in sorted(ends):
            _draw_arrow(ax, PLACES[room], PLACES[end])
    for room in graph:
        _draw_box(ax, room, PLACES[room])
    columns, rows = np.array([PLACES[room] for room in graph]).T
    ax.set_xlim(columns.min() - 0.7, columns.max() + 0.7)
    ax.set_ylim(rows.max() + 0.4, rows.min() - 0.4)
    ax.set_axis_off()
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)


def _imports(tree, package):
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module == package:
                yield from (f"{package}.{_home(alias.name)}" for alias in node.names)
            elif node.module.startswith(f"{package}."):
                yield node.module
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith(f"{package}."):
                    yield alias.name


def _home(name):
    """Module behind a name that is imported from the package itself."""
    import skcrosstask

    if name == "__version__":
        return name
    home = getattr(getattr(skcrosstask, name), "__module__", None)
    return home.split(".", 1)[1] if home else name


def _draw_box(ax, room, place):
    from matplotlib.patches import FancyBboxPatch

    corner = np.subtract(place, (_WIDTH / 2, _HEIGHT / 2))
    core = room in CORE
    ax.add_patch(
        FancyBboxPatch(
            corner,
            _WIDTH,
            _HEIGHT,
            boxstyle="round,pad=0,rounding_size=0.1",
            facecolor="#cfe3f2" if core else "white",
            edgecolor="#0072B2" if core else "#6b6b6b",
            zorder=2,
        )
    )
    ax.text(*place, LABELS.get(room, room), ha="center", va="center", zorder=3)


def _draw_arrow(ax, start, end):
    """From the lower edge of a box to the upper edge of another."""
    style = {"arrowstyle": "-|>", "color": "#6b6b6b", "shrinkA": 0, "shrinkB": 0}
    # Away from the middle of the edges, so that arrows pass the boxes between.
    shift = np.clip((end[0] - start[0]) / 2, -0.4 * _WIDTH, 0.4 * _WIDTH)
    tail = (start[0] + shift, start[1] + _HEIGHT / 2)
    head = (end[0] - shift, end[1] - _HEIGHT / 2)
    if start[0] - end[0] > 2 and end[1] - start[1] > 2:
        # Down past all others, then in from the side.
        tail, head = (start[0], tail[1]), (end[0] + _WIDTH / 2, end[1])
        style["connectionstyle"] = "angle,angleA=90,angleB=0"
    ax.annotate("", xy=head, xytext=tail, arrowprops=style, zorder=1)
