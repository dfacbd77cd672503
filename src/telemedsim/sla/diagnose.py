"""Why a clause was broken and where (rule 10): what weighs most in a time, or loses most packets."""

import numpy as np
import pandas as pd

from telemedsim.sla.cases import Tables
from telemedsim.sla.criteria import LEAST_OBJECT_BYTES
from telemedsim.sla.handovers import BY_HANDOVER
from telemedsim.sla.losses import POOL, poolable
from telemedsim.sla.voice import BY_DELAY

AS_TEXTS = dict.fromkeys(("of", "interface", "component"), "string")
"""Of the few splits that are looked at, the repeated texts are plain ones again."""
ABANDONMENT = "abandonment_max"
NEEDED = ("kind", "path", "probe_leg", "blocked_by", "statistic")


def with_causes(verdicts: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the verdicts with ``cause``, ``cause_interface`` and ``cause_share`` of each violation.

    Times: the component that weighs most in the split, and where it weighs most; a part of the
    ends that a link brings about names that link. Losses, rate and picture: the interface and cause
    with most lost packets, late ones included. A cause that cannot be told is empty.
    """
    # Cases of sessions alone lack the columns of legs.
    columns = dict.fromkeys([*verdicts.columns, *NEEDED])
    rows = verdicts.reindex(columns=list(columns))
    rows = rows.assign(cause="", cause_interface="", cause_share=np.nan)
    broken = rows[rows.verdict == "violated"]
    # A page has no picture: what delayed it is told by its own time.
    pages = (broken.cause_kind == "picture") & (broken.kind == "transfer")
    broken = broken.assign(cause_kind=broken.cause_kind.astype(object).mask(pages, "start"))
    if not len(broken):
        return rows
    found = pd.concat(
        [
            _of_times(broken, tables),
            _of_losses(broken, tables),
            _of_provisioning(broken, tables),
            _of_resources(broken),
            _of_handovers(broken),
        ]
    )
    found = found[~found.index.duplicated()]
    rows.loc[found.index, ["cause", "cause_interface", "cause_share"]] = found
    return rows


def heaviest_parts(parts: pd.DataFrame) -> pd.DataFrame:
    """Return cause, cause_interface and cause_share for each ``row`` of parts of a time.

    ``parts`` has the columns row, interface, component and ns.
    """
    total = parts.groupby("row").ns.sum()
    by_component = parts.groupby(["row", "component"]).ns.sum().reset_index()
    top = by_component.sort_values(["row", "ns", "component"], ascending=[True, False, True])
    top = top.drop_duplicates("row").set_index("row")
    places = parts.groupby(["row", "component", "interface"]).ns.sum().reset_index()
    cause = places.row.map(top.component)
    where = _first_by_weight(places[(places.component == cause).to_numpy()], "ns")
    farthest = _first_by_weight(places[places.component == "propagation"], "ns")
    interface = where.interface.reindex(top.index)
    waits = top.component == "acknowledgement_wait"
    interface = interface.where(~waits, farthest.interface.reindex(top.index).fillna(""))
    share = top.ns / total.reindex(top.index)
    return _answer(top.index, top.component, interface, share)


def _of_times(broken: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    kind = broken.cause_kind
    of = ("delay_" + broken.statistic.astype(object)).where(kind == "delay", kind)
    of = of.where(kind != "picture", "delay_max").where(kind != BY_DELAY, "delay_mean")
    first = broken.assign(row=broken.index, of=of)
    # An object's goodput is told by its own time: that of the slowest object of the leg.
    if (first.of == "goodput").any():
        slowest = first.leg.map(_slowest_objects(tables))
        first = first.assign(of=first.of.where(first.of != "goodput", slowest))
    wanted = first
    splits = tables["splits"]
    splits = splits[splits.leg.isin(wanted.leg)].astype(AS_TEXTS)
    parts = wanted[["row", "leg", "of", "cause_kind"]].merge(splits, on=["leg", "of"], how="inner")
    # What froze a picture is told by its losses first.
    lossy = tables["losses"].leg.unique()
    parts = parts[~((parts.cause_kind == "picture") & parts.leg.isin(lossy))]
    found = heaviest_parts(parts)
    again = found.index[found.cause == "retransmission"]
    worst = _lost_most(tables, broken.loc[again, "leg"].to_frame("leg").assign(row=again))
    found.loc[worst.index, "cause_interface"] = worst.cause_interface
    return found


def _slowest_objects(tables: Tables) -> "pd.Series":
    """Return by leg the name of the measure whose object had the least goodput so far."""
    rows = tables["measures"]
    rows = rows[(rows.object_bytes >= LEAST_OBJECT_BYTES) & (rows.origin_s >= 0)]
    rows = rows.assign(rate=rows.goodput_bps.fillna(rows.object_bytes * 8 / rows.running_s))
    rows = rows.sort_values(["leg", "rate", "measure"], kind="stable").drop_duplicates("leg")
    return rows.set_index("leg").measure.astype(object)


def _of_losses(broken: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    slow_encoder = (broken.cause_kind == "rate") & (broken.observed < broken.bound)
    slow = broken[slow_encoder]
    encoder = _answer(slow.index, "encoder_target", "", 1.0)
    lossy = broken[broken.cause_kind.isin(["losses", "rate", "picture"]) & ~slow_encoder]
    by_probe = (lossy.cause_kind == "losses") & (lossy.kind == "transfer")
    judge = lossy.probe_leg.where(by_probe, lossy.leg)
    rows = pd.DataFrame({"row": lossy.index, "leg": judge})
    own = _lost_most(tables, rows)
    rest = rows[~rows.row.isin(own.index)]
    legs = poolable(tables)
    judges = rest[rest.row.isin(lossy.index[lossy.cause_kind == "losses"])].merge(legs, on="leg")
    pooled = judges[["row", *POOL]].merge(legs, on=POOL)
    return pd.concat([encoder, own, _lost_most(tables, pooled[["row", "leg"]])])


def _lost_most(tables: Tables, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the interface and cause with most lost packets over the legs of each row."""
    lost = rows.merge(tables["losses"], on="leg", how="inner")
    places = lost.groupby(["row", "interface", "cause"]).packets.sum().reset_index()
    top = _first_by_weight(places, "packets")
    total = places.groupby("row").packets.sum()
    return _answer(top.index, top.cause, top.interface, top.packets / total.reindex(top.index))


def _of_provisioning(broken: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    low = broken[broken.cause_kind == "provisioned"]
    rates = tables["links"].set_index("interface").rate_bps.to_dict()
    narrowest = [
        min(path.split(), key=lambda name: (rates.get(name, 0), name), default="")
        for path in low.path.astype(object)
    ]
    cause = np.where(low.observed == 0, "outage", "provisioned_rate")
    return _answer(low.index, cause, narrowest, 1.0)


def _of_resources(broken: pd.DataFrame) -> pd.DataFrame:
    refused = broken[broken.cause_kind == "resource"]
    how = np.where(refused.clause == ABANDONMENT, "abandoned", "blocked")
    return _answer(refused.index, how, refused.blocked_by, 1.0)


def _of_handovers(broken: pd.DataFrame) -> pd.DataFrame:
    cut = broken[broken.cause_kind == BY_HANDOVER]
    # The terminal is at the end of what it fetches.
    where = [path.split()[-1] for path in cut.path.astype(object)]
    return _answer(cut.index, "handover", where, 1.0)


def _first_by_weight(places: pd.DataFrame, weight: str) -> pd.DataFrame:
    """Return the heaviest place of each row; the first by name among equals."""
    names = [name for name in ("interface", "component", "cause") if name in places]
    order = places.sort_values(
        ["row", weight, *names], ascending=[True, False, *[True] * len(names)]
    )
    return order.drop_duplicates("row").set_index("row")


def _answer(index: pd.Index, cause: object, interface: object, share: object) -> pd.DataFrame:
    """Return causes by the number of their verdict; single values hold for all."""
    size = len(index)
    return pd.DataFrame(
        {
            "cause": np.broadcast_to(np.asarray(cause, dtype=object), size),
            "cause_interface": np.broadcast_to(np.asarray(interface, dtype=object), size),
            "cause_share": np.broadcast_to(np.asarray(share, dtype=np.float64), size),
        },
        index=index,
    )
