"""The figures by which places become hospitals and lines, typed: `data/rules.yaml`."""

from collections.abc import Mapping
from functools import cache

from pydantic import Field

from telemedsim.core.frozen import Frozen
from telemedsim.geography.divisions import read_data

Range = tuple[float, float]


class ScaleRange(Frozen):
    """Beds and annual TB of a hospital scale, from the smallest hospital to the largest."""

    beds: tuple[int, int]
    annual_tb: Range


class ScaleStep(Frozen):
    """The scale of hospitals in places of at least that population."""

    from_population: int
    scale: str


class Technologies(Frozen):
    """Technologies of a tier's lines; ``small`` is that of the sites of least volume."""

    active: str
    standby: str | None = None
    small: str | None = None


class Operators(Frozen):
    """Operators of active and of standby lines."""

    active: str
    standby: str


class Asymmetric(Frozen):
    """Rates as text with a unit, up (towards the centre) and down."""

    rate_up: str
    rate_down: str


class ByPopulation(Frozen):
    """How seats are found where no list of divisions is shipped."""

    municipal_least: int
    municipal_most: int
    municipal_apart_km: float
    county_least: int
    county_most: int
    county_apart_km: float


class Rules(Frozen):
    """All figures of the builder; each has its source in the data file."""

    national_centre: str
    scales: Mapping[str, ScaleRange]
    tier_scales: Mapping[str, tuple[ScaleStep, ...]]
    population_ranges: Mapping[str, tuple[int, int]]
    unrecorded_population: Mapping[str, int]
    uplink_mbps_per_annual_tb: float
    size_for: str = Field(pattern="^(subtree|own)$")
    """``subtree``: a line is sized for all sites behind it; ``own``: for its site alone."""
    minimum_mbps: Mapping[str, float]
    offered_mbps: tuple[float, ...]
    national_line_mbps: float
    mobile_4g: Asymmetric
    satellite_geo: Asymmetric
    satellite_leo: Asymmetric
    campus_mbps: Mapping[str, float]
    technologies: Mapping[str, Technologies]
    operators: Operators
    satellite_share: float = Field(ge=0, le=1)
    mobile_4g_share: float = Field(ge=0, le=1)
    internet_share: float = Field(ge=0, le=1)
    in_town_km: float = Field(gt=0)
    shared_place_offset_km: float = Field(gt=0)
    by_population: ByPopulation


@cache
def shipped_rules() -> Rules:
    """Return the rules of the data file; `Rules.model_copy` with an update makes others."""
    rows = read_data("rules.yaml")["rules"]
    return Rules(**{name: row["value"] for name, row in rows.items()})


@cache
def assumed_rules() -> tuple[str, ...]:
    """Return the names of the rules that are assumptions of ours."""
    rows = read_data("rules.yaml")["rules"]
    return tuple(name for name, row in rows.items() if row["confidence"] == "assumption")
