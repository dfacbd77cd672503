"""One-way or round-trip delay (rules 3 and 8): a statistic of the delivered packets of a leg."""

import numpy as np
import pandas as pd

from telemedsim.records.quantiles import group_quantiles
from telemedsim.records.sessions import SOUND
from telemedsim.sla.cases import FINAL, TOO_LITTLE, FloatArray, Tables, observations, with_bins

NS_PER_MS = 1e6
QUANTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
STATISTICS = (*QUANTILES, "max", "mean")
ROUND_TRIP = "round_trip"
AT_MOST = "at most: its packets were not simulated one by one"
BETWEEN = "its packets were not simulated one by one (transfers: packets does)"
LEAST_BEYOND = 10.0
"""A quantile q is judged from 10 / (1 - q) packets on: with fewer it is biased."""


def delay(cases: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the delay of each leg in ms, and of a connection bin by bin.

    In a session with streams its transfers are left out: a transfer fills the queue by its own probing.
    A transfer that ran as a fluid has delays that are known between two bounds only: where both are on
    one side of the clause's bound that is its verdict, else it is not judged.
    Round trip is the sum of the statistic of both directions: exact for the mean, and
    for quantiles that of two directions that are slow together, which does not flatter.
    """
    media = cases[(cases.kind != "transfer") | ~cases.has_stream]
    parts = []
    for (statistic, basis), part in media.groupby(["statistic", "basis"], sort=True):
        binned = part.kind == "connection"
        legs = _of_legs(part[~binned], tables, str(statistic), basis == ROUND_TRIP)
        parts.append(_within_bounds(part[~binned], legs, tables, basis == ROUND_TRIP))
        parts.append(_of_bins(part[binned], tables, str(statistic), basis == ROUND_TRIP))
    return pd.concat(parts, ignore_index=True) if parts else observations(media, np.nan)


def _of_legs(cases: pd.DataFrame, tables: Tables, statistic: str, round_trip: bool) -> pd.DataFrame:
    by_leg = _leg_delays(tables, statistic)
    value, packets = _looked_up(by_leg, cases.leg)
    return _judged(cases, tables, (value, packets), by_leg if round_trip else None, statistic)


def _within_bounds(
    cases: pd.DataFrame, seen: pd.DataFrame, tables: Tables, round_trip: bool
) -> pd.DataFrame:
    """Return the observations with those of fluid transfers judged by both of their bounds.

    What is observed of one that meets its clause is the most that its delays may have been.
    """
    if cases.delay_most_ns.isna().all():
        return seen
    most = cases.delay_most_ns.to_numpy() / NS_PER_MS
    if round_trip:
        legs = tables["legs"].set_index("leg")
        back = pd.DataFrame({"value": legs.delay_most_ns / NS_PER_MS})
        most = most + _reverse(cases, tables, back)
    if (cases.statistic == "max").any():
        # Delay variation may exceed its quantile once.
        most = np.where(np.isnan(most), np.nan, np.inf)
    least = seen.observed.to_numpy()
    bound = cases.bound.to_numpy()
    fluid = cases.delay_most_ns.notna().to_numpy() & (least <= bound)
    met = fluid & (most <= bound)
    unknown = fluid & ~met
    note = np.where(met, AT_MOST, seen.note.to_numpy(dtype=object))
    note[unknown] = [
        f"between {low:.3g} and {_said(high)}: {BETWEEN}"
        for low, high in zip(least[unknown], most[unknown], strict=True)
    ]
    return seen.assign(
        observed=np.where(met, most, np.where(unknown, np.nan, least)),
        state=np.where(unknown, TOO_LITTLE, seen.state),
        note=note,
    )


def _said(most_ms: float) -> str:
    return f"{most_ms:.3g} ms" if np.isfinite(most_ms) else "an unknown time"


def _of_bins(cases: pd.DataFrame, tables: Tables, statistic: str, round_trip: bool) -> pd.DataFrame:
    """Judge each bin by its own packets; by those of the whole run where no bins were kept."""
    rows = with_bins(cases, tables)
    by_leg = _leg_delays(tables, statistic)
    value, packets = _looked_up(by_leg, rows.leg)
    kept = tables["delay_bins"]
    if statistic in QUANTILES and len(kept):
        key = pd.MultiIndex.from_frame(kept[["leg", "bin_s"]])
        codes, names = pd.factorize(key)
        group, found, counts = group_quantiles(
            codes.astype(np.int64),
            kept.bucket.to_numpy(),
            kept.packets.to_numpy(),
            QUANTILES[statistic],
        )
        by_bin = pd.DataFrame({"value": found / NS_PER_MS, "packets": counts}, index=names[group])
        own = by_bin.reindex(pd.MultiIndex.from_frame(rows[["leg", "bin_s"]]))
        has_bins = rows.leg.isin(kept.leg).to_numpy()
        value = np.where(has_bins, own["value"].to_numpy(), value)
        packets = np.where(has_bins, own["packets"].fillna(0).to_numpy(), packets)
        whole = ~has_bins
    else:
        whole = np.ones(len(rows), dtype=bool)
    result = _judged(rows, tables, (value, packets), by_leg if round_trip else None, statistic)
    result["bin_s"] = rows.bin_s.to_numpy()
    unnoted = whole & (result.note == "").to_numpy()
    result.loc[unnoted, "note"] = "over the whole run"
    return result


def _judged(
    cases: pd.DataFrame,
    tables: Tables,
    own: tuple[FloatArray, FloatArray],
    reverse: pd.DataFrame | None,
    statistic: str,
) -> pd.DataFrame:
    value, packets = own
    least = LEAST_BEYOND / (1 - QUANTILES[statistic]) if statistic in QUANTILES else 1.0
    enough = packets >= least - 1e-6
    note = np.where(enough, "", "too few packets for its statistic").astype(object)
    if reverse is not None:
        back = _reverse(cases, tables, reverse)
        note[np.isnan(back) & enough] = "no packets of the other direction were measured"
        enough = enough & ~np.isnan(back)
        value = value + back
    return observations(cases, value, np.where(enough, FINAL, TOO_LITTLE), note)


def _leg_delays(tables: Tables, statistic: str) -> pd.DataFrame:
    """Return value (ms) and packets by leg."""
    if statistic in QUANTILES:
        rows = tables["delays"]
        leg, value, packets = group_quantiles(
            rows.leg.to_numpy(),
            rows.bucket.to_numpy(),
            rows.packets.to_numpy(),
            QUANTILES[statistic],
        )
        return pd.DataFrame({"value": value / NS_PER_MS, "packets": packets}, index=leg)
    if statistic not in STATISTICS:
        raise ValueError(f"no statistic is called '{statistic}'; legal: {', '.join(STATISTICS)}")
    legs = tables["legs"].set_index("leg")
    whole = legs[f"delay_{statistic}_ns"] / NS_PER_MS
    return pd.DataFrame({"value": whole, "packets": legs.delivered_packets})


def _looked_up(by_leg: pd.DataFrame, leg: pd.Series) -> tuple[FloatArray, FloatArray]:
    found = by_leg.reindex(leg)
    return found["value"].to_numpy(), found["packets"].fillna(0).to_numpy()


def _reverse(cases: pd.DataFrame, tables: Tables, by_leg: pd.DataFrame) -> FloatArray:
    """Return the worst value of the legs of the same session that go the other way."""
    legs = tables["legs"]
    legs = legs[legs.role != SOUND].merge(by_leg, left_on="leg", right_index=True)
    key = ["session", "scenario", "sender", "receiver"]
    worst = _with_ends(legs).groupby(key)["value"].max().rename_axis(key).reset_index()
    worst = worst.rename(columns={"sender": "receiver", "receiver": "sender"})
    found = _with_ends(cases)[key].merge(worst, on=key, how="left")
    return found["value"].to_numpy()


def _with_ends(legs: pd.DataFrame) -> pd.DataFrame:
    up = legs.direction == "up"
    site, peer = legs.site.astype("string"), legs.peer.astype("string")
    return legs.assign(sender=site.where(up, peer), receiver=peer.where(up, site))
