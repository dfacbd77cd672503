"""A start is that of a picture on a stream, and that of a page on a transfer."""

from hand_made_tables import leg, limit, measure, run_tables, session
from telemedsim.sla.evaluate import evaluate


def test_pages_and_pictures_are_judged_side_by_side():
    tables = run_tables(
        limits=[limit("start_s_max", 3, unit="s")],
        sessions=[session(number) for number in range(4)],
        legs=[
            leg(0, start_s=1.0),
            leg(1, start_s=3.5),
            *(leg(number, kind="transfer", frames_sent=0) for number in (2, 3)),
        ],
        measures=[measure(2, "start", 2.9), measure(3, "start", 3.1)],
        splits=[
            {
                "leg": 3,
                "of": "start",
                "interface": "a",
                "component": "queueing",
                "ns": 3_100_000_000,
            }
        ],
    )
    verdicts = evaluate(tables).set_index("session")
    assert verdicts.verdict.to_dict() == {0: "met", 1: "violated", 2: "met", 3: "violated"}
    assert verdicts.observed.to_dict() == {0: 1.0, 1: 3.5, 2: 2.9, 3: 3.1}
    assert (verdicts.cause[3], verdicts.cause_interface[3]) == ("queueing", "a")
