"""The summary as CSV and JSON: the same bytes for the same table, safe to open in a spreadsheet."""

import csv
import io
import json
import math

import pandas as pd

from telemedsim.core.errors import printable
from telemedsim.records.schema import TABLES

BYTE_ORDER_MARK = "\ufeff"
"""Spreadsheets need it to read UTF-8."""
SIGNIFICANT_DIGITS = 9
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_text(table: str, frame: pd.DataFrame) -> str:
    """Return a table as CSV with byte order mark and ``\\n`` line ends.

    Floats carry nine significant digits, a missing one is empty. A text that a spreadsheet
    would run as a formula gets a leading apostrophe (OWASP, CSV injection); numbers stay numbers.
    """
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    names = list(TABLES[table])
    writer.writerow(names)
    columns = [frame[name].tolist() for name in names]
    writer.writerows([_cell(value) for value in row] for row in zip(*columns, strict=True))
    return BYTE_ORDER_MARK + lines.getvalue()


def json_text(table: str, frame: pd.DataFrame) -> str:
    """Return a table as JSON: units, and the rows with null for a missing number."""
    names = list(TABLES[table])
    columns = [frame[name].tolist() for name in names]
    rows = [
        {name: _number(value) for name, value in zip(names, row, strict=True)}
        for row in zip(*columns, strict=True)
    ]
    units = {name: column.unit for name, column in TABLES[table].items() if column.unit}
    return json.dumps({"units": units, "rows": rows}, ensure_ascii=False, indent=1) + "\n"


def spreadsheet_text(text: str) -> str:
    """Return a text that a spreadsheet shows and never obeys.

    >>> spreadsheet_text("=1+1"), spreadsheet_text("zunyi")
    ("'=1+1", 'zunyi')
    """
    defused = "'" if text.startswith(FORMULA_STARTS) else ""
    return defused + printable(text)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else format(value + 0.0, f".{SIGNIFICANT_DIGITS}g")
    if isinstance(value, str):
        return spreadsheet_text(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: object) -> object:
    if isinstance(value, float):
        return float(format(value, f".{SIGNIFICANT_DIGITS}g")) if math.isfinite(value) else None
    return value
