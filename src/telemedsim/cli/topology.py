"""``telemedsim topology build``: a region of any size from real places."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from telemedsim.cli.guard import guarded
from telemedsim.cli.options import Quiet

if TYPE_CHECKING:
    from telemedsim.geography import Built

app = typer.Typer(no_args_is_help=True, help="Make topologies.")


@app.callback()
def _group() -> None:
    """Make topologies."""


@app.command(
    "build",
    epilog="Example: telemedsim topology build --province Guizhou --province Sichuan -o south_west.yaml",
)
@guarded
def build(
    province: Annotated[
        list[str] | None,
        typer.Option(
            "--province",
            help="A province-level division, by name. May be repeated.",
            show_default=False,
        ),
    ] = None,
    country: Annotated[
        bool, typer.Option("--country", help="All 22 provinces that have a platform.")
    ] = False,
    recipe: Annotated[
        Path | None,
        typer.Option("--recipe", help="A recipe's YAML file.", show_default=False),
    ] = None,
    county_hospitals: Annotated[
        int | None,
        typer.Option(
            min=1, help="Shared out by the provinces' numbers of counties.", show_default=False
        ),
    ] = None,
    institutions: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Sites of all tiers; where places run out, several share one.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write; stdout without.", show_default=False),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Build the topology of provinces, of the country or of a recipe from GeoNames' places.

    Needs the extra telemedsim[places].
    """
    named = bool(province)
    if (named, country, recipe is not None).count(True) != 1:
        raise typer.BadParameter("name a --province or several, a --recipe, or the --country")
    if not named and (county_hospitals is not None or institutions is not None):
        raise typer.BadParameter("--county-hospitals and --institutions go with --province")
    if recipe is not None and output is not None and _same(recipe, output):
        raise typer.BadParameter("--output would overwrite the recipe")
    built = _built(province or [], recipe, county_hospitals, institutions)
    if output is None:
        print(built.text, end="")
    else:
        output.write_text(built.text, "utf-8")
    if not quiet:
        for line in built.report:
            typer.echo(line, err=True)


def _same(recipe: Path, output: Path) -> bool:
    return output.exists() and recipe.exists() and output.samefile(recipe)


def _built(
    provinces: list[str],
    recipe: Path | None,
    county_hospitals: int | None,
    institutions: int | None,
) -> "Built":
    import telemedsim as ts

    if recipe is not None:
        return ts.build_recipe(recipe)
    if not provinces:
        return ts.build_country_topology()
    return ts.build_topology(
        *provinces, county_hospitals=county_hospitals, institutions=institutions
    )
