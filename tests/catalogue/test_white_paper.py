"""The catalogue against the white paper's figures, which a table beside this file holds."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from telemedsim.catalogue.load import Catalogue, catalogue
from telemedsim.catalogue.rows import Sla

FIGURES = Path(__file__).with_name("white_paper_figures.csv")
with FIGURES.open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


def plain(value: Any) -> Any:
    """Return tuples as lists, so that they compare with JSON."""
    return json.loads(json.dumps(value))


def found_in_sla(row: Sla, kind: str, name: str) -> Any:
    if kind == "field":
        return plain(getattr(row, name))
    if kind == "figure":
        return plain(row.figures[name])
    clause = row.clause(name)
    assert clause is not None, f"{row.id} has no clause {name}"
    assert clause.section == row.section
    if kind == "strict":
        return clause.strict
    if kind == "bound_1080p60":
        return clause.bound_for("1080p60")
    assert clause.confidence == "sourced"
    return clause.bound


def found(facts: Catalogue, figure: dict[str, str]) -> Any:
    if figure["kind"] == "fact":
        return plain(facts.facts[figure["id"]].value)
    if figure["kind"] == "table":
        topic, name = figure["id"].split(".", 1)
        return plain(getattr(getattr(facts, topic)[name], figure["name"]))
    row = facts.sla(figure["id"])
    if figure["kind"] == "row":
        return ""
    return found_in_sla(row, figure["kind"], figure["name"])


@pytest.mark.parametrize(
    "figure", ROWS, ids=[f"{row['id']}-{row['kind']}-{row['name']}" for row in ROWS]
)
def test_the_figure_stands_in_the_catalogue(figure: dict[str, str]) -> None:
    facts = catalogue()
    expected = json.loads(figure["value"]) if figure["value"] else ""
    assert found(facts, figure) == expected


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["kind"] == "row"], ids=lambda r: r["id"]
)
def test_the_row_keeps_its_section(row: dict[str, str]) -> None:
    assert catalogue().sla(row["id"]).section == row["section"]


def test_no_bound_is_called_the_papers_that_the_paper_lacks() -> None:
    bounds = {(row["id"], row["name"]) for row in ROWS if row["kind"] in ("clause", "strict")} | {
        # The paper says these in words, as a zero.
        ("health.online_consultation", "freezes_max"),
        ("health.online_consultation", "sound_distortions_max"),
    }
    facts = catalogue()
    sourced = {
        (row.id, clause.clause)
        for row in [*facts.connections.values(), *facts.services.values()]
        for clause in row.clauses
        if clause.confidence == "sourced"
    }
    assert sourced == bounds


def test_strictness_is_the_papers() -> None:
    facts = catalogue()
    strict = {
        (row.id, clause.clause)
        for row in [*facts.connections.values(), *facts.services.values()]
        for clause in row.clauses
        if clause.strict
    }
    assert strict == {(row["id"], row["name"]) for row in ROWS if row["kind"] == "strict"}


def test_five_megabytes_at_eight_mbit_take_all_of_the_five_seconds() -> None:
    service = catalogue().services["mobile.reading"]
    goodput, response = service.clause("goodput_mbps_min"), service.clause("response_s_max")
    assert goodput is not None
    assert response is not None
    assert service.object_size_bytes is not None
    seconds = service.object_size_bytes * 8 / (goodput.bound * 1e6)
    assert seconds == 5.0 == response.bound


def test_egress_is_two_mbit_for_each_terabyte_but_in_one_row() -> None:
    facts = catalogue()
    per_tb = facts.number("egress_mbps_per_annual_tb")
    exceptions = {
        scale.id: scale.uplink_mbps
        for scale in facts.scales.values()
        if scale.uplink_mbps != per_tb * scale.annual_tb_max
    }
    assert exceptions == {"tertiary_grade_a_large": 150.0}


def test_the_worked_example_of_reading_closes() -> None:
    example = catalogue().value("reading_sizing")
    needed = example["terminals"] * example["mbps_per_terminal"] * (1 + example["margin"])
    assert needed == example["download_mbps"] == 1250


def test_rule_five_bounds_the_encoders() -> None:
    facts = catalogue()
    room = facts.services["consult.regular_room"].clause("target_mbps_min")
    small = facts.services["consult.grassroots_720p"].clause("target_mbps_min")
    talk = facts.services["education.conference_1080p"].clause("target_mbps_min")
    assert room is not None
    assert small is not None
    assert talk is not None
    assert [room.bound_for(v) for v in ("1080p30", "1080p60")] == [5, 10]
    assert (small.bound, talk.bound) == (2.1, 4)
