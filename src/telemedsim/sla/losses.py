"""Packet loss (rules 4 and 8): alone where a leg has packets enough, else pooled, else not judged."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from telemedsim.records.sessions import SOUND
from telemedsim.sla.cases import FINAL, TOO_LITTLE, FloatArray, Tables, observations, with_bins

EXPECTED_LOSSES = 10.0
"""Packets that must be lost at the bound before a ratio is judged: ``10 / loss_max`` (rule 4)."""

POOL = ["service", "path", "pool"]


def poolable(tables: Tables) -> pd.DataFrame:
    """Return the legs whose packets may be pooled (sound is judged by its own clauses), with the columns of POOL."""
    legs = tables["legs"]
    legs = legs[(legs.kind != "transfer") & (legs.role != SOUND)]
    pool = np.where(legs.kind == "stream", "streams", "probes")
    texts = dict.fromkeys(("service", "path", "pool"), "category")
    return legs[["leg", "service", "path"]].assign(pool=pool).astype(texts)


def loss(cases: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the loss of streams, of transfers by their probe, and of connections by bin.

    In a session with streams its transfers are left out: the clause is about the media.
    """
    connection = cases.kind == "connection"
    media = cases[~connection & ((cases.kind == "stream") | ~cases.has_stream)]
    return pd.concat(
        [_of_legs(media, tables), _of_connections(cases[connection], tables)], ignore_index=True
    )


def _of_legs(cases: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Judge by the leg itself or, for transfers, by the leg of its probe."""
    counts = tables["legs"].set_index("leg")
    own = (cases.kind == "stream").to_numpy()
    judge = np.where(own, cases.leg, cases.probe_leg)
    known = counts.reindex(judge)
    delivered = known.delivered_packets.fillna(0).to_numpy(dtype=np.float64)
    lost = known.lost_packets.fillna(0).to_numpy(dtype=np.float64)
    late = known.late_packets.fillna(0).to_numpy(dtype=np.float64)
    sent = delivered + lost
    ratio = _ratio(lost + late, sent)
    needed = _needed(cases)
    pooled = _pooled(cases.assign(judge=judge), tables)
    alone, together = sent >= needed, pooled.sent.to_numpy() >= needed
    observed = np.where(alone, ratio, np.where(together, pooled.ratio, ratio))
    by = np.where(own, "", "by its probe; ").astype(object)
    note = np.select(
        [alone, together], [np.where(own, "", "by its probe"), by + pooled.note.to_numpy()], "few"
    ).astype(object)
    few = ~(alone | together)
    note[few] = [
        f"too few packets: {int(have)} of {int(np.ceil(need))}"
        for have, need in zip(sent[few], needed[few], strict=True)
    ]
    note[few & (judge < 0)] = "no probe measured its path"
    return observations(cases, observed, np.where(few, TOO_LITTLE, FINAL), note)


def _pooled(cases: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the worst bin in which all legs of one service and path together have packets enough.

    Streams are pooled with streams and probes with probes; what a transfer overflows by its own
    probing is nobody's loss. Only bins in which the leg itself was there count. A row for each
    case: sent, ratio, note.
    """
    legs = poolable(tables)
    bins = tables["leg_bins"].merge(legs, on="leg", how="inner")
    key = [*POOL, "bin_s"]
    pool = bins.groupby(key, as_index=False, sort=True).agg(
        delivered=("delivered_packets", "sum"),
        late=("late_packets", "sum"),
        lost=("lost_packets", "sum"),
        legs=("leg", "nunique"),
    )
    there = bins[["leg", *key, "bin_width_s"]].merge(pool, on=key).rename(columns={"leg": "judge"})
    rows = _in_bins(cases[["case", "judge", "bound", "joined_s", "ended_s"]], there)
    rows["sent"] = (rows.delivered + rows.lost).astype(np.float64)
    rows["ratio"] = _ratio(rows.lost + rows.late, rows.sent)
    rows = rows[rows.sent >= _needed(rows)]
    rows = rows.sort_values(["case", "ratio", "bin_s"], ascending=[True, False, True])
    worst = rows.drop_duplicates("case").set_index("case").reindex(cases["case"])
    note = [
        "" if np.isnan(sent) else f"pooled: {int(sent)} packets of {int(n)} legs, bin at {b:g} s"
        for sent, n, b in zip(worst.sent, worst.legs, worst.bin_s, strict=True)
    ]
    return pd.DataFrame(
        {
            "sent": worst.sent.fillna(-1.0).to_numpy(),
            "ratio": worst.ratio.to_numpy(),
            "note": np.asarray(note, dtype=object),
        }
    )


def _in_bins(cases: pd.DataFrame, there: pd.DataFrame) -> pd.DataFrame:
    """Return the cases once for each bin of their judge in which they were there themselves.

    Looked up by searching: a probe of a whole day has hundreds of bins, a reading is in one of them.
    """
    there = there.sort_values(["judge", "bin_s"], kind="stable", ignore_index=True)
    begin, end = there.bin_s.to_numpy(), (there.bin_s + there.bin_width_s).to_numpy()
    span = 2.0 + end.max(initial=0.0)
    first, judge = np.unique(there.judge.to_numpy(), return_inverse=True)[:2]
    known = cases[cases.judge.isin(first)].reset_index(drop=True)
    offset = span * np.searchsorted(first, known.judge.to_numpy())
    joined = known.joined_s.to_numpy()
    until = known.ended_s.fillna(np.inf).to_numpy()
    low = np.searchsorted(span * judge + end, offset + np.clip(joined, 0.0, span - 1)) - 1
    high = np.searchsorted(span * judge + begin, offset + np.clip(until, 0.0, span - 1)) + 1
    low, high = np.maximum(low, 0), np.minimum(high, len(there))
    # One bin too many on each side: rounded sums may lie on the wrong side of a bound.
    count = np.maximum(high - low, 0)
    which = np.repeat(np.arange(len(known)), count)
    place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + low[which]
    really = (
        (first[judge[place]] == known.judge.to_numpy()[which])
        & (begin[place] < until[which])
        & (end[place] > joined[which])
    )
    rows = there.take(place[really]).drop(columns="judge").reset_index(drop=True)
    mine = known.take(which[really]).reset_index(drop=True)
    return pd.concat([mine, rows], axis=1)


def _of_connections(cases: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Judge each bin alone where it has probes enough, else all bins of the connection as one."""
    rows = with_bins(cases, tables)
    sent = (rows.bin_delivered + rows.bin_lost).to_numpy(dtype=np.float64)
    gone = (rows.bin_lost + rows.bin_late).to_numpy(dtype=np.float64)
    all_sent = (rows.delivered_packets + rows.lost_packets).to_numpy(dtype=np.float64)
    all_gone = (rows.lost_packets + rows.late_packets).to_numpy(dtype=np.float64)
    needed = _needed(rows)
    alone, together = sent >= needed, all_sent >= needed
    observed = np.where(together & ~alone, _ratio(all_gone, all_sent), _ratio(gone, sent))
    state = np.where(alone | together, FINAL, TOO_LITTLE)
    note = np.select([alone, together], ["", "pooled over the bins of the run"], "too few probes")
    return observations(rows, observed, state, note, bin_s=rows.bin_s)


def _needed(cases: pd.DataFrame) -> FloatArray:
    """Return from how many packets on a ratio is judged; a bound of 0 is judged from the first on."""
    bound = cases.bound.to_numpy(dtype=np.float64)
    needed = np.ones(len(bound))
    np.divide(EXPECTED_LOSSES, bound, out=needed, where=bound > 0)
    return needed


def _ratio(part: ArrayLike, whole: ArrayLike) -> FloatArray:
    parts, wholes = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    ratios = np.full(wholes.shape, np.nan)
    np.divide(parts, wholes, out=ratios, where=wholes > 0)
    return ratios
