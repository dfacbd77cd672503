"""A run is kept whole or not at all, and is read only when nothing of it is damaged."""

import csv
import io
import json
import os
import shutil
from datetime import UTC, datetime
from functools import cache

import pandas as pd
import pyarrow.parquet as pq
import pytest

from hand_made_tables import leg, limit, run_tables, session
from telemedsim.core.errors import UnreadableResults, printable
from telemedsim.records import store
from telemedsim.records.file_names import is_safe_name, run_folder, safe_name
from telemedsim.records.manifest import Facts, manifest_of
from telemedsim.records.schema import TABLES
from telemedsim.records.store import open_run, save
from telemedsim.records.summary_text import csv_text
from telemedsim.records.tables import typed
from telemedsim.sla.evaluate import evaluate
from telemedsim.stats.summarise import summarise

FACTS = Facts(
    "day",
    "ab" * 32,
    7,
    0,
    "reference",
    "2026-01-02T03:04:05Z",
    60.0,
    2.0,
    ("run",),
    8,
    1000,
    20,
    30,
    40,
)
SCENARIO = "name: 贵州\n"


@cache
def judged_tables():
    tables = run_tables(
        sessions=[session(0)],
        legs=[leg(0, start_s=9.0)],
        limits=[limit("start_s_max", 3)],
    )
    tables["verdicts"] = evaluate(tables)
    tables["summary"] = summarise(tables)
    return tables


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results") / "day" / "run"
    return save(folder, judged_tables(), manifest_of(FACTS), SCENARIO, {"map.png": b"png"})


@pytest.fixture
def saved(kept, tmp_path):
    return shutil.copytree(kept, tmp_path / "day" / "run")


def test_what_is_saved_comes_back_equal(saved):
    folder, tables = saved, judged_tables()
    run = open_run(folder)
    assert run.scenario_text == SCENARIO
    assert list(run.tables) == sorted(tables)
    for name, table in tables.items():
        pd.testing.assert_frame_equal(run.tables[name], typed(name, table))
    assert (run.manifest["seed"], run.manifest["packet_hops_per_s"]) == (7, 500.0)
    assert (run.manifest["sessions"], run.manifest["sessions_per_s"]) == (8, 4.0)
    assert {"numpy", "simpy"} <= set(run.manifest["libraries"])
    pd.testing.assert_frame_equal(evaluate(run.tables), run.tables["verdicts"])


def test_nothing_but_the_run_is_in_its_folder(kept):
    folder = kept
    assert os.listdir(folder.parent) == ["run"]
    listed = json.loads((folder / "manifest.json").read_text())["files"]
    assert sorted(os.listdir(folder)) == sorted([*listed, "manifest.json"])
    assert {"summary.csv", "summary.json", "scenario.yaml", "map.png"} <= set(listed)


def test_columns_carry_their_unit_and_meaning(saved):
    folder = saved
    field = pq.read_schema(folder / "legs.parquet").field("delay_mean_ns")
    assert field.metadata[b"unit"] == b"ns"
    assert field.metadata[b"meaning"] == TABLES["legs"]["delay_mean_ns"].meaning.encode()


def test_equal_tables_give_equal_bytes(saved, tmp_path):
    folder = saved
    other = save(
        tmp_path / "other", judged_tables(), {**manifest_of(FACTS), "wall_time_s": 9}, SCENARIO
    )
    for name in ("summary.csv", "summary.json", "verdicts.parquet", "scenario.yaml"):
        assert (folder / name).read_bytes() == (other / name).read_bytes()


def test_the_csv_is_read_by_spreadsheets(saved):
    folder, tables = saved, judged_tables()
    data = (folder / "summary.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in data
    rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines()))
    assert [(row["clause"], row["offered"], row["rate"]) for row in rows] == [
        ("start_s_max", "1", "1")
    ]
    loaded = json.loads((folder / "summary.json").read_text())
    assert loaded["rows"][0]["violated"] == int(tables["summary"].violated[0])


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_would_be_a_formula_is_defused_and_a_number_is_not(text):
    frame = judged_tables()["summary"].assign(scenario=text, worst=-2.5)
    lines = csv_text("summary", frame).removeprefix("\ufeff")
    row = next(csv.DictReader(io.StringIO(lines, newline="")))
    assert row["scenario"] == f"'{printable(text)}"
    assert row["worst"] == "-2.5"


@pytest.mark.parametrize("name", ["legs.parquet", "scenario.yaml", "summary.csv", "map.png"])
@pytest.mark.parametrize("harm", ["cut", "flip", "remove", "link", "grow"])
def test_a_damaged_file_is_refused_by_name(saved, name, harm):
    folder = saved
    path = folder / name
    data = path.read_bytes()
    path.unlink()
    if harm == "cut":
        path.write_bytes(data[:-1])
    elif harm == "flip":
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    elif harm == "grow":
        path.write_bytes(data + b"x")
    elif harm == "link":
        path.symlink_to("manifest.json")
    with pytest.raises(UnreadableResults, match=name) as caught:
        open_run(folder)
    assert caught.value.file == str(path)
    assert caught.value.remedy


def test_a_file_with_a_true_checksum_and_other_content_is_refused(saved):
    folder = saved
    manifest = json.loads((folder / "manifest.json").read_text())
    for content, entry in (
        (b"no parquet", "legs.parquet"),
        ((folder / "losses.parquet").read_bytes(), "legs.parquet"),
        (b"\xff\xfe", "scenario.yaml"),
    ):
        (folder / entry).write_bytes(content)
        digest = store.hashlib.sha256(content).hexdigest()
        files = {**manifest["files"], entry: {"bytes": len(content), "sha256": digest}}
        (folder / "manifest.json").write_text(json.dumps({**manifest, "files": files}))
        with pytest.raises(UnreadableResults, match=entry):
            open_run(folder)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "\xff", '{"schema_version": 1}', '{"schema_version": 99}', "[" * 100_000],
)
def test_a_damaged_manifest_is_refused(saved, text):
    folder = saved
    (folder / "manifest.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(UnreadableResults) as caught:
        open_run(folder)
    assert caught.value.file == str(folder / "manifest.json")


@pytest.mark.parametrize("name", ["../run/legs.parquet", "/etc/passwd", "a/b", "CON"])
def test_a_manifest_cannot_name_files_elsewhere(saved, name):
    folder = saved
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = {"bytes": 1, "sha256": ""}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(UnreadableResults, match=r"manifest\.json"):
        open_run(folder)


def test_no_folder_no_results(tmp_path):
    with pytest.raises(UnreadableResults, match="no results are here"):
        open_run(tmp_path / "nowhere")


def test_a_failing_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    tables = {"summary": judged_tables()["summary"]}
    whole = store.os.fsync
    calls: list[int] = []
    monkeypatch.setattr(store.os, "fsync", calls.append)
    save(tmp_path / "good", tables, {}, SCENARIO)
    expected = len(calls)
    assert expected == len(os.listdir(tmp_path / "good")) + 2
    shutil.rmtree(tmp_path / "good")
    for failing in range(expected):
        calls.clear()

        def fsync(handle, failing=failing):
            calls.append(handle)
            if len(calls) > failing:
                raise OSError(28, "No space left on device")
            whole(handle)

        monkeypatch.setattr(store.os, "fsync", fsync)
        with pytest.raises(UnreadableResults, match="No space left"):
            save(tmp_path / "results" / "day" / "run", tables, {}, SCENARIO)
        assert list(tmp_path.iterdir()) == []


def test_an_interrupt_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupted(source, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(store.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(tmp_path / "results" / "run", judged_tables(), {}, SCENARIO)
    assert list(tmp_path.iterdir()) == []


def test_targets_that_are_taken_are_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name, why in (("file", "is a file"), ("full", "is not empty"), ("link", "symbolic link")):
        with pytest.raises(UnreadableResults, match=why):
            save(tmp_path / name, judged_tables(), {}, SCENARIO)
    assert (tmp_path / "full" / "mine").read_text() == "mine"


@pytest.mark.parametrize(
    "name", ["CON", "aux.txt", "a\nb", "x" * 300, "..", ".hidden", "a b", "médecin"]
)
def test_unsafe_names_are_refused_as_folders_and_mapped_for_experiments(tmp_path, name):
    assert not is_safe_name(name)
    assert is_safe_name(safe_name(name))
    if name != "..":
        with pytest.raises(UnreadableResults):
            save(tmp_path / name, judged_tables(), {}, SCENARIO)
    with pytest.raises(UnreadableResults, match="figure"):
        save(tmp_path / "run", judged_tables(), {}, SCENARIO, {name: b""})


def test_names_that_differ_stay_apart():
    assert safe_name("a/b") != safe_name("a b")
    assert safe_name("guizhou_day") == "guizhou_day"


def test_the_folder_of_a_run_says_when_and_what(tmp_path):
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    folder = run_folder(tmp_path, "day", moment, "abcdef0123")
    assert folder == tmp_path / "day" / "20260102T030405Z-abcdef01"
    folder.mkdir(parents=True)
    assert run_folder(tmp_path, "day", moment, "abcdef0123").name == "20260102T030405Z-abcdef01-2"
