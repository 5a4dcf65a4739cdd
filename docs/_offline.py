"""Formulae as MathML, and links to scikit-learn, so that neither needs a network."""

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml

__all__ = ["external_link", "setup"]

_SCIKIT_LEARN = "https://scikit-learn.org/stable/modules/generated"


def _show_inline(translator, node):
    """Write a formula that stands in a line."""
    translator.body.append(tex2mathml(node.astext()))
    raise nodes.SkipNode


def _show_block(translator, node):
    """Write a displayed formula, which scrolls where the page is too narrow."""
    formula = tex2mathml(node.astext(), as_block=True)
    translator.body.append(f'<div class="formula">{formula}</div>\n')
    raise nodes.SkipNode


def external_link(app, env, node, content):
    """Resolve a public name of scikit-learn, without its inventory."""
    target = node.get("reftarget", "")
    parts = target.split(".")
    if parts[0] != "sklearn" or len(parts) < 3:
        return None
    address = f"{_SCIKIT_LEARN}/{target}.html"
    return nodes.reference("", "", content, refuri=address, internal=False)


def setup(app):
    """Register with Sphinx."""
    app.add_html_math_renderer("mathml", (_show_inline, None), (_show_block, None))
    app.connect("missing-reference", external_link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
