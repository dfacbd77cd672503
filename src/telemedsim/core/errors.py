"""Errors for people: what is wrong, where, the value, and what to write instead."""

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from telemedsim.core.fault_codes import FAULT_CODES, level_of
from telemedsim.core.measures import Opaque, Refused, Spelled
from telemedsim.core.words import NOTHING, nearest, suggestion

__all__ = ["NOTHING", "nearest", "suggestion"]

PathParts = tuple[str | int, ...]

SHOWN_FAULTS = 50
SHOWN_CHARACTERS = 60


class TelemedsimError(Exception):
    """The base of every error that the program raises on purpose."""

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
        path: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(message)
        self.file = file
        self.line = line
        self.column = column
        self.path = path
        self.remedy = remedy


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one place of a file; lines and columns count from 1.

    What an option of the command line says has the option as its file, and line 0.
    """

    code: str
    file: str
    line: int
    column: int
    path: str
    message: str
    value: object = field(default=NOTHING, hash=False)
    hint: str = ""

    def __post_init__(self) -> None:
        if self.code not in FAULT_CODES:
            raise ValueError(f"no fault has the code {self.code}")

    @property
    def level(self) -> str:
        """'error' or 'warning'."""
        return level_of(self.code)

    def as_dict(self) -> dict[str, str | int]:
        """Return the fault for a machine; the value as people see it."""
        value = "" if self.value is NOTHING else shown(self.value)
        return {
            "code": self.code,
            "level": self.level,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "path": self.path,
            "message": self.message,
            "value": value,
            "hint": self.hint,
        }

    def __str__(self) -> str:
        """Return ``file:line:col: path: what is wrong (got ...). Hint. [TMnnn]``."""
        numbers = f":{self.line}:{self.column}" if self.line else ""
        place = f"{self.file}{numbers}: "
        path = f"{self.path}: " if self.path else ""
        value = "" if self.value is NOTHING else f" (got {shown(self.value)})"
        end = "" if self.hint.endswith(("?", ".")) else "."
        hint = f" {self.hint}{end}" if self.hint else ""
        return printable(f"{place}{path}{self.message}{value}.{hint} [{self.code}]")


class InvalidInput(TelemedsimError):  # noqa: N818 - the public name reads as what it is
    """Input files with faults; ``faults`` holds them all, in the order of the files."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        lines = [str(fault) for fault in self.faults[:SHOWN_FAULTS]]
        more = len(self.faults) - len(lines)
        if more > 0:
            lines.append(f"and {more} more")
        first = self.faults[0] if self.faults else None
        super().__init__(
            "\n".join(lines),
            file=first.file if first else None,
            line=first.line if first else None,
            column=first.column if first else None,
            path=first.path if first else None,
            remedy=first.hint if first else None,
        )


class UnreadableResults(TelemedsimError):  # noqa: N818 - the public name reads as what it is
    """Results that could not be read, written or compared."""


def printable(text: str) -> str:
    """Return a text whose control and direction characters are escaped.

    >>> print(printable("a" + chr(27) + "[31m"))
    a\\x1b[31m
    """
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        else character
        for character in text
    )


def shown(value: object) -> str:
    """Return a value as it stands in a file, shortened.

    >>> shown("10 Mb"), shown(True), shown(None), shown([1, 2])
    ("'10 Mb'", 'true', 'null', '[1, 2]')
    """
    if isinstance(value, Spelled | Opaque | Refused):
        return shown(value.value)
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, str):
        return f"'{_shortened(value)}'"
    if isinstance(value, list | tuple) and len(value) > 4:
        return f"a list of {len(value)}"
    if value is None or isinstance(value, bool | list | tuple):
        return _shortened(json.dumps(value, ensure_ascii=False, default=str))
    return _shortened(str(value) if not isinstance(value, int) else _digits(value))


def _digits(value: int) -> str:
    return str(value) if value.bit_length() < 200 else f"a number of {value.bit_length()} bits"


def _shortened(text: str) -> str:
    text = printable(text[: SHOWN_CHARACTERS + 1])
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def dotted(path: PathParts) -> str:
    """Return a path as people write it.

    >>> dotted(("sites", 3, "rate"))
    'sites[3].rate'
    """
    text = ""
    for part in path:
        text += (
            f"[{part}]"
            if isinstance(part, int)
            else f".{_shortened(part)}"
            if text
            else _shortened(part)
        )
    return text
