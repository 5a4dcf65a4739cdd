"""How-to articles as paragraphs of sentences."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skcrosstask._input import PathLike


__all__ = ["check_articles", "read_paragraphs"]


def read_paragraphs(path: PathLike) -> list[list[list[str]]]:
    """Read how-to articles, such as wikiHow's, for `LearnedAggregation`.

    Parameters
    ----------
    path : path
        JSON: a list of articles. An article is a list of paragraphs or an object with
        ``paragraphs``, a paragraph is a list of sentences.

    Returns
    -------
    list of list of list of str
        Articles of paragraphs of sentences.

    Raises
    ------
    ValueError
        If the file is not such a JSON; the message names the file and the place.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skcrosstask.narration import read_paragraphs
    >>> path = Path(tempfile.mkdtemp()) / "articles.json"
    >>> _ = path.write_text('[{"paragraphs": [["Pour milk.", "Stir."], ["Serve."]]}]')
    >>> read_paragraphs(path)
    [[['Pour milk.', 'Stir.'], ['Serve.']]]
    """
    name = os.fspath(path)
    try:
        content = json.loads(Path(path).read_bytes().decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{name}, line {error.lineno}: not JSON: {error.msg}."
        ) from None
    except (ValueError, RecursionError):
        raise ValueError(f"{name}: not JSON in UTF-8.") from None
    if not isinstance(content, list) or not content:
        raise ValueError(f"{name}: a list of articles was expected.")
    articles = [
        article.get("paragraphs") if isinstance(article, dict) else article
        for article in content
    ]
    try:
        return check_articles(articles)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: {error}") from None


def check_articles(articles: Any) -> list[list[list[str]]]:
    """Lists of lists of lists of strings, or a TypeError that names the place."""
    if isinstance(articles, str) or not hasattr(articles, "__iter__"):
        raise TypeError(f"articles must be a list, got {articles!r:.60}.")
    checked = []
    for a, article in enumerate(articles):
        if not isinstance(article, list | tuple):
            raise TypeError(
                f"article {a} must be a list of paragraphs, got {article!r:.60}."
            )
        for p, paragraph in enumerate(article):
            if not isinstance(paragraph, list | tuple):
                raise TypeError(
                    f"article {a}, paragraph {p} must be a list of sentences, "
                    f"got {paragraph!r:.60}."
                )
            for s, sentence in enumerate(paragraph):
                if not isinstance(sentence, str):
                    raise TypeError(
                        f"article {a}, paragraph {p}, sentence {s} must be a str, "
                        f"got {sentence!r:.60}."
                    )
        checked.append([list(paragraph) for paragraph in article])
    if not checked:
        raise ValueError("no article was given.")
    return checked
