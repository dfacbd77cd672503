"""From an error to one line a fault on stderr and an exit code; never a traceback for a user's mistake."""

import functools
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import ParamSpec, TypeVar

import typer

from telemedsim.core.errors import InvalidInput, TelemedsimError, UnreadableResults, printable
from telemedsim.core.exit_codes import ExitCode

P = ParamSpec("P")
R = TypeVar("R")


def exit_code_of(error: TelemedsimError) -> ExitCode:
    """Return the exit code that an error of ours means."""
    if isinstance(error, UnreadableResults):
        return ExitCode.RESULTS_UNREADABLE
    return ExitCode.INVALID_INPUT


def _told(error: TelemedsimError) -> str:
    """Return what stderr says of an error: where, what, and what to do instead, on one line."""
    if isinstance(error, InvalidInput):
        return f"{error}\n"
    place = f"{error.file}: " if error.file else ""
    remedy = f". {error.remedy[:1].upper()}{error.remedy[1:]}" if error.remedy else ""
    return f"{printable(f'{place}{error}{remedy}')}\n"


def _not_written(error: OSError) -> str:
    """Return what stderr says when the system refuses to write (or to read what it offered)."""
    place = f"{error.filename}: " if error.filename else ""
    reason = error.strerror or str(error)
    remedy = "Free some space, or choose another place that can be written"
    return f"{printable(f'{place}cannot be written: {reason}. {remedy}')}\n"


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """Print what stands inside; if the reader of our output has gone (``| head -1``) say nothing."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_output()


def guarded(command: Callable[P, R]) -> Callable[P, R | None]:
    """Wrap a command so that known errors become messages and exit codes."""

    @functools.wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R | None:
        try:
            _tidy_up_when_interrupted()
            with reader_may_leave():
                return command(*args, **kwargs)
        except TelemedsimError as error:
            sys.stderr.write(_told(error))
            raise typer.Exit(exit_code_of(error)) from None
        except KeyboardInterrupt:
            # A compiler cut short cannot close what it had half made, and says so when Python ends.
            sys.unraisablehook = _say_nothing
            sys.stderr.write("interrupted: nothing was written\n")
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        except OSError as error:
            sys.stderr.write(_not_written(error))
            _forget_output()
            raise typer.Exit(ExitCode.RESULTS_UNREADABLE) from None
        return None

    return wrapper


def _forget_output() -> None:
    """Keep Python from trying once more, when it ends, to write what could not be written."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say_nothing(_: object) -> None:
    pass


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _tidy_up_when_interrupted() -> None:
    """Let Ctrl-C and SIGTERM both end a command by KeyboardInterrupt, so that it cleans up."""
    if threading.current_thread() is threading.main_thread():
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, _interrupt)
