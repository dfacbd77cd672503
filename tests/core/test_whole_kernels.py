"""Kernels compiled as a whole give what Python gives, and their inner functions are never generated."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
import numpy as np
import pytest

from telemedsim.core import compiled, whole_kernels

TEXT = '''
from telemedsim.core.compiled import compiled, dispatch

@compiled
def squared(value):
    return value * value

@compiled
def checked_square(value):
    if value > 1000:
        raise OverflowError("too large to square")
    return squared(value) + min(value, 3)

@compiled
def cubed(value):
    return value * checked_square(value)

power = dispatch([checked_square, cubed])

def total(values):
    """A kernel that also is called by another one."""
    found = 0
    for place in range(len(values)):
        found += power(place % 2, values[place])
    return found

compiled(total)

def twice_total(values):
    return 2 * total(values) + squared(values[0])
'''
VALUES = np.arange(2, 9)
FALL_BACK: tuple[tuple[str, str], ...] = (
    ("numba.core.codegen.CPUCodeLibrary", "_get_module_for_linking"),
    ("numba.core.compiler.Flags", "no_compile"),
)

Load = Callable[[], ModuleType]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Load fresh functions of one file, as another process would; kernels are kept beside it."""
    path = tmp_path / "sums.py"
    path.write_text(TEXT)
    monkeypatch.setattr(compiled, "kernel_folder", lambda: tmp_path / "kernels")

    def load() -> ModuleType:
        spec = importlib.util.spec_from_file_location("sums", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture
def generated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the libraries that LLVM optimised, in order."""
    from numba.core.codegen import CPUCodeLibrary

    names: list[str] = []
    optimise: Any = CPUCodeLibrary._optimize_final_module

    def counted(library: Any) -> None:
        names.append(library.name)
        optimise(library)

    monkeypatch.setattr(CPUCodeLibrary, "_optimize_final_module", counted)
    return names


@pytest.fixture
def asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask anew in the test; the answer that this process keeps stays as it is."""
    monkeypatch.setattr(compiled, "whole_compilers", whole_kernels.whole_compilers.__wrapped__)


def test_only_kernels_are_generated(load: Load, generated: list[str]) -> None:
    sums = load()
    expected = sums.total(VALUES.tolist()), sums.twice_total(VALUES.tolist())
    assert compiled.kernel(sums.total)(VALUES) == expected[0]
    first = list(generated)
    assert compiled.kernel(sums.twice_total)(VALUES) == expected[1]
    own = {"squared", "checked_square", "cubed", "dispatch.<locals>.twin", "total", "twice_total"}
    assert [name for name in first if name in own] == ["total"]
    assert [name for name in generated if name in own] == ["total", "twice_total"]


def test_kernels_kept_on_disk_give_the_same(load: Load, generated: list[str]) -> None:
    sums = load()
    made = compiled.kernel(sums.total)(VALUES), compiled.kernel(sums.twice_total)(VALUES)
    generated.clear()
    again = load()
    kernels: list[Any] = [compiled.kernel(again.twice_total), compiled.kernel(again.total)]
    assert (kernels[1](VALUES), kernels[0](VALUES)) == made
    assert generated == []
    assert [sum(one.stats.cache_hits.values()) for one in kernels] == [1, 1]


def test_an_error_of_an_inner_function_comes_out(load: Load) -> None:
    sums = load()
    with pytest.raises(OverflowError, match="too large to square"):
        compiled.kernel(sums.twice_total)(np.array([3, 4000]))
    again = load()
    with pytest.raises(OverflowError, match="too large to square"):
        compiled.kernel(again.twice_total)(np.array([3, 4000]))


def test_functions_of_a_notebook_may_call_marked_ones(load: Load, generated: list[str]) -> None:
    sums = load()
    made: Any = compiled.kernel(sums.total)

    @numba.njit  # type: ignore[untyped-decorator]
    def of_a_notebook(values: Any) -> Any:
        return sums_cubed(values[0]) + made(values)

    sums_cubed = sums.cubed
    expected = sums.cubed(2) + sums.total(VALUES.tolist())
    assert of_a_notebook(VALUES) == expected
    assert [name for name in generated if name.endswith(("cubed", "squared", "notebook"))] == [
        "test_functions_of_a_notebook_may_call_marked_ones.<locals>.of_a_notebook"
    ]


@pytest.mark.parametrize(("owner", "name"), FALL_BACK)
@pytest.mark.usefixtures("asked_anew")
def test_another_numba_compiles_in_its_own_way(
    owner: str, name: str, load: Load, generated: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, kind = owner.rsplit(".", 1)
    holder = getattr(importlib.import_module(module), kind)
    kept = getattr(holder, name)
    monkeypatch.delattr(holder, name)
    sums = load()
    made: Any = compiled.kernel(sums.twice_total)
    compiled.open_marked()
    monkeypatch.setattr(holder, name, kept, raising=False)
    assert made(VALUES) == sums.twice_total(VALUES.tolist())
    assert "squared" in generated
