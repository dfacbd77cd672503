"""The catalogue on a terminal: what fits a line for many rows, every figure for a few."""

import re
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from telemedsim.report.terminal import cell_text, frame_table
from telemedsim.report.wording import line

if TYPE_CHECKING:
    import pandas as pd

SOURCE_GAP = re.compile(r"; (?=[a-z_.]+: )")
FEW_ROWS = 3
COLUMN_GAP = 2
WIDEST_CELL = 44
"""Characters after which a cell folds into a second line."""


def print_catalogue(console: Console, topic: str, frame: "pd.DataFrame") -> None:
    """Print the rows of one topic; at most three rows are printed in full, figure by figure."""
    if len(frame) <= FEW_ROWS:
        for _, row in frame.iterrows():
            _print_row(console, row)
        return
    columns, left_out = fitting_columns(frame, console.width)
    console.print(frame_table(frame[columns], line(topic), exact=True))
    if left_out:
        console.print(
            Text(
                f"{len(left_out)} more column{'s' if len(left_out) > 1 else ''} ({', '.join(left_out)}): name a row, such as "
                f"'telemedsim catalogue {topic} {frame['id'].iloc[0]}', or use --format csv"
            )
        )


def fitting_columns(frame: "pd.DataFrame", width: int) -> tuple[list[str], list[str]]:
    """Return the columns that fit a line, in order, and those left out (sources among them).

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"id": ["a"], "text": ["b" * 30], "rate": [1], "sources": ["c"]})
    >>> fitting_columns(frame, 20)
    (['id', 'rate'], ['text', 'sources'])
    """
    chosen: list[str] = []
    left = width
    for name in frame.columns:
        cells = [cell_text(value, exact=True) for value in frame[name]]
        needed = COLUMN_GAP + max(len(name), *(min(len(cell), WIDEST_CELL) for cell in cells))
        if name != "sources" and any(cells) and needed <= left:
            chosen.append(name)
            left -= needed
    return chosen, [name for name in frame.columns if name not in chosen]


def _print_row(console: Console, row: "pd.Series") -> None:
    """Print every figure of a row that has a value, then where each comes from."""
    console.print(Text(line(row["id"]), style="bold"))
    names = [str(name) for name in row.index if name not in ("id", "sources")]
    width = max(len(name) for name in names)
    for name in names:
        if text := cell_text(row[name], exact=True):
            console.print(Text(f"  {name.replace('_', ' '):<{width}}  {text}"))
    for source in filter(None, SOURCE_GAP.split(line(row.get("sources", "")))):
        console.print(Text(f"  {source}", style="dim"))
