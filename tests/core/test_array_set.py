"""An array that takes the place of another is the one that kernels see from then on."""

import numpy as np
import pytest

from telemedsim.core.array_set import ArraySet
from telemedsim.core.compiled import kernel


def last_of_table(arrays: ArraySet) -> int:
    """Return the last number of a table, reached through its shape."""
    rows, columns = arrays.table.shape  # type: ignore[attr-defined]
    last: int = arrays.table[rows - 1, columns - 1]  # type: ignore[attr-defined]
    return last


def test_kernels_see_the_array_that_replaced_another() -> None:
    arrays = ArraySet({"row": np.arange(3), "table": np.arange(6).reshape(3, 2)})
    read = kernel(last_of_table)
    before = read(arrays)
    arrays.replace("table", np.arange(40).reshape(10, 4))
    assert (before, read(arrays)) == (5, 39)


def test_an_array_of_another_type_is_refused() -> None:
    arrays = ArraySet({"table": np.zeros((2, 2), np.int64)})
    with pytest.raises(ValueError, match="table"):
        arrays.replace("table", np.zeros(2, np.int64))
    with pytest.raises(ValueError, match="table"):
        arrays.replace("table", np.zeros((2, 2), np.int32))


def test_a_process_makes_each_kernel_once() -> None:
    assert kernel(last_of_table) is kernel(last_of_table)
