"""``telemedsim topology build``: a region from real places."""

from pathlib import Path
from typing import Annotated

import typer

from telemedsim.cli.guard import guarded
from telemedsim.cli.options import Quiet

app = typer.Typer(no_args_is_help=True, help="Make topologies.")


@app.callback()
def _group() -> None:
    """Make topologies."""


@app.command(
    "build",
    epilog="Example: telemedsim topology build --province Guizhou -o topologies/guizhou.yaml",
)
@guarded
def build(
    province: Annotated[
        str, typer.Option("--province", help="A province-level division, by name.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write; stdout without.", show_default=False),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Build a province's topology from GeoNames' places (needs the extra telemedsim[places])."""
    import telemedsim as ts

    built = ts.build_topology(province)
    if output is None:
        print(built.text, end="")
    else:
        output.write_text(built.text, "utf-8")
    if not quiet:
        for line in built.report:
            typer.echo(line, err=True)
