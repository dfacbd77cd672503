"""The white paper's figures that are put to the test, as data."""

from functools import cache
from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import Field

from telemedsim.core.frozen import Frozen

WITH_THE_PROJECT = Path(__file__).parents[4] / "experiments" / "whitepaper"
WITH_THE_PACKAGE = Path(__file__).parent / "experiments" / "whitepaper"


class RateFigure(Frozen):
    """A rate of the paper, and the scenario that shows whether it is enough."""

    experiment: str
    """Name of its file in ``experiments/whitepaper``."""
    line: str
    """Link of the experiment's topology that has the rate."""
    scenario: str
    section: str
    figure: str
    """What the rate is for, in words."""
    paper_mbps: float = Field(gt=0)
    clauses: tuple[str, ...]
    """Clauses that the scenario must keep."""
    shown: str
    """Clause whose observed figure is printed."""
    share: float = Field(ge=0, lt=1)
    """Share of the uses that may break a clause."""


@cache
def rate_figures() -> tuple[RateFigure, ...]:
    """Return the paper's rates in the order of their file."""
    text = files(__package__).joinpath("figures.yaml").read_text("utf-8")
    return tuple(RateFigure(**row) for row in yaml.safe_load(text)["rates"])


def experiment_path(name: str) -> Path:
    """Return the file of one of the paper's experiments, in a checkout or an installed package."""
    folder = WITH_THE_PACKAGE if WITH_THE_PACKAGE.is_dir() else WITH_THE_PROJECT
    return folder / f"{name}.yaml"
