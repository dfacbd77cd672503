"""What each clause looks at: one function from cases to observations, found by the clause's name.

To add a clause: one function here (or one more use of an existing one) and its entry in CRITERIA.
The name says the sense: ``_max`` or ``_min``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from telemedsim.core.units import MINUTE_S
from telemedsim.records.quantiles import rank_of_quantile
from telemedsim.sla.cases import (
    BEGAN_BEFORE,
    FINAL,
    GIVEN_UP,
    UNFINISHED,
    UNSEEN,
    Tables,
    observations,
    with_bins,
)
from telemedsim.sla.delays import delay
from telemedsim.sla.formats import shares_of_best
from telemedsim.sla.handovers import cut_fetches
from telemedsim.sla.losses import EXPECTED_LOSSES, loss
from telemedsim.sla.picture import video_score
from telemedsim.sla.recovery import data_at_risk
from telemedsim.sla.voice import voice_rating

BPS_PER_MBPS = 1e6
SECONDS_PER_HOUR = 3600.0
OF_HANDOVERS = ("freezes", "interruptions")
LEAST_OBJECT_BYTES = 1_000_000
"""Goodput is judged for objects of 1 MB or more (rule 5)."""

Observe = Callable[[pd.DataFrame, Tables], pd.DataFrame]


@dataclass(frozen=True)
class Criterion:
    """How a clause is observed, and where its cause is looked for."""

    unit: str
    observe: Observe
    cause: str
    """``delay`` or a measure's name (splits), ``losses``, ``rate``, ``resource``, ``provisioned`` or ``goodput``."""
    is_time: bool = False
    """A time that an abandoned session never saw the end of: giving up violates it."""
    of_sessions: bool = False
    """Its unit is the session, not the leg."""
    of_sound: bool = False
    """It judges the legs of sound; all others judge the rest and leave these out."""


def measured_time(measure: str, cases: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return a measure's time in s; the statistic over those of a leg that has several.

    Running ones count with their age so far. Those whose beginning was not seen are left out, and a
    leg that has only such ones is unseen.
    """
    rows = tables["measures"]
    rows = rows[rows.measure == measure]
    rows = rows.assign(unseen=rows.origin_s < 0, running=rows.value_s.isna())
    rows["time_s"] = rows.value_s.fillna(rows.running_s)
    rows["all_unseen"] = rows.groupby("leg").unseen.transform("all")
    rows = rows[~rows.unseen | rows.all_unseen]
    rows = rows.sort_values(["leg", "time_s"], kind="stable")
    by_leg = rows.groupby("leg", sort=True)
    summary = by_leg.agg(running=("running", "any"), unseen=("all_unseen", "any"))
    for statistic, level in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0)):
        ranks = by_leg.time_s.transform("size").map(partial(rank_of_quantile, level))
        at_rank = rows[by_leg.cumcount() + 1 == ranks]
        summary[statistic] = at_rank.set_index("leg").time_s
    summary["mean"] = by_leg.time_s.mean()
    measured = cases[cases.leg.isin(summary.index)]
    found = summary.reindex(measured.leg)
    column = measured.statistic.where(measured.statistic.isin(summary.columns), "max")
    observed = np.select(
        [(column == name).to_numpy() for name in ("p50", "p95", "p99", "max", "mean")],
        [found[name].to_numpy() for name in ("p50", "p95", "p99", "max", "mean")],
    )
    unseen, running = found.unseen.to_numpy(), found.running.to_numpy()
    state = np.select(
        [unseen, running & measured.abandoned.to_numpy(), running], [UNSEEN, GIVEN_UP, UNFINISHED]
    )
    return observations(measured, observed, state, np.where(unseen, BEGAN_BEFORE, ""))


def measured_ms(measure: str, cases: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return a measure's time in ms."""
    found = measured_time(measure, cases, tables)
    return found.assign(observed=found.observed * 1e3)


def measured_h(measure: str, cases: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return a measure's time in h."""
    found = measured_time(measure, cases, tables)
    return found.assign(observed=found.observed / SECONDS_PER_HOUR)


def measured_min(measure: str, cases: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return a measure's time in min."""
    found = measured_time(measure, cases, tables)
    return found.assign(observed=found.observed / MINUTE_S)


def start(cases: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the time to the first frame shown, or to the last byte of a start page, in s (rule 7)."""
    pages = measured_time("start", cases, tables)
    return pd.concat([_first_frames(cases), pages], ignore_index=True)


def _first_frames(cases: pd.DataFrame) -> pd.DataFrame:
    """Return the time from joining to the first frame shown."""
    legs = _with_frames(cases)
    shown, unseen = legs.start_s.notna().to_numpy(), (legs.joined_s < 0).to_numpy()
    waited = legs.running_s.where(legs.running, legs.ended_s - legs.joined_s)
    never = ~shown & ~legs.running.to_numpy()
    state = np.select(
        [unseen, shown, never, legs.running.to_numpy()], [UNSEEN, FINAL, GIVEN_UP, UNFINISHED]
    )
    note = np.select([unseen, never], [BEGAN_BEFORE, "no frame was ever shown"], "")
    return observations(legs, legs.start_s.where(shown, waited), state, note)


def counted(column: str, cases: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return a count over a stream's whole life; it can only grow while the stream runs (rule 7).

    Of fetches by terminals that walk, freezes and interruptions are those of their handovers.
    """
    legs = cases[cases.kind == "stream"] if column == "interruptions" else _with_frames(cases)
    running, unseen = legs.running.to_numpy(), (legs.joined_s < 0).to_numpy()
    seen = legs[column].to_numpy(dtype=np.float64)
    over = np.where(legs.strict, seen >= legs.bound, seen > legs.bound)
    state = np.select([over, running, unseen], [FINAL, UNFINISHED, UNSEEN], FINAL)
    note = np.where(state == UNSEEN, BEGAN_BEFORE, "")
    of_streams = observations(legs, seen, state, note).assign(cause_kind="picture")
    if column not in OF_HANDOVERS:
        return of_streams
    return pd.concat([of_streams, cut_fetches(column, cases)], ignore_index=True)


def target_rate(cases: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the encoder's target in Mbit/s; too little of it delivered breaks the clause too (rule 5).

    The delivered share is looked at from as many packets on as the loss clause asks for.
    """
    legs = cases[(cases.kind == "stream") & (cases.target_rate_bps > 0)]
    target = legs.target_rate_bps.to_numpy() / BPS_PER_MBPS
    delivered = legs.delivered_packets.to_numpy(dtype=np.float64)
    sent = delivered + legs.lost_packets.to_numpy()
    needed = 1 - legs.loss_bound.to_numpy()
    enough = sent * legs.loss_bound.to_numpy() >= EXPECTED_LOSSES
    share = np.divide(delivered, sent, out=np.ones(len(legs)), where=sent > 0)
    room = np.where(enough, (share - needed) * target, np.inf)
    margin = np.minimum(target - legs.bound.to_numpy(), room)
    adapted = {
        row.session: f"{row.share:.0%} of the time in {row.video}"
        for row in shares_of_best(tables["legs"]).itertuples()
    }
    note = [
        f"{part:.4%} of it delivered, {least:.4%} needed" if left < 0 else adapted.get(session, "")
        for part, least, left, session in zip(share, needed, room, legs.session, strict=True)
    ]
    return observations(legs, target, FINAL, np.asarray(note, dtype=object), margin)


def goodput(cases: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the least goodput of a leg's objects in Mbit/s, request to last byte (rule 5)."""
    rows = tables["measures"]
    rows = rows[rows.object_bytes >= LEAST_OBJECT_BYTES]
    at_most = rows.object_bytes * 8 / rows.running_s
    rows = rows.assign(
        rate=rows.goodput_bps.fillna(at_most) / BPS_PER_MBPS,
        running=rows.value_s.isna(),
        unseen=rows.origin_s < 0,
    )
    rows["all_unseen"] = rows.groupby("leg").unseen.transform("all")
    by_leg = rows[~rows.unseen | rows.all_unseen].groupby("leg")
    found = by_leg.agg(rate=("rate", "min"), running=("running", "any"), unseen=("unseen", "any"))
    legs = cases[cases.leg.isin(found.index)]
    found = found.reindex(legs.leg)
    unseen, running = found.unseen.to_numpy(), found.running.to_numpy()
    state = np.select(
        [unseen, running & legs.abandoned.to_numpy(), running], [UNSEEN, GIVEN_UP, UNFINISHED]
    )
    return observations(legs, found.rate, state, np.where(unseen, BEGAN_BEFORE, ""))


def provisioned(cases: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the least provisioned rate over the path in Mbit/s; 0 in a bin of outage (rule 8)."""
    streams = cases[cases.kind == "stream"]
    of_streams = observations(streams, streams.provisioned_bps / BPS_PER_MBPS)
    rows = with_bins(cases[cases.kind == "connection"], tables)
    out = ((rows.bin_delivered == 0) & (rows.bin_lost > 0)).to_numpy()
    rate = np.where(out, 0.0, rows.provisioned_bps / BPS_PER_MBPS)
    note = np.where(out, "no probe arrived in the bin", "")
    of_bins = observations(rows, rate, FINAL, note, bin_s=rows.bin_s)
    return pd.concat([of_streams, of_bins], ignore_index=True)


def blocked(cases: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return 1 for a refused session and 0 for an admitted one; one under way before is unseen."""
    refused = (cases.outcome == "blocked").to_numpy()
    unseen = cases.in_progress.to_numpy() & ~refused
    note = np.where(unseen, BEGAN_BEFORE, "")
    return observations(cases, refused.astype(float), np.where(unseen, UNSEEN, FINAL), note)


def abandoned(cases: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return 1 for a session whose user gave up and 0 for one that came to its end.

    Who is still there when the run ends may yet give up; one under way before the window is unseen.
    """
    gave_up = (cases.outcome == "abandoned").to_numpy(dtype=bool)
    unseen = cases.in_progress.to_numpy() & ~gave_up
    running = cases.ended_s.isna().to_numpy()
    state = np.select([unseen, running], [UNSEEN, UNFINISHED], FINAL)
    return observations(cases, gave_up.astype(float), state, np.where(unseen, BEGAN_BEFORE, ""))


def unmeasured(cases: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return nothing: no workflow measures this, so that every session stays without a verdict."""
    return observations(cases.iloc[:0], np.nan)


def _with_frames(cases: pd.DataFrame) -> pd.DataFrame:
    return cases[(cases.kind == "stream") & ((cases.frames_sent > 0) | (cases.target_rate_bps > 0))]


CRITERIA: dict[str, Criterion] = {
    "bandwidth_mbps_min": Criterion("Mbit/s", provisioned, "provisioned"),
    "target_mbps_min": Criterion("Mbit/s", target_rate, "rate"),
    "goodput_mbps_min": Criterion("Mbit/s", goodput, "goodput", is_time=True),
    "loss_max": Criterion("ratio", loss, "losses"),
    "delay_ms_max": Criterion("ms", delay, "delay"),
    "response_s_max": Criterion("s", partial(measured_time, "response"), "response", is_time=True),
    "file_s_max": Criterion("s", partial(measured_time, "response"), "response", is_time=True),
    "start_s_max": Criterion("s", start, "picture", is_time=True),
    "freezes_max": Criterion("freezes", partial(counted, "freezes"), "picture"),
    "skips_max": Criterion("frames", partial(counted, "frames_skipped"), "picture"),
    "interruptions_max": Criterion("interruptions", partial(counted, "interruptions"), "picture"),
    "upload_lag_p95_s_max": Criterion("s", partial(measured_time, "lag"), "lag", is_time=True),
    "upload_lag_max_s_max": Criterion("s", partial(measured_time, "lag"), "lag", is_time=True),
    "result_h_max": Criterion("h", partial(measured_h, "result"), "result", is_time=True),
    "archived_h_max": Criterion("h", partial(measured_h, "lag"), "lag", is_time=True),
    "rpo_min_max": Criterion("min", data_at_risk, "lag"),
    "rto_min_max": Criterion("min", partial(measured_min, "recovery"), "recovery", is_time=True),
    "interaction_ms_max": Criterion(
        "ms", partial(measured_ms, "interaction"), "interaction", is_time=True
    ),
    "download_ms_max": Criterion("ms", partial(measured_ms, "download"), "download", is_time=True),
    "alarm_s_max": Criterion("s", partial(measured_time, "alarm"), "alarm", is_time=True),
    "blocking_max": Criterion("refusals", blocked, "resource", of_sessions=True),
    "abandonment_max": Criterion("abandonments", abandoned, "resource", of_sessions=True),
    "sound_distortions_max": Criterion(
        "distortions", partial(counted, "freezes"), "picture", of_sound=True
    ),
    "video_score_min": Criterion("MOS", video_score, "losses"),
    "voice_rating_min": Criterion("R", voice_rating, "losses", of_sound=True),
}
