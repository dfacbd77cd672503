"""A sampled run: what its manifest and tables say, and which settings are refused."""

from typing import Any

import pytest

import telemedsim as ts

FILE = "experiments/reference_half_hour.yaml"
SAMPLED = {
    "engine": "hybrid",
    "stream_sampling": "0.25",
    "window.duration": "8 min",
    "connections": "[]",
    "seed": "4",
}


def scenario(**changes: str) -> ts.Scenario:
    settings = SAMPLED | {name.replace("__", "."): value for name, value in changes.items()}
    return ts.load(FILE, [f"{name}={value}" for name, value in settings.items()])


@pytest.fixture(scope="module")
def run() -> Any:
    return ts.simulate(scenario())


def test_the_manifest_says_how_much_was_sampled(run: Any) -> None:
    manifest = run.manifest
    assert manifest["stream_sampling"] == 0.25
    parts = run.tables["sampled_parts"]
    assert manifest["measured_s"] == pytest.approx((parts.end_s - parts.begin_s).sum())
    assert manifest["sampled_blocks"] == len(parts) == 2
    assert manifest["packet_transfers"] == 0
    assert "sampled" in manifest["transfer_rule"]


def test_streams_say_how_much_of_them_was_measured(run: Any) -> None:
    legs = run.tables["legs"]
    streams = legs[legs.kind != "transfer"]
    assert streams.measured_s.notna().all()
    assert legs[legs.kind == "transfer"].measured_s.isna().all()
    assert streams.measured_s.max() == pytest.approx(run.manifest["measured_s"])
    assert (streams.sent_packets[streams.measured_s == 0] == 0).all()
    assert (streams.in_flight_packets == 0).all()


def test_a_bin_of_the_series_is_whole_strata(run: Any) -> None:
    series = run.tables["link_series"]
    assert set(series.bin_s) <= {0.0, 220.0, 440.0}
    assert (series.measured_s < series.bin_width_s).all()


def test_the_whole_window_says_so() -> None:
    run = ts.simulate(scenario(stream_sampling="1", window__duration="1 s"))
    assert run.manifest["stream_sampling"] == 1.0
    assert run.manifest["sampled_blocks"] == 0
    assert run.manifest["measured_s"] == 1.0
    assert len(run.tables["sampled_parts"]) == 0
    assert run.tables["legs"].measured_s.isna().all()
    assert (run.tables["link_series"].measured_s == run.tables["link_series"].bin_width_s).all()


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"engine": "reference"}, "TM311"),
        ({"stream_sampling": "0.4"}, "TM204"),
        ({"stream_sampling": "0.9"}, "TM204"),
        ({"window__duration": "3 min"}, "TM308"),
        ({"stream_sampling": "0"}, "TM20"),
        ({"stream_sampling": "1.5"}, "TM20"),
        ({"transfers": "packets"}, "TM311"),
        ({"stream_sampling": "1", "engine": "reference", "transfers": "fluid"}, "TM311"),
    ],
)
def test_what_cannot_be_sampled_is_told_with_a_remedy(settings: dict[str, str], code: str) -> None:
    with pytest.raises(ts.InvalidInput) as told:
        scenario(**settings)
    assert [fault.code[: len(code)] for fault in told.value.faults] == [code]


@pytest.mark.parametrize("engine", ["reference", "null"])
def test_an_engine_that_moves_every_packet_refuses_to_sample(engine: str) -> None:
    with pytest.raises(ts.TelemedsimError, match="cannot sample") as told:
        ts.simulate(scenario(), engine=engine)
    assert "stream_sampling=1" in str(told.value.remedy)


def test_a_dry_run_counts_the_packets_that_will_move(run: Any) -> None:
    figures = ts.plan(scenario()).figures
    assert (figures["stream_sampling"], figures["sampled_blocks"]) == (0.25, 2)
    # Lead-ins and graces move packets too; sessions come and go between the blocks.
    assert figures["packet_hops"] == pytest.approx(run.manifest["packet_hops"], rel=0.3)
