"""Tables that grow as numbers and codes are those made of plain rows."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from telemedsim.records.columns import Coded, GrowingTable
from telemedsim.records.parquet import frame_of, parquet_bytes
from telemedsim.records.tables import typed

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "leg": st.integers(-1, 2**62),
            "of": st.sampled_from(["lag", "delay_mean", "response"]),
            "interface": st.sampled_from(["", "b/up", "a/down"]),
            "component": st.sampled_from(["propagation", "waiting"]),
            "ns": st.floats(allow_infinity=False),
        }
    ),
    max_size=8,
)


@given(ROWS)
def test_rows_added_one_by_one_are_the_rows(rows: list[dict[str, object]]) -> None:
    table = GrowingTable("splits")
    for row in rows:
        table.append(row)
    frame = typed("splits", table.columns())
    pd.testing.assert_frame_equal(frame, typed("splits", rows))
    pd.testing.assert_frame_equal(frame_of("splits", parquet_bytes("splits", frame)), frame)


def test_many_rows_at_once_share_what_is_the_same() -> None:
    table = GrowingTable("losses")
    table.extend(2, {"leg": 3, "cause": "late"}, {"interface": ["b", "a"], "packets": [1, 2]})
    frame = typed("losses", table.columns())
    assert frame.to_dict("list") == {
        "leg": [3, 3], "interface": ["b", "a"], "cause": ["late", "late"], "packets": [1, 2],
    }  # fmt: skip


def test_categories_are_sorted_and_used_whatever_the_codes() -> None:
    columns = {
        "interface": Coded(np.array([2, 0, 2], dtype=np.int32), ("z", "unused", "a")),
        **{name: np.zeros(3) for name in ("bin_s", "bin_width_s", "measured_s", "utilisation")},
        **{name: np.zeros(3, dtype=np.int64) for name in ("carried_bytes", "lost_packets")},
    }
    frame = typed("link_series", columns)
    assert list(frame.interface) == ["a", "z", "a"]
    assert list(frame.interface.cat.categories) == ["a", "z"]
    pd.testing.assert_frame_equal(typed("link_series", frame[frame.interface == "z"]), typed(
        "link_series", frame[frame.interface == "z"].to_dict("records")))  # fmt: skip
