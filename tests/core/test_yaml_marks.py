"""YAML 1.2 with marks: values mean one thing, and hostile files end in one fault."""

import math
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemedsim.core.errors import Fault
from telemedsim.core.yaml_marks import read_yaml
from telemedsim.core.yaml_text import read_bytes, resolve


def faults_of(data: bytes | str) -> list[Fault]:
    return read_yaml(data.encode() if isinstance(data, str) else data, "f.yaml")[1]


def only_fault(data: bytes | str) -> Fault:
    (fault,) = faults_of(data)
    return fault


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("010", "010"), ("1:30", "1:30"),
        ("1_000", "1_000"), ("2020-01-01", "2020-01-01"), ("12e03", 12e3), ("1e3", 1e3), ("0x1f", 31),
        ("0o17", 15), ("0", 0), ("-7", -7), ("+7", 7), ("007.5", 7.5), ("true", True), ("TRUE", True),
        ("~", None), ("", None), ("null", None), (".5", 0.5), ("5.", 5.0), ("=", "="), ("10:20", "10:20"),
    ],
)  # fmt: skip
def test_plain_scalars_mean_what_yaml_1_2_says(text: str, value: object) -> None:
    node, faults = read_yaml(f"a: {text}\n".encode(), "f.yaml")
    assert not faults
    assert node is not None
    got = node.plain()["a"]
    assert got == value
    assert type(got) is type(value)


def test_infinity_and_nan_are_read_so_that_their_field_refuses_them() -> None:
    assert math.isnan(resolve(".nan"))
    assert resolve("-.inf") == -math.inf


def test_quoted_scalars_stay_texts() -> None:
    node, _ = read_yaml(b"a: '10'\nb: \"true\"\n", "f.yaml")
    assert node is not None
    assert node.plain() == {"a": "10", "b": "true"}


def test_every_value_knows_its_place() -> None:
    node, _ = read_yaml(b"sites:\n  - id: a\n    beds: 3\n  - {id: b}\n", "f.yaml")
    assert node is not None
    *_, beds = node.walk(("sites", 0, "beds"))
    *_, second = node.walk(("sites", 1))
    assert tuple(beds.mark) == ("f.yaml", 3, 11)
    assert tuple(second.mark) == ("f.yaml", 4, 5)


def test_a_byte_order_mark_is_accepted() -> None:
    node, faults = read_yaml(b"\xef\xbb\xbfa: 1\n", "f.yaml")
    assert not faults
    assert node is not None
    assert node.plain() == {"a": 1}


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{here}: &{here} [{','.join(['*' + before] * 10)}]\n"
    for before, here in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("data", "code", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", "TM104", 3, "first in line 1"),
        ("x: &x {a: 1}\ny:\n  <<: *x\n", "TM105", 3, "merge keys"),
        ("a: !!python/object/apply:os.system ['x']\n", "TM105", 1, "tags"),
        ("a: 1\nb: !mine 3\n", "TM105", 2, "tags"),
        ("%YAML 1.1\n---\na: 1\n", "TM105", 1, "directives"),
        (BOMB, "TM106", 6, "1,000,000"),
        ("a: &x [*x]\n", "TM106", 1, "inside its own anchor"),
        ("a: *nowhere\n", "TM106", 1, "no anchor"),
        ("a: " + "[" * 20_000, "TM107", 1, "nested"),
        ("a: " + "[" * 33 + "]" * 33, "TM107", 1, "deeper than 32"),
        ("a: " + "x" * 70_000, "TM107", 1, "65536"),
        (b"a: 1\n" * 2_000_000, "TM107", 1, "more than 8,388,608"),
        ("a: 1\n---\nb: 2\n", "TM108", 2, "second document"),
        ("- 1\n- 2\n", "TM108", 1, "mapping at its top"),
        ("", "TM108", 1, "empty"),
        ("# only a comment\n", "TM108", 1, "empty"),
        (b"a: 1\nname: caf\xe9\n", "TM101", 2, "byte 14 (0xe9)"),
        ("a: 1\n".encode("utf-16"), "TM101", 1, "byte 0"),
        (b"a: 1\nb: \x00\n", "TM102", 2, "U+0000 at byte 8"),
        ("a: x\u202ey\n", "TM102", 1, "U+202E"),
        ("a: x\x9by\n", "TM102", 1, "U+009B"),
        ('a: "\\u202e"\n', "TM102", 1, "control character"),
        ('a: "\\ud800"\n', "TM103", 1, "Unicode"),
        ("a:\n\t- b\n", "TM103", 2, "spaces"),
        ('a: "open\nb: 1\n', "TM103", 3, "quote"),
        ("? [a, b]\n: 1\n", "TM103", 1, "key"),
        ("a: " + "9" * 5_000, "TM109", 1, "40 digits"),
    ],
)  # fmt: skip
def test_hostile_or_broken_text_is_one_fault(
    data: bytes | str, code: str, line: int, words: str
) -> None:
    began = time.perf_counter()
    fault = only_fault(data)
    assert (fault.code, fault.line) == (code, line)
    assert words in str(fault)
    assert time.perf_counter() - began < 5.0


def test_nested_aliases_count_the_depth_they_stand_for() -> None:
    chain = "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 60))
    assert only_fault("a0: &a0 [1]\n" + chain).code == "TM107"


def test_aliases_of_reasonable_size_are_read() -> None:
    node, faults = read_yaml(b"a: &a {x: 1}\nb: *a\nc: [*a, *a]\n", "f.yaml")
    assert not faults
    assert node is not None
    assert node.plain() == {"a": {"x": 1}, "b": {"x": 1}, "c": [{"x": 1}, {"x": 1}]}


def test_all_double_keys_of_a_file_are_told() -> None:
    assert [fault.line for fault in faults_of("a: 1\na: 2\nb: {c: 1, c: 2}\n")] == [2, 3]


def test_a_missing_file_names_its_neighbour(tmp_path: Path) -> None:
    folder = tmp_path
    (folder / "county.yaml").write_text("a: 1\n")
    data, (fault,) = read_bytes(folder / "conty.yaml", "conty.yaml")
    assert data is None
    assert "county.yaml" in str(fault)
    assert read_bytes(folder, "folder")[1][0].message == "is a folder"


@given(st.binary(max_size=300))
def test_any_bytes_give_a_mapping_or_faults(data: bytes) -> None:
    node, faults = read_yaml(data, "f.yaml")
    assert node is not None or faults


@given(st.text(alphabet="ab:-[]{}&*!<>|'\"%@`#,?~\n\t 019.", max_size=120))
def test_any_text_of_yaml_signs_gives_a_mapping_or_faults(text: str) -> None:
    node, faults = read_yaml(text.encode(), "f.yaml")
    assert node is not None or faults
