"""What commands print: a run, a topology, a catalogue, a dry run."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from telemedsim.report.sla_table import summary_table
from telemedsim.report.wording import line, number

if TYPE_CHECKING:
    import pandas as pd

SECONDS_A_DAY = 86_400


def print_run(console: Console, summary: "pd.DataFrame", manifest: Mapping[str, Any]) -> None:
    """Print what was simulated and its SLA table; nothing of it varies between equal runs."""
    console.print(Text(run_heading(manifest), style="bold"))
    if manifest.get("transfer_rule"):
        console.print(Text(transfers_line(manifest)))
    if manifest.get("sampled_blocks"):
        console.print(Text(sampling_line(manifest)))
    console.print(summary_table(summary))


def run_heading(manifest: Mapping[str, Any]) -> str:
    """Return one line that says what was simulated.

    >>> run_heading({"experiment": "day", "duration_s": 60, "window_start_s": 36000, "sites": 12,
    ...              "links": 14, "sessions": 90, "engine": "reference", "seed": 1})
    'day: 60 s from 10:00:00, 12 sites, 14 links, 90 sessions, engine reference, seed 1'
    """
    start = int(manifest["window_start_s"]) % SECONDS_A_DAY
    clock = f"{start // 3600:02d}:{start // 60 % 60:02d}:{start % 60:02d}"
    return (
        f"{line(manifest['experiment'])}: {number(manifest['duration_s'])} s from {clock},"
        f" {manifest['sites']} sites, {manifest['links']} links,"
        f" {manifest['sessions']} sessions, engine {line(manifest['engine'])},"
        f" seed {manifest['seed']}"
    )


def transfers_line(manifest: Mapping[str, Any]) -> str:
    """Return one line that says how transfers were simulated.

    >>> transfers_line({"packet_transfers": 2, "fluid_transfers": 7, "transfer_rule": "a rule"})
    'transfers: 2 packet by packet, 7 as a fluid (a rule)'
    """
    return (
        f"transfers: {manifest['packet_transfers']} packet by packet,"
        f" {manifest['fluid_transfers']} as a fluid ({line(manifest['transfer_rule'])})"
    )


def sampling_line(manifest: Mapping[str, Any]) -> str:
    """Return one line that says in how much of the window packets of streams were simulated.

    >>> sampling_line({"stream_sampling": 0.05, "sampled_blocks": 72, "measured_s": 3960.0})
    'streams: sampled, 1 block in 20, 72 blocks, 3960 s measured'
    """
    return (
        f"streams: sampled, 1 block in {round(1 / manifest['stream_sampling'])},"
        f" {manifest['sampled_blocks']} blocks, {number(manifest['measured_s'])} s measured"
    )


def print_topology(console: Console, title: str, what: str, frame: "pd.DataFrame") -> None:
    """Print a topology's summary, sites or links."""
    console.print(frame_table(frame, f"{line(title)}: {line(what)}"))


def print_plan(console: Console, figures: Mapping[str, Any], loads: "pd.DataFrame") -> None:
    """Print a dry run: its figures, one a line, then the offered load of the links."""
    width = max((len(name) for name in figures), default=0)
    for name, value in figures.items():
        text = Text(f"{line(name).replace('_', ' '):<{width}}  ", style="bold")
        console.print(text.append(cell_text(value), style="not bold"))
    if len(loads):
        console.print(frame_table(loads, "offered load over capacity"))


def print_verification(console: Console, rows: "pd.DataFrame", window_s: float) -> None:
    """Print where two engines differ, quantity by quantity."""
    title = f"hybrid against reference, {number(window_s)} s of simulated time"
    console.print(frame_table(rows, title))


def frame_table(frame: "pd.DataFrame", title: str = "", exact: bool = False) -> RenderableType:
    """Return any table as a rich table: numbers to the right, all texts printable and unparsed.

    ``exact`` keeps all digits, as facts need; results are shown in three.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
    for name, dtype in zip(frame.columns, frame.dtypes, strict=True):
        numeric = dtype.kind in "iuf"
        header = Text(line(name).replace("_", " "))
        table.add_column(header, justify="right" if numeric else "left", overflow="fold")
    for row in frame.itertuples(index=False, name=None):
        table.add_row(*(Text(cell_text(value, exact)) for value in row))
    # A title of the table's own would be folded to the width of a narrow table.
    return Group(Text(title, style="bold"), table) if title else table


def cell_text(value: object, exact: bool = False) -> str:
    """Return a cell's text: booleans in words, fractions in three digits, the rest as it is.

    >>> cell_text(True), cell_text(0.12345), cell_text(12), cell_text(None)
    ('yes', '0.123', '12', '')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return "" if value != value else f"{value:.12g}" if exact else number(value)
    return line(value)
