"""A region to be built from real places, as a user writes it: the recipe of a topology."""

from typing import Annotated, Literal

from pydantic import Field

from telemedsim.core.frozen import Frozen
from telemedsim.model.words import Identifier


class Recipe(Frozen):
    """Provinces and how many hospitals they get; stands wherever a topology's file may stand."""

    telemedsim: Literal[1]
    """Version of the file's schema."""
    kind: Literal["recipe"]
    name: Identifier
    """Of the topology that is built."""
    description: str = ""
    provinces: tuple[str, ...] = Field(min_length=1)
    """Province-level divisions by English or Chinese name; the national centre joins them."""
    county_hospitals: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Shared out by the provinces' numbers of counties; without it, as many as places look like seats."""
    institutions: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Sites of all tiers together; without it, one at each place."""
