"""The folder of a run: written whole or not at all, read only when every checksum holds."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from telemedsim.core.errors import UnreadableResults, printable
from telemedsim.records.file_names import is_safe_name
from telemedsim.records.parquet import frame_of, parquet_bytes
from telemedsim.records.schema import SCHEMA_VERSION, TABLES
from telemedsim.records.summary_text import csv_text, json_text

MANIFEST = "manifest.json"
SCENARIO = "scenario.yaml"
LARGEST_MANIFEST_BYTES = 2**20
REMEDY = "free some space, or choose a folder that can be written with --output"


@dataclass(frozen=True)
class SavedRun:
    """A run read back from its folder."""

    folder: Path
    manifest: dict[str, object]
    tables: dict[str, pd.DataFrame]
    scenario_text: str


def save(
    folder: Path,
    tables: Mapping[str, pd.DataFrame],
    manifest: Mapping[str, object],
    scenario_text: str,
    figures: Mapping[str, bytes] | None = None,
) -> Path:
    """Write a run into a new folder and return it.

    Everything is written beside it first, and renamed at the end: readers see all or nothing, and a
    failure leaves nothing behind. Raises UnreadableResults.
    """
    contents = _contents(tables, scenario_text, figures or {})
    listing = {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in contents.items()
    }
    described = json.dumps({**manifest, "files": listing}, indent=1, ensure_ascii=False) + "\n"
    contents[MANIFEST] = described.encode()
    made: list[Path] = []
    try:
        _check_target(folder)
        made = _missing_parents(folder)
        _write_and_rename(folder, contents)
    except OSError as fault:
        raise UnreadableResults(
            f"cannot write the results: {fault.strerror or fault}",
            file=str(folder),
            remedy=REMEDY,
        ) from fault
    finally:
        _remove_empty(made)
    return folder


def check_writable(folder: Path) -> None:
    """Raise UnreadableResults if nothing can be written under a folder; it need not exist."""
    here = folder.absolute()
    try:
        while not (here.exists() or here.is_symlink()) and here != here.parent:
            here = here.parent
        reason = "is not a folder" if not here.is_dir() else ""
        if not reason and not os.access(here, os.W_OK | os.X_OK):
            reason = "may not be written"
    except OSError as fault:
        reason = fault.strerror or str(fault)
    if reason:
        raise UnreadableResults(
            f"cannot write the results: {here.name or here} {reason}",
            file=str(folder),
            remedy=REMEDY,
        )


def open_run(folder: Path | str) -> SavedRun:
    """Return a saved run. Raises UnreadableResults naming the file that is missing or damaged."""
    folder = Path(folder)
    manifest = _manifest(folder)
    listing = manifest.get("files")
    if not isinstance(listing, dict):
        raise _damaged(folder / MANIFEST, "it lists no files")
    tables: dict[str, pd.DataFrame] = {}
    scenario_text = ""
    for name, entry in listing.items():
        content = _checked(folder, str(name), entry)
        table, _, ending = str(name).partition(".")
        try:
            if ending == "parquet" and table in TABLES:
                tables[table] = frame_of(table, content)
            elif name == SCENARIO:
                scenario_text = content.decode()
        except (ValueError, OSError) as fault:
            raise _damaged(folder / str(name), str(fault)) from fault
    return SavedRun(folder, manifest, tables, scenario_text)


def _contents(
    tables: Mapping[str, pd.DataFrame], scenario_text: str, figures: Mapping[str, bytes]
) -> dict[str, bytes]:
    contents = {SCENARIO: scenario_text.encode()}
    for name in sorted(tables):
        contents[f"{name}.parquet"] = parquet_bytes(name, tables[name])
    if "summary" in tables:
        contents["summary.csv"] = csv_text("summary", tables["summary"]).encode()
        contents["summary.json"] = json_text("summary", tables["summary"]).encode()
    for name in sorted(figures):
        if not is_safe_name(name) or name in contents:
            raise UnreadableResults(f"a figure cannot be called '{printable(name)}'", file=name)
        contents[name] = figures[name]
    return contents


def _check_target(folder: Path) -> None:
    remedy = "choose another folder, or remove this one"
    if not is_safe_name(folder.name):
        raise UnreadableResults(
            f"a folder cannot be called '{printable(folder.name)}'",
            file=str(folder),
            remedy="use letters, digits, '.', '_' and '-', and no reserved word such as CON",
        )
    if folder.is_symlink():
        raise UnreadableResults(
            "the results folder is a symbolic link", file=str(folder), remedy=remedy
        )
    if folder.exists():
        what = "is not empty" if folder.is_dir() else "is a file"
        if not folder.is_dir() or any(folder.iterdir()):
            raise UnreadableResults(f"the results folder {what}", file=str(folder), remedy=remedy)


def _missing_parents(folder: Path) -> list[Path]:
    return [parent for parent in folder.parents if not parent.exists()]


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def _write_and_rename(folder: Path, contents: Mapping[str, bytes]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name, data in contents.items():
            with (draft / name).open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        draft.chmod(0o755)
        _sync_folder(draft)
        os.replace(draft, folder)
        draft = folder
        _sync_folder(folder.parent)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _manifest(folder: Path) -> dict[str, object]:
    path = folder / MANIFEST
    if not folder.is_dir():
        raise UnreadableResults(
            "no results are here", file=str(folder), remedy="give the folder of a run"
        )
    data = _read(path, LARGEST_MANIFEST_BYTES)
    try:
        manifest = json.loads(data.decode())
    except (ValueError, RecursionError) as fault:
        raise _damaged(path, str(fault)) from fault
    if not isinstance(manifest, dict):
        raise _damaged(path, "it is no mapping")
    made_for = manifest.get("schema_version")
    if made_for != SCHEMA_VERSION:
        raise UnreadableResults(
            f"the results have schema version {made_for}, this program reads {SCHEMA_VERSION}",
            file=str(path),
            remedy="simulate afresh, or use the release that wrote them",
        )
    return manifest


def _checked(folder: Path, name: str, entry: object) -> bytes:
    path = folder / name
    if not is_safe_name(name) or not isinstance(entry, dict):
        raise _damaged(folder / MANIFEST, f"it lists a file called '{printable(name)}'")
    size = entry.get("bytes")
    data = _read(path, size if isinstance(size, int) else 0)
    if len(data) != size or hashlib.sha256(data).hexdigest() != entry.get("sha256"):
        raise _damaged(path, "its checksum is not that of the manifest")
    return data


def _read(path: Path, limit: int) -> bytes:
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise _damaged(path, "it is no regular file")
    try:
        if path.stat().st_size > limit:
            raise _damaged(path, f"it is larger than {limit} bytes")
        return path.read_bytes()
    except OSError as fault:
        raise _damaged(path, fault.strerror or str(fault)) from fault


def _damaged(path: Path, why: str) -> UnreadableResults:
    return UnreadableResults(
        f"the results cannot be read: {printable(path.name)}: {printable(why)}",
        file=str(path),
        remedy="simulate afresh; a run is never read in part",
    )
