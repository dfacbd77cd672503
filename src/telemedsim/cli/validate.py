"""``telemedsim validate``: files only, all faults at once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from telemedsim.cli.guard import guarded, reader_may_leave
from telemedsim.cli.options import Quiet, print_json
from telemedsim.core.exit_codes import ExitCode


class FaultFormat(StrEnum):
    """Forms in which faults are listed."""

    TEXT = "text"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "validate", epilog="Example: telemedsim validate topologies/*.yaml experiments/*.yaml"
    )(validate)


@guarded
def validate(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILES", help="Topologies and experiments.", show_default=False),
    ],
    form: Annotated[
        FaultFormat, typer.Option("--format", help="Form of the list.")
    ] = FaultFormat.TEXT,
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    quiet: Quiet = False,
) -> None:
    """Check files and list every fault with file, line, path and remedy; simulates nothing."""
    import telemedsim as ts

    faults = ts.check(files)
    errors = [fault for fault in faults if fault.level == "error"]
    with reader_may_leave():
        if json or form is FaultFormat.JSON:
            print_json({"schema_version": 1, "faults": [fault.as_dict() for fault in faults]})
        else:
            for fault in faults:
                print(fault if fault.level == "error" else f"warning: {fault}")
            if not quiet and not errors:
                print(f"{len(files)} file{'s' if len(files) > 1 else ''} without error")
    if errors:
        raise typer.Exit(ExitCode.INVALID_INPUT)
