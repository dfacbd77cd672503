"""How busy the busiest interfaces were: over time, or as bars where there is one bin only."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from telemedsim.report.figures.style import (
    CYCLE,
    DASHES,
    INK,
    LOAD_STEPS,
    SMALL_SIZE,
    drawable,
    dress,
    new_figure,
    set_title,
    step_colour,
)
from telemedsim.report.wording import percent

if TYPE_CHECKING:
    import pandas as pd

BUSIEST = 10
HEIGHT_INCHES = 6.0


def utilisation_figure(links: "pd.DataFrame", series: "pd.DataFrame") -> Figure | None:
    """Return the busiest interfaces; None where no interface carried anything.

    ``links`` and ``series`` are the tables ``links`` and ``link_series`` of a run.
    """
    carried = links[links["carried_packets"] > 0]
    if not len(carried):
        return None
    busiest = carried.sort_values(["utilisation", "interface"], ascending=[False, True])[:BUSIEST]
    figure = new_figure(HEIGHT_INCHES)
    title = f"The {len(busiest)} busiest of {len(links)} interfaces"
    bins = series["bin_s"].nunique()
    if bins > 1:
        set_title(figure, title, "share of each bin during which the interface was sending")
        axes = figure.add_axes((0.065, 0.11, 0.60, 0.72))
        _lines(axes, busiest, series)
    else:
        set_title(figure, title, "share of the run during which the interface was sending")
        axes = figure.add_axes((0.27, 0.11, 0.66, 0.74))
        _bars(axes, busiest)
    return figure


def _lines(axes: Axes, busiest: "pd.DataFrame", series: "pd.DataFrame") -> None:
    width = float(series["bin_width_s"].max())
    scale, unit = _time_unit(float(series["bin_s"].max()) + width)
    times = np.sort(series["bin_s"].unique())
    means = zip(busiest["interface"].astype(str), busiest["utilisation"], strict=True)
    for number, (name, mean) in enumerate(means):
        mine = series[series["interface"].eq(name)].set_index("bin_s")
        # A bin without a row is one in which nothing was sent.
        busy = mine["utilisation"].reindex(times, fill_value=0.0).to_numpy()
        axes.step(
            np.append(times, times[-1] + width) / scale, np.append(busy, busy[-1]), where="post",
            color=CYCLE[number % len(CYCLE)], linestyle=DASHES[number // len(CYCLE) % len(DASHES)],
            linewidth=1.8, label=f"{drawable(name)} ({percent(float(mean))})",
        )  # fmt: skip
    dress(axes, "", f"time after the window opens, {unit}", "utilisation")
    axes.set_xlim(0, (times[-1] + width) / scale)
    _share_axis(axes.yaxis)
    axes.set_ylim(0, max(1.0, axes.get_ylim()[1]) * 1.02)
    axes.legend(
        loc="upper left", bbox_to_anchor=(1.015, 1.0), frameon=False, fontsize=SMALL_SIZE,
        title="interface (mean of the run)", alignment="left", borderaxespad=0,
    )  # fmt: skip


def _bars(axes: Axes, busiest: "pd.DataFrame") -> None:
    names = [drawable(str(name)) for name in busiest["interface"]]
    shares = busiest["utilisation"].to_numpy(dtype=np.float64)
    places = np.arange(len(names))
    axes.barh(places, shares, color=[step_colour(float(share), LOAD_STEPS) for share in shares])
    for place, share in zip(places, shares, strict=True):
        axes.annotate(
            percent(float(share)), (float(share), float(place)), (4, 0), textcoords="offset points",
            va="center", size=SMALL_SIZE, color=INK,
        )  # fmt: skip
    dress(axes, "", "utilisation", "")
    axes.set_yticks(places, names)
    axes.set_xlim(0, max(1.0, float(shares.max())) * 1.02)
    axes.invert_yaxis()
    axes.grid(False, axis="y")
    _share_axis(axes.xaxis)


def _share_axis(axis: Axis) -> None:
    axis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def _time_unit(longest_s: float) -> tuple[float, str]:
    """Return the divisor and the word of the unit in which a run of that length is drawn."""
    if longest_s > 3 * 3600:
        return 3600.0, "h"
    return (60.0, "min") if longest_s > 180 else (1.0, "s")
