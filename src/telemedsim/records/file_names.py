"""Names of folders and files that every system accepts, and the folder of a run."""

import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path

LONGEST_NAME = 80
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul"] + [f"{port}{n}" for port in ("com", "lpt") for n in range(10)]
)


def is_safe_name(name: str) -> bool:
    """Return whether a name can be a file or folder everywhere, and stays where it is put.

    >>> is_safe_name("links.parquet"), is_safe_name("../links"), is_safe_name("CON.txt")
    (True, False, False)
    """
    plain = _PLAIN.fullmatch(name) is not None and len(name) <= LONGEST_NAME
    return plain and name.split(".")[0].lower() not in _RESERVED


def safe_name(text: str) -> str:
    """Return the text where it is safe, else what is legible of it and a hash of the whole.

    >>> safe_name("guizhou_day"), safe_name("a/b")
    ('guizhou_day', 'a-b-c14cddc0')
    """
    if is_safe_name(text):
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    legible = re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-")[: LONGEST_NAME - 20]
    return f"{legible}-{digest}" if _PLAIN.match(legible) else f"run-{digest}"


def run_folder(root: Path, experiment: str, started: datetime, fingerprint: str) -> Path:
    """Return the first free ``<root>/<experiment>/<UTC>-<hash8>``; nothing is created."""
    moment = started.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    base = root / safe_name(experiment) / f"{moment}-{safe_name(fingerprint[:8])}"
    folder, number = base, 2
    while folder.exists() or folder.is_symlink():
        folder = base.with_name(f"{base.name}-{number}")
        number += 1
    return folder
