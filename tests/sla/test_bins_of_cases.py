"""The bins in which a case was there itself: found by searching, as if all were compared."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from telemedsim.sla.losses import _in_bins

WIDTH = 300.0
TIMES = st.one_of(st.integers(-2, 8).map(lambda n: n * WIDTH / 2), st.floats(-400, 1500))


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), unique=True),
    st.lists(st.tuples(st.integers(-1, 4), TIMES, st.one_of(st.none(), TIMES)), max_size=6),
)
def test_they_are_those_of_a_full_comparison(
    bins: list[tuple[int, int]], drawn: list[tuple[int, float, float | None]]
) -> None:
    there = pd.DataFrame(bins, columns=["judge", "number"]).astype("int64")
    there["bin_s"] = there.pop("number") * WIDTH
    there["bin_width_s"] = np.where(there.bin_s == 4 * WIDTH, 17.0, WIDTH)
    cases = pd.DataFrame(drawn, columns=["judge", "joined_s", "ended_s"]).astype(
        {"judge": "int64", "joined_s": "float64", "ended_s": "float64"}
    )
    cases["case"] = np.arange(len(cases))
    whole = cases.merge(there, on="judge", how="inner")
    until = whole.ended_s.fillna(np.inf)
    meets = (whole.bin_s < until) & (whole.bin_s + whole.bin_width_s > whole.joined_s)
    expected = whole[meets].sort_values(["case", "bin_s"])[["case", "judge", "bin_s"]]
    found = _in_bins(cases, there).sort_values(["case", "bin_s"])[["case", "judge", "bin_s"]]
    assert found.to_numpy().tolist() == expected.to_numpy().tolist()
