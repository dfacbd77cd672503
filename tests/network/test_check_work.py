"""Work that a topology cannot do is a fault of the files, with its line, before anything runs."""

from pathlib import Path

import pytest

import telemedsim as ts

TOPOLOGY = """\
telemedsim: 1
kind: topology
name: small
allow_isolated: true
sites:
  - {id: p, tier: provincial, latitude: 26, longitude: 106}
  - {id: a, tier: county, latitude: 26, longitude: 107}
  - {id: b, tier: county, latitude: 26, longitude: 108, beds: 100, campus: {technology: campus}}
  - {id: alone, tier: grassroots, latitude: 25, longitude: 108, beds: 30}
links:
  - {id: a-line, ends: [a, p], technology: sdh}
  - {id: b-line, ends: [b, p], technology: sdh}
"""
EXPERIMENT = """\
telemedsim: 1
kind: experiment
name: work
topology: small.yaml
window: {start: "9:30", duration: 10 s}
"""
UPLOAD = "workflow: study_upload, service: pacs.upload"
READING = "workflow: image_reading, service: reading.in_hospital"
REPORTING = (
    "workflow: remote_reporting, service: records.result,"
    " services: {upload: pacs.upload, reading: reading.cloud_desktop}"
)


def faults_of(folder: Path, block: str, topology: str = TOPOLOGY) -> list[ts.Fault]:
    """Return the faults of an experiment with one block in line 7."""
    (folder / "small.yaml").write_text(topology, "utf-8")
    path = folder / "work.yaml"
    key = "connections" if "conn." in block else "scenarios"
    path.write_text(f"{EXPERIMENT}{key}:\n  - {{id: x, {block}}}\n", "utf-8")
    return ts.check([path])


# (block, path, words)
CANNOT = [
    (f"{UPLOAD}, from: {{tier: county}}, to: municipal", "scenarios[0].to",
     ("no site of tier 'municipal' is on the way up from 'a', 'b'", "Name a site")),
    (f"{UPLOAD}, from: {{tier: county}}, to: p", "scenarios[0].from",
     ("how many studies are made at 'a'", "annual_tb")),
    (f"{UPLOAD}, from: {{ids: p}}, to: p", "scenarios[0].from", ("only deal with itself",)),
    (f"{READING}, from: {{ids: a}}, terminals: 3", "scenarios[0].source",
     ("between the readers and their source at 'a'", "'campus'")),
    (f"{READING}, from: {{tier: county}}, source: parent", "scenarios[0].from",
     ("how many terminals read at 'a'", "'terminals'")),
    (f"{READING}, from: {{ids: p}}, source: parent, terminals: 2", "scenarios[0].source",
     ("no site is on the way up from 'p'",)),
    ("workflow: consultation, service: consult.regular_room, host: alone, participants: {ids: a}",
     "scenarios[0].participants", ("no active link leads to the other end from 'a'",)),
    ("workflow: broadcast, service: education.broadcast_4k, source: p, viewers: {ids: p}, delivery: unicast",
     "scenarios[0].viewers", ("only deal with itself",)),
    ("workflow: monitoring, service: health.remote_monitoring, from: {ids: p}, to: p",
     "scenarios[0].from", ("only deal with itself",)),
    ("workflow: monitoring, service: health.remote_monitoring, from: {tier: county}, to: parent, message_size: 3 kB",
     "scenarios[0].message_size", ("no single packet",)),
    ("workflow: online_consultation, service: health.online_consultation, patients: {ids: p}, doctors_at: p",
     "scenarios[0].patients", ("only deal with itself",)),
    ("workflow: online_consultation, service: health.online_consultation, patients: {ids: a}, doctors_at: alone",
     "scenarios[0].patients", ("no active link leads to the other end from 'a'",)),
    (f"{REPORTING}, from: {{ids: b}}, centre: p, studies_per_day: 5", "scenarios[0].archive",
     ("between the readers and their source at 'p'", "'campus'")),
    (f"{REPORTING}, from: {{ids: a}}, centre: b", "scenarios[0].from",
     ("how many studies are made at 'a'",)),
    (f"{REPORTING}, from: {{ids: b}}, centre: b", "scenarios[0].from", ("only deal with itself",)),
    (f"{REPORTING}, from: {{ids: a}}, centre: national", "scenarios[0].centre",
     ("no site of tier 'national'",)),
    ("service: conn.campus, sites: {ids: a}", "connections[0].sites", ("'campus'",)),
    ("service: conn.county_hospital, sites: {tier: county}, towards: national",
     "connections[0].towards", ("no site of tier 'national'",)),
]  # fmt: skip


@pytest.mark.parametrize(("block", "path", "words"), CANNOT, ids=[case[0] for case in CANNOT])
def test_work_that_cannot_be_done_is_a_fault_at_its_field(
    block: str, path: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    (fault,) = faults_of(tmp_path, block)
    assert (fault.path, fault.line, fault.level) == (path, 7, "error")
    assert all(word in str(fault) for word in words), str(fault)


@pytest.mark.parametrize("workflow", ["consultation", "broadcast"])
def test_a_service_without_video_is_a_fault_at_the_service(workflow: str, tmp_path: Path) -> None:
    rest = {
        "consultation": "host: p, participants: {ids: a}",
        "broadcast": "source: p, viewers: {ids: a}, delivery: unicast",
    }[workflow]
    faults = faults_of(tmp_path, f"workflow: {workflow}, service: pacs.upload, {rest}")
    assert {(fault.path, fault.code) for fault in faults} == {
        ("scenarios[0].service", "TM402"),
        ("scenarios[0].service", "TM312"),
    }


def test_many_sites_make_one_fault(tmp_path: Path) -> None:
    rows = "".join(
        f"  - {{id: t{n}, tier: grassroots, latitude: 26, longitude: 107}}\n" for n in range(9)
    )
    links = "".join(f"  - {{id: t{n}-l, ends: [t{n}, p], technology: 4g}}\n" for n in range(9))
    many = TOPOLOGY.replace("links:\n", f"{rows}links:\n{links}")
    (fault,) = faults_of(tmp_path, f"{UPLOAD}, from: {{ids: 't*'}}, to: p", many)
    assert "made at 't0', 't1', 't2' and 6 more" in str(fault)


def test_nothing_is_claimed_that_another_fault_explains(tmp_path: Path) -> None:
    upload = f"{UPLOAD}, from: {{tier: county}}, to: municipal"
    no_end = TOPOLOGY.replace("ends: [a, p]", "ends: [a, q]")
    assert {fault.path for fault in faults_of(tmp_path, upload, no_end)} == {"links[0].ends[1]"}
    no_beds = TOPOLOGY.replace(
        "tier: county, latitude: 26, longitude: 107",
        "tier: county, latitude: 26, longitude: 107, bedz: 5",
    )
    own = f"{UPLOAD}, from: {{tier: county}}, to: p"
    assert {fault.path for fault in faults_of(tmp_path, own, no_beds)} == {"sites[1].bedz"}


def test_what_cannot_be_done_is_told_beside_faults_elsewhere(tmp_path: Path) -> None:
    wrong = TOPOLOGY.replace("technology: campus}", "technology: campus, rate: 5}")
    faults = faults_of(tmp_path, f"{UPLOAD}, from: {{tier: county}}, to: p", wrong)
    assert {fault.path for fault in faults} == {"sites[2].campus.rate", "scenarios[0].from"}


def test_a_broadcast_outside_the_window_is_warned_of(tmp_path: Path) -> None:
    show = "schedule: [{start: '12:00', duration: 5 min}]"
    block = f"workflow: broadcast, service: education.broadcast_4k, source: p, viewers: {{ids: a}}, delivery: unicast, {show}"
    (warning,) = faults_of(tmp_path, block)
    assert (warning.level, warning.path) == ("warning", "scenarios[0].schedule")
    assert faults_of(tmp_path, block.replace("12:00", "9:28")) == []


def test_a_count_of_studies_that_the_volume_contradicts_is_warned_of(tmp_path: Path) -> None:
    """1 TB a year is 105 studies of 33 MB on each of 288 weekdays."""
    own = "tier: county, latitude: 26, longitude: 107"
    block = f"{UPLOAD}, from: {{ids: a}}, to: p"
    for studies, told in ((300, True), (106, False)):
        topology = TOPOLOGY.replace(own, f"{own}, annual_tb: 1, studies_per_day: {studies}")
        faults = faults_of(tmp_path, block, topology)
        assert [(one.level, one.path) for one in faults] == told * [
            ("warning", "scenarios[0].from")
        ]
        assert not told or "'a' (300 a day, its volume makes 105)" in str(faults[0])
        assert faults_of(tmp_path, f"{block}, studies_per_day: 5", topology) == []


def test_loading_raises_what_checking_tells(tmp_path: Path) -> None:
    block = f"{UPLOAD}, from: {{tier: county}}, to: p"
    faults = faults_of(tmp_path, block)
    with pytest.raises(ts.InvalidInput) as caught:
        ts.load(tmp_path / "work.yaml")
    assert list(caught.value.faults) == faults


def test_experts_that_are_nowhere_are_told_once(tmp_path: Path) -> None:
    block = "workflow: consultation, service: consult.regular_room, host: p, participants: {ids: a}"
    (fault,) = faults_of(tmp_path, f"{block}, experts: {{tier: municipal}}")
    assert (fault.path, fault.code) == ("scenarios[0].experts", "TM307")


@pytest.mark.parametrize(
    ("services", "path", "words"),
    [
        ("{upload: reading.in_hospital, reading: reading.cloud_desktop}",
         "scenarios[0].services.upload", "not judged by 'reading.in_hospital'"),
        ("{upload: pacs.upload, reading: pacs.upload}",
         "scenarios[0].services.reading", "not judged by 'pacs.upload'"),
        ("{upload: pacs.uplaod, reading: reading.cloud_desktop}",
         "scenarios[0].services.upload", "pacs.upload"),
        ("{upload: pacs.upload, reading: reading.cloud_desktop}, limits: {freezes_max: 1}",
         "scenarios[0].limits.freezes_max", "neither 'records.result', 'pacs.upload' nor"),
    ],
)  # fmt: skip
def test_services_of_parts_are_checked(
    services: str, path: str, words: str, tmp_path: Path
) -> None:
    block = (
        "workflow: remote_reporting, service: records.result, from: {ids: a}, centre: b,"
        f" studies_per_day: 5, services: {services}"
    )
    faults = faults_of(tmp_path, block)
    assert any(one.path == path and words in str(one) for one in faults), faults


def test_a_limit_may_name_a_clause_of_any_part(tmp_path: Path) -> None:
    block = (
        f"{REPORTING}, from: {{ids: a}}, centre: b, studies_per_day: 5,"
        " limits: {result_h_max: 2, response_s_max: 3, upload_lag_max_s_max: 60}"
    )
    assert faults_of(tmp_path, block) == []
