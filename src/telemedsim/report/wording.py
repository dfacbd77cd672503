"""How values of a result are written for people: numbers, bounds, names from files."""

import math
import re

from telemedsim.core.errors import printable

_COUNTS = ("freezes", "interruptions", "frames", "distortions", "refusals", "abandonments")
"""Units that are only the clause's own word again."""
_STATISTICS = ("p50", "p95", "p99", "max", "mean")
"""Statistics that a bound names, since they change its meaning."""
MISSING = "–"


def number(value: float | None) -> str:
    """Return a number in three significant digits without an exponent where it can be avoided.

    >>> number(1234.5), number(12.345), number(0.0123), number(0.00001), number(0), number(2e7)
    ('1234', '12.3', '0.012', '<0.001', '0', '2.0e7')
    """
    if value is None or math.isnan(value):
        return MISSING
    size = abs(value)
    if size == 0 or math.isinf(value):
        return f"{value:g}"
    if size < 0.001:
        return "<0.001" if value > 0 else "≈0"
    if size >= 1e6:
        return f"{value:.1e}".replace("e+0", "e").replace("e+", "e")
    digits = 0 if size >= 99.95 else 1 if size >= 9.995 else 2 if size >= 0.9995 else 3
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if digits else text


def percent(ratio: float | None) -> str:
    """Return a share in per cent with one decimal.

    >>> percent(0.1234), percent(None)
    ('12.3 %', '–')
    """
    return MISSING if ratio is None or math.isnan(ratio) else f"{100 * ratio:.1f} %"


def interval(low: float, high: float) -> str:
    """Return an interval of shares in per cent, without the sign.

    >>> interval(0.101, 0.148)
    '10.1–14.8'
    """
    if math.isnan(low) or math.isnan(high):
        return MISSING
    return f"{100 * low:.1f}–{100 * high:.1f}"


def in_unit(value: float, unit: str) -> str:
    """Return an observed value as it stands beside its bound: shares as per cent.

    >>> in_unit(0.0005, "ratio"), in_unit(47.11, "ms")
    ('0.05', '47.1')
    """
    return number(100 * value if unit == "ratio" else value)


def bound_text(clause: str, bound: float, unit: str, statistic: str = "") -> str:
    """Return a bound with its sense, unit and, where it matters, its statistic.

    A delay's statistic has its basis behind it, which is told by a flag.

    >>> bound_text("delay_ms_max", 150, "ms", "p95 one_way"), bound_text("loss_max", 0.0005, "ratio")
    ('p95 ≤ 150 ms', '≤ 0.05 %')
    >>> bound_text("bandwidth_mbps_min", 20, "Mbit/s", "minimum"), bound_text("freezes_max", 0, "freezes")
    ('≥ 20 Mbit/s', '≤ 0')
    """
    if math.isnan(bound):
        return "no bound"
    sense = "≥" if clause.endswith("_min") else "≤"
    shown = "%" if unit == "ratio" else "" if unit in _COUNTS else line(unit)
    compared = statistic.split(" ", 1)[0]
    prefix = f"{compared} " if compared in _STATISTICS else ""
    return f"{prefix}{sense} {in_unit(bound, unit)} {shown}".rstrip()


def line(value: object) -> str:
    """Return a value from a file or table as one line of printable text; empty for missing."""
    if value is None or value != value or str(value) == "<NA>":
        return ""
    return printable(str(value))


def cause_text(cause: object, interface: object) -> str:
    """Return why a clause broke, or an empty text; queueing names its class of service.

    >>> cause_text("queueing:low_latency_data", "county-1-line/up")
    'mostly queueing (low latency data) at county-1-line/up'
    """
    what, where = line(cause).replace("_", " "), line(interface)
    if ":" in what:
        part, _, kind = what.partition(":")
        what = f"{part} ({kind})"
    if not what and not where:
        return ""
    place = f" at {where}" if where else ""
    return f"mostly {what or 'unknown'}{place}"


def parted(flags: object) -> list[str]:
    """Return the flags of a row, one by one.

    >>> parted("override; assumption")
    ['override', 'assumption']
    """
    return [flag for flag in re.split(r"\s*[;,]\s*", line(flags)) if flag]
