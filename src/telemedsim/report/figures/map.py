"""A topology on its map: sites by tier, links by technology, load or blame."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from telemedsim.report.figures.map_canvas import (
    HEIGHT_INCHES,
    MAP_ASPECT,
    MAP_BOX,
    Colouring,
    Look,
    draw_ground,
    draw_inset,
    draw_links,
    draw_sites,
    point_away,
)
from telemedsim.report.figures.places import (
    MapLink,
    MapSite,
    extent_of,
    label_sites,
    map_links,
    map_sites,
    rank,
    regional,
    widened,
)
from telemedsim.report.figures.style import (
    FAINT,
    INK,
    LOAD_STEPS,
    OTHER_LINE,
    OTHER_MARKER,
    RATE_STEPS,
    SMALL_SIZE,
    TECHNOLOGY_LINES,
    TIER_MARKERS,
    UNKNOWN_COLOUR,
    Dashes,
    drawable,
    new_figure,
    save,
    set_title,
    step_colour,
)

if TYPE_CHECKING:
    import pandas as pd

BLAME_WIDTHS = (0.7, 1.6, 2.8, 4.0)


def draw_topology(
    sites: "pd.DataFrame", links: "pd.DataFrame", path: Path, title: str = ""
) -> Path:
    """Draw a topology without a run into a PNG file: links by technology. Return the path.

    ``sites`` has the columns site, name, tier, latitude, longitude; ``links`` has link,
    from_site, to_site, technology and perhaps role.
    """
    return save(topology_figure(sites, links, title or path.stem), path)


def topology_figure(sites: "pd.DataFrame", links: "pd.DataFrame", title: str) -> Figure:
    """Return the map of a topology, its links coloured by technology."""
    placed, on_earth = map_sites(sites)
    lines = map_links(links, placed)
    used = [line.technology for line in lines]
    handles = [
        Line2D([], [], color=look[0], linestyle=look[1], linewidth=2.5,
               label=f"{drawable(name)} ({used.count(name)})")
        for name, look in _technologies(used)
    ]  # fmt: skip
    if any(line.standby for line in lines):
        handles.append(Line2D([], [], color=FAINT, linewidth=1, label="thin: standby"))
    colouring = Colouring(
        f"{len(placed)} sites, {len(lines)} links, coloured by technology",
        lambda line: (
            *TECHNOLOGY_LINES.get(line.technology, OTHER_LINE),
            0.9 if line.standby else 1.5,
        ),
        lambda site: INK if rank(site.tier) < rank("county") else UNKNOWN_COLOUR,
        (("links", handles),),
    )
    return _figure(placed, lines, on_earth, title, colouring)


def violation_figure(
    sites: "pd.DataFrame", links: "pd.DataFrame", verdicts: "pd.DataFrame", title: str
) -> Figure:
    """Return the map of a run: sites by the share of their sessions that broke a clause.

    Links are wide where verdicts name them as the cause; the colour says in how many of the
    violated verdicts.
    """
    placed, on_earth = map_sites(sites)
    lines = map_links(links, placed)
    rates, blame = site_rates(verdicts), link_blame(verdicts)
    missing = float("nan")
    blame_steps = ((0.0, "none", FAINT), *RATE_STEPS[1:])
    widths = {step[2]: width for step, width in zip(blame_steps, BLAME_WIDTHS, strict=True)}

    def look(line: MapLink) -> Look:
        share = blame.get(line.id, 0.0)
        return step_colour(share, blame_steps), "-", widths[step_colour(share, blame_steps)]

    fills = [(words, colour) for _, words, colour in RATE_STEPS] + [
        ("nothing judged", UNKNOWN_COLOUR)
    ]
    blamed = [
        Line2D([], [], color=colour, linewidth=widths[colour], label=words)
        for _, words, colour in blame_steps
    ]
    colouring = Colouring(
        "site: share of its sessions that broke a clause; link: share of violations it caused",
        look,
        lambda site: step_colour(rates.get(site.id, missing), RATE_STEPS),
        (("sessions broken at a site", [_dot(*fill) for fill in fills]),
         ("violations caused by a link", blamed)),
    )  # fmt: skip
    return _figure(placed, lines, on_earth, title, colouring)


def load_figure(sites: "pd.DataFrame", links: "pd.DataFrame", title: str) -> Figure:
    """Return the map of a run with its links coloured by the busier direction's utilisation."""
    placed, on_earth = map_sites(sites)
    lines = map_links(links, placed)
    handles = [Line2D([], [], color=c, linewidth=2.5, label=words) for _, words, c in LOAD_STEPS]
    colouring = Colouring(
        "links by utilisation of the busier direction",
        lambda line: (step_colour(line.utilisation, LOAD_STEPS), "-", 2.2),
        lambda site: INK if rank(site.tier) < rank("county") else UNKNOWN_COLOUR,
        (("utilisation", handles),),
    )
    return _figure(placed, lines, on_earth, title, colouring)


def site_rates(verdicts: "pd.DataFrame") -> Mapping[str, float]:
    """Return the share of each site's judged sessions in which any clause was violated."""
    judged = verdicts[verdicts["verdict"].isin(["met", "violated"]) & (verdicts["session"] >= 0)]
    broken = judged["verdict"].eq("violated").groupby([judged["site"], judged["session"]]).any()
    return {str(site): float(rate) for site, rate in broken.groupby(level=0).mean().items()}


def link_blame(verdicts: "pd.DataFrame") -> Mapping[str, float]:
    """Return the share of violated verdicts that name an interface of each link as their cause."""
    violated = verdicts[verdicts["verdict"].eq("violated")]
    links = violated["cause_interface"].fillna("").astype(str).str.rsplit("/", n=1).str[0]
    shares = links[links != ""].value_counts() / max(len(violated), 1)
    return {str(link): float(share) for link, share in shares.items()}


def _technologies(used: Sequence[str]) -> list[tuple[str, tuple[str, Dashes]]]:
    names = [name for name in TECHNOLOGY_LINES if name in used]
    names += sorted(set(used) - set(names))
    return [(name, TECHNOLOGY_LINES.get(name, OTHER_LINE)) for name in names]


def _figure(
    sites: Sequence[MapSite], links: Sequence[MapLink], on_earth: bool, title: str, how: Colouring
) -> Figure:
    figure = new_figure(HEIGHT_INCHES)
    set_title(figure, title, how.subtitle)
    axes = figure.add_axes(MAP_BOX)
    shown = regional(sites)
    extent = widened(extent_of(shown), MAP_ASPECT, on_earth)
    draw_ground(axes, extent, on_earth)
    draw_links(axes, links, how)
    draw_sites(axes, shown, how)
    figure.canvas.draw()
    pointers = point_away(axes, links, shown, extent)
    label_sites(axes, shown, pointers)
    if len(shown) < len(sites):
        draw_inset(figure, sites, links, extent)
    _legends(figure, sites, how, below=len(shown) < len(sites))
    note = "land: Natural Earth" if on_earth else "sites without positions, drawn by tier"
    figure.text(0.985, 0.012, note, size=SMALL_SIZE - 2, color=FAINT, ha="right")
    return figure


def _legends(figure: Figure, sites: Sequence[MapSite], how: Colouring, below: bool) -> None:
    """Put the legends beside the map, under the inset where there is one."""
    tiers = sorted({site.tier for site in sites}, key=lambda tier: (rank(tier), tier))
    counts = [site.tier for site in sites]
    handles = []
    for tier in tiers:
        marker, size = TIER_MARKERS.get(tier, OTHER_MARKER)
        handles.append(
            Line2D([], [], linestyle="", marker=marker, markersize=size**0.5, color=INK,
                   markerfacecolor="white", label=f"{drawable(tier)} ({counts.count(tier)})")
        )  # fmt: skip
    top = 0.60 if below else 0.89
    for title, entries in (("sites", handles), *how.legends):
        legend = figure.legend(
            handles=entries, title=title, loc="upper left", bbox_to_anchor=(0.74, top),
            frameon=False, fontsize=SMALL_SIZE, title_fontproperties={"weight": "bold"},
            alignment="left", borderaxespad=0,
        )  # fmt: skip
        top -= (len(entries) + 1.9) * 0.0262
        legend.set_zorder(30)


def _dot(words: str, colour: str) -> Line2D:
    return Line2D(
        [], [], linestyle="", marker="o", markersize=8, color=INK, markerfacecolor=colour,
        markeredgewidth=0.7, label=words,
    )  # fmt: skip
