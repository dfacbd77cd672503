"""The text of a YAML file before it is parsed, its limits, and what its plain scalars mean."""

import re
from pathlib import Path

import yaml

from telemedsim.core.errors import Fault, nearest

MAX_BYTES = 8 * 1024 * 1024
MAX_SCALAR = 64 * 1024
MAX_DIGITS = 40

CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)
"""Controls (C0, C1), line separators and marks that turn the direction of writing."""

_ZIP = b"PK\x03\x04"

Scalar = None | bool | int | float | str


def read_bytes(path: Path, file: str) -> tuple[bytes | None, list[Fault]]:
    """Return a regular file's bytes, or None and why it cannot be read."""
    try:
        if path.is_symlink() and not path.exists():
            return None, [_unreadable(file, "is a link that leads to no file", "")]
        if not path.exists():
            return None, [_unreadable(file, "the file does not exist", _near_file(path))]
        if path.is_dir():
            return None, [_unreadable(file, "is a folder", "Name a YAML file in it")]
        if not path.is_file():
            return None, [_unreadable(file, "is not a regular file", "Name a YAML file")]
        size = path.stat().st_size
        if size > MAX_BYTES:
            message = f"the file has {size:,} bytes, more than {MAX_BYTES:,}"
            return None, [Fault("TM107", file, 1, 1, "", message)]
        return path.read_bytes(), []
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return None, [_unreadable(file, f"cannot be read: {reason}", "")]


def _unreadable(file: str, message: str, hint: str) -> Fault:
    return Fault("TM100", file, 1, 1, "", message, hint=hint)


def _near_file(path: Path) -> str:
    folder = path.parent
    names = sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []
    found = nearest(path.name, names)
    return f"Did you mean '{folder / found}'?" if found else ""


def decoded(data: bytes, file: str) -> tuple[str | None, list[Fault]]:
    """Return the text of UTF-8 bytes without its byte-order mark, or None and the faults."""
    if len(data) > MAX_BYTES:
        message = f"the text has {len(data):,} bytes, more than {MAX_BYTES:,}"
        return None, [Fault("TM107", file, 1, 1, "", message)]
    if data.startswith(_ZIP):
        message = "is a spreadsheet or an archive, not a text"
        return None, [Fault("TM101", file, 1, 1, "", message, hint="Write a YAML file")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        message = f"byte {error.start} (0x{data[error.start]:02x}) is not UTF-8"
        return None, [
            Fault("TM101", file, line, column, "", message, hint="Save the file as UTF-8")
        ]
    found = [_control_fault(match, text, file) for match in CONTROL.finditer(text)]
    return (None, found[:100]) if found else (text, [])


def _control_fault(match: re.Match[str], text: str, file: str) -> Fault:
    start = match.start()
    line = text.count("\n", 0, start) + 1
    column = start - text.rfind("\n", 0, start)
    offset = len(text[:start].encode())
    message = f"control character U+{ord(match.group()):04X} at byte {offset}"
    return Fault("TM102", file, line, column, "", message, hint="Remove it")


def parser_fault(error: yaml.MarkedYAMLError, file: str, text: str) -> Fault:
    """Return the fault of a text that the parser refuses, with a hint where the cause is plain."""
    problem = error.problem or "cannot be parsed"
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if "nesting depth" in problem:
        return Fault("TM107", file, line, column, "", "values are nested too deep")
    context = f" {error.context}" if error.context else ""
    lines = text.splitlines()
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    hint = "Look for a missing quote, colon or indentation on this line or the one before"
    if "\t" in here[: len(here) - len(here.lstrip())] or "cannot start any token" in problem:
        hint = "Indent with spaces, and quote texts that begin with % @ or `"
    return Fault("TM103", file, line, column, "", f"is no YAML: {problem}{context}", hint=hint)


_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BEGINS_A_NUMBER = frozenset("+-.0123456789")
_WORDS: dict[str, Scalar] = {"": None, "~": None}
_WORDS |= {word: None for word in ("null", "Null", "NULL")}
_WORDS |= {word: True for word in ("true", "True", "TRUE")}
_WORDS |= {word: False for word in ("false", "False", "FALSE")}
_WORDS |= {
    sign + word: float(sign + "inf") for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")
}
_WORDS |= {word: float("nan") for word in (".nan", ".NaN", ".NAN")}


def resolve(text: str) -> Scalar:
    """Return the value of a plain scalar in YAML 1.2's core schema.

    Integers with leading zeros stay texts, since 1.1 read them as octal and codes of places
    begin with zeros.

    >>> [resolve(text) for text in ("1e3", "010", "no", "1:30", "1_000", "0x1F", "~")]
    [1000.0, '010', 'no', '1:30', '1_000', 31, None]
    """
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > MAX_DIGITS or text[0] not in _BEGINS_A_NUMBER:
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text) and not re.match(r"[-+]?0[0-9]+$", text):
        return float(text)
    return text


def is_long_number(text: str) -> bool:
    """Return whether a plain text is a number with more digits than any value here needs."""
    return len(text) > MAX_DIGITS and bool(_FLOAT.fullmatch(text) or _OTHER_BASE.fullmatch(text))
