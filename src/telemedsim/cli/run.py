"""``telemedsim run``: simulate an experiment, print its SLA table, save the run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from telemedsim.cli.guard import guarded, reader_may_leave
from telemedsim.cli.options import (
    Duration,
    ExperimentPath,
    Format,
    FormatOption,
    Json,
    NoColor,
    Quiet,
    Seed,
    Settings,
    print_frame,
    settings_of,
    stderr_console,
    stdout_console,
    tell_warnings,
)
from telemedsim.records.schema import SCHEMA_VERSION

VERIFIED = "10 s"
"""Simulated by --verify: the reference engine takes about a minute for it on a province's network."""

if TYPE_CHECKING:
    from rich.console import Console

    from telemedsim.api import Results
    from telemedsim.model.load import Scenario
    from telemedsim.model.overrides import Override


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "run",
        epilog="Example: telemedsim run experiments/reference_half_hour.yaml --duration '60 s'",
    )(run)


@guarded
def run(
    experiment: ExperimentPath,
    settings: Settings = None,
    seed: Seed = None,
    duration: Duration = None,
    engine: Annotated[
        str | None,
        typer.Option(
            "--engine",
            metavar="hybrid|reference",
            help="Data plane, instead of the file's.",
            show_default=False,
        ),
    ] = None,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help="Run both engines on the first 10 s (or --duration) and print the differences.",
        ),
    ] = False,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder that holds the runs.")
    ] = Path("results"),
    save: Annotated[bool, typer.Option("--save/--no-save", help="Write the run's folder.")] = True,
    cache: Annotated[
        bool,
        typer.Option(
            "--cache/--no-cache", help="Reuse an equal run, once runs can be reused.", hidden=True
        ),
    ] = False,
    form: FormatOption = Format.TABLE,
    json: Json = False,
    no_color: NoColor = False,
    quiet: Quiet = False,
) -> None:
    """Simulate, judge every session against its SLA, print the table and save the run."""
    import telemedsim as ts

    if verify:
        shown = Format.JSON if json else form
        _verify(experiment, settings_of(settings, seed, duration or VERIFIED), shown, no_color)
        return
    scenario = ts.load(experiment, settings_of(settings, seed, duration, engine))
    notes = stderr_console(no_color)
    if save:
        ts.check_output(output)
    if not quiet:
        tell_warnings(notes, scenario.warnings)
    results = _simulate(scenario, notes, quiet)
    folder = results.save(output) if save else None
    with reader_may_leave():
        _print(results, Format.JSON if json else form, no_color)
    if folder is not None and not quiet:
        notes.print(f"saved in {folder}", markup=False, soft_wrap=True)


def _verify(
    experiment: Path, settings: "tuple[str | Override, ...]", form: Format, no_color: bool
) -> None:
    import telemedsim as ts
    from telemedsim.report.terminal import print_verification

    # The reference moves every packet: what is sampled cannot be compared.
    if not any(str(one).startswith("stream_sampling") for one in settings):
        settings = (*settings, "stream_sampling=1")
    found = ts.verify(ts.load(experiment, settings))
    with reader_may_leave():
        if form is Format.TABLE:
            print_verification(stdout_console(no_color), found.rows, found.window_s)
        else:
            print_frame(found.rows, form, SCHEMA_VERSION)


def _simulate(scenario: "Scenario", notes: "Console", quiet: bool) -> "Results":
    import telemedsim as ts

    if quiet:
        return ts.simulate(scenario)

    def tell(line: str) -> None:
        notes.print(line, markup=False, soft_wrap=True)

    if not notes.is_terminal:
        return ts.simulate(scenario, tell=tell)
    from telemedsim.report.progress import simulated_time

    with simulated_time(notes, ts.duration_ns(scenario)) as progress:
        return ts.simulate(scenario, progress=progress, tell=tell)


def _print(results: "Results", form: Format, no_color: bool) -> None:
    if form is Format.TABLE:
        from telemedsim.report.terminal import print_run

        print_run(stdout_console(no_color), results.summary, results.manifest)
    else:
        print_frame(results.summary, form, int(results.manifest["schema_version"]))
