"""Frames that are exactly their schema: every table passes through `typed` before it is used."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from telemedsim.records.columns import Coded
from telemedsim.records.schema import TABLES, Column

Values = Sequence[object] | np.ndarray | Coded
Columns = Mapping[str, Values]
Rows = Sequence[Mapping[str, object]]


def typed(table: str, rows: Rows | Columns | pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table with the columns and dtypes of the schema, in its order.

    Takes a list of rows, a mapping of columns, or a frame. A missing text is ``""``, a missing
    float is NaN. Raises ValueError naming the column for a missing or unknown column, or for a
    value that does not fit.

    >>> typed("delays", [{"leg": 1, "bucket": 5, "packets": 2}]).packets.sum()
    np.int64(2)
    """
    schema = TABLES[table]
    data = _columns(schema, rows)
    unknown = [name for name in data if name not in schema]
    missing = [name for name in schema if name not in data]
    if unknown or missing:
        raise ValueError(f"table {table}: columns missing {missing}, unknown {unknown}")
    return pd.DataFrame(
        {name: _column(table, name, column, data[name]) for name, column in schema.items()}
    )


def _columns(schema: Mapping[str, Column], rows: Rows | Columns | pd.DataFrame) -> Columns:
    if isinstance(rows, pd.DataFrame):
        return {str(name): rows[name] for name in rows.columns}  # type: ignore[misc]
    if isinstance(rows, Mapping):
        return rows
    names = {name: None for row in rows for name in row} if rows else dict.fromkeys(schema)
    try:
        return {name: [row[name] for row in rows] for name in names}
    except KeyError as gone:
        raise ValueError(f"a row lacks column {gone}") from None


def _column(table: str, name: str, column: Column, values: Values) -> "pd.Series":
    if isinstance(values, pd.Series) and _is_exact(column, values):
        return values.reset_index(drop=True)
    try:
        if column.dtype == "category":
            return _categories(values)
        if column.dtype == "string":
            return _texts(values)
        if column.dtype == "int64":
            return pd.Series(_integers(values))
        return pd.Series(np.asarray(values, dtype=column.dtype))
    except (TypeError, ValueError, OverflowError) as fault:
        raise ValueError(f"table {table}, column {name}: {fault}") from fault


def _is_exact(column: Column, values: "pd.Series") -> bool:
    """Return whether a column has its type already, so that a large one is not copied."""
    if str(values.dtype) != column.dtype:
        return False
    if column.dtype == "string":
        return not values.isna().any()
    if column.dtype == "category":
        words = list(values.cat.categories)
        return words == sorted(words) and values.nunique() == len(words)
    return True


def _texts(values: Values) -> "pd.Series":
    if isinstance(values, Coded):
        words = pd.array(list(values.words), dtype="string")
        return pd.Series(words.take(values.codes))
    text = pd.Series(np.asarray(values, dtype=object))
    return text.where(text.notna(), "").astype("string")


def _categories(values: Values) -> "pd.Series":
    """Return texts as codes of the words that occur, in the words' order.

    Sorting by the column then is sorting by its texts, and a table is equal to itself read back.
    """
    codes, words = values if isinstance(values, Coded) else _coded(_texts(values))
    used = np.flatnonzero(np.bincount(codes, minlength=len(words)))
    ranked = sorted(used.tolist(), key=words.__getitem__)
    rank = np.zeros(len(words), dtype=np.int32)
    rank[ranked] = np.arange(len(ranked), dtype=np.int32)
    dtype = pd.CategoricalDtype([words[code] for code in ranked])
    return pd.Series(pd.Categorical.from_codes(rank[codes], dtype=dtype))


def _coded(texts: "pd.Series") -> Coded:
    codes, words = pd.factorize(texts)
    return Coded(codes.astype(np.int32), tuple(str(word) for word in words))


def _integers(values: Values) -> "np.ndarray":
    array = np.asarray(values)
    if array.dtype.kind not in "iub" and array.size:
        whole = np.asarray(values, dtype=np.float64)
        if not (np.isfinite(whole) & (whole == np.round(whole))).all():
            raise ValueError("whole numbers are needed here")
    return array.astype(np.int64, copy=False)
