"""Draw the README's two pictures from a saved run: its SLA table as the terminal shows it, and its map.

    python tools/readme_pictures.py results/guizhou_day/<run> docs/pictures

The table keeps the scenarios of SHOWN, each whole; a line of dots stands where others were left out.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image
from rich.console import Console
from rich.segment import Segment

import telemedsim as ts
from telemedsim.report.sla_table import summary_table
from telemedsim.report.terminal import run_heading

SHOWN = (
    "county_upload",
    "county_cloud_reading",
    "county_rooms",
    "mobile_rooms",
    "surgery_4k",
    "township_lines",
)
COLUMNS = 120
FONT_POINTS = 9.0
LINE_INCHES = 0.175
COLUMN_INCHES = FONT_POINTS * 0.602 / 72
"""DejaVu Sans Mono, which comes with matplotlib, advances 0.602 of its size a letter."""
MARGIN_INCHES = 0.2
COLOURS = {"red": "#b3261e", "green": "#1b6e2d", "cyan": "#00637a"}
DIM, INK, PAPER = "#6b6b6b", "#1c1c1c", "#ffffff"

Line = list[Segment]


def table_lines(results: ts.Results) -> Iterator[Line]:
    """Yield the lines of a run's table, those of scenarios that are not SHOWN left out."""
    console = Console(width=COLUMNS, force_terminal=True, color_system="truecolor", highlight=False)
    yield [Segment(run_heading(results.manifest))]
    kept, dots = True, True
    for line in console.render_lines(summary_table(results.summary), pad=False):
        text = "".join(segment.text for segment in line)
        if "  in " in text and not text.startswith(" "):
            kept = text.rpartition("  in ")[2].strip() in SHOWN
        elif not text.strip():
            kept = True
        if kept:
            yield line
        elif dots:
            yield [Segment("…")]
        dots = kept


def draw(lines: list[Line], picture: Path) -> None:
    """Draw lines of a terminal into a PNG file."""
    width = COLUMNS * COLUMN_INCHES + 2 * MARGIN_INCHES
    height = len(lines) * LINE_INCHES + 2 * MARGIN_INCHES
    figure = Figure(figsize=(width, height), dpi=130, facecolor=PAPER)
    for row, line in enumerate(lines):
        y = 1 - (MARGIN_INCHES + (row + 0.75) * LINE_INCHES) / height
        for column, word, segment in words_of(line):
            x = (MARGIN_INCHES + column * COLUMN_INCHES) / width
            colour, weight = look_of(segment)
            figure.text(
                x, y, word, family="DejaVu Sans Mono", size=FONT_POINTS,
                color=colour, weight="bold" if row == 0 else weight, parse_math=False,
            )  # fmt: skip
    drawn = io.BytesIO()
    figure.savefig(drawn, metadata={"Software": None})
    write_small(drawn.getvalue(), picture)


def write_small(png: bytes, picture: Path) -> None:
    """Write a drawing with 128 colours: a third of its size, and nothing to be seen of it."""
    Image.open(io.BytesIO(png)).convert("RGB").quantize(128).save(picture, optimize=True)


def words_of(line: Line) -> Iterator[tuple[int, str, Segment]]:
    """Yield each word with its column and its segment: placed one by one, they cannot drift."""
    column = 0
    for segment in line:
        for found in re.finditer(r"\S+", segment.text):
            yield column + found.start(), found.group(), segment
        column += segment.cell_length


def look_of(segment: Segment) -> tuple[str, str]:
    """Return colour and weight of a piece of text."""
    style = segment.style
    if style is None:
        return INK, "normal"
    colour = COLOURS.get(style.color.name, INK) if style.color else INK
    return DIM if style.dim else colour, "bold" if style.bold else "normal"


def main(run: Path, pictures: Path) -> None:
    """Draw both pictures of a saved run."""
    pictures.mkdir(parents=True, exist_ok=True)
    draw(list(table_lines(ts.open_run(run))), pictures / "sla_table.png")
    write_small((run / "map_violations.png").read_bytes(), pictures / "map.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
