"""Texts that fields share: identifiers, one word or several, times of day."""

import re
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

Identifier = Annotated[
    str, Field(pattern=r"^[^\s!-/:-@\[-`{-~][^\s!-,/:-@\[-^`{-~]{0,62}$", max_length=63)
]
"""A name for machines: letters of any script, digits, '-', '_' and '.', beginning with a letter
or digit; it is safe in a path, a table and a terminal."""

SiteIdentifier = Annotated[
    str, Field(pattern=r"^[^\s!-/:-@\[-`{-~][^\s!-,./:-@\[-^`{-~]{0,62}$", max_length=63)
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

TimeOfDay = Annotated[str, Field(pattern=r"^([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$")]
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
