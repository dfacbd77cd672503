"""``telemedsim whitepaper``: the paper's own figures, put to the test by simulation."""

import os
from enum import StrEnum
from typing import Annotated

import typer

from telemedsim.cli.guard import guarded
from telemedsim.cli.options import (
    Format,
    FormatOption,
    Json,
    NoColor,
    print_frame,
    stderr_console,
    stdout_console,
)

Workers = Annotated[
    int | None,
    typer.Option("--workers", "-w", min=1, help="Processes; as many as processors if not said."),
]

Question = StrEnum("Question", ["sizing", "recovery", "reading", "rooms", "streams", "delays"])
Only = Annotated[
    Question | None,
    typer.Option(
        help="One of the paper's questions: the file of its name in experiments/whitepaper."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("whitepaper", epilog="Example: telemedsim whitepaper --only delays")(whitepaper)


@guarded
def whitepaper(
    only: Only = None,
    workers: Workers = None,
    form: FormatOption = Format.TABLE,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Print each rate and delay of the white paper beside what the simulator finds, and what would do."""
    from telemedsim.study.whitepaper import compare_with_paper

    console = stderr_console(no_color)
    processes = workers or os.cpu_count() or 1
    if only is None:
        console.print("some fifty runs, three minutes on two processors ...", style="dim")
    frame = compare_with_paper(
        processes,
        str(only) if only else None,
        tell=lambda line: console.print(line, style="dim"),
    )
    if form is Format.TABLE and not json:
        from telemedsim.report.paper_table import print_comparison

        print_comparison(stdout_console(no_color), frame)
    else:
        print_frame(frame, Format.JSON if json else form, 1)
