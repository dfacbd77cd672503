"""Every fault a user can write: its place, its code, its words, and never another exception."""

import os
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from province_files import EXPERIMENT, TOPOLOGY, edited, write_files
from telemedsim.core.errors import Fault, InvalidInput
from telemedsim.model.load import check, load, load_topology

Case = tuple[str, str, str, int, str, tuple[str, ...]]

# (row of the list of bad input, old text, new text, line, code, words of the message)
IN_TOPOLOGY: list[Case] = [
    ("1 unknown key", "    distance: 120 km", "    distanse: 120 km", 22, "TM201",
     ("links[0].distanse: unknown key", "Did you mean 'distance'?")),
    ("1 unknown key in a part", "probability: 0.05 %}", "probability: 0.05 %, burst: 3}", 26, "TM201",
     ("links[0].loss.burst",)),
    ("2 duplicate key", "    beds: 300", "    tier: county\n    beds: 300", 11, "TM104", ("line 7",)),
    ("3 duplicate id", "{id: c2, tier", "{id: c1, tier", 15, "TM301", ("is taken, first in line 6", "'c1'")),
    ("3 ids equal after case folding", "{id: t1, tier", "{id: C1, tier", 16, "TM301",
     ("differs from 'c1' only by case", "line 6")),
    ("3 duplicate link", "{id: c2-line", "{id: c1-line", 28, "TM301", ("first in line 18",)),
    ("4 dangling end", "ends: [t1, c1]", "ends: [t1, c3]", 29, "TM302",
     ("links[3].ends[1]: unknown site (got 'c3')", "Legal: prov, c1, c2, t1")),
    ("4 mistyped end", "ends: [c2, prov]", "ends: [c2, prof]", 28, "TM302", ("Did you mean 'prov'?",)),
    ("5 isolated site", "links:\n", "  - {id: alone, tier: county, latitude: 1, longitude: 1}\nlinks:\n",
     17, "TM304", ("has no link (got 'alone')", "allow_isolated")),
    ("7 self-loop", "ends: [t1, c1]", "ends: [c1, c1]", 29, "TM303", ("links[3].ends: both ends",)),
    ("7 link without id", "  - {id: t1-line, ends", "  - {ends", 29, "TM202", ("links[3].id: is required",)),
    ("8 rate 0", "rate_bps: 20000000", "rate_bps: 0", 28, "TM204", ("must be > 0 (got 0)",)),
    ("8 rate negative", "rate_bps: 20000000", "rate_bps: -5", 28, "TM204", ("must be > 0 (got -5)",)),
    ("8 rate NaN", "rate_bps: 20000000", "rate_bps: .nan", 28, "TM204", ("must be finite (got nan)",)),
    ("8 rate infinite", "rate_bps: 20000000", "rate_bps: .inf", 28, "TM204", ("must be finite",)),
    ("8 rate minus zero", "rate_bps: 20000000", "rate_bps: -0.0", 28, "TM204", ("must be > 0",)),
    ("9 no unit", "rate: 20 Mbit/s", "rate: 20", 21, "TM205",
     ("links[0].rate: needs a text with a unit (got 20)", "bit/s, kbit/s, Mbit/s")),
    ("9 bytes for bits", "rate: 20 Mbit/s", "rate: 20 MB/s", 21, "TM205", ("'MB/s' is no unit of a rate",)),
    ("9 mbps", "rate: 20 Mbit/s", "rate: 20 mbps", 21, "TM205", ("'mbps'", "Mbit/s")),
    ("9 Mb", "rate: 20 Mbit/s", "rate: 20 Mb", 21, "TM205", ("'Mb'",)),
    ("9 a time for a rate", "rate: 20 Mbit/s", "rate: 10 ms", 21, "TM205", ("'ms' is no unit of a rate",)),
    ("9 binary multiple", "queue_limit: 256 kB", "queue_limit: 256 KiB", 25, "TM205",
     ("'KiB'", "packets, packet, B, kB")),
    ("9 both spellings", "rate: 20 Mbit/s", "rate: 20 Mbit/s\n    rate_bps: 5", 22, "TM205",
     ("'rate' and 'rate_bps' are both given",)),
    ("9 text in a field of numbers", "rate_bps: 20000000", "rate_bps: 20 Mbit/s", 28, "TM205",
     ("must be a plain number of bit/s", "under the key without unit")),
    ("10 octal of 1.1", "beds: 300", "beds: 0300", 11, "TM203", ("whole number (got '0300')",)),
    ("10 underscores of 1.1", "beds: 300", "beds: 3_00", 11, "TM203", ("(got '3_00')",)),
    ("10 base 60 of 1.1", "beds: 300", "beds: 5:00", 11, "TM203", ("(got '5:00')",)),
    ("10 no", "name: tiny", "name: tiny\nallow_isolated: no", 4, "TM203", ("true or false (got 'no')",)),
    ("10 date", "latitude: 27.0", "latitude: 2027-01-01", 8, "TM203", ("must be a number",)),
    ("11 loss of 5", "probability: 0.05 %", "probability: 5", 26, "TM204", ("at most 1 (got 5)", "0.05 or 5 %")),
    ("11 loss negative", "probability: 0.05 %", "probability: -0.05 %", 26, "TM204", ("must not be negative",)),
    ("12 distance negative", "distance: 120 km", "distance: -120 km", 22, "TM204", ("must not be negative",)),
    ("16 queue of 0 packets", "queue_limit: 256 kB", "queue_limit: 0 packets", 25, "TM204", ("greater than 0",)),
    ("16 queue in both", "queue_limit: 256 kB", "queue_limit_bytes: 256000\n    queue_limit_packets: 9",
     25, "TM311", ("in packets or in bytes",)),
    ("16 queue below one packet", "queue_limit: 256 kB", "queue_limit: 1 kB", 25, "TM309",
     ("holds no full packet of 1550 bytes",)),
    ("20 own standby", "standby_of: c1-line", "standby_of: c1-spare", 27, "TM306", ("cannot be its own standby",)),
    ("20 standby of none", ", standby_of: c1-line", "", 27, "TM306", ("must say for which link",)),
    ("20 standby of a stranger", "standby_of: c1-line", "standby_of: c2-line", 27, "TM306",
     ("serve the same site", "'c2-line' serves 'c2'")),
    ("20 unknown primary", "standby_of: c1-line", "standby_of: c1-lin", 27, "TM302", ("'c1-line'?",)),
    ("29 many digits", "beds: 300", "beds: " + "9" * 5000, 11, "TM109", ("40 digits",)),
    ("29 huge rate", "rate: 20 Mbit/s", "rate: 1e308 Mbit/s", 21, "TM204", ("at most 1e+15 bit/s",)),
    ("30 merge key", "    beds: 300", "    <<: {beds: 300}", 11, "TM105", ("merge keys",)),
    ("33 version missing", "telemedsim: 1\n", "", 1, "TM207", ("version is missing", "'telemedsim: 1'")),
    ("33 version newer", "telemedsim: 1", "telemedsim: 3", 1, "TM207", ("made for version 3", "newer")),
    ("33 version older", "telemedsim: 1", "telemedsim: 0", 1, "TM207", ("no schema version (got 0)",)),
    ("unknown tier", "tier: grassroots", "tier: grasroots", 16, "TM302", ("unknown tier", "'grassroots'?")),
    ("unknown technology", "technology: 4g", "technology: 4gg", 29, "TM302", ("unknown technology", "'4g'?")),
    ("unknown scheduler", "kind: strict_priority", "kind: strict_prioriti", 24, "TM206",
     ("links[0].scheduler.kind: unknown scheduler (got 'strict_prioriti')", "'strict_priority'?")),
    ("unknown class in weights", "{kind: strict_priority}", "{kind: wfq, weights: {video: 3}}", 24, "TM302",
     ("links[0].scheduler", "class")),
    ("id with a dot", "id: c2,", "id: c.2,", 15, "TM204", ("sites[2].id",)),
    ("id of a spreadsheet formula", "id: c2,", "id: '=cmd',", 15, "TM204", ("'=cmd'",)),
    ("id of a number", "id: c2,", "id: 2,", 15, "TM203", ("must be a text (got 2)", "quotes")),
    ("latitude beyond the pole", "latitude: 27.5", "latitude: 97.5", 15, "TM204", ("must be at most 90",)),
    ("three rates", "rate: 20 Mbit/s", "rate: 20 Mbit/s\n    rate_up: 1 Mbit/s\n    rate_down: 2 Mbit/s",
     21, "TM311", ("all given",)),
    ("no sites", "sites:\n", "sites: []\nplaces:\n", 4, "TM204", ("at least 1",)),
    ("a list for a record", "campus: {technology: campus, rate: 1 Gbit/s}", "campus: [1, 2]", 14, "TM203",
     ("sites[1].campus: must be a mapping (got [1, 2])",)),
]  # fmt: skip

IN_EXPERIMENT: list[Case] = [
    ("13 window of 0", "duration: 60 s", "duration: 0 s", 7, "TM204", ("window.duration",)),
    ("13 window negative", "duration: 60 s", "duration: -60 s", 7, "TM204", ("must not be negative",)),
    ("13 no window", "window: {start: 10:20, duration: 60 s}\n", "", 1, "TM202", ("window: is required",)),
    ("13 no time of day", "start: 10:20", "start: 25:20", 7, "TM204", ("window.start",)),
    ("15 seed negative", "seed: 7", "seed: -7", 5, "TM204", ("must be at least 0 (got -7)",)),
    ("15 seed a fraction", "seed: 7", "seed: 7.5", 5, "TM203", ("whole number (got 7.5)",)),
    ("15 seed a text", "seed: 7", "seed: '7'", 5, "TM203", ("whole number (got '7')",)),
    ("15 seed too large", "seed: 7", "seed: 9223372036854775808", 5, "TM204", ("must be at most 9223372036854775807",)),
    ("21 unknown service", "service: pacs.upload", "service: pacs.uplod", 11, "TM302",
     ("scenarios[0].service: unknown service (got 'pacs.uplod')", "'pacs.upload'?")),
    ("21 unknown clause", "{loss_max: 0.1 %,", "{los_max: 0.1 %,", 20, "TM302", ("unknown clause", "'loss_max'?")),
    ("21 clause of another service", "delay_ms_max: 60}", "response_s_max: 60}", 20, "TM302",
     ("'education.broadcast_4k' has no such clause",)),
    ("21 percentile", "statistic: p99", "statistic: p101", 21, "TM206", ("(got 'p101')", "p9")),
    ("21 percentile as a share", "statistic: p99", "statistic: 0.99", 21, "TM206", ("(got 0.99)",)),
    ("21 loss limit of 5", "loss_max: 0.1 %", "loss_max: 5", 20, "TM204", ("at most 1", "0.05 or 5 %")),
    ("unknown workflow", "workflow: broadcast", "workflow: brodcast", 15, "TM206",
     ("scenarios[1].workflow: unknown workflow (got 'brodcast')", "'broadcast'?")),
    ("unknown engine", "engine: reference", "engine: referense", 6, "TM302", ("unknown engine", "'reference'?")),
    ("unknown class", "    to: prov", "    to: prov\n    class_of_service: standart", 14, "TM302",
     ("unknown class of service", "'standard'?")),
    ("unknown site", "    to: prov", "    to: prv", 13, "TM302", ("unknown site or tier", "'prov'?")),
    ("unknown tier in a selector", "from: {tier: county}", "from: {tier: conty}", 12, "TM302",
     ("scenarios[0].from.tier", "'county'?")),
    ("service without participants", "from: {tier: county}", "from: {tier: municipal}", 12, "TM307",
     ("matches no site, so 'pacs.upload' has no participants", "tier: municipal", "2 county")),
    ("pattern of no site", "except: t1", "except: t1, ids: 'x*'", 18, "TM302", ("unknown site (got 'x*')",)),
    ("conditions that exclude each other", "except: t1", "except: t1, ids: prov", 18, "TM307", ("matches no site",)),
    ("selector share of 0", "sites: {tier: county}", "sites: {tier: county, share: 0}", 23, "TM204", ("share",)),
    ("ids shared by a scenario and a connection", "{id: lines,", "{id: lesson,", 23, "TM301", ("line 14",)),
    ("37 window beyond the clock", "duration: 60 s", "duration: 1e10 s", 7, "TM204", ("at most 9223372036 s",)),
    ("29 shorter than a nanosecond", "duration: 60 s", "duration: 1e-320 s", 7, "TM204", ("1e-09 s",)),
    ("topology missing", "topology: province.yaml", "topology: provinse.yaml", 4, "TM100",
     ("does not exist", "province.yaml")),
    ("topology is the experiment", "topology: province.yaml", "topology: morning.yaml", 2, "TM206",
     ("of kind experiment, not topology",)),
    ("33 version a text", "telemedsim: 1", "telemedsim: '1'", 1, "TM207", ("no schema version (got '1')",)),
    ("22 kind missing", "kind: experiment\n", "", 1, "TM202", ("kind: is required", "kind: experiment")),
    ("kind mistyped", "kind: experiment", "kind: experimnt", 2, "TM206", ("'experiment'?",)),
]  # fmt: skip


def faults_of(path: Path) -> list[Fault]:
    with pytest.raises(InvalidInput) as caught:
        load(path)
    return list(caught.value.faults)


def assert_one_place(faults: list[Fault], case: Case) -> None:
    _, _, _, line, code, words = case
    found = [fault for fault in faults if (fault.line, fault.code) == (line, code)]
    assert found, [str(fault) for fault in faults]
    assert all(any(word in str(fault) for fault in found) for word in words), str(found[0])


@pytest.mark.parametrize("case", IN_TOPOLOGY, ids=[case[0] for case in IN_TOPOLOGY])
def test_fault_in_a_topology(case: Case, tmp_path: Path) -> None:
    path = write_files(tmp_path, topology=edited(TOPOLOGY, case[1], case[2]))
    assert_one_place(faults_of(path), case)


@pytest.mark.parametrize("case", IN_EXPERIMENT, ids=[case[0] for case in IN_EXPERIMENT])
def test_fault_in_an_experiment(case: Case, tmp_path: Path) -> None:
    path = write_files(tmp_path, experiment=edited(EXPERIMENT, case[1], case[2]))
    assert_one_place(faults_of(path), case)


MORE_THAN_ONE = [
    "3 duplicate id", "3 ids equal after case folding", "3 duplicate link", "7 self-loop",
    "id with a dot", "id of a spreadsheet formula", "id of a number",
    "no sites",
]  # fmt: skip
"""A lost id or link leaves something without a way or a name, which is told too."""


def test_most_slips_give_one_fault_and_no_more(tmp_path: Path) -> None:
    many = []
    for case in IN_TOPOLOGY:
        path = write_files(tmp_path, topology=edited(TOPOLOGY, case[1], case[2]))
        if len(faults_of(path)) > 1:
            many.append(case[0])
    assert many == MORE_THAN_ONE


def test_all_faults_of_both_files_are_told_at_once(tmp_path: Path) -> None:
    topology = edited(TOPOLOGY, "ends: [t1, c1]", "ends: [t1, c3]")
    topology = edited(topology, "rate: 20 Mbit/s", "rate: 20")
    topology = edited(topology, "tier: grassroots", "tier: grasroots")
    experiment = edited(EXPERIMENT, "seed: 7", "seed: -7")
    experiment = edited(experiment, "service: pacs.upload", "service: pacs.uplod")
    faults = faults_of(write_files(tmp_path, topology, experiment))
    found = {(Path(fault.file).name, fault.line, fault.code) for fault in faults}
    assert {
        ("province.yaml", 29, "TM302"),
        ("province.yaml", 21, "TM205"),
        ("province.yaml", 16, "TM302"),
        ("morning.yaml", 5, "TM204"),
        ("morning.yaml", 11, "TM302"),
    } == found


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "TM108"), (b"# nothing\n", "TM108"), (b"- a\n", "TM108"), (b"a: 1\n---\nb: 2\n", "TM108"),
        (b"a: \xff\n", "TM101"), (b"a: \x00\n", "TM102"), (b"a:\n\t- b\n", "TM103"), (b"a: 'x\n", "TM103"),
        (b"a: " + b"[" * 20_000, "TM107"), (b"a: !!python/name:os.system x\n", "TM105"),
        (b"a: &x [*x]\n", "TM106"),
    ],
)  # fmt: skip
def test_files_that_are_no_experiment(data: bytes, code: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(data)
    assert code in [fault.code for fault in faults_of(path)]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert faults_of(tmp_path)[0].code == "TM100"
    assert faults_of(tmp_path / "none.yaml")[0].code == "TM100"
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    assert "regular file" in str(faults_of(pipe)[0])


def test_two_parents_and_cycles_are_faults_of_required_trees_only(tmp_path: Path) -> None:
    dual = TOPOLOGY + "  - {id: t1-second, ends: [t1, c2], technology: 4g}\n"
    assert load(write_files(tmp_path, dual)).topology.links[-1].id == "t1-second"
    (fault,) = faults_of(
        write_files(tmp_path, edited(dual, "name: tiny", "name: tiny\ntier_tree: required"))
    )
    assert (fault.code, fault.line) == ("TM305", 31)
    assert "'t1' is served by 'c1' and by 'c2'" in str(fault)

    ring = TOPOLOGY + "  - {id: back, ends: [prov, t1], technology: 4g}\n"
    assert load(write_files(tmp_path, ring))
    (fault,) = faults_of(
        write_files(tmp_path, edited(ring, "name: tiny", "name: tiny\ntier_tree: required"))
    )
    assert "prov -> t1 -> c1 -> prov" in str(fault) or "c1 -> prov -> t1 -> c1" in str(fault)


def test_isolated_sites_may_be_allowed_but_take_no_part(tmp_path: Path) -> None:
    lonely = edited(
        TOPOLOGY,
        "links:\n",
        "  - {id: alone, tier: county, latitude: 1, longitude: 1}\nlinks:\n",
    )
    lonely = edited(lonely, "name: tiny", "name: tiny\nallow_isolated: true")
    faults = faults_of(write_files(tmp_path, lonely))
    assert {fault.code for fault in faults} == {"TM304"}
    assert all("'alone' takes part" in str(fault) for fault in faults)


def test_a_standby_is_no_way_to_the_others(tmp_path: Path) -> None:
    island = edited(
        TOPOLOGY,
        "links:\n",
        "  - {id: island, tier: grassroots, latitude: 1, longitude: 1}\nlinks:\n",
    )
    island = edited(island, "ends: [t1, c1]", "ends: [t1, island]")
    island += (
        "  - {id: t1-spare, ends: [t1, c1], technology: 3g, role: standby, standby_of: t1-line}\n"
    )
    faults = faults_of(write_files(tmp_path, island))
    assert [(fault.code, fault.value) for fault in faults] == [("TM304", "t1"), ("TM304", "island")]


def test_a_share_that_draws_nobody_is_a_service_without_participants(tmp_path: Path) -> None:
    rare = edited(EXPERIMENT, "sites: {tier: county}", "sites: {tier: county, share: 1 ppm}")
    (fault,) = faults_of(write_files(tmp_path, experiment=rare))
    assert (fault.code, fault.line) == ("TM307", 23)
    assert "draws none of the 2 sites" in str(fault)


def test_an_experiment_without_work_is_refused(tmp_path: Path) -> None:
    idle = EXPERIMENT[: EXPERIMENT.index("scenarios:")]
    (fault,) = faults_of(write_files(tmp_path, experiment=idle))
    assert fault.code == "TM307"


def test_a_statistic_of_delays_needs_a_clause_of_delays(tmp_path: Path) -> None:
    wrong = edited(EXPERIMENT, "    to: prov", "    to: prov\n    delay_basis: round_trip")
    (fault,) = faults_of(write_files(tmp_path, experiment=wrong))
    assert (fault.code, fault.line) == ("TM311", 14)


def test_a_service_that_does_not_judge_the_work_is_warned_of(tmp_path: Path) -> None:
    wrong = edited(EXPERIMENT, "service: pacs.upload", "service: reading.in_hospital")
    (warning,) = load(write_files(tmp_path, experiment=wrong)).warnings
    assert (warning.code, warning.line) == ("TM402", 11)
    assert "image_reading" in str(warning)


def test_a_link_may_not_be_called_as_a_campus(tmp_path: Path) -> None:
    clash = edited(TOPOLOGY, "id: t1-line", "id: c1.campus")
    (fault,) = faults_of(write_files(tmp_path, clash))
    assert (fault.code, fault.line) == ("TM301", 29)
    with pytest.raises(InvalidInput, match="campus network"):
        load_topology(tmp_path / "province.yaml")


def test_lines_that_may_fail_together_are_warned_of(tmp_path: Path) -> None:
    shared = edited(TOPOLOGY, "operator: op_b", "operator: op_a, shared_risk_group: duct")
    shared = edited(shared, "    operator: op_a\n    scheduler", "    operator: op_a\n"
                    "    shared_risk_group: duct\n    scheduler")  # fmt: skip
    scenario = load(write_files(tmp_path, shared))
    assert [warning.code for warning in scenario.warnings] == ["TM401", "TM401"]
    assert "one operator" in str(scenario.warnings[0])
    assert "may fail together" in str(scenario.warnings[1])


def test_a_delay_over_ten_seconds_is_warned_of(tmp_path: Path) -> None:
    slow = edited(TOPOLOGY, "technology: 4g}", "technology: 4g, propagation_fixed: 11 s}")
    (warning,) = load(write_files(tmp_path, slow)).warnings
    assert warning.code == "TM402"
    assert "11 s" in str(warning)


def test_check_lists_faults_of_files_of_both_kinds(tmp_path: Path) -> None:
    path = write_files(tmp_path, edited(TOPOLOGY, "ends: [t1, c1]", "ends: [t1, c3]"))
    alone = check([tmp_path / "province.yaml"])
    together = check([path, tmp_path / "province.yaml"])
    assert [fault.code for fault in alone] == ["TM302"]
    assert together == alone


def test_nothing_of_a_value_can_act_in_a_terminal(tmp_path: Path) -> None:
    experiment = edited(EXPERIMENT, "engine: reference", 'engine: "\\e[31m\\u202e"')
    text = "\n".join(
        str(fault) for fault in faults_of(write_files(tmp_path, experiment=experiment))
    )
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_messages_stay_as_people_know_them(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    lines = []
    for case in IN_TOPOLOGY:
        path = write_files(tmp_path, topology=edited(TOPOLOGY, case[1], case[2]))
        lines += [case[0], *(f"    {fault}" for fault in faults_of(path))]
    for case in IN_EXPERIMENT:
        path = write_files(tmp_path, experiment=edited(EXPERIMENT, case[1], case[2]))
        lines += [case[0], *(f"    {fault}" for fault in faults_of(path))]
    assert "\n".join(lines).replace(f"{tmp_path}/", "") == snapshot
