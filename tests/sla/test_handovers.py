"""Freezes and interruptions of fetches: handovers that last too long."""

import pytest

from hand_made_tables import NAN, leg, limit, run_tables, session
from telemedsim.sla.evaluate import evaluate


def fetched(number: int, handover_s: float, in_session: int) -> dict[str, object]:
    row = leg(number, kind="transfer", frames_sent=0, target_rate_bps=0, direction="down")
    return {**row, "session": in_session, "handover_s": handover_s}


@pytest.mark.parametrize(
    ("clause", "longest_s", "too_long_s"),
    [("freezes_max", 0.15, 0.16), ("interruptions_max", 2.0, 2.1)],
)
def test_a_long_handover_breaks_the_clause_at_the_new_access_link(
    clause: str, longest_s: float, too_long_s: float
) -> None:
    tables = run_tables(
        limits=[limit(clause, 0)],
        sessions=[session(number) for number in range(3)],
        legs=[
            fetched(0, 0.0, 0),
            fetched(1, longest_s, 0),
            fetched(2, 0.0, 1),
            fetched(3, too_long_s, 1),
            fetched(4, NAN, 2),
        ],
    )
    verdicts = evaluate(tables)
    of_leg = verdicts[verdicts.leg >= 0].set_index("leg")
    assert of_leg.verdict.to_dict() == {0: "met", 1: "met", 2: "met", 3: "violated"}
    assert (of_leg.cause[3], of_leg.cause_interface[3]) == ("handover", "l2/up")
    # A terminal that does not walk has neither frames nor handovers.
    assert verdicts[verdicts.session == 2].verdict.to_list() == ["not_judged"]


def test_handovers_of_one_fetch_add_up_against_a_bound_of_one() -> None:
    tables = run_tables(
        limits=[limit("freezes_max", 1)],
        sessions=[session(0)],
        legs=[fetched(number, 1.0, 0) for number in range(2)],
    )
    assert evaluate(tables).verdict.to_list() == ["met", "violated"]
