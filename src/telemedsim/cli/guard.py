"""From an error to one line a fault on stderr and an exit code; never a traceback for a user's mistake."""

import functools
import os
import signal
import sys
from collections.abc import Callable
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
    """Return what stderr says of an error: where, what, and what to do instead."""
    if isinstance(error, InvalidInput):
        return f"{error}\n"
    place = f"{printable(error.file)}: " if error.file else ""
    remedy = f"\n{printable(error.remedy)}" if error.remedy else ""
    return f"{place}{printable(str(error))}{remedy}\n"


def guarded(command: Callable[P, R]) -> Callable[P, R]:
    """Wrap a command so that known errors become messages and exit codes."""

    @functools.wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except TelemedsimError as error:
            sys.stderr.write(_told(error))
            raise typer.Exit(exit_code_of(error)) from None
        except KeyboardInterrupt:
            sys.stderr.write("interrupted: nothing was written\n")
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        except BrokenPipeError:
            # The reader of our output has gone: say nothing, and keep Python from flushing to it.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(ExitCode.OK) from None

    return wrapper


def _on_terminate(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def treat_terminate_as_interrupt() -> None:
    """Make SIGTERM end a command as Ctrl-C does, with exit code 130."""
    signal.signal(signal.SIGTERM, _on_terminate)
