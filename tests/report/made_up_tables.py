"""Small frames in the shape of records.schema, written by hand for the report's tests."""

from typing import Any

import pandas as pd

from telemedsim.records.histogram import bucket_of

NOTHING = float("nan")

SITES = pd.DataFrame(
    [
        ("centre", "National centre", "national", 39.9, 116.4),
        ("hub", "Hub 贵阳", "provincial", 26.6, 106.7),
        ("city", "City", "municipal", 27.7, 106.9),
        ("town", "Town", "county", 28.1, 106.8),
        ("village", "Village", "grassroots", 28.3, 106.9),
    ],
    columns=["site", "name", "tier", "latitude", "longitude"],
)


def links() -> pd.DataFrame:
    """Return the table ``links``: two interfaces a link, one link doubled by a standby."""
    lines = [
        ("hub-line", "hub", "centre", "sdh", 0.10),
        ("hub-standby", "hub", "centre", "sdh", 0.0),
        ("city-line", "city", "hub", "mstp", 0.50),
        ("town-line", "town", "city", "mpls_vpn", 0.95),
        ("village-line", "village", "town", "4g", 0.20),
        ("town-campus", "town", "town", "campus", 0.01),
    ]
    rows = []
    for link, lower, upper, technology, busy in lines:
        for way, share in (("up", busy), ("down", busy / 2)):
            rows.append(
                {
                    "interface": f"{link}/{way}",
                    "link": link,
                    "from_site": lower if way == "up" else upper,
                    "to_site": upper if way == "up" else lower,
                    "technology": technology,
                    "utilisation": share,
                    "carried_packets": int(share * 1000),
                }
            )
    return pd.DataFrame(rows)


def series(bins: int) -> pd.DataFrame:
    """Return the table ``link_series`` with so many bins of 60 s."""
    rows = [
        {"interface": name, "bin_s": 60.0 * bin_, "bin_width_s": 60.0, "utilisation": share}
        for name, share in zip(links()["interface"], links()["utilisation"], strict=True)
        for bin_ in range(bins)
        if share > 0
    ]
    return pd.DataFrame(rows)


def verdicts() -> pd.DataFrame:
    """Return verdicts: every second session of the village broken by the town's line."""
    rows = [
        (
            "village",
            number,
            "violated" if number % 2 else "met",
            "town-line/up" if number % 2 else "",
        )
        for number in range(8)
    ]
    rows += [("town", number, "met", "") for number in range(8, 12)]
    rows += [("city", 12, "not_judged", ""), ("hub", -1, "violated", "hub-line/up")]
    return pd.DataFrame(rows, columns=["site", "session", "verdict", "cause_interface"])


def legs() -> pd.DataFrame:
    """Return three legs of two scenarios."""
    return pd.DataFrame(
        [
            (0, "evening", "consult.regular_room", "county"),
            (1, "evening", "consult.regular_room", "grassroots"),
            (2, "clinic", "reading.in_hospital", "county"),
        ],
        columns=["leg", "scenario", "service", "tier"],
    )


def delays() -> pd.DataFrame:
    """Return delays: leg 0 at 10 ms, leg 1 half at 100 ms and half at 400 ms."""
    spread = [(0, 10.0, 100), (1, 100.0, 50), (1, 400.0, 50)]
    rows = [(leg, bucket_of(int(ms * 1e6)), packets) for leg, ms, packets in spread]
    return pd.DataFrame(rows, columns=["leg", "bucket", "packets"])


def measures() -> pd.DataFrame:
    """Return four responses of leg 2, one of them unfinished, and a study that is none."""
    rows = [(2, "response", value) for value in (1.0, 2.0, 8.0, NOTHING)] + [(2, "study", 99.0)]
    return pd.DataFrame(rows, columns=["leg", "measure", "value_s"])


def limits() -> pd.DataFrame:
    """Return the bounds of both scenarios."""
    rows = [
        ("evening", "consult.regular_room", "delay_ms_max", 150.0, "p95"),
        ("clinic", "reading.in_hospital", "response_s_max", 5.0, "value"),
    ]
    return pd.DataFrame(rows, columns=["scenario", "service", "clause", "bound", "statistic"])


def summary_row(**changes: Any) -> dict[str, Any]:
    """Return one row of ``summary``, met unless changed."""
    row: dict[str, Any] = {
        "scenario": "evening", "service": "consult.regular_room", "tier": "county",
        "clause": "delay_ms_max", "bound": 150.0, "unit": "ms", "statistic": "p95 one_way",
        "offered": 40, "judged": 38, "violated": 0, "censored": 0, "blocked": 0, "abandoned": 0,
        "not_judged": 0, "rate": 0.0, "rate_low": 0.0, "rate_high": 0.092,
        "interval": "naive (one day)", "p50": 23.4, "p95": 44.2, "p99": 61.0, "worst": 70.0,
        "top_cause": "", "top_interface": "", "flags": "assumed: statistic p95 and basis one way",
    }  # fmt: skip
    return row | changes


def summary() -> pd.DataFrame:
    """Return a summary: one row met, one broken, one without data, one of a connection."""
    return pd.DataFrame(
        [
            summary_row(),
            summary_row(
                tier="grassroots", offered=12, judged=10, violated=4, censored=2, rate=0.4,
                rate_low=0.168, rate_high=0.687, p50=310.0, p95=640.5, p99=702.0,
                top_cause="propagation", top_interface="village-line/up",
                flags="assumed: statistic p95 and basis one way; over 10 % censored",
            ),
            summary_row(
                tier="grassroots", clause="loss_max", bound=0.0005, unit="ratio",
                statistic="ratio", judged=0, not_judged=12, rate=NOTHING, rate_low=NOTHING,
                rate_high=NOTHING, p50=0.0002, p95=0.0011, p99=0.004, flags="",
            ),
            summary_row(
                scenario="conn.county_hospital", service="conn.county_hospital",
                clause="bandwidth_mbps_min", bound=20.0, unit="Mbit/s", statistic="minimum",
                p50=20.0, p95=20.0, p99=20.0, flags="override at day.yaml:12",
            ),
        ]
    )  # fmt: skip
