"""Print the oldest versions that pyproject.toml allows, as constraints for pip."""

import re
import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
extras = project["optional-dependencies"]
wanted = list(project["dependencies"])
for extra in ("plot", "subtitles", "video", "manifest", "remote", "dask", "test"):
    wanted += extras[extra]
for requirement in wanted:
    found = re.fullmatch(r"([\w.-]+)(?:\[\w+\])?>=([\d.]+)", requirement)
    if found:
        print(f"{found[1]}=={found[2]}")
    else:
        assert requirement.startswith("skcrosstask["), f"no floor: {requirement}"
# matplotlib 3.8 calls names that newer ones deprecate, and warnings are errors here.
print("pyparsing<3.3")
