"""The application: all commands, the version, and the entry point."""

from typing import Annotated

import typer

from telemedsim.cli import catalogue, plan, run, schema, show, topology, validate, whitepaper

app = typer.Typer(
    name="telemedsim",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Simulate a region's telemedicine network: which services break their SLA, how often, where and why.",
    epilog="Example: telemedsim run experiments/reference_half_hour.yaml",
)
run.register(app)
validate.register(app)
plan.register(app)
show.register(app)
catalogue.register(app)
schema.register(app)
whitepaper.register(app)
app.add_typer(topology.app, name="topology")


def _print_version(asked: bool) -> None:
    if asked:
        from telemedsim import __version__

        print(f"telemedsim {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line."""
    app()
