"""The rating of a leg's sound, derived from the delays and losses of its packets.

The receiver of a conversation adapts its jitter buffer: it plays packets at the least delay that it
has seen and a buffer that catches most of the others, within bounds. What comes later, or not at all, is
the loss that the E-model asks for.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from telemedsim.catalogue.load import catalogue
from telemedsim.records.quantiles import bucket_edges, group_quantiles
from telemedsim.sla.cases import FINAL, TOO_LITTLE, FloatArray, Tables, observations
from telemedsim.sla.e_model import (
    VoiceFacts,
    delay_impairment,
    loss_impairment,
    opinion,
    rating,
    voice_facts,
)

NS_PER_MS = 1e6
BY_DELAY, BY_LOSS = "voice_delay", "losses"
"""Where the cause of a low rating is looked for: in the mean delay, or among the lost packets."""


class Played(NamedTuple):
    """What each leg played."""

    mouth_to_ear_ms: FloatArray
    loss: FloatArray
    """Share of the packets that were not played."""
    packets: FloatArray


def voice_rating(cases: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return R of each leg of sound, on what the window saw of it."""
    voice = voice_facts(catalogue())
    played = _played(cases, tables, voice)
    observed = rating(played.mouth_to_ear_ms, played.loss, voice)
    enough = played.packets >= voice.least_packets
    note = [
        f"derived (E-model): mouth to ear {ms:.0f} ms, {share:.2%} not played, MOS {mos:.2f}"
        if heard
        else f"too few packets: {int(count)} of {int(voice.least_packets)}"
        for ms, share, count, mos, heard in zip(*played, opinion(observed), enough, strict=True)
    ]
    seen = observations(
        cases, observed, np.where(enough, FINAL, TOO_LITTLE), np.array(note, dtype=object)
    )
    by_delay = delay_impairment(played.mouth_to_ear_ms, voice)
    slow = by_delay >= loss_impairment(played.loss, voice)
    return seen.assign(cause_kind=np.where(slow, BY_DELAY, BY_LOSS))


def _played(cases: pd.DataFrame, tables: Tables, voice: VoiceFacts) -> Played:
    legs = tables["legs"].set_index("leg").reindex(cases.leg)
    # Of a line that delivers nothing no delay is known; its loss alone says all.
    least_ns = legs.delay_min_ns.fillna(0.0).to_numpy(dtype=np.float64)
    rows = tables["delays"]
    rows = rows[rows.leg.isin(cases.leg)]
    leg, bucket = rows.leg.to_numpy(), rows.bucket.to_numpy()
    packets = rows.packets.to_numpy()
    names, caught, _ = group_quantiles(leg, bucket, packets, voice.buffer_quantile)
    caught_ns = pd.Series(caught, index=names).reindex(cases.leg).fillna(0.0).to_numpy()
    least_buffer, greatest_buffer = (ms * NS_PER_MS for ms in voice.buffer_ms)
    buffer_ns = np.clip(caught_ns - least_ns, least_buffer, greatest_buffer)
    played_by = pd.Series(least_ns + buffer_ns, index=cases.leg.to_numpy()).reindex(leg)
    too_late = bucket_edges(bucket)[0] > played_by.to_numpy()
    late = pd.Series(packets * too_late, index=leg).groupby(level=0).sum()
    missing = late.reindex(cases.leg).fillna(0).to_numpy() + cases.lost_packets.to_numpy()
    sent = (cases.delivered_packets + cases.lost_packets).to_numpy(dtype=np.float64)
    loss = np.divide(missing, sent, out=np.ones(len(cases)), where=sent > 0)
    return Played(voice.fixed_delay_ms + (least_ns + buffer_ns) / NS_PER_MS, loss, sent)
