"""Faults as one line, whatever the value holds."""

import json

import pytest

from telemedsim.core.errors import Fault, InvalidInput, TelemedsimError, dotted, nearest, shown
from telemedsim.core.fault_codes import FAULT_CODES, level_of


def fault(**changes: object) -> Fault:
    fields = {"code": "TM205", "file": "a.yaml", "line": 3, "column": 7, "path": "sites[3].rate",
              "message": "needs a unit", "value": "100", "hint": "Units: bit/s"}  # fmt: skip
    return Fault(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_fault_is_one_line_with_place_value_remedy_and_code() -> None:
    assert (
        str(fault()) == "a.yaml:3:7: sites[3].rate: needs a unit (got '100'). Units: bit/s. [TM205]"
    )


def test_control_and_direction_characters_are_escaped() -> None:
    text = str(fault(value="\x1b]8;;x\x07\u202e", path="a\nb", file="\x1b[2J.yaml"))
    assert "\n" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_long_values_are_shortened() -> None:
    assert len(shown("x" * 10_000)) < 80
    assert shown([1] * 100) == "a list of 100"
    assert shown(10**5000).startswith("a number of")
    assert shown({"a": 1}) == "a mapping"


def test_an_unknown_code_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="TM999"):
        fault(code="TM999")


def test_all_faults_are_carried_and_fifty_shown() -> None:
    error = InvalidInput(fault(line=number) for number in range(1, 61))
    lines = str(error).split("\n")
    assert len(error.faults) == 60
    assert len(lines) == 51
    assert lines[-1] == "and 10 more"
    assert (error.file, error.line, error.column, error.path) == ("a.yaml", 1, 7, "sites[3].rate")
    assert isinstance(error, TelemedsimError)


def test_a_fault_can_be_read_by_a_machine() -> None:
    record = json.loads(json.dumps(fault().as_dict()))
    assert record["code"] == "TM205"
    assert record["level"] == "error"
    assert record["value"] == "'100'"


def test_warnings_begin_at_400() -> None:
    assert [level_of(code) for code in ("TM311", "TM401")] == ["error", "warning"]
    assert all(len(code) == 5 and meaning for code, meaning in FAULT_CODES.items())


def test_paths_and_nearest_words() -> None:
    assert dotted(("links", 0, "scheduler", "kind")) == "links[0].scheduler.kind"
    assert nearest("Bandwith", ["bandwidth", "rate"]) == "bandwidth"
    assert nearest("zzz", ["bandwidth", "rate"]) is None
