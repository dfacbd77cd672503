"""What a map is drawn from: its ground, its links and sites, the inset and the edge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation

from telemedsim.report.figures.land import Extent, draw_land
from telemedsim.report.figures.places import MapLink, MapSite, extent_of, rank, widened
from telemedsim.report.figures.style import (
    FAINT,
    INK,
    OTHER_MARKER,
    SMALL_SIZE,
    TIER_MARKERS,
    WIDTH_INCHES,
    Dashes,
)

HEIGHT_INCHES = 8.6
MAP_BOX = (0.02, 0.03, 0.71, 0.86)
INSET_BOX = (0.745, 0.62, 0.24, 0.27)
"""Left, bottom, width and height of the main map and of the inset, as shares of the figure."""
MAP_ASPECT = MAP_BOX[2] * WIDTH_INCHES / (MAP_BOX[3] * HEIGHT_INCHES)
INSET_ASPECT = INSET_BOX[2] * WIDTH_INCHES / (INSET_BOX[3] * HEIGHT_INCHES)
INSET_MARGIN = 0.3
PARALLEL_SHIFT = 0.006
"""Distance between parallel links, as a share of the map's width."""

Look = tuple[str, Dashes, float]
"""A line's colour, dashes and width."""
Handles = list[Line2D]


@dataclass(frozen=True)
class Colouring:
    """How a map is coloured: a look for each link, a fill for each site, and their legends."""

    subtitle: str
    link_look: Callable[[MapLink], Look]
    site_fill: Callable[[MapSite], str]
    legends: tuple[tuple[str, Handles], ...]


def draw_ground(axes: Axes, extent: Extent, on_earth: bool) -> None:
    if on_earth:
        draw_land(axes, extent)
    else:
        axes.set_xlim(extent[:2])
        axes.set_ylim(extent[2:])
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_anchor("NW")
    for spine in axes.spines.values():
        spine.set_color(FAINT)


def draw_links(axes: Axes, links: Sequence[MapLink], how: Colouring) -> None:
    """Draw all links, one collection a look; the parallel ones side by side."""
    step = PARALLEL_SHIFT * float(np.ptp(axes.get_xlim()))
    groups: dict[Look, list[list[tuple[float, float]]]] = {}
    for link in links:
        dx, dy = link.upper.x - link.lower.x, link.upper.y - link.lower.y
        length = float(np.hypot(dx, dy)) or 1.0
        shift = step * ((link.copy + 1) // 2) * (1 if link.copy % 2 else -1)
        off_x, off_y = -dy / length * shift, dx / length * shift
        segment = [(end.x + off_x, end.y + off_y) for end in (link.lower, link.upper)]
        groups.setdefault(how.link_look(link), []).append(segment)
    for (colour, dashes, width), segments in groups.items():
        axes.add_collection(
            LineCollection(segments, colors=colour, linestyles=dashes, linewidths=width,
                           zorder=2 + width, capstyle="round"),
            autolim=False,
        )  # fmt: skip


def draw_sites(axes: Axes, sites: Sequence[MapSite], how: Colouring) -> None:
    """Draw all sites, one collection a tier and colour; the lower tiers over the upper ones."""
    groups: dict[tuple[str, str], list[MapSite]] = {}
    for site in sites:
        groups.setdefault((site.tier, how.site_fill(site)), []).append(site)
    for (tier, colour), members in groups.items():
        marker, size = TIER_MARKERS.get(tier, OTHER_MARKER)
        axes.scatter(
            [site.x for site in members], [site.y for site in members], s=size, marker=marker,
            c=colour, edgecolors=INK, linewidths=0.7, zorder=6 + rank(tier),
        )  # fmt: skip


def draw_inset(
    figure: Figure, sites: Sequence[MapSite], links: Sequence[MapLink], extent: Extent
) -> None:
    """Draw the whole network small, with the frame of the main map."""
    axes = figure.add_axes(INSET_BOX)
    whole = widened(extent_of(sites, INSET_MARGIN), INSET_ASPECT, True)
    draw_ground(axes, whole, True)
    frame_x = [extent[0], extent[1], extent[1], extent[0], extent[0]]
    frame_y = [extent[2], extent[2], extent[3], extent[3], extent[2]]
    axes.plot(frame_x, frame_y, color=INK, linewidth=1.2, zorder=5)
    for link in links:
        if "national" in (link.lower.tier, link.upper.tier):
            ends = link.lower, link.upper
            axes.plot([e.x for e in ends], [e.y for e in ends], color=INK, linewidth=1, zorder=4)
    for site in sites:
        if site.tier == "national":
            axes.scatter([site.x], [site.y], s=90, marker="*", c=INK, zorder=6)
            axes.annotate(
                site.name, (site.x, site.y), (0, 8), textcoords="offset points",
                size=SMALL_SIZE, ha="center", color=INK,
            )  # fmt: skip


def point_away(
    axes: Axes, links: Sequence[MapLink], shown: Sequence[MapSite], extent: Extent
) -> list[Annotation]:
    """Say at the map's edge where a link leads that leaves it; return what was written."""
    written = []
    inside = {site.id for site in shown}
    named = set()
    for link in links:
        if link.upper.id in inside or link.upper.id in named:
            continue
        named.add(link.upper.id)
        x, y = _edge(link.lower, link.upper, extent)
        label = axes.annotate(
            f"to {link.upper.name}", (x, y), (-14, -6), textcoords="offset points", ha="right",
            va="top", size=SMALL_SIZE, style="italic", color=INK, zorder=20,
        )  # fmt: skip
        written.append(label)
    return written


def _edge(start: MapSite, end: MapSite, extent: Extent) -> tuple[float, float]:
    """Return where the way from a site inside to one outside crosses the extent."""
    west, east, south, north = extent
    dx, dy = end.x - start.x, end.y - start.y
    reach = [1.0]
    if dx:
        reach.append(((east if dx > 0 else west) - start.x) / dx)
    if dy:
        reach.append(((north if dy > 0 else south) - start.y) / dy)
    share = min(reach)
    return start.x + share * dx, start.y + share * dy
