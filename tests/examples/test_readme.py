"""What the README says can be typed, can be typed: commands, YAML files, Python, links, pictures."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import telemedsim as ts
from telemedsim.cli.main import app
from telemedsim.core.exit_codes import ExitCode
from telemedsim.records.schema import TABLES

ROOT = Path(__file__).resolve().parents[2]
READMES = {
    name: (ROOT / name / "README.md").read_text("utf-8")
    for name in (".", "experiments", "topologies", "results")
}
FIRST = READMES["."]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:^ {4}|`)(telemedsim [^`\n]+)", re.MULTILINE)
MAKE = re.compile(r"(?:^ {4}|`)make (\w+)", re.MULTILINE)
UNIT_SUFFIX = re.compile(r"_(bps|s|ms|us|min|h|bytes|km|tb)$")


def blocks(text: str, language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return [body for word, body in FENCE.findall(text) if word == language]


def commands() -> list[str]:
    """Return every command line of the program in any README, once."""
    found = [
        match.strip() for text in READMES.values() for match in COMMAND.findall(FENCE.sub("", text))
    ]
    return list(dict.fromkeys(found))


def run_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder as a user would, without colours."""
    environment = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a folder with the shipped YAML files and those that the READMEs tell one to write."""
    for folder in ("topologies", "experiments"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for text in READMES.values():
        for body in blocks(text, "yaml"):
            (tmp_path / file_of(body)).write_text(body, "utf-8")
    return tmp_path


def file_of(block: str) -> str:
    """Return the file name that stands in a YAML block's first line."""
    first = block.splitlines()[0]
    assert re.fullmatch(r"# (topologies|experiments)/\w+\.yaml", first), f"no file name in: {first}"
    return first.removeprefix("# ")


@pytest.mark.parametrize("command", commands())
def test_command_line_works(command: str, clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command line of the READMEs ends with exit code 0."""
    monkeypatch.chdir(clone)
    done = CliRunner().invoke(app, shlex.split(command)[1:], env={"NO_COLOR": "1"})
    assert done.exit_code == 0, done.output
    assert done.exception is None


def test_no_command_line_is_folded() -> None:
    """A command inside a sentence stands on one line, else nobody can copy it."""
    for text in READMES.values():
        assert not re.search(r"`telemedsim[^`]*\n", FENCE.sub("", text))


def test_every_command_has_its_row() -> None:
    rows = re.findall(r"^\| `([a-z ]+)` \|", FIRST, re.MULTILINE)
    names = [command.name for command in app.registered_commands]
    names += [group.name for group in app.registered_groups]
    assert {row.split()[0] for row in rows} == set(names)


def test_yaml_blocks_are_valid_files(clone: Path) -> None:
    files = [file_of(body) for text in READMES.values() for body in blocks(text, "yaml")]
    assert files
    done = run_in(clone, "-m", "telemedsim", "validate", *files)
    assert done.returncode == 0, done.stdout


def test_python_blocks_run_in_order_and_every_file_is_explained(clone: Path) -> None:
    body = "".join(blocks(FIRST, "python"))
    done = run_in(clone, "-W", "error", "-c", body)
    assert done.returncode == 0, done.stderr
    assert "tongzi" in done.stdout, "the stricter bound breaks the lesson at Tongzi"
    names = {path.name for path in clone.glob("results/*/*/*")}
    assert {"manifest.json", "summary.csv", "map_violations.png"} <= names
    names |= {f"{table}.parquet" for table in TABLES}
    assert [name for name in sorted(names) if f"`{name}`" not in READMES["results"]] == []


def test_exit_codes_are_the_programs() -> None:
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", FIRST, re.MULTILINE)}
    later = {
        ExitCode.INCONCLUSIVE,
        ExitCode.REFUSED_BY_BUDGET,
        ExitCode.NOTHING_JUDGED,
        ExitCode.GATE_FAILED,
    }
    assert listed == set(ExitCode) - later


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = re.findall(r"^(\w+):", makefile, re.MULTILINE)
    named = set(MAKE.findall(FIRST))
    assert {"run", "test"} <= named <= set(targets)


@pytest.mark.parametrize("name", READMES)
def test_links_lead_to_files(name: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", READMES[name]):
        assert (ROOT / name / target).exists(), f"{name}/README.md: no {target}"


@pytest.mark.parametrize("kind", ["topology", "experiment"])
def test_every_field_is_explained(kind: str) -> None:
    """Each field that one may write stands in the folder's README, without its unit."""
    schema = json.loads(ts.schema(kind))
    explained = ["Site", "Link", "Campus"] if kind == "topology" else list(schema["$defs"])
    owners = [schema, *(schema["$defs"][name] for name in explained)]
    fields = {name for owner in owners for name in owner["properties"]} - {"telemedsim", "kind"}
    bare = {
        name
        for name in fields
        if UNIT_SUFFIX.sub("", name) == name or UNIT_SUFFIX.sub("", name) not in fields
    }
    text = READMES["topologies" if kind == "topology" else "experiments"]
    assert [name for name in sorted(bare) if f"`{name}" not in text] == []


def test_results_readme_prints_the_columns(clone: Path) -> None:
    done = run_in(clone, "-c", "".join(blocks(READMES["results"], "python")))
    assert done.returncode == 0, done.stderr
    assert "cause_interface" in done.stdout
