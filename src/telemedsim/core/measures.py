"""What may be measured: closed tables of units, and how a text or a number becomes a value.

Multiples are decimal (ISO 80000-1); 'Mb' and 'MiB' are refused and never guessed, since the
first may mean bits or bytes and the second differs from 'MB' by 5 %.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_TEXT = re.compile(r"\s*([-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?)\s*(.*?)\s*")
_PATTERN = r"^\s*([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?\s*(UNITS)\s*$"
_RANGE = "TM204"
LONGEST_TEXT = 80
"""Longer texts are no measured value; the bound keeps the decimal arithmetic small."""


SUFFIXES = (
    *("bps", "mbps", "bytes", "mb", "tb", "km", "packets"),
    *("ns", "us", "ms", "s", "min", "h"),
)
"""Words by which a field's name says its unit."""


@dataclass(frozen=True)
class Quantity:
    """A kind of measured value: its name with an article, an example, its units by name."""

    name: str
    example: str
    units: Mapping[str, Decimal] = field(hash=False)

    def legal(self) -> str:
        """Return the units as a list for a message."""
        return ", ".join(self.units)


RATE = Quantity(
    "a rate",
    "100 Mbit/s",
    {f"{p}bit/s": Decimal(1000) ** n for n, p in enumerate(("", "k", "M", "G", "T"))},
)
SIZE = Quantity(
    "a size",
    "5 MB",
    {f"{p}B": Decimal(1000) ** n for n, p in enumerate(("", "k", "M", "G", "T", "P"))},
)
DURATION = Quantity(
    "a duration",
    "50 ms",
    {
        "ns": Decimal("1e-9"),
        "us": Decimal("1e-6"),
        "µs": Decimal("1e-6"),
        "ms": Decimal("1e-3"),
        "s": Decimal(1),
        "min": Decimal(60),
        "h": Decimal(3600),
        "d": Decimal(86400),
    },
)
RATIO = Quantity(
    "a ratio", "0.05 %", {"%": Decimal("0.01"), "‰": Decimal("0.001"), "ppm": Decimal("1e-6")}
)
LENGTH = Quantity("a length", "120 km", {"m": Decimal("0.001"), "km": Decimal(1)})
MONEY = Quantity("a cost index", "12 index", {"index": Decimal(1)})
PACKETS = Quantity(
    "a number of packets", "100 packets", {"packets": Decimal(1), "packet": Decimal(1)}
)


_MEANT = {
    "bps": "bit/s", "kbps": "kbit/s", "mbps": "Mbit/s", "gbps": "Gbit/s", "tbps": "Tbit/s",
    "sec": "s", "second": "s", "seconds": "s", "msec": "ms", "mins": "min", "minute": "min",
    "minutes": "min", "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "day": "d", "days": "d",
    "percent": "%", "pct": "%", "kilometres": "km", "kilometers": "km", "metres": "m",
    "meters": "m", "pkts": "packets",
}  # fmt: skip
"""What people often write for a unit, in lower case -> the unit."""


def _meant(unit: str, quantity: Quantity, legal: str) -> str:
    """Return the hint for a wrong unit: the legal ones, first the one meant where that is sure."""
    bits_or_bytes = quantity is SIZE and "b" in unit
    by_case = [
        one for one in quantity.units if one.casefold() == unit.casefold() and not bits_or_bytes
    ]
    found = by_case[0] if len(by_case) == 1 else _MEANT.get(unit.casefold())
    if found in quantity.units:
        return f"Did you mean '{found}'? Units: {legal}"
    if quantity is RATE and re.fullmatch(r"[kMGT]?B(/s|ps)", unit):
        # Bytes and bits are told apart, never converted behind the user's back.
        return f"Units: {legal}; 1 MB/s is 8 Mbit/s"
    return f"Units: {legal}; such as {quantity.example}"


class UnitError(ValueError):
    """A text or number that is no value of its quantity; carries what to write instead."""

    def __init__(self, message: str, hint: str, code: str = "TM205") -> None:
        super().__init__(f"{message}. {hint}")
        self.message = message
        self.hint = hint
        self.code = code


@dataclass(frozen=True)
class Spelled:
    """A value written under the key without the unit, which therefore must be a text with one."""

    key: str
    value: object
    others: tuple["In", ...] = ()
    """Other measures the same key may stand for, for the list of units in a message."""


@dataclass(frozen=True)
class Opaque:
    """A value of a type that no number field may take; its field refuses it and names it."""

    value: object


@dataclass(frozen=True)
class Refused:
    """A value that is refused whatever it is, with the reason."""

    message: str
    hint: str
    value: object
    code: str = "TM205"


@dataclass(frozen=True)
class In:
    """A field's measure: its quantity, the unit of its number, and the range it may have."""

    quantity: Quantity
    unit: str
    largest: float
    suffix: str = ""
    """Part of the field's name that says the unit; empty where a number needs none."""
    least: float = 0.0
    """The smallest value that is not zero."""
    zero: bool = True
    whole: bool = False

    @property
    def example(self) -> str:
        """A text for this field: of a duration in its own unit."""
        return f"30 {self.unit}" if self.quantity is DURATION else self.quantity.example

    def short_key(self, name: str) -> str:
        """Return the field's name without its unit (``delay_ms_max`` gives ``delay_max``)."""
        parts = name.split("_")
        if not self.suffix:
            return name
        if self.suffix not in parts[1:] or self.suffix not in SUFFIXES:
            raise TypeError(f"field '{name}' must say its unit: '_{self.suffix}'")
        last = len(parts) - 1 - parts[::-1].index(self.suffix)
        return "_".join(parts[:last] + parts[last + 1 :])

    def parse(self, text: str, others: Iterable["In"] = ()) -> int | float:
        """Return the value of a text such as '100 Mbit/s', in this field's unit."""
        scale = self.quantity.units[self.unit] if self.unit else Decimal(1)
        return self._in_range(parse_text(text, self.quantity, others) / scale)

    def check(self, value: object) -> int | float:
        """Return a plain number in this field's unit, or raise UnitError."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UnitError("must be a number", self._how(), "TM203")
        if isinstance(value, float) and not math.isfinite(value):
            raise UnitError("must be finite", self._how(), _RANGE)
        if self.whole and value != int(value):
            raise UnitError(f"must be a whole number of {self.unit}", self._how(), _RANGE)
        return self._in_range(Decimal(repr(value) if isinstance(value, float) else value))

    def _in_range(self, value: Decimal) -> int | float:
        if value.is_signed():
            raise UnitError(
                "must not be negative" if self.zero else "must be > 0", self._how(), _RANGE
            )
        if value > Decimal(repr(self.largest)):
            raise UnitError(
                f"must be at most {self.largest:.10g} {self.unit}".rstrip(), self._over(), _RANGE
            )
        rounded = value.to_integral_value(ROUND_HALF_EVEN) if self.whole else value
        if not rounded and not (self.zero and not value):
            raise UnitError("must be > 0", self._how(), _RANGE)
        if 0 < rounded < Decimal(repr(self.least)):
            raise UnitError(
                f"must be at least {self.least:.10g} {self.unit}".rstrip(), self._how(), _RANGE
            )
        return int(rounded) if self.whole else float(rounded)

    def _how(self) -> str:
        if not self.suffix:
            return f"Write a number or a text such as {self.example}"
        return f"Write a number of {self.unit} here, or {self.example} under the key without unit"

    def _over(self) -> str:
        return "Use 0.05 or 5 %" if self.quantity is RATIO else "Look for a slip in the unit"

    def read(self, value: object) -> int | float:
        """Return the value of whatever stands in the field: a number, a Spelled text, or neither."""
        if isinstance(value, Refused):
            raise UnitError(value.message, value.hint, value.code)
        if isinstance(value, Spelled):
            return self._read_spelled(value)
        if isinstance(value, str) and not self.suffix:
            return self.parse(value)
        if isinstance(value, str):
            raise UnitError(f"must be a plain number of {self.unit}", self._how())
        return self.check(value)

    def _read_spelled(self, spelled: Spelled) -> int | float:
        if isinstance(spelled.value, str):
            try:
                return self.parse(spelled.value, spelled.others)
            except UnitError as error:
                if error.code != _RANGE or error.hint != self._how():
                    raise
                hint = f"Write a text such as {self.example}"
                raise UnitError(error.message, hint, error.code) from None
        every = (self, *spelled.others)
        legal = ", ".join(one.quantity.legal() for one in every)
        raise UnitError("needs a text with a unit", f"Units: {legal}; such as {self.example}")

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._validate, handler(source))

    def _validate(self, value: object) -> int | float:
        try:
            return self.read(value)
        except UnitError as error:
            context = {"message": error.message, "hint": error.hint, "code": error.code}
            raise PydanticCustomError("unit", "{message}. {hint}", context) from None

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        number: JsonSchemaValue = {
            "type": "integer" if self.whole else "number",
            "maximum": self.largest,
        }
        number["minimum" if self.zero else "exclusiveMinimum"] = 0
        return number if self.suffix else {"anyOf": [number, self.text_schema()]}

    def text_schema(self) -> JsonSchemaValue:
        """Return the JSON Schema of the spelling with a unit."""
        units = "|".join(re.escape(unit) for unit in self.quantity.units)
        return {
            "type": "string",
            "pattern": _PATTERN.replace("UNITS", units),
            "examples": [self.quantity.example],
        }


def parse_text(text: str, quantity: Quantity, others: Iterable[In] = ()) -> Decimal:
    """Return a text's value in its quantity's base unit, or raise UnitError that lists the units."""
    legal = ", ".join([quantity.legal(), *(other.quantity.legal() for other in others)])
    hint = f"Units: {legal}; such as {quantity.example}"
    match = _TEXT.fullmatch(text) if len(text) <= LONGEST_TEXT else None
    if match is None:
        raise UnitError(f"is no {quantity.name.split(' ', 1)[1]}", hint)
    number, unit = match.groups()
    if not unit:
        raise UnitError("needs a unit", hint)
    if unit not in quantity.units:
        meant = _meant(unit, quantity, legal)
        raise UnitError(f"'{unit}' is no unit of {quantity.name}", meant)
    return Decimal(number) * quantity.units[unit]


def has_unit_of(text: str, quantity: Quantity) -> bool:
    """Return whether a text ends in a unit of this quantity."""
    match = _TEXT.fullmatch(text) if len(text) <= LONGEST_TEXT else None
    return match is not None and match.group(2) in quantity.units
