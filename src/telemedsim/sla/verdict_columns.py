"""The verdicts of one clause after another, put into the order of the limits at the end."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from telemedsim.records.columns import Coded, Words
from telemedsim.records.schema import TABLES
from telemedsim.records.tables import typed

LIMIT = "limit"
VERDICT_COLUMNS = list(TABLES["verdicts"])
_NUMBERS = {"int64": np.int64, "float64": np.float64}


class VerdictColumns:
    """Columns of table ``verdicts`` as numbers and codes of texts, from frames of any texts."""

    def __init__(self) -> None:
        self._parts: dict[str, list[NDArray[np.generic]]] = {
            name: [] for name in (LIMIT, *VERDICT_COLUMNS)
        }
        self._words = {
            name: Words()
            for name, column in TABLES["verdicts"].items()
            if column.dtype not in _NUMBERS
        }

    def add(self, rows: pd.DataFrame) -> None:
        """Add verdicts, which have the table's columns and the place of their limit."""
        self._parts[LIMIT].append(rows[LIMIT].to_numpy(dtype=np.int64))
        for name, column in TABLES["verdicts"].items():
            if name in self._words:
                self._parts[name].append(self._codes(name, rows[name]))
            else:
                self._parts[name].append(rows[name].to_numpy(dtype=_NUMBERS[column.dtype]))

    def _codes(self, name: str, texts: "pd.Series") -> NDArray[np.int32]:
        codes, found = pd.factorize(texts)
        words = self._words[name]
        # The last one stands for a missing text, which factorize gives the code -1.
        known = np.array([words[str(word)] for word in found] + [words[""]], dtype=np.int32)
        return known[codes]

    def frame(self) -> pd.DataFrame:
        """Return the table, in the order of the limits, then of session, leg and bin."""
        if not self._parts[LIMIT]:
            return typed("verdicts", [])
        whole = {name: np.concatenate(self._parts.pop(name)) for name in (LIMIT, *VERDICT_COLUMNS)}
        order = np.lexsort((whole["bin_s"], whole["leg"], whole["session"], whole[LIMIT]))
        columns = {name: whole[name][order] for name in VERDICT_COLUMNS}
        return typed(
            "verdicts",
            {
                name: Coded(values, tuple(self._words[name])) if name in self._words else values
                for name, values in columns.items()
            },
        )
