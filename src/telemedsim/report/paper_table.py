"""The white paper's figures beside the simulator's, as a table on the terminal."""

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    import pandas as pd

STYLES = {"holds": "green", "FAILS": "bold red", "in part": "yellow"}
"""Verdict -> how it is printed."""
HEADS = ("§", "figure", "paper", "simulated", "verdict", "would do")


def print_comparison(console: Console, frame: "pd.DataFrame") -> None:
    """Print each figure with what the simulator finds, and how many hold."""
    table = Table(*HEADS, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in frame.itertuples(index=False):
        style = STYLES[str(row.verdict)]
        cells = [str(cell) for cell in row]
        table.add_row(*(Text(cell, style if cell == row.verdict else "") for cell in cells))
    console.print(table)
    counts = frame["verdict"].value_counts()
    told = ", ".join(f"{int(counts.get(word, 0))} {word.lower()}" for word in STYLES)
    console.print(f"{len(frame)} figures of the white paper: {told}")
