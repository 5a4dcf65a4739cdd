"""Run the command line: ``python -m skcrosstask``.

Nothing slow is imported before Ctrl-C and SIGTERM are in hand.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType
from typing import Any, NoReturn

__all__ = ["run"]

_LINE = "skcrosstask: interrupted.\n"
_INTERRUPTED = 130
_RETRY = 0.02  # seconds


class _Stop:
    """Ends the command on a signal, at any moment, as Ctrl-C does in Python."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        if _is_importing(frame):
            # Extensions make other errors of an exception while they are imported,
            # and there is nothing yet to save.
            os.write(2, _LINE.encode())
            os._exit(self.status)
        raise KeyboardInterrupt

    def again(self, lost: Any) -> None:
        """Send the signal again where an exception could go nowhere."""
        if not issubclass(lost.exc_type, KeyboardInterrupt):
            sys.__unraisablehook__(lost)
        elif self.number:
            resend = threading.Timer(_RETRY, os.kill, (os.getpid(), self.number))
            resend.daemon = True
            resend.start()

    @property
    def status(self) -> int:
        """Of the process, as shells have it."""
        return 128 + (self.number or signal.SIGINT)


def run() -> NoReturn:
    """Run a command and exit: by 143 after SIGTERM, by 130 after Ctrl-C."""
    stop = _Stop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    sys.unraisablehook = stop.again
    try:
        from skcrosstask._cli import main

        status = main()
    except KeyboardInterrupt:
        sys.stderr.write(_LINE)
        status = _INTERRUPTED
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
    sys.exit(stop.status if status == _INTERRUPTED else status)


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


if __name__ == "__main__":
    run()
