"""``telemedsim show``: a topology's table and its picture."""

from pathlib import Path
from typing import Annotated

import typer

from telemedsim.cli.guard import guarded
from telemedsim.cli.options import Format, FormatOption, Json, NoColor, print_frame, stdout_console


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "show", epilog="Example: telemedsim show topologies/reference.yaml --picture map.png"
    )(show)


@guarded
def show(
    topology: Annotated[
        Path, typer.Argument(metavar="TOPOLOGY", help="A topology's YAML file.", show_default=False)
    ],
    what: Annotated[str, typer.Option("--table", help="summary, sites or links.")] = "summary",
    picture: Annotated[
        Path | None,
        typer.Option(
            "--picture", "-p", help="Draw the map into this PNG file.", show_default=False
        ),
    ] = None,
    form: FormatOption = Format.TABLE,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Print a topology's sites and links, and draw it on its map."""
    import telemedsim as ts

    frame = ts.topology_frame(topology, what)
    form = Format.JSON if json else form
    if form is Format.TABLE:
        from telemedsim.report.terminal import print_topology

        print_topology(stdout_console(no_color), str(topology), what, frame)
    else:
        print_frame(frame, form, 1)
    if picture is not None:
        ts.draw_topology(topology, picture)
