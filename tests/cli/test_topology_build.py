"""`telemedsim topology build` takes provinces, a recipe or the country: one of them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from telemedsim.cli.main import app
from telemedsim.model.load import load_topology

RECIPE = """\
telemedsim: 1
kind: recipe
name: islands
provinces: [Hainan]
county_hospitals: 10
institutions: 60
"""


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--country", "--province", "Gansu"],
        ["--country", "--recipe", "r.yaml"],
        ["--country", "--institutions", "5"],
    ],
)
def test_it_asks_for_one_region(arguments: list[str]) -> None:
    done = CliRunner().invoke(app, ["topology", "build", *arguments])
    assert done.exit_code == 2
    assert "--province" in done.output


@pytest.mark.nightly
def test_a_recipe_and_the_options_that_say_the_same_make_the_same_file(tmp_path: Path) -> None:
    recipe, first, second = (tmp_path / name for name in ("r.yaml", "1.yaml", "2.yaml"))
    recipe.write_text(RECIPE.replace("islands", "hainan"), "utf-8")
    said = ["--province", "Hainan", "--county-hospitals", "10", "--institutions", "60"]
    for arguments, file in ((["--recipe", str(recipe)], first), (said, second)):
        done = CliRunner().invoke(app, ["topology", "build", *arguments, "-o", str(file)])
        assert done.exit_code == 0, done.output
        assert "10 county" in done.stderr
    assert first.read_bytes() == second.read_bytes()
    assert len(load_topology(first).sites) == 60


def test_a_recipe_is_not_overwritten_by_what_it_makes(tmp_path: Path) -> None:
    recipe = tmp_path / "islands.yaml"
    recipe.write_text(RECIPE, "utf-8")
    done = CliRunner().invoke(
        app, ["topology", "build", "--recipe", str(recipe), "-o", str(recipe)]
    )
    assert done.exit_code == 2
    assert recipe.read_text("utf-8") == RECIPE
