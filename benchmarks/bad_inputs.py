"""What malformed inputs come to: each must give one short error that names the culprit.

Every case is a file, an array or a parameter with one fault, through Python or the
command line. Asked for: an error (on the command line by exit status 2, without a
traceback) of one line, of at most 300 characters, that names the culprit; nothing
accepted silently, nothing hanging, no half-written result.

    python benchmarks/bad_inputs.py [WORD ...]

With words, only kinds that have one of them; with --verbose, every message.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bad import all_cases, judge, make_base


def run() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--verbose", action="store_true", help="print every message")
    args = parser.parse_args()
    cases = [
        case
        for case in all_cases()
        if not args.words or any(word in case.kind for word in args.words)
    ]
    totals: Counter[tuple[str, str]] = Counter()
    faults = 0
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        make_base(Path(folder))
        for case in cases:
            verdict, message = judge(case, Path(folder))
            route = "command line" if case.cli else "Python"
            totals[case.kind, route] += 1
            if verdict:
                faults += 1
                totals[case.kind, "faults"] += 1
            if verdict or args.verbose:
                print(
                    f"{case.kind} | {case.fault} | {verdict or 'ok'} | {message[:400]}"
                )
    print(f"\n{'kind':28}{'Python':>8}{'command line':>14}{'faults':>8}")
    for kind in dict.fromkeys(case.kind for case in cases):
        counts = [totals[kind, name] for name in ("Python", "command line", "faults")]
        print(f"{kind:28}{counts[0]:8}{counts[1]:14}{counts[2]:8}")
    seconds = time.perf_counter() - begin
    print(f"\n{len(cases)} malformed inputs, {faults} faults, {seconds:.0f} s")
    return faults > 0


if __name__ == "__main__":
    sys.exit(run())
