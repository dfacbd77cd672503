"""Options that several commands share, and how their output is chosen."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from rich.console import Console

    from telemedsim.core.errors import Fault
    from telemedsim.model.overrides import Override


class Format(StrEnum):
    """Forms of output on stdout."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MD = "md"


ExperimentPath = Annotated[
    Path,
    typer.Argument(metavar="EXPERIMENT", help="An experiment's YAML file.", show_default=False),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Override one value, such as links.county-1.rate='100 Mbit/s'. May be repeated.",
        show_default=False,
    ),
]
Seed = Annotated[
    int | None,
    typer.Option("--seed", help="Random seed, instead of the file's.", show_default=False),
]
Duration = Annotated[
    str | None,
    typer.Option(
        "--duration",
        metavar="TIME",
        help="Length of the window, such as '30 s'.",
        show_default=False,
    ),
]
FormatOption = Annotated[Format, typer.Option("--format", help="Form of the output.")]
Json = Annotated[bool, typer.Option("--json", help="The same as --format json.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="Plain text, as with NO_COLOR set.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no notes on stderr.")]


def settings_of(
    settings: list[str] | None,
    seed: int | None = None,
    duration: str | None = None,
    engine: str | None = None,
) -> "tuple[str | Override, ...]":
    """Return all overrides in order: --set, then --seed, --duration and --engine."""
    from telemedsim.model.overrides import Override

    extra = [] if seed is None else [Override("--seed", "seed", str(seed))]
    if duration is not None:
        extra.append(Override("--duration", "window.duration", duration))
    if engine is not None:
        extra.append(Override("--engine", "engine", engine))
    return (*(settings or ()), *extra)


def tell_warnings(console: "Console", warnings: "Iterable[Fault]") -> None:
    """Print what is legal and unlikely, one line each."""
    for warning in warnings:
        console.print(f"warning: {warning}", markup=False, soft_wrap=True)


def stdout_console(no_color: bool) -> "Console":
    """Return the console for results: as wide as the terminal, 120 columns where there is none."""
    from rich.console import Console

    class Results(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # The guard ends quietly; rich would end with an error.

    width = None if sys.stdout.isatty() else 120
    return Results(no_color=no_color or None, width=width, highlight=False, soft_wrap=False)


def stderr_console(no_color: bool) -> "Console":
    """Return the console for progress and notes."""
    from rich.console import Console

    return Console(stderr=True, no_color=no_color or None, highlight=False)


def print_json(value: Any) -> None:
    """Print one JSON document and nothing else on stdout."""
    print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def print_frame(frame: "pd.DataFrame", form: Format, schema_version: int) -> None:
    """Print a table as JSON, CSV or Markdown."""
    if form is Format.JSON:
        rows = json.loads(frame.to_json(orient="records", double_precision=15))
        print_json({"schema_version": schema_version, "rows": rows})
    elif form is Format.CSV:
        from telemedsim.records.summary_text import spreadsheet_text

        safe = frame.map(lambda cell: spreadsheet_text(cell) if isinstance(cell, str) else cell)
        sys.stdout.write(safe.to_csv(index=False, lineterminator="\n"))
    else:
        print(markdown(frame))


def markdown(frame: "pd.DataFrame") -> str:
    """Return a table as GitHub Markdown."""
    texts = (
        frame.astype(object)
        .where(frame.notna(), "")
        .map(lambda cell: f"{cell}".replace("|", "\\|"))
    )
    lines = ["| " + " | ".join(map(str, frame.columns)) + " |", "|" + "---|" * len(frame.columns)]
    lines += ["| " + " | ".join(row) + " |" for row in texts.itertuples(index=False)]
    return "\n".join(lines)
