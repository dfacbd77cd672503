"""The white paper against the simulator, figure by figure."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import pandas as pd

from telemedsim.catalogue.load import catalogue
from telemedsim.dataplane.hybrid.warming import warm
from telemedsim.study.whitepaper.delays import DELAYS, DelayResult, try_delays
from telemedsim.study.whitepaper.figures import RateFigure, rate_figures
from telemedsim.study.whitepaper.rates import GREATEST, RateResult, try_rates

HOLDS, FAILS, IN_PART = "holds", "FAILS", "in part"
SHOWN = 2
"""Names of those who ask for a bound that a row tells."""


class Row(NamedTuple):
    """One figure of the paper."""

    section: str
    figure: str
    paper: str
    simulated: str
    verdict: str
    would_do: str
    """What would hold, and how far it is from the paper's figure."""


def questions() -> tuple[str, ...]:
    """Return the names of the paper's experiments."""
    return (*dict.fromkeys(figure.experiment for figure in rate_figures()), DELAYS)


def compare_with_paper(
    workers: int = 1, only: str | None = None, tell: Callable[[str], None] | None = None
) -> pd.DataFrame:
    """Return the columns of `Row` for each figure of the paper that is put to the test.

    ``only`` names one of `questions`. The experiments are independent and run in so many processes; the
    result is the same for any number. ValueError for an unknown question.
    """
    if only is not None and only not in questions():
        raise ValueError(f"no question {only!r}: choose from {', '.join(questions())}")
    warm(tell)
    by_experiment: dict[str, list[RateFigure]] = {}
    for figure in rate_figures():
        if only in (None, figure.experiment):
            by_experiment.setdefault(figure.experiment, []).append(figure)
    if workers > 1 and len(by_experiment) > 1:
        with ProcessPoolExecutor(workers) as pool:
            found = list(pool.map(try_rates, by_experiment, by_experiment.values()))
    else:
        found = [try_rates(name, figures) for name, figures in by_experiment.items()]
    rows = list(_rate_rows(found))
    if only in (None, DELAYS):
        rows += map(_delay_row, try_delays(catalogue()))
    return pd.DataFrame(rows, columns=list(Row._fields))


def _rate_rows(found: list[list[RateResult]]) -> Iterator[Row]:
    for results in found:
        for one in results:
            figure, at_paper = one.figure, one.at_paper
            yield Row(
                figure.section,
                figure.figure,
                _mbps(figure.paper_mbps),
                at_paper.observed + (f"; breaks {at_paper.broken}" if at_paper.broken else ""),
                HOLDS if at_paper.holds else FAILS,
                _would_do(one),
            )


def _would_do(one: RateResult) -> str:
    paper = one.figure.paper_mbps
    if one.least_mbps is None:
        return f"not even {_mbps(paper * GREATEST)}"
    if one.is_lower:
        return f"{_mbps(one.least_mbps)} or less"
    change = one.least_mbps / paper - 1
    return f"{_mbps(one.least_mbps)} ({change:+.0%})"


def _mbps(value: float) -> str:
    return f"{value:,.3g} Mbit/s" if value < 1000 else f"{value:,.0f} Mbit/s"


def _delay_row(one: DelayResult) -> Row:
    verdict = HOLDS if not one.broken_by else IN_PART if one.kept_by else FAILS
    kept, total = len(one.kept_by), len(one.kept_by) + len(one.broken_by)
    over = ", ".join(f"{name} {ms:.3g} ms" for name, ms in one.broken_by.items())
    return Row(
        ", ".join(one.sections),
        f"delay of {_some(one.asked_by)}",
        f"{one.bound_ms:g} ms",
        f"kept by {kept} of {total} technologies" + (f"; over it: {over}" if over else ""),
        verdict,
        ", ".join(one.kept_by) or "no technology",
    )


def _some(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
