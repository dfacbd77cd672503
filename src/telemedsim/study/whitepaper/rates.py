"""Whether a rate of the paper is enough, and the least one that would be: by simulation at each rate tried.

All lines of an experiment are searched in the same runs, as no line carries another's work.
"""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from telemedsim.model.load import Scenario
from telemedsim.model.load import load as load_scenario
from telemedsim.network.check_work import check_work
from telemedsim.study.run import run_once
from telemedsim.study.whitepaper.figures import RateFigure, experiment_path

LEAST, GREATEST = 0.5, 16.0
"""Rates are looked for between these multiples of the paper's."""
STEPS = 5
"""Halvings of a range of one to two on a scale of ratios: the rate found is within 2.2 % of the least."""


class Judgement(NamedTuple):
    """How a scenario does at a rate."""

    holds: bool
    broken: str
    """The clause that most uses break; '' where all hold."""
    observed: str
    """The figure shown, with its unit and bound."""


class RateResult(NamedTuple):
    """A rate of the paper against the simulator."""

    figure: RateFigure
    at_paper: Judgement
    least_mbps: float | None
    """The least rate that holds; None above `GREATEST` times the paper's."""
    is_lower: bool
    """True where even `LEAST` times the paper's rate holds: then that is ``least_mbps``."""


def judge(summary: pd.DataFrame, figure: RateFigure) -> Judgement:
    """Return whether a scenario keeps the figure's clauses: each broken by at most its share of the judged uses."""
    rows = summary[(summary.scenario == figure.scenario) & summary.clause.isin(figure.clauses)]
    rows = rows[rows.judged > 0]
    shares = (rows.violated / rows.judged).to_numpy()
    holds = len(shares) > 0 and bool(shares.max() <= figure.share)
    broken = "" if holds or not len(shares) else str(rows.clause.iloc[int(shares.argmax())])
    return Judgement(holds, broken, _observed(rows, figure))


def _observed(rows: pd.DataFrame, figure: RateFigure) -> str:
    shown = rows[rows.clause == figure.shown]
    if not len(shown):
        return "not judged"
    row = shown.iloc[0]
    # What no use may break is told by its worst.
    value = row.worst if not figure.share else row.p50 if figure.share >= 0.5 else row.p95
    name = figure.shown.removesuffix("_max").removesuffix("_min").rsplit("_", 1)[0]
    if row.unit == "ratio":
        return f"loss {value:.2%} (bound {row.bound:.2%})"
    return f"{name.replace('_', ' ')} {value:.3g} {row.unit} (bound {row.bound:g})"


def simulate_and_judge(experiment: str, rates_mbps: dict[str, float]) -> dict[str, pd.DataFrame]:
    """Return the tables of one of the paper's experiments with its lines at these rates."""
    settings = [f"links.{line}.rate={mbps:.6g} Mbit/s" for line, mbps in rates_mbps.items()]
    scenario: Scenario = load_scenario(experiment_path(experiment), tuple(settings), check_work)
    return run_once(scenario).tables


def try_rates(experiment: str, figures: Sequence[RateFigure]) -> list[RateResult]:
    """Return how the figures of one experiment do at the paper's rate, and the least rate that holds."""
    paper = {one.line: one.paper_mbps for one in figures}
    at_paper = _judged(experiment, paper, figures)
    high, out_of_reach = _enough(experiment, paper, at_paper, figures)
    low = {line: mbps / 2 for line, mbps in high.items()}
    floor = {line: LEAST * mbps for line, mbps in paper.items()}
    at_floor = _judged(experiment, floor, figures)
    for _ in range(STEPS):
        middle = {line: (low[line] * high[line]) ** 0.5 for line in paper}
        judged = _judged(experiment, middle, figures)
        for line in paper:
            (high if judged[line].holds else low)[line] = middle[line]
    found: list[RateResult] = []
    for one in figures:
        is_lower = at_floor[one.line].holds
        least = floor[one.line] if is_lower else high[one.line]
        is_known = one.line not in out_of_reach
        found.append(RateResult(one, at_paper[one.line], least if is_known else None, is_lower))
    return found


def _enough(
    experiment: str,
    paper: dict[str, float],
    at_paper: dict[str, Judgement],
    figures: Sequence[RateFigure],
) -> tuple[dict[str, float], frozenset[str]]:
    """Return a rate that holds for each line, the paper's or the first of its doubles, and lines without one."""
    rates = dict(paper)
    failing = {line for line in paper if not at_paper[line].holds}
    while True:
        reachable = {line for line in failing if rates[line] < GREATEST * paper[line]}
        if not reachable:
            return rates, frozenset(failing)
        rates |= {line: 2 * rates[line] for line in reachable}
        judged = _judged(experiment, rates, figures)
        failing -= {line for line in reachable if judged[line].holds}


def _judged(
    experiment: str, rates_mbps: dict[str, float], figures: Sequence[RateFigure]
) -> dict[str, Judgement]:
    summary = simulate_and_judge(experiment, rates_mbps)["summary"]
    return {one.line: judge(summary, one) for one in figures}
