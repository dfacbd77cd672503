"""The JSON Schema and the program agree: what one takes, the other takes."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from province_files import EXPERIMENT, TOPOLOGY, edited
from telemedsim.catalogue.load import catalogue
from telemedsim.core.errors import TelemedsimError
from telemedsim.core.yaml_marks import read_yaml
from telemedsim.model.schema import schema_of, schema_text
from telemedsim.parts.schedulers import schedulers

ROOT = Path(__file__).resolve().parents[2]


def faults_by_schema(kind: str, text: str) -> list[str]:
    node, faults = read_yaml(text.encode(), "f.yaml")
    assert node is not None
    assert not faults
    return [
        error.message for error in Draft202012Validator(schema_of(kind)).iter_errors(node.plain())
    ]


@pytest.mark.parametrize("kind", ["topology", "recipe", "experiment"])
def test_the_schema_is_itself_valid_and_always_the_same_text(kind: str) -> None:
    Draft202012Validator.check_schema(schema_of(kind))
    assert schema_text(kind) == schema_text(kind)
    assert json.loads(schema_text(kind)) == schema_of(kind)


def test_valid_files_pass_the_schema() -> None:
    assert faults_by_schema("topology", TOPOLOGY) == []
    assert faults_by_schema("experiment", EXPERIMENT) == []


@pytest.mark.parametrize("folder", ["topologies", "experiments"])
def test_shipped_files_pass_the_schema_of_their_kind(folder: str) -> None:
    for path in sorted((ROOT / folder).glob("*.yaml")):
        text = path.read_text("utf-8")
        kind = text.partition("\nkind: ")[2].partition("\n")[0]
        assert faults_by_schema(kind, text) == [], path.name


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("distance: 120 km", "distanse: 120 km"),
        ("rate: 20 Mbit/s", "rate: 20"),
        ("rate: 20 Mbit/s", "rate: 20 mbps"),
        ("rate: 20 Mbit/s", "rate: 20 Mbit/s\n    rate_bps: 20000000"),
        ("queue_limit: 256 kB", "queue_limit: 256 KiB"),
        ("probability: 0.05 %", "probability: 5"),
        ("kind: strict_priority", "kind: strict_prioriti"),
        ("{kind: strict_priority}", "{}"),
        ("tier: grassroots", "tier: grasroots"),
        ("telemedsim: 1", "telemedsim: 2"),
        ("{id: c2,", "{id: '=c2',"),
        ("latitude: 27.0", "latitude: 97.0"),
    ],
)
def test_the_schema_refuses_what_the_program_refuses(old: str, new: str) -> None:
    assert faults_by_schema("topology", edited(TOPOLOGY, old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("workflow: broadcast", "workflow: brodcast"),
        ("start: 10:20", "start: 25:20"),
        ("service: pacs.upload", "service: pacs.uplod"),
        ("engine: reference", "engine: referense"),
        ("duration: 60 s", "duration: 60"),
        ("    to: prov\n", ""),
        ("from: {tier: county}", "from: {teir: county}"),
    ],
)
def test_the_schema_of_experiments_likewise(old: str, new: str) -> None:
    assert faults_by_schema("experiment", edited(EXPERIMENT, old, new))


def test_parts_with_defaults_may_leave_them_out() -> None:
    assert (
        faults_by_schema("topology", edited(TOPOLOGY, "kind: strict_priority", "kind: wfq")) == []
    )


def words_in(schema: Any) -> set[str]:
    if isinstance(schema, dict):
        own = {word for word in schema.get("enum", []) if isinstance(word, str)}
        own |= {schema["const"]} if isinstance(schema.get("const"), str) else set()
        return own.union(*(words_in(value) for value in schema.values()))
    if isinstance(schema, list):
        return set().union(*(words_in(value) for value in schema))
    return set()


def test_editors_can_complete_kinds_tiers_technologies_and_services() -> None:
    facts = catalogue()
    assert {*schedulers(), *facts.technologies, *facts.tiers} <= words_in(schema_of("topology"))
    assert {*facts.services, *facts.classes, *facts.connections} <= words_in(
        schema_of("experiment")
    )


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(TelemedsimError, match="sweep"):
        schema_of("sweep")
