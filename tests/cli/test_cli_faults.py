"""Options that cannot be, outputs that cannot be written, interruptions: told shortly, nothing left."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import telemedsim as ts
from telemedsim.core.errors import UnreadableResults

ROOT = Path(__file__).resolve().parents[2]
EXPERIMENT = str(ROOT / "experiments" / "reference_half_hour.yaml")


def started(*arguments: str, cwd: Path) -> "subprocess.Popen[str]":
    """Start the command in a process of its own, without a terminal."""
    return subprocess.Popen(
        [sys.executable, "-m", "telemedsim", *arguments],
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(*arguments: str, cwd: Path) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr of a command."""
    process = started(*arguments, cwd=cwd)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


@pytest.mark.parametrize(
    ("options", "begins", "words"),
    [
        (["--seed", "-1"], "--seed -1: seed: ", "at least 0"),
        (["--duration", "5"], "--duration 5: window.duration: ", "needs a text with a unit"),
        (["--duration", "0 s"], "--duration 0 s: window.duration: ", "greater than 0"),
        (["--set", "x"], "--set x: ", "PATH=VALUE"),
        (["--set", "="], "--set =: ", "PATH=VALUE"),
        (["--set", "seed=1", "--set", "seed=2"], "--set seed=2: ", "first by --set seed=1"),
        (["--set", "seed=1", "--seed", "2"], "--seed 2: ", "first by --set seed=1"),
        (["--set", "windw.duration=1 s"], "--set windw.duration=1 s: ", "'window'"),
    ],
)
def test_a_fault_of_an_option_names_the_option(
    options: list[str], begins: str, words: str, tmp_path: Path
) -> None:
    code, out, err = finished("run", EXPERIMENT, *options, cwd=tmp_path)
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert line.startswith(begins)
    assert words in line
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_is_a_file_is_told_before_anything_is_simulated(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    for place in ("taken", "taken/below"):
        code, out, err = finished("run", EXPERIMENT, "-o", place, cwd=tmp_path)
        assert (code, out) == (6, "")
        (line,) = err.splitlines()
        assert "taken is not a folder" in line
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
    assert taken.read_text() == "mine"


def test_a_folder_that_may_not_be_written_is_told_beforehand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda place, mode: False)
    with pytest.raises(UnreadableResults, match="may not be written"):
        ts.check_output(tmp_path / "results" / "below")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = ts.simulate(ts.load(EXPERIMENT, ["window.duration=1 s"]))
    written = 0

    def full(handle: int) -> None:
        nonlocal written
        written += 1
        if written == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnreadableResults, match="No space left"):
        results.save(tmp_path / "results")
    assert list(tmp_path.iterdir()) == []


def wait_until_caught(pid: int, signum: signal.Signals) -> None:
    """Wait until a process catches a signal: before that Python itself has not begun its work."""
    for _ in range(6000):
        status = Path(f"/proc/{pid}/status").read_text("ascii")
        caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
        if int(caught.split()[1], 16) >> (signum - 1) & 1:
            return
        time.sleep(0.01)
    raise AssertionError(f"process {pid} never caught {signum.name}")


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("after_s", [0.2, 4.0], ids=["starting", "running"])
def test_an_interrupted_run_leaves_nothing(
    signum: signal.Signals, after_s: float, tmp_path: Path
) -> None:
    process = started("run", EXPERIMENT, "--duration", "20 min", "-q", cwd=tmp_path)
    wait_until_caught(process.pid, signal.SIGTERM)
    time.sleep(after_s)
    process.send_signal(signum)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [["run", EXPERIMENT, "--duration", "1 s", "--no-save", "-q"], ["catalogue", "clauses"]],
    ids=["run", "catalogue"],
)
def test_a_reader_that_leaves_is_no_error(arguments: list[str], tmp_path: Path) -> None:
    with started(*arguments, cwd=tmp_path) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert process.returncode == 0


def test_faults_keep_their_exit_code_although_nobody_reads_them(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("kind: topology\n")
    with started("validate", "bad.yaml", cwd=tmp_path) as process:
        assert process.stdout is not None
        process.stdout.close()
    assert process.returncode == 2


def test_a_picture_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    code, _, err = finished("schema", "-o", "taken", cwd=tmp_path)
    assert code == 6
    assert err.splitlines() == [
        "taken: cannot be written: File exists. Free some space, or choose another place that can be written"
    ]


def test_names_cannot_act_in_a_spreadsheet_or_a_terminal(tmp_path: Path) -> None:
    text = (ROOT / "topologies" / "reference.yaml").read_text("utf-8")
    text = text.replace('"Tongren municipal hospital"', '"=cmd|calc"')
    text = text.replace('"Zunyi municipal hospital"', '"[red]Zunyi[/red] [/]"')
    (tmp_path / "t.yaml").write_text(text, "utf-8")
    code, out, _ = finished("show", "t.yaml", "--table", "sites", "--format", "csv", cwd=tmp_path)
    assert code == 0
    assert "tongren,'=cmd|calc," in out
    code, out, _ = finished("show", "t.yaml", "--table", "sites", cwd=tmp_path)
    assert code == 0
    assert "[red]Zunyi[/red] [/]" in out
