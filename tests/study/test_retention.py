"""How the kept volume grows, against the sums that anybody can make."""

from itertools import pairwise

import pytest

from telemedsim.study.retention import stored_tb_by_year

RETENTION = {"outpatient": 15, "inpatient": 30}


@pytest.mark.parametrize("inpatient", [0.0, 0.3, 1.0])
def test_growth_bends_where_a_retention_ends(inpatient: float) -> None:
    shares = {"outpatient": 1 - inpatient, "inpatient": inpatient}
    stored = stored_tb_by_year(10.0, RETENTION, shares)
    assert len(stored) == (30 if inpatient else 15)
    assert stored[0] == pytest.approx(10)
    assert stored[14] == pytest.approx(150)
    assert stored[-1] == pytest.approx(10 * ((1 - inpatient) * 15 + inpatient * 30))
    steps = [later - sooner for sooner, later in pairwise(stored)]
    assert steps[:14] == pytest.approx([10.0] * 14)
    assert steps[14:] == pytest.approx([10 * inpatient] * (len(stored) - 15))


def test_nothing_made_is_nothing_kept() -> None:
    assert set(stored_tb_by_year(0.0, RETENTION, {"inpatient": 1.0})) == {0.0}
