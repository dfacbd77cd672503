"""What commands print, letter by letter.

A change on purpose: `pytest tests/examples --snapshot-update`, then read the difference in git.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from typer.testing import CliRunner

from province_files import EXPERIMENT, TOPOLOGY, edited, write_files
from telemedsim.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
Command = Callable[..., tuple[str, int]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return a function that types a command in a folder and gives its output and exit code."""

    def typed(folder: Path, *arguments: str) -> tuple[str, int]:
        monkeypatch.chdir(folder)
        done = CliRunner().invoke(app, arguments, env={"NO_COLOR": "1"})
        return done.stdout, done.exit_code

    return typed


def test_show(command: Command, snapshot: SnapshotAssertion) -> None:
    assert command(ROOT, "show", "topologies/reference.yaml") == snapshot


def test_catalogue_tiers(command: Command, snapshot: SnapshotAssertion) -> None:
    assert command(ROOT, "catalogue", "tiers") == snapshot


def test_catalogue_topics(command: Command, snapshot: SnapshotAssertion) -> None:
    assert command(ROOT, "catalogue") == snapshot


def test_validate_bad_file(command: Command, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    topology = edited(TOPOLOGY, "rate: 20 Mbit/s", "rate: 20 MB/s")
    topology = edited(topology, "ends: [c2, prov]", "ends: [c2, prof]")
    write_files(tmp_path, edited(topology, "    beds: 300", "    bedz: 300"))
    assert command(tmp_path, "validate", "province.yaml") == snapshot


def test_run_table(command: Command, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    write_files(tmp_path, experiment=edited(EXPERIMENT, "engine: reference", "engine: 'null'"))
    shown = command(tmp_path, "run", "morning.yaml", "--no-save", "--quiet")
    assert shown == snapshot
