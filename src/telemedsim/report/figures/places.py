"""Where sites and links stand on a map, and where their labels fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from telemedsim.report.figures.land import Extent
from telemedsim.report.figures.style import INK, SMALL_SIZE, TIERS, drawable

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]

MARGIN = 0.06
"""Share of the extent that stays free on each side."""
LEAST_SPAN_DEGREES = 0.2
INSET_FROM = 2.5
"""A national centre that widens the map by more than this factor goes to the inset."""
LABELLED_TIERS = ("national", "provincial", "municipal")
LABEL_ALL_UP_TO = 16
"""A topology of so few sites has all of them labelled."""
Offset = tuple[int, int, Literal["left", "center", "right"], Literal["bottom", "center", "top"]]

OFFSETS: tuple[Offset, ...] = (
    (9, 5, "left", "bottom"), (9, -5, "left", "top"), (-9, 5, "right", "bottom"),
    (-9, -5, "right", "top"), (0, 11, "center", "bottom"), (0, -11, "center", "top"),
    (13, 0, "left", "center"), (-13, 0, "right", "center"), (0, 24, "center", "bottom"),
    (0, -24, "center", "top"), (22, 16, "left", "bottom"), (-22, -16, "right", "top"),
    (-22, 16, "right", "bottom"), (22, -16, "left", "top"),
)  # fmt: skip
"""Places for a label around its site, in points, the best first."""


@dataclass(frozen=True)
class MapSite:
    """A site on the map: degrees, or steps of a drawing by tier where it has no position."""

    id: str
    name: str
    tier: str
    x: float
    y: float


@dataclass(frozen=True)
class MapLink:
    """A link between two sites on the map; ``copy`` counts the parallel ones before it."""

    id: str
    lower: MapSite
    upper: MapSite
    technology: str
    standby: bool
    utilisation: float
    copy: int


def map_sites(sites: "pd.DataFrame") -> tuple[list[MapSite], bool]:
    """Return the sites and whether they stand on the Earth; else they are laid out by tier."""
    located = sites[sites["latitude"].notna() & sites["longitude"].notna()]
    on_earth = len(located) > 0
    rows = _rows(located if on_earth else sites)
    seen: dict[str, int] = {}
    found = []
    for row in rows:
        tier = str(row["tier"])
        x, y = (row["longitude"], row["latitude"]) if on_earth else _by_tier(tier, seen)
        name = drawable(str(row.get("name") or "")) or drawable(str(row["site"]))
        found.append(MapSite(str(row["site"]), name, tier, float(x), float(y)))
    return sorted(found, key=lambda site: (rank(site.tier), site.id)), on_earth


def _by_tier(tier: str, seen: dict[str, int]) -> tuple[float, float]:
    number = seen.get(tier, 0)
    seen[tier] = number + 1
    return float(number), -float(rank(tier))


def rank(tier: str) -> int:
    """Return a tier's place from the centre outwards; unknown tiers come last."""
    return TIERS.index(tier) if tier in TIERS else len(TIERS)


def map_links(links: "pd.DataFrame", sites: Sequence[MapSite]) -> list[MapLink]:
    """Return one line for each link between two different sites of the map."""
    by_id = {site.id: site for site in sites}
    copies: dict[tuple[str, str], int] = {}
    found: dict[str, MapLink] = {}
    for row in _rows(links):
        ends = [by_id.get(str(row[end]).split(".", 1)[0]) for end in ("from_site", "to_site")]
        lower, upper = ends
        if lower is None or upper is None or lower is upper:
            continue
        link, busy = str(row["link"]), float(row.get("utilisation", float("nan")))
        if link in found:
            busy = float(np.fmax(busy, found[link].utilisation))
            found[link] = _with_load(found[link], busy)
            continue
        pair = (min(lower.id, upper.id), max(lower.id, upper.id))
        copy = copies.get(pair, 0)
        copies[pair] = copy + 1
        standby = row.get("role") == "standby"
        found[link] = MapLink(link, lower, upper, str(row["technology"]), standby, busy, copy)
    return list(found.values())


def _with_load(link: MapLink, busy: float) -> MapLink:
    return MapLink(link.id, link.lower, link.upper, link.technology, link.standby, busy, link.copy)


def _rows(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def extent_of(sites: Sequence[MapSite], margin: float = MARGIN) -> Extent:
    """Return the extent of some sites with a margin around them."""
    xs, ys = [site.x for site in sites], [site.y for site in sites]
    span_x = max(max(xs) - min(xs), LEAST_SPAN_DEGREES)
    span_y = max(max(ys) - min(ys), LEAST_SPAN_DEGREES)
    middle_x, middle_y = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    half_x, half_y = span_x * (0.5 + margin), span_y * (0.5 + margin)
    return middle_x - half_x, middle_x + half_x, middle_y - half_y, middle_y + half_y


def widened(extent: Extent, aspect: float, on_earth: bool) -> Extent:
    """Return an extent grown to a box's width over height, so that the map fills the box."""
    west, east, south, north = extent
    squeeze = float(np.cos(np.radians((south + north) / 2))) if on_earth else 1.0
    wide, high = (east - west) * squeeze, north - south
    more_x = max(0.0, aspect * high - wide) / squeeze / 2
    more_y = max(0.0, wide / aspect - high) / 2
    return west - more_x, east + more_x, south - more_y, north + more_y


def regional(sites: Sequence[MapSite]) -> list[MapSite]:
    """Return the sites that the main map shows: without a national centre far from all others."""
    others = [site for site in sites if site.tier != "national"]
    if len(others) < 2 or len(others) == len(sites):
        return list(sites)
    whole, part = extent_of(sites), extent_of(others)
    wider = max(
        (whole[1] - whole[0]) / (part[1] - part[0]), (whole[3] - whole[2]) / (part[3] - part[2])
    )
    return others if wider > INSET_FROM else list(sites)


def label_sites(
    axes: Axes, sites: Sequence[MapSite], written_before: Sequence[Annotation] = ()
) -> list[str]:
    """Write names beside sites, each where it covers no other name; return the names written.

    Among the places that are free, the one that covers the fewest sites wins. A site whose name
    fits nowhere goes without; the upper tiers come first.
    """
    chosen = [s for s in sites if len(sites) <= LABEL_ALL_UP_TO or s.tier in LABELLED_TIERS]
    canvas = axes.figure.canvas
    if not chosen or not isinstance(canvas, FigureCanvasAgg):
        return []
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    points = axes.transData.transform([(site.x, site.y) for site in sites])
    centres = axes.transData.transform([(site.x, site.y) for site in chosen])
    taken = [label.get_window_extent(renderer) for label in written_before]
    markers = [Bbox.from_extents(x - 7, y - 7, x + 7, y + 7) for x, y in centres]
    written = []
    for site, own in zip(chosen, markers, strict=True):
        others = [box for box in markers if not np.allclose(box.extents, own.extents)]
        box = _write(axes, site, renderer, [*taken, *others], points)
        if box is not None:
            taken.append(box)
            written.append(site.name)
    return written


def _write(
    axes: Axes, site: MapSite, renderer: RendererAgg, taken: Sequence[Bbox], points: FloatArray
) -> Bbox | None:
    """Write one name at its best free place and return its box, or None where none is free."""
    inside = axes.get_window_extent(renderer)
    label = axes.annotate(
        site.name, (site.x, site.y), (0, 0), textcoords="offset points", size=SMALL_SIZE,
        color=INK, zorder=20, path_effects=[withStroke(linewidth=3, foreground="white")],
        weight="bold" if site.tier in ("national", "provincial") else "normal",
    )  # fmt: skip
    free: list[tuple[int, int, Bbox]] = []
    for number, _ in enumerate(OFFSETS):
        box = _put(label, number, renderer)
        if _contains(inside, box) and not any(box.overlaps(other) for other in taken):
            free.append((_covered(box, points), number, box))
    if not free:
        label.remove()
        return None
    _, best, box = min(free, key=lambda place: place[:2])
    _put(label, best, renderer)
    return box


def _put(label: Annotation, number: int, renderer: RendererAgg) -> Bbox:
    x, y, horizontal, vertical = OFFSETS[number]
    label.xyann = (x, y)
    label.set_horizontalalignment(horizontal)
    label.set_verticalalignment(vertical)
    return label.get_window_extent(renderer)


def _contains(outer: Bbox, inner: Bbox) -> bool:
    across = outer.x0 <= inner.x0 and inner.x1 <= outer.x1
    return bool(across and outer.y0 <= inner.y0 and inner.y1 <= outer.y1)


def _covered(box: Bbox, points: FloatArray) -> int:
    x, y = points[:, 0], points[:, 1]
    return int(((x > box.x0) & (x < box.x1) & (y > box.y0) & (y < box.y1)).sum())
