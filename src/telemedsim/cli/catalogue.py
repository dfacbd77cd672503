"""``telemedsim catalogue``: every technology, service, clause, scheduler and tier there is."""

from typing import Annotated

import typer

from telemedsim.cli.guard import guarded
from telemedsim.cli.options import (
    Format,
    FormatOption,
    Json,
    NoColor,
    print_frame,
    print_json,
    stdout_console,
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("catalogue", epilog="Example: telemedsim catalogue clauses reading.in_hospital")(
        catalogue
    )


@guarded
def catalogue(
    topic: Annotated[
        str | None,
        typer.Argument(help="Such as technologies, services, clauses; none lists the topics."),
    ] = None,
    name: Annotated[str | None, typer.Argument(help="Only rows whose id is or begins so.")] = None,
    form: FormatOption = Format.TABLE,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """List the facts the program ships, each with its source."""
    import telemedsim as ts

    form = Format.JSON if json else form
    if topic is None:
        topics = ts.catalogue_topics()
        if form is Format.JSON:
            print_json({"schema_version": 1, "topics": topics})
        else:
            print("\n".join(f"{word}  {meaning}" for word, meaning in topics.items()))
        return
    frame = ts.catalogue_frame(topic, name)
    if form is Format.TABLE:
        from telemedsim.report.catalogue_pages import print_catalogue

        print_catalogue(stdout_console(no_color), topic, frame)
    else:
        print_frame(frame, form, 1)
