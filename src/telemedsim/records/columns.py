"""Tables while they grow: a machine number a cell, and a code for each text that repeats.

A country's day has tens of millions of rows; as Python objects they would need a hundred bytes a cell.
"""

from array import array
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from telemedsim.records.schema import TABLES

_CODES = "i"
_CELLS = {"int64": "q", "float64": "d", "bool": "b", "string": _CODES, "category": _CODES}
"""Type code of `array.array` for each type of the schema."""
_TYPES = {"q": np.int64, "d": np.float64, "b": np.bool_, _CODES: np.int32}


class Coded(NamedTuple):
    """A column of texts: a position in ``words`` for each row."""

    codes: NDArray[np.int32]
    words: tuple[str, ...]


class Words(dict[str, int]):
    """Codes of texts in the order of their first use; an unknown text gets the next one."""

    def __missing__(self, word: str) -> int:
        """Return the next free code and keep it."""
        code = self[word] = len(self)
        return code


class GrowingTable:
    """The columns of one table, filled row by row or many rows at once.

    >>> table = GrowingTable("delays")
    >>> table.append({"leg": 7, "bucket": 300, "packets": 2})
    >>> table.extend(2, {"leg": 8}, {"bucket": [5, 6], "packets": [1, 4]})
    >>> table.columns()["leg"].tolist()
    [7, 8, 8]
    """

    def __init__(self, table: str) -> None:
        self._types = {name: _CELLS[column.dtype] for name, column in TABLES[table].items()}
        self._cells: dict[str, Any] = {name: array(code) for name, code in self._types.items()}
        self._words = {name: Words() for name, code in self._types.items() if code == _CODES}

    def append(self, row: Mapping[str, Any]) -> None:
        """Add a row, which has a value for every column."""
        for name, cells in self._cells.items():
            words = self._words.get(name)
            cells.append(row[name] if words is None else words[row[name]])

    def extend(
        self, count: int, same: Mapping[str, Any], each: Mapping[str, Sequence[Any]]
    ) -> None:
        """Add ``count`` rows: columns with one value for all of them, and columns with their own."""
        for name, value in same.items():
            words = self._words.get(name)
            cell = value if words is None else words[value]
            self._cells[name].extend(array(self._types[name], [cell]) * count)
        for name, values in each.items():
            words = self._words.get(name)
            self._cells[name].extend(values if words is None else map(words.__getitem__, values))

    def columns(self) -> "dict[str, np.ndarray | Coded]":
        """Return the columns as `tables.typed` takes them; they share the memory of this table."""
        found: dict[str, np.ndarray | Coded] = {}
        for name, cells in self._cells.items():
            values: NDArray[Any] = np.frombuffer(cells, dtype=_TYPES[self._types[name]])
            words = self._words.get(name)
            found[name] = values if words is None else Coded(values, tuple(words))
        return found
