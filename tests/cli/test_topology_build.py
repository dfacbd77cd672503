"""`telemedsim topology build` takes one province or the whole country, never both or neither."""

import pytest
from typer.testing import CliRunner

from telemedsim.cli.main import app


@pytest.mark.parametrize("arguments", [[], ["--country", "--province", "Gansu"]])
def test_it_asks_for_one_region(arguments: list[str]) -> None:
    done = CliRunner().invoke(app, ["topology", "build", *arguments])
    assert done.exit_code == 2
    assert "--country" in done.output
