"""What stands in the figures: lines, labels, bounds and colours, not pixels."""

from pathlib import Path

import matplotlib.collections as collections
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from report import made_up_tables as tables
from telemedsim.report.figures.curves import above, delay_panels, response_panels
from telemedsim.report.figures.distributions import delay_figure, response_figure
from telemedsim.report.figures.gallery import run_figures
from telemedsim.report.figures.land import land_rings
from telemedsim.report.figures.map import (
    draw_topology,
    link_blame,
    load_figure,
    site_rates,
    topology_figure,
    violation_figure,
)
from telemedsim.report.figures.style import LOAD_STEPS, RATE_STEPS, TECHNOLOGY_LINES
from telemedsim.report.figures.utilisation import utilisation_figure


def texts(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def legend_words(figure: Figure) -> list[str]:
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def line_colours(axes: Axes) -> set[str]:
    found = [c for c in axes.collections if isinstance(c, collections.LineCollection)]
    return {to_hex(colour) for lines in found for colour in lines.get_colors()}


@pytest.fixture(scope="module")
def small_map() -> Figure:
    return topology_figure(tables.SITES, tables.links(), "small")


@pytest.fixture(scope="module")
def broken_map() -> Figure:
    return violation_figure(tables.SITES, tables.links(), tables.verdicts(), "run")


def test_topology_map_names_the_upper_sites_in_letters_that_can_be_drawn(
    small_map: Figure,
) -> None:
    figure = small_map
    main, inset = figure.axes
    assert {"Hub", "City", "Town", "Village", "to National centre"} <= set(texts(main))
    assert texts(inset) == ["National centre"]


def test_topology_map_draws_each_link_once_and_no_campus(
    small_map: Figure,
) -> None:
    figure = small_map
    main = figure.axes[0]
    found = [c for c in main.collections if isinstance(c, collections.LineCollection)]
    assert sum(len(lines.get_segments()) for lines in found) == 5
    used = ("sdh", "mstp", "mpls_vpn", "4g")
    assert line_colours(main) == {to_hex(TECHNOLOGY_LINES[name][0]) for name in used}
    assert "campus (1)" not in legend_words(figure)
    assert "sdh (2)" in legend_words(figure)


def test_parallel_lines_lie_side_by_side(small_map: Figure) -> None:
    main = small_map.axes[0]
    segments = [
        segment
        for lines in main.collections
        if isinstance(lines, collections.LineCollection)
        for segment in lines.get_segments()
        if np.ptp(segment[:, 0]) > 5
    ]
    assert len(segments) == 2
    assert not np.allclose(segments[0], segments[1])


def test_main_map_is_cropped_to_the_region(small_map: Figure) -> None:
    west, east = small_map.axes[0].get_xlim()
    assert west < 106.7
    assert 106.9 < east < 110


def test_sites_take_the_colour_of_their_broken_sessions(broken_map: Figure) -> None:
    assert site_rates(tables.verdicts()) == {"village": 0.5, "town": 0.0}
    figure = broken_map
    fills = {
        to_hex(colour)
        for dots in figure.axes[0].collections
        if isinstance(dots, collections.PathCollection)
        for colour in dots.get_facecolors()
    }
    assert fills == {to_hex(RATE_STEPS[-1][2]), to_hex(RATE_STEPS[0][2]), "#ffffff"}


def test_links_take_the_colour_of_the_violations_they_caused(broken_map: Figure) -> None:
    assert link_blame(tables.verdicts()) == {"town-line": 0.8, "hub-line": 0.2}
    figure = broken_map
    colours = line_colours(figure.axes[0])
    assert {to_hex(RATE_STEPS[-1][2]), to_hex(RATE_STEPS[-2][2])} <= colours


def test_load_map_shows_the_busier_direction() -> None:
    colours = line_colours(load_figure(tables.SITES, tables.links(), "run").axes[0])
    assert to_hex(LOAD_STEPS[-1][2]) in colours
    assert to_hex(LOAD_STEPS[1][2]) in colours


def test_sites_without_positions_are_drawn_by_tier() -> None:
    nowhere = tables.SITES.assign(latitude=np.nan, longitude=np.nan)
    figure = topology_figure(nowhere, tables.links(), "small")
    assert len(figure.axes) == 1
    assert any("drawn by tier" in text.get_text() for text in figure.texts)


def test_land_is_where_it_should_be() -> None:
    points = np.concatenate(land_rings())
    assert np.abs(points[:, 0]).max() <= 180
    assert np.abs(points[:, 1]).max() <= 90
    assert len(land_rings()) > 1000


def test_delay_curves_hold_every_packet_and_the_bound() -> None:
    (panel,) = delay_panels(tables.legs(), tables.delays(), tables.limits())
    county, grassroots = panel.curves
    assert (county.count, grassroots.count) == (100, 100)
    assert above(county, 150) == 0
    assert above(grassroots, 150) == pytest.approx(0.5)
    figure = delay_figure(tables.legs(), tables.delays(), tables.limits())
    assert figure is not None
    axes = figure.axes[0]
    assert axes.get_title("left") == "consult.regular_room in evening"
    assert axes.get_title("right") == "p95 ≤ 150 ms"
    assert axes.get_xlabel() == "one-way delay, ms"
    assert any(set(line.get_xdata()) == {150.0} for line in axes.lines)


def test_unfinished_responses_keep_the_curve_below_one() -> None:
    (panel,) = response_panels(tables.legs(), tables.measures(), tables.limits())
    (curve,) = panel.curves
    assert curve.shares[-1] == pytest.approx(0.75)
    assert above(curve, 5.0) == pytest.approx(0.5)
    figure = response_figure(tables.legs(), tables.measures(), tables.limits())
    assert figure is not None
    words = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert words == ["county (4, 1 unfinished)"]


def test_at_most_six_panels_and_the_worst_first() -> None:
    names = [f"service-{number}" for number in range(8)]
    legs = pd.DataFrame({"leg": range(8), "scenario": "s", "service": names, "tier": "county"})
    delays = pd.concat(
        [tables.delays().query("leg == 0").assign(leg=number) for number in range(8)]
    )
    limits = pd.DataFrame(
        {
            "scenario": "s",
            "service": names,
            "clause": "delay_ms_max",
            "bound": 20.0,
            "statistic": "p95",
        }
    )
    limits.loc[5, "bound"] = 1.0
    figure = delay_figure(legs, delays, limits)
    assert figure is not None
    assert len(figure.axes) == 6
    assert figure.axes[0].get_title("left") == "service-5 in s"
    assert any("the 2 with less" in text.get_text() for text in figure.texts)


def test_utilisation_is_drawn_over_time_from_two_bins_on() -> None:
    figure = utilisation_figure(tables.links(), tables.series(3))
    assert figure is not None
    axes = figure.axes[0]
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend[0] == "town-line/up (95.0 %)"
    assert len(legend) == 10
    assert list(axes.lines[0].get_xdata()) == [0, 60, 120, 180]
    assert set(axes.lines[0].get_ydata()) == {0.95}


def test_utilisation_of_one_bin_is_bars() -> None:
    figure = utilisation_figure(tables.links(), tables.series(1))
    assert figure is not None
    axes = figure.axes[0]
    assert [bar.get_width() for bar in axes.patches][:2] == [0.95, 0.5]
    assert next(label.get_text() for label in axes.get_yticklabels()) == "town-line/up"


def test_no_figure_where_there_is_nothing_to_show() -> None:
    nothing = tables.links().assign(carried_packets=0)
    assert utilisation_figure(nothing, tables.series(1)) is None
    assert delay_figure(tables.legs(), tables.delays().iloc[:0], tables.limits()) is None


def all_tables() -> dict[str, pd.DataFrame]:
    return {
        "sites": tables.SITES, "links": tables.links(), "legs": tables.legs(),
        "verdicts": tables.verdicts().assign(leg=0, clause="delay_ms_max"),
        "delays": tables.delays(), "limits": tables.limits(),
        "measures": tables.measures(), "link_series": tables.series(2),
    }  # fmt: skip


def test_a_run_has_five_figures() -> None:
    first = run_figures(all_tables(), {"experiment": "day"})
    assert sorted(first) == [
        "delays.png", "map_utilisation.png", "map_violations.png", "responses.png",
        "utilisation.png",
    ]  # fmt: skip
    assert all(png.startswith(b"\x89PNG") for png in first.values())


def test_delays_that_no_clause_judges_are_not_drawn() -> None:
    probes = all_tables()
    probes["verdicts"] = tables.verdicts().assign(leg=0, clause="loss_max")
    assert "delays.png" not in run_figures(probes, {"experiment": "day"})


def test_the_same_tables_give_the_same_bytes(tmp_path: Path) -> None:
    paths = [draw_topology(tables.SITES, tables.links(), tmp_path / n / "map.png") for n in "ab"]
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_names_with_dollars_and_controls_can_be_drawn(tmp_path: Path) -> None:
    odd = tables.SITES.assign(name="$x^$ \x1b[31m 贵")
    drawn = draw_topology(odd, tables.links(), tmp_path / "map.png", title="$$\\frac")
    assert drawn.read_bytes().startswith(b"\x89PNG")
