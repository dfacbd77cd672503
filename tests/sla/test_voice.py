"""The E-model against published values, and verdicts of sound from tables written by hand."""

import numpy as np
import pandas as pd
import pytest

from hand_made_tables import delays, leg, limit, run_tables, session
from telemedsim.catalogue.load import catalogue
from telemedsim.sla.e_model import (
    absolute_delay,
    delay_impairment,
    loss_impairment,
    opinion,
    rating,
    voice_facts,
)
from telemedsim.sla.evaluate import evaluate

VOICE = voice_facts(catalogue())
MS = 1_000_000


def cole_rosenbluth(delay_ms: float) -> float:
    """Return their fit of Id (2001), which users of G.107's defaults quote."""
    return 0.024 * delay_ms + 0.11 * max(0.0, delay_ms - 177.3)


def test_nothing_between_mouth_and_ear_leaves_the_default_rating() -> None:
    assert rating(0.0, 0.0, VOICE) == pytest.approx(93.2, abs=1e-9)
    assert opinion(93.2) == pytest.approx(4.409, abs=5e-4)


@pytest.mark.oracle
@pytest.mark.parametrize("delay_ms", [0, 20, 50, 100, 150, 200, 250, 300])
def test_delay_is_that_of_the_published_fit(delay_ms: float) -> None:
    # The fit of two straight lines is good to a quarter of a point up to 300 ms.
    assert delay_impairment(delay_ms, VOICE) == pytest.approx(cole_rosenbluth(delay_ms), abs=0.3)


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("delay_ms", "loss", "published"),
    [(50, 0.0, 92.0), (150, 0.0, 89.6), (150, 0.01, 85.9602), (300, 0.01, 68.8632), (150, 0.05, 73.8193)],
)  # fmt: skip
def test_rating_is_that_of_worked_values(delay_ms: float, loss: float, published: float) -> None:
    assert rating(delay_ms, loss, VOICE) == pytest.approx(published, abs=0.3)


@pytest.mark.oracle
def test_absolute_delay_is_that_of_g107() -> None:
    assert absolute_delay([0, 100]).tolist() == [0, 0]
    assert absolute_delay(150) == pytest.approx(0.1635311866, rel=1e-6)
    assert absolute_delay([300, 400]) == pytest.approx([14.76, 24.07], abs=5e-3)


@pytest.mark.oracle
@pytest.mark.parametrize(("loss", "tabled"), [(0.01, 5), (0.02, 7), (0.03, 10), (0.05, 15), (0.07, 20), (0.10, 25)])  # fmt: skip
def test_loss_is_that_of_the_table_of_g113(loss: float, tabled: float) -> None:
    # The older table of G.711 with concealment is rounded by steps of listening tests.
    assert loss_impairment(loss, VOICE) == pytest.approx(tabled, abs=2.2)


def test_more_delay_and_more_loss_never_help() -> None:
    delays, losses = np.linspace(0, 1000, 400), np.linspace(0, 1, 200)
    assert (np.diff(rating(delays, 0.0, VOICE)) < 0).all()
    assert (np.diff(rating(0.0, losses, VOICE)) < 0).all()
    scores = opinion(np.linspace(-50, 150, 500))
    assert scores.min() >= 0.98
    assert scores.max() == 4.5


def sound(number: int = 0, **facts) -> dict:
    usual = {
        "role": "sound",
        "frames_sent": 3000,
        "delivered_packets": 3000,
        "delay_min_ns": 20.0 * MS,
    }
    return leg(number, **{**usual, **facts})


def verdicts(clause: str, bound: float, *legs: dict, **rows) -> pd.DataFrame:
    unit = {"voice_rating_min": "R", "sound_distortions_max": "distortions"}.get(clause, "")
    facts = {"unit": unit} if unit else {}
    sessions = [session(number) for number in {one["session"] for one in legs}]
    limits = [limit(clause, bound, **facts)]
    return evaluate(run_tables(sessions=sessions, legs=list(legs), limits=limits, **rows))


def test_a_near_call_is_met_and_says_that_its_score_is_derived() -> None:
    (seen,) = verdicts("voice_rating_min", 70, sound(), delays=delays(0, {20: 3000})).itertuples()
    assert seen.verdict == "met"
    least_buffer = VOICE.buffer_ms[0]
    expected = rating(20 + VOICE.fixed_delay_ms + least_buffer, 0.0, VOICE)
    assert seen.observed == pytest.approx(float(expected))
    assert seen.note.startswith("derived (E-model)")


def test_the_buffer_grows_with_the_delays_and_trades_loss_for_delay() -> None:
    """Of packets that come 100 ms late a tenth is worth waiting for, a hundredth is not."""
    rare = delays(0, {20: 2970, 120: 30})
    (seen,) = verdicts("voice_rating_min", 70, sound(), delays=rare).itertuples()
    waits = 20 + VOICE.fixed_delay_ms + VOICE.buffer_ms[0]
    assert seen.observed == pytest.approx(float(rating(waits, 0.01, VOICE)))
    often = delays(0, {20: 2700, 120: 300})
    (seen,) = verdicts("voice_rating_min", 70, sound(), delays=often).itertuples()
    # The quantile is known to a bucket, a 128th of 120 ms; what lies in that bucket is played.
    assert seen.observed == pytest.approx(float(rating(120 + VOICE.fixed_delay_ms, 0.0, VOICE)), abs=0.1)  # fmt: skip


def test_a_satellite_hop_breaks_the_rating_and_the_delay_is_blamed() -> None:
    far = sound(delay_min_ns=270.0 * MS)
    splits = [
        {"leg": 0, "of": "delay_mean", "interface": "sky/up", "component": "propagation", "ns": 255e6},
        {"leg": 0, "of": "delay_mean", "interface": "l2/up", "component": "transmission", "ns": 15e6},
    ]  # fmt: skip
    lost = [{"leg": 0, "interface": "l2/up", "cause": "impairment", "packets": 3}]
    (seen,) = verdicts("voice_rating_min", 70, far, splits=splits, losses=lost).itertuples()
    assert (seen.verdict, seen.cause, seen.cause_interface) == ("violated", "propagation", "sky/up")


def test_what_was_not_played_lowers_the_rating_and_the_loss_is_blamed() -> None:
    poor = sound(delivered_packets=2700, lost_packets=300)
    lost = [{"leg": 0, "interface": "l1/up", "cause": "overflow", "packets": 300}]
    (seen,) = verdicts("voice_rating_min", 70, poor, losses=lost).itertuples()
    assert (seen.verdict, seen.cause, seen.cause_interface) == ("violated", "overflow", "l1/up")


def test_a_line_that_delivers_nothing_is_violated_not_unknown() -> None:
    dead = sound(frames_shown=0, delivered_packets=0, lost_packets=3000, delay_min_ns=float("nan"))
    (seen,) = verdicts("voice_rating_min", 70, dead).itertuples()
    assert seen.verdict == "violated"


def test_a_second_of_speech_is_no_sample() -> None:
    (seen,) = verdicts("voice_rating_min", 70, sound(delivered_packets=50)).itertuples()
    assert (seen.verdict, seen.note) == ("not_judged", "too few packets: 50 of 400")


def test_gaps_are_counted_on_sound_and_freezes_on_the_picture() -> None:
    legs = [sound(0, freezes=2), leg(1, session=0, freezes=1)]
    (heard,) = verdicts("sound_distortions_max", 0, *legs).itertuples()
    assert (heard.leg, heard.observed, heard.verdict) == (0, 2, "violated")
    (seen,) = verdicts("freezes_max", 0, *legs).itertuples()
    assert (seen.leg, seen.observed) == (1, 1)


def test_sound_dilutes_no_loss_of_the_picture() -> None:
    bad = leg(0, delivered_packets=990, lost_packets=10)
    clean = sound(1, session=0, delivered_packets=1_000_000)
    (seen,) = verdicts("loss_max", 0.05, bad, clean).itertuples()
    assert (seen.leg, seen.observed) == (0, pytest.approx(0.01))
