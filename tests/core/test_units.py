"""Units: what is read, what is refused, and the time to send bytes."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from telemedsim.core import units
from telemedsim.core.frozen import Frozen, shorter_keys
from telemedsim.core.units import UnitError, transmission_ns


class Line(Frozen):
    """A record with every kind of measured field."""

    rate_bps: units.RateBps
    distance_km: units.LengthKm | None = None
    loss: units.Ratio = 0.0
    delay_ms_max: units.DurationMs = 5.0
    limit_packets: units.PacketCount | None = None
    limit_bytes: units.SizeBytes | None = None
    beds: int = 1
    wanted: bool = False


def refusal(**fields: object) -> str:
    with pytest.raises(ValidationError) as caught:
        Line.model_validate(fields)
    return "; ".join(error["msg"] for error in caught.value.errors())


@given(st.integers(0, 10**12), st.integers(1, 10**12))
def test_transmission_is_the_ceiling_of_the_exact_time_and_never_zero(size: int, rate: int) -> None:
    exact = Fraction(size * 8 * 10**9, rate)
    assert transmission_ns(size, rate) == max(1, math.ceil(exact))


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (units.parse_rate, "100 Mbit/s", 100_000_000),
        (units.parse_rate, "2.048Mbit/s", 2_048_000),
        (units.parse_rate, "149.76 Mbit/s", 149_760_000),
        (units.parse_rate, "1e-3 Gbit/s", 1_000_000),
        (units.parse_duration, "50 ms", 0.05),
        (units.parse_duration, "7 µs", 7e-6),
        (units.parse_duration, "2 h", 7200.0),
        (units.parse_size, "5 MB", 5_000_000),
        (units.parse_size, "20 TB", 20 * 10**12),
        (units.parse_ratio, "0.05 %", 0.0005),
        (units.parse_ratio, "3 ‰", 0.003),
        (units.parse_length, "120 km", 120.0),
        (units.parse_money_index, "12 index", 12.0),
    ],
)
def test_texts_are_read_exactly(parse: object, text: str, value: float) -> None:
    assert parse(text) == value  # type: ignore[operator]


@pytest.mark.parametrize(
    "text",
    ["100", "100 mbps", "100 Mb/s", "100 MB/s", "100 Mib/s", "10 ms", "", "Mbit/s", "1,000 kbit/s",
     "nan Mbit/s", "inf Mbit/s", "0x10 Mbit/s", "1 Mbit/s extra", "9" * 200 + " bit/s"],
)  # fmt: skip
def test_a_rate_without_its_unit_lists_the_units(text: str) -> None:
    with pytest.raises(UnitError, match=r"bit/s, kbit/s, Mbit/s, Gbit/s, Tbit/s"):
        units.parse_rate(text)


@pytest.mark.parametrize("text", ["5 MiB", "5 Mb", "5 mb", "5 M", "5"])
def test_bits_and_binary_multiples_are_never_guessed(text: str) -> None:
    with pytest.raises(UnitError, match="B, kB, MB, GB, TB, PB"):
        units.parse_size(text)


@pytest.mark.parametrize(
    "value", [0, -1, -0.0, float("nan"), float("inf"), True, "5", 1.5, 10**16, None, [1]]
)
def test_a_rate_that_cannot_be_is_refused(value: object) -> None:
    assert refusal(rate_bps=value)


@pytest.mark.parametrize(
    "text", ["0 bit/s", "-1 Mbit/s", "0.1 bit/s", "1e308 Mbit/s", "1e-320 bit/s"]
)
def test_a_rate_text_out_of_range_is_refused(text: str) -> None:
    assert "must be" in refusal(rate=text)


def test_both_spellings_give_the_same_record() -> None:
    texts = Line.model_validate(
        {"rate": "20 Mbit/s", "distance": "500 m", "loss": "0.05 %", "delay_max": "2 s"}
    )
    numbers = Line.model_validate(
        {"rate_bps": 2e7, "distance_km": 0.5, "loss": 0.0005, "delay_ms_max": 2000}
    )
    assert texts == numbers
    assert isinstance(numbers.rate_bps, int)


def test_the_key_without_unit_needs_a_text_and_the_one_with_unit_a_number() -> None:
    assert "needs a text with a unit" in refusal(rate=100)
    assert "needs a unit" in refusal(rate="100")
    assert "plain number of bit/s" in refusal(rate_bps="100 Mbit/s")


def test_both_spellings_at_once_are_refused() -> None:
    assert "'rate' and 'rate_bps' are both given" in refusal(rate="1 Mbit/s", rate_bps=1_000_000)


def test_one_key_for_two_measures_chooses_by_the_unit() -> None:
    packets = Line.model_validate({"rate_bps": 1, "limit": "100 packets"})
    size = Line.model_validate({"rate_bps": 1, "limit": "256 kB"})
    assert (packets.limit_packets, packets.limit_bytes) == (100, None)
    assert (size.limit_packets, size.limit_bytes) == (None, 256_000)
    message = refusal(rate_bps=1, limit="256 KiB")
    assert "packets" in message
    assert "kB" in message


def test_a_missing_measure_names_both_spellings() -> None:
    message = refusal()
    assert "rate: 100 Mbit/s" in message
    assert "rate_bps" in message


def test_texts_and_truth_values_never_turn_into_numbers() -> None:
    assert "valid integer" in refusal(rate_bps=1, beds="3")
    assert "valid integer" in refusal(rate_bps=1, beds=True)
    assert "valid boolean" in refusal(rate_bps=1, wanted="no")


def test_shares_above_one_say_how_to_write_per_cent() -> None:
    assert "0.05 or 5 %" in refusal(rate_bps=1, loss=5)
    assert "negative" in refusal(rate_bps=1, loss=-0.1)
    assert "must be at most 1" in refusal(rate_bps=1, loss="120 %")


def test_unknown_key_names_the_nearest() -> None:
    with pytest.raises(ValidationError) as caught:
        Line.model_validate({"rate_bps": 1, "distanc": "5 km"})
    assert caught.value.errors()[0]["input"].hint == "Did you mean 'distance'?"


def test_a_field_must_say_its_unit() -> None:
    with pytest.raises(TypeError, match="must say its unit"):

        class Mute(Frozen):
            """A field that hides its unit."""

            rate: units.RateBps


def test_only_words_of_units_are_cut_from_a_key() -> None:
    assert shorter_keys("rate_up_bps") == ["rate_up"]
    assert shorter_keys("beds") == []


def test_schema_shows_both_spellings() -> None:
    schema = Line.model_json_schema()
    assert {"rate", "rate_bps", "distance", "distance_km", "limit", "loss"} <= set(
        schema["properties"]
    )
    assert {"oneOf": [{"required": ["rate_bps"]}, {"required": ["rate"]}]} in schema["allOf"]


@given(st.integers(1, 10**15))
def test_formatted_rates_read_back_within_four_digits(rate: int) -> None:
    assert units.parse_rate(units.format_rate(rate)) == pytest.approx(rate, rel=5.1e-4)


@given(st.floats(1e-9, 1e6))
def test_formatted_durations_read_back_within_four_digits(duration: float) -> None:
    again = units.parse_duration(units.format_duration(duration))
    assert again == pytest.approx(duration, rel=5.1e-4)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (units.format_rate(149_760_000), "149.8 Mbit/s"),
        (units.format_rate(999_999), "1 Mbit/s"),
        (units.format_duration(0.0), "0 s"),
        (units.format_duration(0.0042), "4.2 ms"),
        (units.format_size(1_500), "1.5 kB"),
        (units.format_ratio(0.12345), "12.35 %"),
        (units.format_length(1_234), "1234 km"),
    ],
)
def test_people_read_short_figures(text: str, shown: str) -> None:
    assert text == shown
