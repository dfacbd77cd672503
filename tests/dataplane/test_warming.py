"""Kernels are compiled before a run: once, told to the user, whatever becomes of the second process."""

import contextlib
import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

from plane_networks import BIN_NS, SECOND_NS, interfaces, stream, trace
from telemedsim.core import compiled
from telemedsim.dataplane.hybrid import warming
from telemedsim.dataplane.hybrid.kernels import GROUPS, Called
from telemedsim.dataplane.hybrid.plane import HybridPlane


def first(values: Any) -> int:
    """Return the sum of some numbers."""
    total = 0
    for place in range(len(values)):
        total += values[place]
    return total


def second(value: int) -> int:
    """Return a number doubled."""
    return 2 * value


def started(code: str) -> "subprocess.Popen[bytes]":
    """Start a second process that does something else."""
    return subprocess.Popen([sys.executable, "-c", code])


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two small groups and an empty cache; return the list that lines are to be told to."""
    groups = (lambda: [Called(first, (np.zeros(1),))], lambda: [Called(second, (1,))])
    monkeypatch.setattr(warming, "GROUPS", groups)
    monkeypatch.setattr(compiled, "kernel_folder", lambda: tmp_path / "kernels")
    monkeypatch.setattr(warming, "kernel_folder", lambda: tmp_path / "kernels")
    # Other tests of the process may have compiled the same functions.
    monkeypatch.setattr(warming, "kernel", compiled._entry.__wrapped__)
    return []


def kernels_kept(folder: Path) -> set[str]:
    return {path.name.split("-")[0].split(".")[1] for path in folder.rglob("*.nbi")}


def test_a_second_process_that_fails_does_not_matter(
    told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warming, "_start_helper", lambda: started("raise SystemExit(1)"))
    warming.warm(told.append)
    assert kernels_kept(tmp_path) == {"first", "second"}
    assert told == ["Compiling kernels, once for this version: 2 in two processes ...", told[1]]
    assert told[1].startswith("Kernels compiled in ")


def test_nothing_is_told_or_started_where_all_kernels_are_kept(
    told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warming, "_start_helper", lambda: None)
    warming.warm()
    marks = list((tmp_path / "kernels").glob("all-*"))
    monkeypatch.setattr(warming, "_start_helper", lambda: pytest.fail("started"))
    warming.warm(told.append)
    marks[0].unlink()
    warming.warm(told.append)
    assert told == []
    assert marks[0].exists()


def test_a_second_process_ends_with_the_first(
    told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    helpers = []

    def start() -> "subprocess.Popen[bytes]":
        helpers.append(started("import time; time.sleep(600)"))
        return helpers[0]

    monkeypatch.setattr(warming, "_start_helper", start)
    monkeypatch.setattr(warming, "LONGEST_WAIT_S", 0.01)
    warming.warm(told.append)
    assert helpers[0].poll() is not None


def test_without_numba_it_says_what_that_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    lines: list[str] = []
    warming.warm(lines.append)
    assert len(lines) == 1
    assert f"about {warming.PLAIN_SLOWNESS} times slower" in lines[0]


def test_the_list_has_every_kernel_of_a_plane_with_the_types_of_a_run() -> None:
    plane = HybridPlane(interfaces([10**7], limit=5), ("high", "low"), BIN_NS, SECOND_NS, 1, 0)
    plane.open(stream(0, trace([5, 9], 100), (0,)))
    plane.advance(SECOND_NS)
    plane.finish()
    listed = {
        inspect.unwrap(called.function): tuple(map(numba.typeof, called.arguments))
        for group in GROUPS
        for called in group()
    }
    made = [one for one in vars(plane).values() if hasattr(one, "py_func")]
    assert len(made) >= 6
    for one in made:
        assert one.py_func in listed
        assert set(one.signatures) <= {listed[one.py_func]}


@pytest.mark.nightly
def test_two_processes_compile_what_one_then_finds(tmp_path: Path) -> None:
    code = (
        "from telemedsim.dataplane.hybrid.warming import warm;"
        "warm(lambda line: print(line, flush=True))"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": _source()}
    outputs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    with contextlib.suppress(AttributeError):
        if len(os.sched_getaffinity(0)) > 1:
            assert "in two processes" in outputs[0]
    assert outputs[1] == ""
    names = {inspect.unwrap(one.function).__name__ for group in GROUPS for one in group()}
    assert kernels_kept(tmp_path) == names


def _source() -> str:
    return str(Path(warming.__file__).parents[3])
