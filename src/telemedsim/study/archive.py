"""A run's folder: its tables, its manifest and its figures."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from telemedsim.records.file_names import run_folder
from telemedsim.records.store import save

if TYPE_CHECKING:
    import pandas as pd


def save_run(
    tables: "Mapping[str, pd.DataFrame]",
    manifest: Mapping[str, Any],
    scenario_text: str,
    results: Path,
    figures: Mapping[str, bytes],
) -> Path:
    """Write a run under ``results/<experiment>/<UTC>-<hash8>``; return the folder."""
    started = datetime.strptime(manifest["started_utc"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    folder = run_folder(results, manifest["experiment"], started, manifest["scenario_hash"])
    return save(folder, tables, manifest, scenario_text, figures)
