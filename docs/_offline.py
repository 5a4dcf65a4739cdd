"""Formulae as MathML, and links to other manuals, so that neither needs a network."""

import re
from pathlib import Path

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml

__all__ = ["link_name", "public_names", "setup"]

# Where other manuals keep the page of a name, in place of their inventories.
_PAGES = {
    "sklearn": "https://scikit-learn.org/stable/modules/generated/{}.html",
    "numpy": "https://numpy.org/doc/stable/reference/generated/{}.html",
    "numpy.random.Generator": (
        "https://numpy.org/doc/stable/reference/random/generator.html"
    ),
    "numpy.random.RandomState": (
        "https://numpy.org/doc/stable/reference/random/legacy.html"
    ),
    "scipy": "https://docs.scipy.org/doc/scipy/reference/generated/{}.html",
    "pandas": "https://pandas.pydata.org/docs/reference/api/{}.html",
    "matplotlib": "https://matplotlib.org/stable/api/_as_gen/{}.html",
    "joblib": "https://joblib.readthedocs.io/en/stable/generated/{}.html",
}


def public_names():
    """Return the full name of each public name, as the page of the API lists them."""
    text = (Path(__file__).parent / "api.rst").read_text("utf-8")
    parts = re.split(r"^\.\. currentmodule:: (\S+)$", text, flags=re.MULTILINE)[1:]
    return {
        name: f"{module}.{name}"
        for module, part in zip(parts[::2], parts[1::2], strict=True)
        for name in re.findall(r"^   (\w+)$", part, re.MULTILINE)
    }


_PUBLIC = public_names()


def _show_inline(translator, node):
    """Write a formula that stands in a line."""
    translator.body.append(tex2mathml(node.astext()))
    raise nodes.SkipNode


def _show_block(translator, node):
    """Write a displayed formula, which scrolls where the page is too narrow."""
    formula = tex2mathml(node.astext(), as_block=True)
    translator.body.append(f'<div class="formula">{formula}</div>\n')
    raise nodes.SkipNode


def link_name(app, env, node, content):
    """Resolve a name of another package, or one of ours without its module."""
    target = node.get("reftarget", "")
    first, _, rest = target.partition(".")
    if first in _PUBLIC:
        domain, full = env.get_domain("py"), target.replace(first, _PUBLIC[first], 1)
        found = node["refdoc"], app.builder, "obj", full, node, content
        return domain.resolve_xref(env, *found)
    page = _PAGES.get(target) or _PAGES.get(first)
    if not rest or page is None:
        return None
    address = f"{page.format(target)}#{target}"
    return nodes.reference("", "", content, refuri=address, internal=False)


def setup(app):
    """Register with Sphinx."""
    app.add_html_math_renderer("mathml", (_show_inline, None), (_show_block, None))
    app.connect("missing-reference", link_name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
