"""House rules as tests: sizes, names, docstrings, layers, no stray paths."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "src" / "telemedsim").rglob("*.py"))
BANNED_NAMES = {"utils", "util", "helpers", "helper", "misc", "common", "manager"}
FLAT_LOOPS = {"run_plain": 160}
"""Compiled loops that keep their state in the processor's registers: a call in them costs as much as the work."""


def tracked_files() -> list[Path]:
    """Return what git tracks, or every file of an unpacked archive."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode == 0 and done.stdout:
        return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).exists()]
    return [path for path in ROOT.rglob("*") if path.is_file() and ".venv" not in path.parts]


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT / "src")))
def test_source_file_keeps_the_house_rules(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= 400, "over 400 lines: split the idea"
    assert path.stem not in BANNED_NAMES, "the name says nothing"
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "a module says what it holds"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            most = FLAT_LOOPS.get(node.name, 70)
            assert length <= most, f"{node.name} has {length} lines"
    unfinished = re.search(r"\b(TODO|FIXME|XXX)\b|NotImplementedError", text)
    assert unfinished is None, "unfinished"
    assert not re.search(r"\bimport (pickle|random|shelve)\b|np\.random|\beval\(|\bexec\(", text)


def test_no_file_names_a_place_outside_the_project() -> None:
    pattern = re.compile(r"(?<![\w.])/(work|farm|root|home)/|\.\./shared|https?://\S*/simple/")
    for path in tracked_files():
        if path == Path(__file__).resolve() or path.stat().st_size > 2_000_000:
            continue
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found = pattern.search(text)
        assert found is None, f"{path.relative_to(ROOT)}: {found}"


def test_layers_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_constraints_pin_versions_without_any_address() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").split("\n")
    assert all(re.fullmatch(r"[\w.\-]+==[\w.!+]+", line) for line in lines if line)
