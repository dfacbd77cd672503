"""The one style of all figures: sizes, fonts, and colours that colour-blind readers can tell apart."""

from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, Literal

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font

from telemedsim.core.errors import printable

WIDTH_INCHES = 12.0
DOTS_PER_INCH = 100
"""Together 1200 pixels, the width for which texts are sized."""
TITLE_SIZE, TEXT_SIZE, SMALL_SIZE = 15, 11, 10
INK, FAINT, LAND, SEA, GRID = "#222222", "#8a8a8a", "#f3efe6", "#e3edf4", "#dddddd"

BLACK, ORANGE, SKY, GREEN, BLUE, VERMILION, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
"""Okabe and Ito's palette (2008), without its yellow, which is too pale for lines."""
BOUND = "#8C2D04"
"""Colour of a bound: no curve has it."""
CYCLE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK)
Dashes = Literal["-", "--", "-.", ":"]
DASHES: tuple[Dashes, ...] = ("-", "--", "-.", ":")

TIERS = ("national", "provincial", "municipal", "county", "grassroots", "mobile")
TIER_MARKERS = {
    "national": ("*", 300), "provincial": ("D", 130), "municipal": ("s", 80),
    "county": ("o", 42), "grassroots": ("o", 18), "mobile": ("^", 60),
}  # fmt: skip
OTHER_MARKER = ("X", 50)

TECHNOLOGY_LINES: dict[str, tuple[str, Dashes]] = {
    "sdh": (BLACK, "-"), "mstp": (BLUE, "-"), "mpls_vpn": (SKY, "-"), "internet": (GREEN, "-"),
    "3g": (ORANGE, ":"), "4g": (ORANGE, "-"), "5g": (ORANGE, "--"),
    "satellite_geo": (VERMILION, "--"), "satellite_leo": (PURPLE, "--"),
    "wifi": (GREEN, ":"), "campus": (FAINT, "-"),
}  # fmt: skip
OTHER_LINE: tuple[str, Dashes] = (FAINT, "-.")

RATE_STEPS = ((0.0, "none broken", BLUE), (0.05, "up to 5 %", "#FEC44F"),
              (0.20, "5 to 20 %", "#EC7014"), (1.0, "over 20 %", "#8C2D04"))  # fmt: skip
"""Upper end of a violation rate, its words, its colour."""
UNKNOWN_COLOUR = "#ffffff"
LOAD_STEPS = ((0.3, "up to 30 %", "#9ecae1"), (0.6, "30 to 60 %", "#4292c6"),
              (0.8, "60 to 80 %", "#EC7014"), (float("inf"), "over 80 %", "#8C2D04"))  # fmt: skip


def new_figure(height_inches: float) -> Figure:
    """Return an empty figure of the house's width, drawn by Agg without any global state."""
    figure = Figure(figsize=(WIDTH_INCHES, height_inches), dpi=DOTS_PER_INCH, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def set_title(figure: Figure, title: str, subtitle: str = "") -> None:
    """Write the figure's title at the top left, and a line of explanation under it."""
    height = figure.get_figheight()
    figure.text(
        0.02, 1 - 0.16 / height, drawable(title), size=TITLE_SIZE, weight="bold",
        color=INK, va="top",
    )  # fmt: skip
    figure.text(0.02, 1 - 0.50 / height, drawable(subtitle), size=SMALL_SIZE, color=INK, va="top")


def dress(axes: Axes, title: str, x_label: str, y_label: str) -> None:
    """Give axes their title, labels and quiet frame."""
    axes.set_title(drawable(title), size=TEXT_SIZE, loc="left", color=INK)
    axes.set_xlabel(x_label, size=SMALL_SIZE)
    axes.set_ylabel(y_label, size=SMALL_SIZE)
    axes.tick_params(labelsize=SMALL_SIZE, color=FAINT)
    axes.grid(True, color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def save(figure: Figure, path: Path) -> Path:
    """Write a figure as a PNG file; the same figure gives the same bytes. Return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        write_png(figure, target)
    return path


def write_png(figure: Figure, target: BinaryIO) -> None:
    """Write a figure as PNG, without a stamp of the library's version."""
    no_stamp: dict[str, Any] = {"Software": None}
    figure.savefig(target, format="png", dpi=DOTS_PER_INCH, metadata=no_stamp)


def step_colour(value: float, steps: tuple[tuple[float, str, str], ...]) -> str:
    """Return the colour of a value by its step; the unknown colour for a missing value.

    >>> step_colour(0.0, RATE_STEPS) == BLUE
    True
    """
    if value != value:
        return UNKNOWN_COLOUR
    return next((colour for end, _, colour in steps if value <= end), steps[-1][2])


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties())).get_charmap())


def drawable(text: str) -> str:
    """Return a text with only what the bundled font can draw, and no mathematics between dollars.

    >>> drawable("Guiyang municipal hospital 贵阳市")
    'Guiyang municipal hospital'
    """
    kept = "".join(letter for letter in printable(text) if ord(letter) in _glyphs())
    return " ".join(kept.split()).replace("$", r"\$")
