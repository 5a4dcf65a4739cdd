"""Check the built manual: its links lead somewhere, and it needs no network.

``python .ci/check_site.py HTML_FOLDER``
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Words that people who know the field look for; see the page of questions.
SOUGHT = (
    "features", "stride", "missing", "dead", "recall", "seed", "fps", "ffmpeg",
    "export", "dataframe", "cite",
)  # fmt: skip


class Page(HTMLParser):
    """Names, links and what a browser fetches by itself."""

    def __init__(self, path):
        super().__init__()
        self.names, self.links, self.fetched = set(), [], []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        """Note what the tag names, links to or fetches."""
        found = dict(attrs)
        self.names.update(found[key] for key in ("id", "name") if found.get(key))
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        elif tag == "link" and found.get("rel") in ("stylesheet", "icon", "preload"):
            self.fetched.append(found.get("href", ""))
        elif tag in ("script", "img", "iframe", "video", "source"):
            self.fetched.append(found.get("src") or "")


def problems(root):
    """Yield a line for each thing that is wrong."""
    files = [path for path in root.rglob("*.html") if "_static" not in path.parts]
    pages = {path.resolve(): Page(path) for path in sorted(files)}
    for path, page in pages.items():
        where = path.relative_to(root)
        for address in (*page.links, *page.fetched):
            parts = urlsplit(address)
            if parts.scheme in ("http", "https") or parts.netloc:
                if address in page.fetched:
                    yield f"{where}: {address} is fetched from the network"
                continue
            if parts.scheme:
                continue
            target = (path.parent / unquote(parts.path)).resolve()
            target = path if not parts.path else target
            if not target.exists():
                yield f"{where}: {address} leads nowhere"
            elif parts.fragment and target in pages:
                named = unquote(parts.fragment) in pages[target].names
                if not named:
                    yield f"{where}: {address} names no place on its page"
    index = (root / "searchindex.js").read_text("utf-8").lower()
    for word in SOUGHT:  # the index has stems
        if f'"{word[:7].removesuffix("e")}' not in index:
            yield f"a search for {word} finds nothing"


if __name__ == "__main__":
    found = list(problems(Path(sys.argv[1]).resolve()))
    print("\n".join(found[:50]))
    print(f"{len(found)} problems of the site")
    sys.exit(bool(found))
