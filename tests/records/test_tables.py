"""A table is its schema, nothing more."""

import math

import numpy as np
import pandas as pd
import pytest

from telemedsim.records.schema import TABLES
from telemedsim.records.tables import typed

ROW = {"leg": 1, "measure": "lag", "origin_s": 0, "value_s": None, "running_s": 2.5}
ROW |= {"object_bytes": 10.0, "goodput_bps": math.nan}


@pytest.mark.parametrize("table", list(TABLES))
def test_an_empty_table_has_every_column_and_dtype(table):
    frame = typed(table, [])
    assert list(frame) == list(TABLES[table])
    assert [str(dtype) for dtype in frame.dtypes] == [c.dtype for c in TABLES[table].values()]


def test_rows_columns_and_frames_give_the_same():
    rows = typed("measures", [ROW, ROW])
    columns = typed("measures", {name: [value, value] for name, value in ROW.items()})
    pd.testing.assert_frame_equal(rows, columns)
    pd.testing.assert_frame_equal(typed("measures", rows), rows)
    assert rows.object_bytes.dtype == np.int64
    assert math.isnan(rows.value_s[0])


def test_a_missing_text_is_empty():
    row = {"leg": 1, "interface": None, "cause": "late", "packets": 1}
    assert typed("losses", [row]).interface[0] == ""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": 1}, "unknown .*colour"),
        ({"leg": None}, "column leg"),
        ({"leg": 1.5}, "column leg: whole numbers"),
        ({"origin_s": "soon"}, "column origin_s"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(change, message):
    with pytest.raises(ValueError, match=message):
        typed("measures", [{**ROW, **change}])


def test_a_missing_column_is_refused_by_name():
    with pytest.raises(ValueError, match=r"missing .*goodput_bps"):
        typed("measures", [{name: value for name, value in ROW.items() if name != "goodput_bps"}])
