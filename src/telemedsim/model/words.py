"""Texts that fields share: identifiers, one word or several, times of day."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


@dataclass(frozen=True)
class Shaped:
    """Annotates a text that must match a pattern, told in words when it does not."""

    pattern: str
    message: str
    hint: str
    numbers_too: bool = False
    """A number is told the hint, not that it must stand in quotes."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        checked = core_schema.no_info_after_validator_function(self._check, handler(source))
        if not self.numbers_too:
            return checked
        return core_schema.no_info_before_validator_function(self._no_number, checked)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "pattern": self.pattern}

    def _check(self, text: str) -> str:
        if re.fullmatch(self.pattern, text) is None:
            raise self._error()
        return text

    def _no_number(self, value: object) -> object:
        if isinstance(value, int | float):
            raise self._error()
        return value

    def _error(self) -> PydanticCustomError:
        context = {"message": self.message, "hint": self.hint, "code": "TM204"}
        return PydanticCustomError("shape", "{message}. {hint}", context)


_NO_IDENTIFIER = "is no identifier"
_IDENTIFIER_HINT = "Use up to 63 letters, digits, '-' and '_', a letter or digit first"

Identifier = Annotated[
    str,
    Shaped(r"^[^\s!-/:-@\[-`{-~][^\s!-,/:-@\[-^`{-~]{0,62}$", _NO_IDENTIFIER, _IDENTIFIER_HINT),
]
"""A name for machines: letters of any script, digits, '-', '_' and '.', beginning with a letter
or digit; it is safe in a path, a table and a terminal."""

SiteIdentifier = Annotated[
    str,
    Shaped(r"^[^\s!-/:-@\[-`{-~][^\s!-,./:-@\[-^`{-~]{0,62}$", _NO_IDENTIFIER, _IDENTIFIER_HINT),
]
"""An identifier without '.', which names what a site consists of."""


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Words = Annotated[
    tuple[str, ...],
    BeforeValidator(_several, json_schema_input_type=str | Sequence[str]),
    Field(min_length=1),
]
"""One word, or a list of words."""

_TIME_OF_DAY = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")

TimeOfDay = Annotated[
    str,
    Shaped(
        r"^([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$",
        "is no time of day",
        "Write it as 10:20, from 0:00 to 23:59",
        numbers_too=True,
    ),
]
"""Such as 10:20 or 10:20:30."""


def seconds_of_day(text: str) -> int:
    """Return the seconds since midnight of a time of day.

    >>> seconds_of_day("10:20")
    37200
    """
    match = _TIME_OF_DAY.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is no time of day: write it as 10:20")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds
