"""``telemedsim whitepaper``: the paper's own figures, put to the test by simulation."""

import os
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


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("whitepaper", epilog="Example: telemedsim whitepaper --format csv")(whitepaper)


@guarded
def whitepaper(
    workers: Workers = None,
    form: FormatOption = Format.TABLE,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Print each rate and delay of the white paper beside what the simulator finds, and what would do."""
    from telemedsim.study.whitepaper import compare_with_paper

    console = stderr_console(no_color)
    processes = workers or os.cpu_count() or 1
    console.print("some forty runs, three minutes on two processors ...", style="dim")
    frame = compare_with_paper(processes, tell=lambda line: console.print(line, style="dim"))
    if form is Format.TABLE and not json:
        from telemedsim.report.paper_table import print_comparison

        print_comparison(stdout_console(no_color), frame)
    else:
        print_frame(frame, Format.JSON if json else form, 1)
