"""Arrays as numpy has them, and as kernels see them."""

from typing import Protocol, overload

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]


class Table(Protocol):
    """An array of integers as a kernel uses it."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Return rows and columns."""

    @overload
    def __getitem__(self, place: slice) -> list[int]: ...

    @overload
    def __getitem__(self, place: int | tuple[int, int]) -> int: ...

    def __setitem__(self, place: int | tuple[int, int], value: int) -> None:
        """Put an integer."""

    def __len__(self) -> int:
        """Return the rows."""


class RealTable(Protocol):
    """An array of floats as a kernel uses it."""

    def __getitem__(self, place: int) -> float: ...

    def __len__(self) -> int:
        """Return the rows."""
