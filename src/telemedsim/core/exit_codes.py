"""The exit codes of the command line, one public enum."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's exit code means; when several apply, the first of PRECEDENCE wins."""

    OK = 0
    INTERNAL_ERROR = 1
    INVALID_INPUT = 2
    INCONCLUSIVE = 3
    REFUSED_BY_BUDGET = 4
    NOTHING_JUDGED = 5
    RESULTS_UNREADABLE = 6
    GATE_FAILED = 99
    INTERRUPTED = 130


PRECEDENCE = (130, 1, 2, 4, 6, 99, 5, 3, 0)


def worst(codes: list[ExitCode]) -> ExitCode:
    """Return the code that prevails when several apply.

    >>> worst([ExitCode.OK, ExitCode.GATE_FAILED, ExitCode.INVALID_INPUT])
    <ExitCode.INVALID_INPUT: 2>
    """
    return min(codes, key=lambda code: PRECEDENCE.index(int(code)), default=ExitCode.OK)
