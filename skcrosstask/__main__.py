"""Run the command line: ``python -m skcrosstask``."""

import sys

from skcrosstask._cli import main

if __name__ == "__main__":
    sys.exit(main())
