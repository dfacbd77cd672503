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
        str | None,
        typer.Option("--province", help="A province-level division, by name.", show_default=False),
    ] = None,
    country: Annotated[
        bool, typer.Option("--country", help="All 22 provinces instead of one.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write; stdout without.", show_default=False),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Build the topology of a province or of the country from GeoNames' places.

    Needs the extra telemedsim[places].
    """
    import telemedsim as ts

    if (province is None) != country:
        raise typer.BadParameter("name a --province, or ask for the --country")
    built = ts.build_country_topology() if province is None else ts.build_topology(province)
    if output is None:
        print(built.text, end="")
    else:
        output.write_text(built.text, "utf-8")
    if not quiet:
        for line in built.report:
            typer.echo(line, err=True)
