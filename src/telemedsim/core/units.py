"""Units: the time to send bytes, the types of fields that carry a unit, and texts for people.

A field is named with its unit (``rate_bps``). YAML writes that key with a plain number, or the
key without the unit with a text (``rate: 100 Mbit/s``); `core.frozen.Frozen` joins the two.
"""

from typing import Annotated

from telemedsim.core.compiled import compiled
from telemedsim.core.measures import (
    DURATION,
    LENGTH,
    MONEY,
    PACKETS,
    RATE,
    RATIO,
    SIZE,
    In,
    Quantity,
    UnitError,
)

__all__ = ["UnitError"]

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
NS_PER_US = 1_000
MINUTE_S = 60
DAY_S = 86_400
BYTES_PER_GB = 10**9
FULL_PACKET_BYTES = 1500
"""The Internet's usual largest packet: the payload of an Ethernet frame (IEEE 802.3)."""
LARGEST_NS = 2**63 - 1
"""The data planes count int64 nanoseconds."""
_LARGEST_S = LARGEST_NS // NS_PER_S
_LARGEST_BPS = 10**15
_LARGEST_BYTES = 10**18

RATE_BPS = In(RATE, "bit/s", _LARGEST_BPS, "bps", least=1, zero=False, whole=True)
DURATION_S = In(DURATION, "s", _LARGEST_S, "s", least=1e-9)
SIZE_BYTES = In(SIZE, "B", _LARGEST_BYTES, "bytes", least=1, whole=True)
RATIO_OF_ONE = In(RATIO, "", 1.0, least=1e-15)
LENGTH_KM = In(LENGTH, "km", 1e6, "km", least=1e-6)
COST_INDEX = In(MONEY, "index", 1e12, least=1e-9)

RateBps = Annotated[int, RATE_BPS]
"""bit/s, more than 0."""
RateMbps = Annotated[float, In(RATE, "Mbit/s", 1e9, "mbps", least=1e-6, zero=False)]
"""Mbit/s, for names the white paper gives such as ``bandwidth_mbps_min``."""
DurationS = Annotated[float, DURATION_S]
DurationMs = Annotated[float, In(DURATION, "ms", 1e12, "ms", least=1e-6)]
DurationUs = Annotated[float, In(DURATION, "us", 1e15, "us", least=1e-3)]
DurationNs = Annotated[int, In(DURATION, "ns", LARGEST_NS, "ns", least=1, whole=True)]
DurationMin = Annotated[float, In(DURATION, "min", 1e8, "min", least=1e-10)]
DurationH = Annotated[float, In(DURATION, "h", 2e6, "h", least=1e-12)]
SizeBytes = Annotated[int, SIZE_BYTES]
SizeMB = Annotated[float, In(SIZE, "MB", 1e12, "mb", least=1e-6)]
SizeTB = Annotated[float, In(SIZE, "TB", 1e6, "tb", least=1e-12)]
Ratio = Annotated[float, RATIO_OF_ONE]
"""0 to 1; a plain number or a text in %, under the one key."""
LengthKm = Annotated[float, LENGTH_KM]
MoneyIndex = Annotated[float, COST_INDEX]
PacketCount = Annotated[int, In(PACKETS, "packets", 10**9, "packets", least=1, whole=True)]


@compiled
def framed_bytes(ip_bytes: int, overhead_bytes: int, least_bytes: int) -> int:
    """Return the size of a frame that carries an IP packet: framing added, padded to the least.

    >>> framed_bytes(1500, 38, 84), framed_bytes(40, 38, 84)
    (1538, 84)
    """
    return max(ip_bytes + overhead_bytes, least_bytes)


@compiled
def transmission_ns(size_bytes: int, rate_bps: int) -> int:
    """Return the nanoseconds to send ``size_bytes`` at ``rate_bps``: ceil of the exact ratio, >= 1.

    >>> transmission_ns(1500, 10_000_000), transmission_ns(0, 10_000_000)
    (1200000, 1)
    """
    return max(1, -(-size_bytes * 8_000_000_000 // rate_bps))


def seconds_to_ns(seconds: float) -> int:
    """Return the nearest whole nanoseconds.

    >>> seconds_to_ns(0.05)
    50000000
    """
    return round(seconds * NS_PER_S)


def parse_rate(text: str) -> int:
    """Return bit/s; raises UnitError, which lists the units.

    >>> parse_rate("2.048 Mbit/s")
    2048000
    """
    return int(RATE_BPS.parse(text))


def parse_duration(text: str) -> float:
    """Return seconds; raises UnitError.

    >>> parse_duration("50 ms"), parse_duration("1.5 h")
    (0.05, 5400.0)
    """
    return float(DURATION_S.parse(text))


def parse_size(text: str) -> int:
    """Return bytes (decimal multiples); raises UnitError.

    >>> parse_size("5 MB")
    5000000
    """
    return int(SIZE_BYTES.parse(text))


def parse_ratio(text: str) -> float:
    """Return a share of 1; raises UnitError.

    >>> parse_ratio("0.05 %")
    0.0005
    """
    return float(RATIO_OF_ONE.parse(text))


def parse_length(text: str) -> float:
    """Return kilometres; raises UnitError.

    >>> parse_length("120 km"), parse_length("500 m")
    (120.0, 0.5)
    """
    return float(LENGTH_KM.parse(text))


def parse_money_index(text: str) -> float:
    """Return a cost index; raises UnitError.

    >>> parse_money_index("12 index")
    12.0
    """
    return float(COST_INDEX.parse(text))


def format_rate(rate_bps: float) -> str:
    """Return a rate for people.

    >>> format_rate(20e6), format_rate(0)
    ('20 Mbit/s', '0 bit/s')
    """
    return _scaled(rate_bps, RATE, ("bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"))


def format_duration(duration_s: float) -> str:
    """Return a duration for people.

    >>> format_duration(0.05), format_duration(90), format_duration(28800)
    ('50 ms', '1.5 min', '8 h')
    """
    return _scaled(duration_s, DURATION, ("ns", "us", "ms", "s", "min", "h", "d"))


def format_size(size_bytes: float) -> str:
    """Return a size for people.

    >>> format_size(5_000_000)
    '5 MB'
    """
    return _scaled(size_bytes, SIZE, ("B", "kB", "MB", "GB", "TB", "PB"))


def format_ratio(ratio: float) -> str:
    """Return a share in per cent.

    >>> format_ratio(0.0005)
    '0.05 %'
    """
    return f"{ratio * 100:.4g} %"


def format_length(length_km: float) -> str:
    """Return a length for people.

    >>> format_length(120), format_length(0.5)
    ('120 km', '500 m')
    """
    return _scaled(length_km, LENGTH, ("m", "km"))


def _scaled(value: float, quantity: Quantity, units: tuple[str, ...]) -> str:
    """Return four significant digits in the largest unit that keeps the number at 1 or more."""
    chosen = "s" if quantity is DURATION and not value else units[0]
    for unit in units:
        if abs(value) >= float(quantity.units[unit]) * (1 - 5e-5):
            chosen = unit
    number = f"{value / float(quantity.units[chosen]):.4g}"
    return f"{float(number):.0f} {chosen}" if "e" in number else f"{number} {chosen}"
