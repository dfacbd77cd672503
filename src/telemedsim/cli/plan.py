"""``telemedsim plan``: a dry run."""

import typer

from telemedsim.cli.guard import guarded
from telemedsim.cli.options import (
    Duration,
    ExperimentPath,
    Format,
    FormatOption,
    Json,
    NoColor,
    Seed,
    Settings,
    print_frame,
    print_json,
    settings_of,
    stderr_console,
    stdout_console,
    tell_warnings,
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("plan", epilog="Example: telemedsim plan experiments/guizhou_day.yaml")(plan)


@guarded
def plan(
    experiment: ExperimentPath,
    settings: Settings = None,
    seed: Seed = None,
    duration: Duration = None,
    form: FormatOption = Format.TABLE,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Say what a run would do: sites, sessions, packets, time, memory, and load over capacity."""
    import telemedsim as ts

    scenario = ts.load(experiment, settings_of(settings, seed, duration))
    tell_warnings(stderr_console(no_color), scenario.warnings)
    forecast = ts.plan(scenario)
    if json or form is Format.JSON:
        print_json({"schema_version": 1, **forecast.as_dict()})
    elif form is Format.TABLE:
        from telemedsim.report.terminal import print_plan

        print_plan(stdout_console(no_color), forecast.figures, forecast.loads)
    else:
        print_frame(forecast.loads, form, 1)
