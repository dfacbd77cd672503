"""Rows fit together: sources are complete, names resolve, figures agree with one another."""

import math
from collections.abc import Mapping
from typing import Any

import pytest

from telemedsim.catalogue.default_parts import (
    daily_profile,
    dicom_protocol,
    lossless_ratio,
    playout,
    probe_source,
    study_mix,
    target_rate_bps,
    tcp,
    video_source,
)
from telemedsim.catalogue.listing import TOPICS, records
from telemedsim.catalogue.load import catalogue
from telemedsim.catalogue.rows import Row, Service, Technology

FACTS = catalogue()
MEASURED_LEGS = {
    "archiving": {"transfer"},
    "replication": {"transfer"},
    "study_upload": {"transfer"},
    "image_reading": {"transfer", "session"},
    "monitoring": {"transfer"},
    "online_consultation": {"stream", "transfer", "session"},
    "consultation": {"stream", "transfer", "session"},
    "broadcast": {"stream", "transfer", "session"},
    "remote_reporting": {"transfer"},
    "examination": {"transfer"},
    "lesson": {"stream", "transfer", "session"},
    "morning_reading": {"stream", "session"},
}
TABLES: list[Mapping[str, Row]] = [
    FACTS.technologies,
    FACTS.classes,
    FACTS.modalities,
    FACTS.lossless_ratios,
    FACTS.codecs,
    FACTS.dicom_protocols,
    FACTS.videos,
    FACTS.playouts,
    FACTS.scales,
    FACTS.recovery_objectives,
    FACTS.vr_phases,
]
LAYOUT = {"width", "height"}
"""Figures that the name of the format already says."""


def is_numeric(value: Any) -> bool:
    if isinstance(value, tuple):
        return bool(value) and all(is_numeric(one) for one in value)
    return isinstance(value, int | float) and not isinstance(value, bool)


@pytest.mark.parametrize(
    "row", [row for table in TABLES for row in table.values()], ids=lambda r: r.id
)
def test_every_figure_has_a_source(row: Row) -> None:
    figures = {
        name
        for name in type(row).model_fields
        if is_numeric(getattr(row, name)) and name not in LAYOUT
    }
    if isinstance(row, Technology):
        figures |= {"loss", "delay_variation", "scheduler", "drop_policy", "queue_unit"}
    assert figures <= set(row.sources)
    assert all(source.source for source in row.sources.values())


def test_no_citation_is_an_unresolved_key() -> None:
    citations = {
        source.source
        for table in [*TABLES, FACTS.facts, FACTS.tcp, FACTS.encoders, FACTS.services]
        for row in table.values()
        for source in row.sources.values()
    }
    assert not [text for text in citations if " " not in text]


def test_every_fact_and_clause_has_a_source() -> None:
    for fact in [*FACTS.facts.values(), *FACTS.tcp.values()]:
        assert fact.source.source
        assert fact.source.confidence
    for row in [*FACTS.connections.values(), *FACTS.services.values()]:
        assert all(clause.source and clause.rule and clause.section for clause in row.clauses)
        assert row.clauses, f"{row.id} promises nothing"


def test_technologies_are_those_a_topology_may_name() -> None:
    expected = "sdh mstp mpls_vpn internet 3g 4g 5g satellite_geo satellite_leo wifi campus"
    assert list(FACTS.technologies) == expected.split()


@pytest.mark.parametrize("row", FACTS.technologies.values(), ids=lambda row: row.id)
def test_parts_of_a_technology_are_ready_to_run(row: Technology) -> None:
    classes = tuple(FACTS.classes)
    assert len(row.scheduler.parameters(classes)) >= 1
    limit, in_bytes = row.queue_limit_of(row.rate_up_bps)
    assert limit >= 2 * (1500 if in_bytes else 1), "a queue of one packet starves TCP"
    row.drop_policy.parameters(limit, int(in_bytes), row.rate_up_bps)
    assert 0 <= row.loss.mean_loss(1500) < 0.01
    assert row.delay_variation.kernel().draws in (0, 1)


@pytest.mark.parametrize("row", FACTS.technologies.values(), ids=lambda row: row.id)
def test_mtbf_restates_the_availability(row: Technology) -> None:
    assert row.mtbf_h / (row.mtbf_h + row.mttr_h) == pytest.approx(row.availability, rel=1e-9)


def test_framing_is_the_sum_of_its_headers() -> None:
    ethernet, gap, vlan, label, pppoe = 14 + 4, 8 + 12, 4, 4, 8
    overhead = {name: row.overhead_bytes for name, row in FACTS.technologies.items()}
    assert overhead["campus"] == ethernet + gap + vlan
    assert overhead["mpls_vpn"] == ethernet + gap + vlan + 2 * label
    assert overhead["internet"] == ethernet + gap + vlan + pppoe
    assert overhead["mstp"] == 8 + ethernet + vlan
    assert overhead["4g"] == 20 + 8 + 8
    assert FACTS.technologies["sdh"].overhead_bytes == 1 + 1 + 1 + 2 + 4


def test_internet_jitter_is_the_stated_gamma() -> None:
    from scipy.stats import gamma

    points = FACTS.technologies["internet"].delay_variation.model_dump()["points"]
    law = gamma(0.8, scale=6.0)
    for probability, delay_ms in points[:-1]:
        assert delay_ms == pytest.approx(law.ppf(probability), abs=5e-4)
    assert points[-1][1] == pytest.approx(law.ppf(0.9999), abs=5e-4)


@pytest.mark.parametrize(
    ("name", "median_ms", "p95_ms"), [("3g", 49.0, 91.0), ("4g", 22.5, 47.0), ("5g", 12.5, 25.0)]
)
def test_cellular_delay_has_half_of_the_measured_round_trip(
    name: str, median_ms: float, p95_ms: float
) -> None:
    row = FACTS.technologies[name]
    law = row.delay_variation.model_dump()
    p95 = row.propagation_fixed_ms + law["median_ms"] * math.exp(1.6449 * law["sigma"])
    assert row.propagation_fixed_ms + law["median_ms"] == pytest.approx(median_ms)
    assert p95 == pytest.approx(p95_ms, rel=0.01)


def test_geostationary_delay_needs_no_distance() -> None:
    assert FACTS.technologies["satellite_geo"].propagation_ns(1500.0) == 255_000_000


def test_a_buffer_in_time_becomes_bytes_of_the_direction() -> None:
    row = FACTS.technologies["4g"]
    assert row.queue_limit_of(14_400_000) == (900_000, True)
    assert row.queue_limit_of(8) == (1500, True)


def test_every_service_names_a_class_and_every_name_resolves() -> None:
    for row in [*FACTS.connections.values(), *FACTS.services.values()]:
        assert row.class_of_service in FACTS.classes
        if isinstance(row, Service):
            assert row.transfer_class_of_service in ("", *FACTS.classes)
            assert set(row.videos) <= set(FACTS.videos)
            assert set(row.workflows) <= set(MEASURED_LEGS)
        else:
            assert set(row.technologies) <= set(FACTS.technologies)
            assert set(row.tiers) <= set(FACTS.tiers)
    for video in FACTS.videos.values():
        assert video.encoder in FACTS.encoders
        assert video.playout in FACTS.playouts
    for link in FACTS.access_links.values():
        assert set(link.technologies) <= set(FACTS.technologies)
    for scenario in FACTS.scenarios.values():
        assert set(scenario.services) <= set(FACTS.services)
        assert set(scenario.connections) <= set(FACTS.connections)


def test_a_clause_is_judged_or_says_what_it_needs() -> None:
    for row in FACTS.services.values():
        legs = set().union(*(MEASURED_LEGS[workflow] for workflow in row.workflows), set())
        for clause in row.clauses:
            can_be_judged = bool(legs & set(clause.measure))
            assert can_be_judged == (not clause.not_judged), f"{row.id} {clause.clause}"
    for row in FACTS.connections.values():
        assert all("connection" in clause.measure for clause in row.clauses)


def test_encoder_targets_keep_their_services_promise() -> None:
    for row in FACTS.services.values():
        clause = row.clause("target_mbps_min")
        for video in row.videos if clause is not None else ():
            assert clause is not None
            assert FACTS.videos[video].target_rate_bps >= clause.bound_for(video) * 1e6


def test_delay_clauses_print_what_the_paper_leaves_open() -> None:
    for row in [*FACTS.connections.values(), *FACTS.services.values()]:
        clause = row.clause("delay_ms_max")
        if clause is not None:
            assert (clause.statistic, clause.delay_basis) == ("p95", "one_way")
            assert {"statistic", "delay_basis"} <= set(clause.assumed)


def test_uploads_and_health_have_assumed_bounds() -> None:
    bounds = {
        clause.clause: clause.bound
        for name in ("storage.upload", "pacs.upload", "health.remote_monitoring")
        for clause in FACTS.services[name].clauses
    }
    assert bounds == {
        "upload_lag_p95_s_max": 600,
        "upload_lag_max_s_max": FACTS.recovery_objectives["remote.any"].rpo_min * 60,
        "alarm_s_max": 5,
    }
    assert FACTS.services["storage.upload"].clauses[0].assumed == ("bound",)


def test_weights_are_hundredths_and_quanta_follow_them() -> None:
    assert sum(row.weight for row in FACTS.classes.values()) == 100
    assert all(row.quantum_bytes == 1500 * row.weight for row in FACTS.classes.values())
    assert len({row.dscp for row in FACTS.classes.values()}) == len(FACTS.classes)


def test_shares_of_the_day_and_of_the_mix_sum_to_one() -> None:
    for name in ("hour_weights", "night_hour_weights", "even_hour_weights"):
        assert math.fsum(FACTS.numbers(name)) == pytest.approx(1.0, abs=1e-9)
    assert max(FACTS.numbers("hour_weights")) * 24 == pytest.approx(3.12)
    shares = [row.share for row in FACTS.modalities.values() if row.enabled]
    assert math.fsum(shares) == pytest.approx(1.0, abs=1e-9)
    assert not FACTS.modalities["SM"].enabled


@pytest.mark.parametrize(
    ("modality", "raw_mb"),
    [("CR_DX", 30), ("CT", 250), ("MR", 95), ("US", 50), ("MG", 110), ("XA", 600), ("PETCT", 320)],
)
def test_a_study_has_its_stated_size(modality: str, raw_mb: float) -> None:
    part = study_mix(FACTS, {modality: 1.0}).modalities[0]
    assert part.mean_objects * part.object_raw_bytes == pytest.approx(raw_mb * 1e6, rel=0.02)


def test_compression_follows_modality_and_codec() -> None:
    assert lossless_ratio(FACTS, "CT", "jpeg_ls") == 4.0
    assert lossless_ratio(FACTS, "CT", "jpeg_lossless") == pytest.approx(4.0 * 2.79 / 3.81)
    assert lossless_ratio(FACTS, "ES", "jpeg_lossless") == 1.0
    raw, compressed = study_mix(FACTS), study_mix(FACTS, codec="jpeg_ls")
    assert 2.43 < raw.mean_study_bytes / compressed.mean_study_bytes < 4.0


def test_default_parts_are_whole() -> None:
    assert tcp(FACTS).initial_window_segments == 10
    assert daily_profile(FACTS).weekend_factor == 0.26
    assert dicom_protocol(FACTS, "c_store").archive_ns == 15_000_000
    assert dicom_protocol(FACTS, "c_store", window=8).window == 8
    assert probe_source(FACTS).expected_rate_bps() == 8000
    assert target_rate_bps(FACTS, "1080p30", "h265") == 4_000_000
    assert target_rate_bps(FACTS, "vr_4k30", "h264") == 19_200_000
    for video, row in FACTS.videos.items():
        source = video_source(FACTS, video)
        assert row.target_rate_bps < source.expected_rate_bps() < 1.06 * row.target_rate_bps
        assert (playout(FACTS, video).repair == "fec") == (playout(FACTS, video).fec_overhead > 0)
    assert playout(FACTS, "1080p30", "none").repair == "none"


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_is_a_table(topic: str) -> None:
    rows = records(FACTS, topic)
    assert rows
    assert all(list(row) == list(rows[0]) for row in rows)
    assert all(row["id"] for row in rows)
    cells = [cell for row in rows for cell in row.values()]
    assert all(cell is None or isinstance(cell, str | float | int) for cell in cells)


def test_a_word_that_is_no_topic_is_refused() -> None:
    with pytest.raises(KeyError):
        records(FACTS, "weather")


def test_facts_are_read_by_kind() -> None:
    assert FACTS.number("reading_sizing.margin") == 0.25
    with pytest.raises(TypeError, match="processor_codec"):
        FACTS.number("processor_codec")
    with pytest.raises(TypeError, match="weekend_factor"):
        FACTS.numbers("weekend_factor")
