"""The command ``telemedsim``; also ``python -m telemedsim``."""

import os
import signal
import sys
from types import FrameType

INTERRUPTED = 130


def _leave(signum: int, frame: FrameType | None) -> None:
    """End at once: while libraries are read nothing is written, and no traceback helps anybody."""
    os._exit(INTERRUPTED)


def main() -> None:
    """Run the command line."""
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, _leave)
    if sys.stdout is None:  # Closed by whoever started us (``>&-``).
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    from telemedsim.cli.main import main as command_line

    command_line()


if __name__ == "__main__":
    main()
