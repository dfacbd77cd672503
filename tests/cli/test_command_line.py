"""The commands as a user types them: output on stdout, notes on stderr, exit codes, no traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOPOLOGY = "topologies/reference.yaml"
EXPERIMENT = "experiments/reference_half_hour.yaml"
COMMANDS = [
    "run",
    "validate",
    "plan",
    "show",
    "catalogue",
    "schema",
    "topology build",
    "whitepaper",
]
BAD = """\
telemedsim: 1
kind: topology
name: bad
sites:
  - {id: a, tier: county, latitude: 1, longitude: 2}
  - {id: b, tier: county, latitude: 1, longitude: 3}
links:
  - {id: l, ends: [a, b], technology: sdh, rate: 100}
"""


def telemedsim(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, without a terminal."""
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "120"}
    return subprocess.run(
        [sys.executable, "-m", "telemedsim", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_ends_with_an_example(command: str) -> None:
    done = telemedsim(*command.split(), "--help")
    assert done.returncode == 0
    assert f"Example: telemedsim {command}" in done.stdout


def test_version() -> None:
    assert telemedsim("--version").stdout == "telemedsim 0.1.0\n"


def test_shipped_files_are_valid() -> None:
    """All but the country's two, which take a minute and are checked at night."""
    files = sorted(
        str(path)
        for folder in ("topologies", "experiments")
        for path in (ROOT / folder).rglob("*.yaml")
        if path.stem not in ("country", "country_day")
    )
    done = telemedsim("validate", *files)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_fault_is_one_line_with_its_place_and_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    done = telemedsim("validate", "bad.yaml", cwd=tmp_path)
    assert done.returncode == 2
    lines = done.stdout.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("bad.yaml:8:")
    assert "links[0].rate" in lines[0]
    assert "Mbit/s" in lines[0]
    machine = json.loads(telemedsim("validate", "--json", "bad.yaml", cwd=tmp_path).stdout)
    assert [fault["line"] for fault in machine["faults"]] == [8]


def test_validate_loads_no_library_of_the_engine() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from telemedsim.cli.main import app;"
        f"done = CliRunner().invoke(app, ['validate', '{TOPOLOGY}', '{EXPERIMENT}']);"
        "assert done.exit_code == 0, done.output;"
        "heavy = {'pandas', 'scipy', 'matplotlib', 'pyarrow', 'simpy'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "nowhere.yaml"], "nowhere.yaml"),
        (["run", EXPERIMENT, "--set", "windw.duration=1 s"], "window"),
        (["run", EXPERIMENT, "--duration", "0 s"], "window.duration"),
        (["catalogue", "tecnologies"], "technologies"),
        (["show", TOPOLOGY, "--table", "lnks"], "links"),
        (["topology", "build", "--province", "Guizou"], "Guizhou"),
    ],
)
def test_a_mistake_gets_a_remedy_and_no_traceback(
    arguments: list[str], words: str, tmp_path: Path
) -> None:
    done = telemedsim(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_prints_its_table_and_saves_whole_tables(tmp_path: Path) -> None:
    arguments = ["run", EXPERIMENT, "--duration", "2 s", "-o", str(tmp_path)]
    first, second = telemedsim(*arguments), telemedsim(*arguments)
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    assert "conn.county_hospital" in first.stdout
    folders = sorted((tmp_path / "reference_half_hour").iterdir())
    assert len(folders) == 2
    summaries = [(folder / "summary.csv").read_bytes() for folder in folders]
    assert summaries[0] == summaries[1]
    names = {path.name for path in folders[0].iterdir()}
    assert {
        "manifest.json",
        "scenario.yaml",
        "sessions.parquet",
        "links.parquet",
        "verdicts.parquet",
    } <= names
    assert {
        "summary.csv",
        "summary.json",
        "map_violations.png",
        "map_utilisation.png",
        "utilisation.png",
    } <= names


def test_json_output_is_one_document(tmp_path: Path) -> None:
    done = telemedsim("run", EXPERIMENT, "--duration", "1 s", "--no-save", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["rows"]
    assert {"scenario", "clause", "rate", "violated"} <= set(rows[0])


def test_plan_says_what_a_run_would_do() -> None:
    done = telemedsim("plan", EXPERIMENT, "--json")
    assert done.returncode == 0, done.stderr
    forecast = json.loads(done.stdout)
    assert forecast["figures"]["sites"] == 12
    assert forecast["figures"]["packet_hops"] > 0
    assert forecast["loads"][0]["load"] >= forecast["loads"][-1]["load"]


def test_the_committed_schemas_are_the_programs_own() -> None:
    folders = {"topology": "topologies", "recipe": "topologies", "experiment": "experiments"}
    for kind, folder in folders.items():
        shipped = (ROOT / folder / "schema" / f"{kind}.schema.json").read_text("utf-8")
        assert telemedsim("schema", kind).stdout == shipped


def test_show_draws_the_map(tmp_path: Path) -> None:
    picture = tmp_path / "map.png"
    done = telemedsim("show", TOPOLOGY, "--picture", str(picture))
    assert done.returncode == 0, done.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_engine_may_be_chosen_and_the_result_says_which() -> None:
    short = ("run", EXPERIMENT, "--duration", "1 s", "--no-save")
    assert "engine hybrid" in telemedsim(*short, "--engine", "hybrid").stdout
    wrong = telemedsim(*short, "--engine", "ns3")
    assert wrong.returncode == 2
    assert "--engine" in wrong.stderr
    assert "hybrid" in wrong.stderr


def test_verify_runs_both_engines_and_saves_nothing(tmp_path: Path) -> None:
    command = ("run", str(ROOT / EXPERIMENT), "--duration", "1 s", "--verify", "--json")
    done = telemedsim(*command, cwd=tmp_path)
    assert done.returncode == 0
    rows = json.loads(done.stdout)["rows"]
    assert {"scenario", "quantity", "reference", "hybrid", "difference"} <= set(rows[0])
    assert list(tmp_path.iterdir()) == []


def test_without_numba_a_run_says_once_what_that_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    arguments = ["run", EXPERIMENT, "--no-save", "--duration", "1 s", "--set", "connections=[]"]
    loud = telemedsim(*arguments, "--engine", "hybrid")
    quiet = telemedsim(*arguments, "--engine", "hybrid", "--quiet")
    assert loud.returncode == quiet.returncode == 0, loud.stderr
    assert loud.stderr.count("plain Python") == 1
    assert "plain Python" not in quiet.stderr
