"""The published and measured figures of the primary tasks."""

import pytest

_COLUMNS = (
    "videos", "steps", "missing", "background", "consistency", "uniform", "random"
)  # fmt: skip
_ROWS = {
    "Make Kimchi Fried Rice": (120, 6, 21, 69, 0.69, 3.9, 5.4),
    "Make Bread and Butter Pickles": (106, 11, 48, 75, 0.85, 7.6, 7.3),
    "Make Banana Ice Cream": (170, 5, 38, 80, 0.98, 6.5, 7.2),
    "Grill Steak": (228, 11, 46, 75, 0.95, 7.4, 7.0),
    "Jack Up a Car": (89, 3, 39, 81, 1.00, 18.4, 13.1),
    "Make Jello Shots": (182, 6, 21, 72, 0.87, 6.9, 7.5),
    "Change a Tire": (99, 11, 27, 62, 0.97, 14.2, 10.7),
    "Make Lemonade": (131, 8, 28, 69, 0.80, 9.4, 8.5),
    "Add Oil to Your Car": (137, 8, 33, 85, 0.92, 3.1, 2.9),
    "Make a Latte": (157, 6, 43, 71, 0.89, 11.2, 11.1),
    "Build Simple Floating Shelves": (153, 5, 34, 58, 0.96, 22.4, 18.3),
    "Make Taco Salad": (170, 8, 41, 79, 0.66, 5.4, 5.2),
    "Make French Toast": (252, 10, 23, 68, 0.80, 9.4, 7.7),
    "Make Irish Coffee": (185, 5, 13, 74, 0.77, 7.7, 7.9),
    "Make French Strawberry Cake": (86, 9, 25, 63, 0.82, 8.8, 8.5),
    "Make Pancakes": (182, 8, 19, 69, 0.89, 9.4, 8.0),
    "Make Meringue": (154, 6, 23, 67, 0.98, 20.0, 13.9),
    "Make Kerala Fish Curry": (149, 7, 25, 69, 0.74, 5.1, 5.1),
}


@pytest.fixture(scope="session")
def primary_table() -> dict[str, dict[str, float]]:
    """Figures of each primary task by its title."""
    return {
        title: dict(zip(_COLUMNS, row, strict=True)) for title, row in _ROWS.items()
    }
