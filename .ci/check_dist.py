"""Check what the wheel and the sdist hold: python .ci/check_dist.py DIST."""

import sys
import tarfile
import zipfile
from pathlib import Path

dist = Path(sys.argv[1])
wheel = zipfile.ZipFile(next(dist.glob("*.whl"))).namelist()
with tarfile.open(next(dist.glob("*.tar.gz"))) as archive:
    sdist = archive.getnames()
sources = {str(path) for path in Path("skcrosstask").rglob("*.py")}
sources |= {str(path) for path in Path("skcrosstask/results/_viewer").iterdir()}

missing = (sources | {"skcrosstask/py.typed"}) - set(wheel)
assert not missing, f"the wheel lacks {sorted(missing)}"
stray = [n for n in wheel if not n.startswith("skcrosstask")]
assert not stray, f"the wheel also holds {stray}"
names = {name.split("/", 1)[1] for name in sdist if "/" in name}
wanted = (
    "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "CITATION.cff", "LICENSE",
    "pyproject.toml", "tests/conftest.py", "docs/how_it_is_built.rst",
)  # fmt: skip
for name in (*sorted(sources), *wanted):
    assert name in names, f"the sdist lacks {name}"
unwanted = [n for n in names if n.endswith((".pyc", ".npy", ".nbi", ".nbc"))]
assert not unwanted, f"the sdist also holds {unwanted}"
print(f"wheel {len(wheel)} files, sdist {len(names)} files: as they should be")
