"""The outline of the land, as polygons to draw behind a map."""

from functools import cache
from importlib.resources import as_file, files

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray

from telemedsim.report.figures.style import FAINT, LAND, SEA

Extent = tuple[float, float, float, float]
"""West, east, south, north in degrees."""


@cache
def land_rings() -> tuple[NDArray[np.float64], ...]:
    """Return the rings of all land as arrays of (longitude, latitude) in degrees.

    Natural Earth 1:50 m (public domain), through world-atlas; no borders.
    """
    resource = files("telemedsim.report").joinpath("data", "land_50m.npz")
    with as_file(resource) as path, np.load(path, allow_pickle=False) as data:
        points, ends = data["points"] / 100.0, data["ends"]
    return tuple(np.split(points, ends[:-1]))


def draw_land(axes: Axes, extent: Extent) -> None:
    """Fill the land inside an extent and colour the rest as sea; the axes keep that extent."""
    west, east, south, north = extent
    near = [
        ring
        for ring in land_rings()
        if ring[:, 0].max() >= west and ring[:, 0].min() <= east
        and ring[:, 1].max() >= south and ring[:, 1].min() <= north
    ]  # fmt: skip
    axes.set_facecolor(SEA)
    if near:
        # One compound path: inner rings (lakes) turn the other way and stay open.
        path = Path.make_compound_path(*(Path(ring, closed=True) for ring in near))
        axes.add_patch(PathPatch(path, facecolor=LAND, edgecolor=FAINT, linewidth=0.5, zorder=0))
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect(1.0 / np.cos(np.radians((south + north) / 2.0)))
