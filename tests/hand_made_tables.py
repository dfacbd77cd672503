"""Tables of a run written by hand: a few words say what a leg did, the rest is unremarkable."""

from typing import Any

import pandas as pd

from telemedsim.records.histogram import bucket_of
from telemedsim.records.schema import TABLES
from telemedsim.records.tables import typed

MS = 1_000_000
NAN = float("nan")

LEG: dict[str, Any] = {
    "scenario": "s",
    "service": "v",
    "kind": "stream",
    "role": "room",
    "direction": "up",
    "site": "a",
    "tier": "county",
    "peer": "b",
    "path": "l1/up l2/up",
    "class": "video",
    "joined_s": 1.0,
    "ended_s": 50.0,
    "sent_packets": 100_000,
    "delivered_packets": 100_000,
    "late_packets": 0,
    "lost_packets": 0,
    "in_flight_packets": 0,
    "sent_bytes": 0,
    "delivered_bytes": 0,
    "delay_mean_ns": 5.0 * MS,
    "delay_min_ns": 5.0 * MS,
    "delay_max_ns": 5.0 * MS,
    "delay_most_ns": NAN,
    "frames_sent": 100,
    "frames_shown": 100,
    "frames_skipped": 0,
    "start_s": 0.5,
    "freezes": 0,
    "freeze_s": 0.0,
    "interruptions": 0,
    "interruption_s": 0.0,
    "target_rate_bps": 6_000_000,
    "provisioned_bps": 20_000_000,
    "segments_sent": 0,
    "segments_retransmitted": 0,
    "timeouts": 0,
    "running_s": NAN,
    "probe_leg": -1,
    "measured_s": NAN,
}

SESSION: dict[str, Any] = {
    "scenario": "s",
    "service": "v",
    "site": "a",
    "tier": "county",
    "started_s": 1.0,
    "ended_s": 50.0,
    "outcome": "completed",
    "in_progress": False,
    "blocked_by": "",
}

LIMIT: dict[str, Any] = {
    "scenario": "s",
    "service": "v",
    "strict": False,
    "statistic": "value",
    "basis": "",
    "section": "3",
    "source": "white paper",
}

UNITS = {
    "delay_ms_max": "ms",
    "loss_max": "ratio",
    "target_mbps_min": "Mbit/s",
    "goodput_mbps_min": "Mbit/s",
    "bandwidth_mbps_min": "Mbit/s",
    "response_s_max": "s",
    "start_s_max": "s",
    "upload_lag_p95_s_max": "s",
    "freezes_max": "freezes",
    "skips_max": "frames",
    "interruptions_max": "interruptions",
    "blocking_max": "refusals",
    "abandonment_max": "abandonments",
}


def session(number: int, **facts: Any) -> dict[str, Any]:
    """Return a session: completed within the window unless said otherwise."""
    return {**SESSION, "session": number, **facts}


def leg(number: int, **facts: Any) -> dict[str, Any]:
    """Return a leg of the session of the same number: a good stream unless said otherwise."""
    return {**LEG, "leg": number, "session": number, **facts}


def limit(clause: str, bound: float, **facts: Any) -> dict[str, Any]:
    """Return a limit of service v in scenario s."""
    default = {"statistic": "p95", "basis": "one_way"} if clause == "delay_ms_max" else {}
    unit = UNITS.get(clause, "")
    return {**LIMIT, "clause": clause, "bound": bound, "unit": unit, **default, **facts}


def measure(number: int, name: str, value_s: float = NAN, **facts: Any) -> dict[str, Any]:
    """Return a measure of a leg; running when only ``running_s`` is given."""
    row = {
        "leg": number,
        "measure": name,
        "origin_s": 1.0,
        "value_s": value_s,
        "running_s": NAN,
        "object_bytes": 5_000_000,
        "goodput_bps": 5_000_000 * 8 / value_s,
    }
    return {**row, **facts}


def delays(number: int, values_ms: dict[float, int]) -> list[dict[str, Any]]:
    """Return the histogram of a leg: milliseconds -> packets."""
    return [
        {"leg": number, "bucket": bucket_of(int(ms * MS)), "packets": packets}
        for ms, packets in values_ms.items()
    ]


def leg_bin(
    number: int, start_s: float, delivered: int, lost: int, late: int = 0
) -> dict[str, Any]:
    """Return a 5-minute bin of a leg."""
    return {
        "leg": number,
        "bin_s": start_s,
        "bin_width_s": 300.0,
        "sent_packets": delivered + lost,
        "delivered_packets": delivered,
        "late_packets": late,
        "lost_packets": lost,
    }


def run_tables(**rows: list[dict[str, Any]]) -> dict[str, pd.DataFrame]:
    """Return all tables a verdict is made from; those not named are empty."""
    names = [name for name in TABLES if name not in ("verdicts", "summary")]
    return {name: typed(name, rows.get(name, [])) for name in names}
