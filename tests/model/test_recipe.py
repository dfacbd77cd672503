"""A recipe stands where a topology may stand: it is built when the file is loaded."""

from pathlib import Path

import pytest

from province_files import TOPOLOGY, edited, write_files
from telemedsim.core.errors import Fault, InvalidInput, TelemedsimError
from telemedsim.model.load import check, load, load_recipe, load_topology
from telemedsim.model.recipe import Recipe

RECIPE = """\
telemedsim: 1
kind: recipe
name: tiny
provinces: [Guizhou]
institutions: 40
"""


def _tiny(recipe: Recipe) -> str:
    return edited(TOPOLOGY, "name: tiny", f"name: {recipe.name}")


def _refused(recipe: Recipe) -> str:
    raise TelemedsimError("no places here", remedy="install them")


def _write(folder: Path, recipe: str = RECIPE) -> tuple[Path, Path]:
    experiment = write_files(folder)
    topology = folder / "province.yaml"
    topology.write_text(recipe, "utf-8")
    return experiment, topology


def _faults(folder: Path, recipe: str) -> list[Fault]:
    _, topology = _write(folder, recipe)
    return check([topology], build=_tiny)


def test_an_experiment_runs_on_what_its_recipe_makes(tmp_path: Path) -> None:
    written = load(write_files(tmp_path))
    experiment, topology = _write(tmp_path)
    built = load(experiment, build=_tiny)
    assert built.topology == written.topology == load_topology(topology, _tiny)
    assert built.fingerprint == written.fingerprint
    assert built.files == (str(experiment), str(topology))
    assert built.origin("links", "c1-line") == f"{topology} (built):18"


def test_values_of_the_built_topology_can_be_overridden(tmp_path: Path) -> None:
    experiment, _ = _write(tmp_path)
    scenario = load(experiment, ["links.c1-line.rate=100 Mbit/s"], build=_tiny)
    assert scenario.topology.links[0].rate_bps == 100_000_000


def test_a_saved_scenario_needs_no_places(tmp_path: Path) -> None:
    experiment, _ = _write(tmp_path)
    scenario = load(experiment, build=_tiny)
    saved = tmp_path / "scenario.yaml"
    saved.write_text(scenario.resolved_text(), "utf-8")
    assert load(saved, build=_refused).topology == scenario.topology


def test_what_cannot_be_built_is_a_fault_of_the_recipe(tmp_path: Path) -> None:
    experiment, topology = _write(tmp_path)
    for path in (experiment, topology):
        (fault,) = check([path], build=_refused)
        assert (fault.code, fault.file, fault.line) == ("TM313", str(topology), 4)
        assert (fault.path, fault.hint) == ("provinces", "install them")
    with pytest.raises(InvalidInput, match="no places here"):
        load(experiment, build=_refused)


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("provinces: [Guizhou]", "provinces: []", "TM204", "provinces"),
        ("provinces: [Guizhou]\n", "", "TM202", "provinces"),
        ("institutions: 40", "institutions: many", "TM203", "institutions"),
        ("institutions: 40", "institutions: 0", "TM204", "institutions"),
        ("institutions:", "institution:", "TM201", "institution"),
        ("telemedsim: 1", "telemedsim: 9", "TM207", "telemedsim"),
        ("kind: recipe", "kind: recipes", "TM206", "kind"),
    ],
)
def test_a_recipe_at_fault_is_told_in_its_place(
    tmp_path: Path, old: str, new: str, code: str, path: str
) -> None:
    faults = _faults(tmp_path, edited(RECIPE, old, new))
    assert [(one.code, one.path) for one in faults] == [(code, path)]
    with pytest.raises(InvalidInput):
        load_recipe(tmp_path / "province.yaml")


def test_a_topology_is_no_recipe(tmp_path: Path) -> None:
    path = tmp_path / "province.yaml"
    path.write_text(TOPOLOGY, "utf-8")
    with pytest.raises(InvalidInput, match="of kind topology, not recipe"):
        load_recipe(path)
