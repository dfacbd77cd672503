"""The score of a leg's picture, derived from its format and the packets that did not come in time."""

import numpy as np
import pandas as pd

from telemedsim.catalogue.load import Catalogue, catalogue
from telemedsim.sla.cases import FINAL, TOO_LITTLE, FloatArray, Tables, observations
from telemedsim.sla.video_model import VideoFacts, coding_quality, score, video_facts

BY_RATE, BY_LOSS = "rate", "losses"
"""Where the cause of a low score is looked for: in the encoder's rate, or among the lost packets."""


def video_score(cases: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the score of each leg whose format is known, on what the window saw of it.

    The share of packets lost or late is that before repair: where receivers repair, the score is from below.
    """
    facts = catalogue()
    video = video_facts(facts)
    legs = cases[(cases.kind == "stream") & (cases.video != "")]
    equal_bps, frame_rate = _as_known(legs, facts, video)
    sent = (legs.delivered_packets + legs.lost_packets).to_numpy(dtype=np.float64)
    missing = (legs.late_packets + legs.lost_packets).to_numpy(dtype=np.float64)
    loss = np.divide(missing, sent, out=np.ones(len(legs)), where=sent > 0)
    observed = score(equal_bps, frame_rate, loss, video)
    enough = legs.frames_sent.to_numpy() >= video.least_s * frame_rate
    beyond = (loss > video.known_loss) | (frame_rate > video.known_frame_rate)
    note = [
        f"derived (G.1070, provisional{', extrapolated' if far else ''}): {name}, {share:.2%} lost or late"
        if seen
        else f"less than {video.least_s:g} s of picture"
        for name, share, far, seen in zip(legs.video, loss, beyond, enough, strict=True)
    ]
    state = np.where(enough, FINAL, TOO_LITTLE)
    poor = 1 + coding_quality(equal_bps, frame_rate, video) < legs.bound.to_numpy()
    seen = observations(legs, observed, state, np.array(note, dtype=object))
    return seen.assign(cause_kind=np.where(poor, BY_RATE, BY_LOSS))


def _as_known(
    legs: pd.DataFrame, facts: Catalogue, video: VideoFacts
) -> tuple[FloatArray, FloatArray]:
    """Return the rate that would do as well in the model's codec and size, and the frame rate."""
    names = legs.video.astype(object).str.partition("/")
    rows = [facts.videos[name] for name in names[0]] if len(legs) else []
    ratio = [row.width * row.height / video.known_pixels for row in rows]
    gain = [video.efficiency[codec] for codec in names[2]] if len(legs) else []
    rate = legs.target_rate_bps.to_numpy(dtype=np.float64)
    return rate * np.array(gain, float) / np.array(ratio, float), np.array(
        [row.frame_rate for row in rows], float
    )
