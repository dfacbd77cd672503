"""Both engines on a short window of one experiment: what the fast one's shortcuts cost on this network."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from telemedsim.model.load import Scenario
from telemedsim.study.run import Run, run_once

if TYPE_CHECKING:
    import pandas as pd

WHO = ["scenario", "service", "kind", "role", "direction", "site", "peer", "joined_s"]
"""What makes two legs of two runs the same one: who asked what of whom, and when."""


@dataclass(frozen=True)
class Verification:
    """What the two engines gave: one row a quantity and scenario, and how long each took."""

    rows: "pd.DataFrame"
    """scenario, quantity, unit, compared, equal, reference, hybrid, difference."""
    window_s: float
    reference_s: float
    hybrid_s: float


def verify(scenario: Scenario) -> Verification:
    """Run an experiment on both engines and return where they differ.

    Streams' packets are equal wherever no transfer shares their queue; transfers that ran as a fluid
    differ by the model's error.
    """
    # The reference moves every packet, and only equal windows can be compared.
    whole = scenario.experiment.model_copy(update={"stream_sampling": 1.0})
    scenario = replace(scenario, experiment=whole)
    reference = run_once(scenario, engine="reference")
    hybrid = run_once(scenario, engine="hybrid")
    return Verification(
        compare(reference, hybrid),
        float(reference.manifest["duration_s"]),
        float(reference.manifest["wall_time_s"]),
        float(hybrid.manifest["wall_time_s"]),
    )


def compare(reference: Run, hybrid: Run) -> "pd.DataFrame":
    """Return the quantities of two runs of one scenario side by side."""
    import pandas as pd

    pairs = _joined(reference, hybrid)
    rows = [
        *_legs(pairs),
        *_measures(pairs, reference, hybrid),
        *_sessions(reference, hybrid),
    ]
    columns = ["scenario", "quantity", "unit", "compared", "equal", "reference", "hybrid"]
    table = pd.DataFrame(rows, columns=columns)
    table["difference"] = table["hybrid"] - table["reference"]
    return table.sort_values(["scenario", "quantity"], kind="stable", ignore_index=True)


def _joined(reference: Run, hybrid: Run) -> "pd.DataFrame":
    """Return the legs of two runs in one row each; equal ones by their order."""
    sides = []
    for run in (reference, hybrid):
        legs = run.tables["legs"].copy()
        legs["copy"] = legs.groupby(WHO, dropna=False).cumcount()
        sides.append(legs)
    return sides[0].merge(sides[1], on=[*WHO, "copy"], suffixes=("_reference", "_hybrid"))


def _legs(pairs: "pd.DataFrame") -> list[tuple[Any, ...]]:
    """Compare delays and losses of streams."""
    pairs = pairs[pairs["kind"] != "transfer"]
    rows: list[tuple[Any, ...]] = []
    for name, group in pairs.groupby("scenario"):
        for quantity, unit, column, scale in (
            ("mean one-way delay", "ms", "delay_mean_ns", 1e-6),
            ("greatest one-way delay", "ms", "delay_max_ns", 1e-6),
            ("lost packets", "packets", "lost_packets", 1.0),
            ("frames never shown", "frames", "frames_skipped", 1.0),
        ):
            mine, yours = group[f"{column}_reference"], group[f"{column}_hybrid"]
            # Only legs that got anything on both engines have a delay.
            both = mine.notna() & yours.notna() & (mine >= 0) & (yours >= 0)
            # A probe has no frames.
            if not both.any() or (unit == "frames" and not (group["kind"] == "stream").any()):
                continue
            equal = int((mine[both] == yours[both]).sum())
            add = "sum" if unit in ("packets", "frames") else "mean"
            values = [float(side[both].agg(add)) * scale for side in (mine, yours)]
            rows.append((name, quantity, unit, int(both.sum()), equal, *values))
    return rows


def _measures(legs: "pd.DataFrame", reference: Run, hybrid: Run) -> list[tuple[Any, ...]]:
    """Compare the times of transfers that ended on both engines."""
    sides = []
    for run, suffix in ((reference, "_reference"), (hybrid, "_hybrid")):
        one = legs[[f"leg{suffix}", "scenario"]].rename(columns={f"leg{suffix}": "leg"})
        one = one.assign(pair=range(len(one)))
        measures = run.tables["measures"].merge(one, on="leg")
        sides.append(measures[measures["value_s"].notna()])
    pairs = sides[0].merge(
        sides[1], on=["pair", "measure", "scenario"], suffixes=("_reference", "_hybrid")
    )
    rows: list[tuple[Any, ...]] = []
    for (name, measure), group in pairs.groupby(["scenario", "measure"]):
        mine, yours = group["value_s_reference"], group["value_s_hybrid"]
        equal = int((mine == yours).sum())
        for quantity, share in (("median", 0.5), ("p95", 0.95)):
            values = [float(side.quantile(share)) for side in (mine, yours)]
            rows.append((name, f"{measure} time, {quantity}", "s", len(group), equal, *values))
    return rows


def _sessions(reference: Run, hybrid: Run) -> list[tuple[Any, ...]]:
    """Compare the violated sessions clause by clause."""
    keys = ["scenario", "service", "tier", "clause"]
    pairs = reference.tables["summary"].merge(
        hybrid.tables["summary"], on=keys, suffixes=("_reference", "_hybrid")
    )
    rows: list[tuple[Any, ...]] = []
    for _, one in pairs.iterrows():
        judged = int(min(one["judged_reference"], one["judged_hybrid"]))
        mine, yours = int(one["violated_reference"]), int(one["violated_hybrid"])
        if judged:
            quantity = f"violated: {one['clause']} ({one['tier']})"
            equal = judged - abs(mine - yours)
            rows.append((one["scenario"], quantity, "sessions", judged, equal, mine, yours))
    return rows
