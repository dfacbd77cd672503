"""``telemedsim schema``: JSON Schema for editors."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from telemedsim.cli.guard import guarded


class Kind(StrEnum):
    """Kinds of file that have a schema."""

    TOPOLOGY = "topology"
    RECIPE = "recipe"
    EXPERIMENT = "experiment"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("schema", epilog="Example: telemedsim schema topology -o topologies/schema")(schema)


@guarded
def schema(
    kind: Annotated[Kind | None, typer.Argument(help="One kind; all of them without.")] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Folder to write KIND.schema.json into.", show_default=False
        ),
    ] = None,
) -> None:
    """Print the JSON Schema of a kind of file, or write the files."""
    import telemedsim as ts

    kinds = [kind] if kind else list(Kind)
    for one in kinds:
        text = ts.schema(one.value)
        if output is None:
            print(text, end="")
        else:
            output.mkdir(parents=True, exist_ok=True)
            (output / f"{one.value}.schema.json").write_text(text, "utf-8")
