"""Check that all files that name the version name this one: check_version.py 0.2.0."""

import re
import sys
from pathlib import Path

wanted = sys.argv[1]
for path, pattern in {
    "skcrosstask/__init__.py": r'^__version__ = "(.+)"$',
    "CITATION.cff": r"^version: (.+)$",
    "CHANGELOG.md": r"^## \[(\d.+?)\] - \d{4}-\d\d-\d\d$",
    ".ci/conda-forge/recipe.yaml": r'^  version: "(.+)"$',
}.items():
    found = re.search(pattern, Path(path).read_text(), re.MULTILINE)
    named = found[1] if found else "none"
    if named != wanted:
        sys.exit(f"{path}: the version is {named}, not {wanted}")
print(f"version {wanted} everywhere")
