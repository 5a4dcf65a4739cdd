"""Sphinx settings of the manual: ``sphinx-build docs docs/_build``."""

import os
import sys
import warnings
from pathlib import Path

import matplotlib

import skcrosstask
from skcrosstask import __version__

matplotlib.use("agg")
sys.path.insert(0, str(Path(__file__).parent))

from _architecture import draw_rooms
from _gallery import SECTIONS
from _offline import public_names
from numpydoc.xref import DEFAULT_LINKS

draw_rooms(
    Path(skcrosstask.__file__).parent,
    Path(__file__).parent / "_static" / "generated" / "rooms.png",
)

project = "skcrosstask"
author = "The skcrosstask developers"
copyright = "The skcrosstask developers"
version = release = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.doctest",
    "sphinx.ext.viewcode",
    "numpydoc",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "_offline",
]
templates_path = ["_templates"]
exclude_patterns = ["_build"]
default_role = "py:obj"
add_module_names = False
toc_object_entries_show_parents = "hide"
html_math_renderer = "mathml"

# References into the package must lead somewhere. Others stay as text.
nitpicky = True
nitpick_ignore_regex = [(r"py:.*", r"(?!skcrosstask).*")]

# The docstrings give the types; signatures stay short.
autodoc_typehints = "none"
autosummary_generate = True
# Members are listed by _templates/autosummary/class.rst.
numpydoc_show_class_members = False
# Types link to their pages: arrays, axes and our own classes, not plain Python.
numpydoc_xref_param_type = True
numpydoc_xref_ignore = "all"
numpydoc_xref_aliases = {
    **{word: word for word in DEFAULT_LINKS},
    **{name: full for name, full in public_names().items() if name[0].isupper()},
    "ndarray": "numpy.ndarray",
    "ndarrays": "numpy.ndarray",
    "RandomState": "numpy.random.RandomState",
    "numpy.random.Generator": "numpy.random.Generator",
    "Axes": "matplotlib.axes.Axes",
    "Figure": "matplotlib.figure.Figure",
    "Legend": "matplotlib.legend.Legend",
}


def _format_warning(message, category, *args, **kwargs):
    """Leave out the path, which says where the manual was built."""
    return f"{category.__name__}: {message}\n"


warnings.formatwarning = _format_warning

# The Breakfast example is shown always, and run where its data are at hand.
_data = os.environ.get("SKCROSSTASK_DATA", "")
_has_breakfast = bool(_data) and Path(_data, "breakfast_coffee_sample").is_dir()

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"/plot_" if _has_breakfast else r"/plot_(?!breakfast)",
    "subsection_order": [f"../examples/{name}" for name in SECTIONS],
    "within_subsection_order": "_gallery.ReadingOrder",
    "backreferences_dir": "api/generated/backreferences",
    "doc_module": ("skcrosstask",),
    "default_thumb_file": str(Path(__file__).parent / "_static" / "timeline.png"),
    "download_all_examples": False,
    "write_computation_times": False,
    "min_reported_time": 10,
    "remove_config_comments": True,
    "show_signature": False,
}

html_theme = "pydata_sphinx_theme"
html_title = f"skcrosstask {__version__}"
html_static_path = ["_static"]
html_css_files = ["style.css"]
html_show_sourcelink = False
html_theme_options = {
    "logo": {"text": "skcrosstask"},
    "navbar_end": ["theme-switcher"],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
    "show_toc_level": 2,
}
# Pages without children need no list of them.
html_sidebars = {
    page: [] for page in ("index", "getting_started", "datasets", "how_it_is_built")
}
