"""Cumulative distributions of delays and response times against the bounds that hold."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, PercentFormatter

from telemedsim.report.figures.curves import Curve, Panel, delay_panels, response_panels
from telemedsim.report.figures.places import rank
from telemedsim.report.figures.style import (
    BOUND,
    CYCLE,
    DASHES,
    FAINT,
    INK,
    SMALL_SIZE,
    TIERS,
    drawable,
    dress,
    new_figure,
    set_title,
)
from telemedsim.report.wording import number

if TYPE_CHECKING:
    import pandas as pd

PANELS_A_FIGURE = 6
COLUMNS = 2
PANEL_INCHES = 3.1
MANY_DECADES = 3000.0
"""Ratio of the axis's ends from which only the decades are labelled."""
_STATISTIC_SHARES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}


def delay_figure(
    legs: "pd.DataFrame", delays: "pd.DataFrame", limits: "pd.DataFrame"
) -> Figure | None:
    """Return the delays of packets against ``delay_ms_max``; None where nothing was delivered."""
    panels = delay_panels(legs, delays, limits)
    return _figure(panels, "One-way delay against the bound", "one-way delay, ms", "packets")


def response_figure(
    legs: "pd.DataFrame", measures: "pd.DataFrame", limits: "pd.DataFrame"
) -> Figure | None:
    """Return response times against ``response_s_max``; None where nothing was requested."""
    panels = response_panels(legs, measures, limits)
    return _figure(panels, "Response time against the bound", "response time, s", "requests")


def _figure(panels: Sequence[Panel], title: str, x_label: str, what: str) -> Figure | None:
    if not panels:
        return None
    shown = panels[:PANELS_A_FIGURE]
    columns = min(COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    figure = new_figure(1.0 + rows * PANEL_INCHES)
    left_out = len(panels) - len(shown)
    more = f"; the {left_out} with less above their bound are not shown" if left_out else ""
    subtitle = (
        f"share of {what} at or under a value, by tier of the site; dark red: the bound{more}"
    )
    set_title(figure, title, subtitle)
    height = figure.get_figheight()
    grid = figure.subplots(rows, columns, squeeze=False)
    figure.subplots_adjust(
        left=0.065,
        right=0.985,
        top=1 - 1.1 / height,
        bottom=0.55 / height,
        hspace=0.45,
        wspace=0.14,
    )
    places = list(grid.flat)
    for axes, panel in zip(places, shown, strict=False):
        _draw(axes, panel, x_label, what)
    for axes in places[len(shown) :]:
        axes.set_visible(False)
    return figure


def _draw(axes: Axes, panel: Panel, x_label: str, what: str) -> None:
    unit = x_label.rsplit(" ", 1)[-1]
    name = (
        panel.service if panel.service == panel.scenario else f"{panel.service} in {panel.scenario}"
    )
    dress(axes, name, x_label, f"share of {what}")
    axes.set_xscale("log")
    for curve in sorted(panel.curves, key=lambda curve: (rank(curve.label), curve.label)):
        _step(axes, curve)
    words = []
    for bound in panel.bounds:
        axes.axvline(bound.value, color=BOUND, linewidth=1.8, zorder=5)
        share = _STATISTIC_SHARES.get(bound.statistic)
        if share is not None:
            axes.axhline(share, color=BOUND, linewidth=0.8, linestyle=":", zorder=1)
        prefix = f"{bound.statistic} " if share is not None else ""
        words.append(f"{prefix}≤ {number(bound.value)} {unit}")
    text = ", ".join(words) or "no bound"
    axes.set_title(text, size=SMALL_SIZE, loc="right", color=BOUND if words else FAINT)
    _scales(axes, panel)
    if panel.curves:
        axes.legend(
            loc="upper left", fontsize=SMALL_SIZE - 1, framealpha=0.85, edgecolor="none",
            borderaxespad=0.3, handlelength=1.8,
        )  # fmt: skip


def _step(axes: Axes, curve: Curve) -> None:
    place = TIERS.index(curve.label) if curve.label in TIERS else len(TIERS)
    label = f"{drawable(curve.label)} ({curve.count:,}"
    label += f", {curve.unfinished:,} unfinished)" if curve.unfinished else ")"
    if not len(curve.values):
        axes.plot([], [], color=CYCLE[place % len(CYCLE)], label=label)
        return
    values = np.concatenate([curve.values[:1], curve.values])
    shares = np.concatenate([[0.0], curve.shares])
    axes.step(
        values, shares, where="post", color=CYCLE[place % len(CYCLE)],
        linestyle=DASHES[place % len(DASHES)], linewidth=2.0, label=label, zorder=4,
    )  # fmt: skip


def _scales(axes: Axes, panel: Panel) -> None:
    """Show all values and bounds, with room at the left for the legend."""
    seen = [curve.values for curve in panel.curves if len(curve.values)]
    marks = [float(value) for values in seen for value in (values[0], values[-1])]
    marks += [bound.value for bound in panel.bounds]
    positive = [mark for mark in marks if mark > 0]
    if positive:
        low, high = min(positive), max(positive)
        reach = max(high / low, 2.0)
        axes.set_xlim(low / reach**0.75, high * reach**0.08)
    low, high = axes.get_xlim()
    subs = (1.0, 2.0, 5.0) if high / low < MANY_DECADES else (1.0,)
    axes.set_ylim(0, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.xaxis.set_major_locator(LogLocator(subs=subs, numticks=12))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(colors=INK)
