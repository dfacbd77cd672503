"""One pass shows all: every row is judged as far as it can be read, and nothing is told twice."""

from pathlib import Path

import pytest

from province_files import EXPERIMENT, TOPOLOGY, edited, write_files
from telemedsim.core.errors import Fault
from telemedsim.model.load import check

HEAD = "telemedsim: 1\nkind: topology\nname: small\n"


def told(folder: Path, topology: str) -> list[tuple[str, str]]:
    """Return (path, code) of each fault of a topology."""
    path = folder / "small.yaml"
    path.write_text(topology, "utf-8")
    return [(fault.path, fault.code) for fault in check([path])]


def faults_of(folder: Path, topology: str = TOPOLOGY, experiment: str = EXPERIMENT) -> list[Fault]:
    return check([write_files(folder, topology, experiment)])


def test_rows_that_all_have_a_fault_are_still_judged(tmp_path: Path) -> None:
    text = HEAD + (
        "sites:\n"
        "  - {id: a, tier: county, latitude: 20, longitude: 100, colour: red}\n"
        "  - {id: b, tier: countyy, latitude: 20, longitude: 200}\n"
        "links:\n"
        "  - {id: l, ends: [a, c], technology: shd, rate: 100}\n"
    )
    assert told(tmp_path, text) == [
        ("sites[0].colour", "TM201"),
        ("sites[1].tier", "TM302"),
        ("sites[1].longitude", "TM204"),
        ("links[0].ends[1]", "TM302"),
        ("links[0].technology", "TM302"),
        ("links[0].rate", "TM205"),
    ]


def test_an_experiment_gets_its_own_faults_although_its_topology_has_some(tmp_path: Path) -> None:
    topology = edited(TOPOLOGY, "rate: 20 Mbit/s", "rate: 20")
    experiment = edited(
        EXPERIMENT, "{tier: county}\n    to: prov", "{tier: municipal}\n    to: prof"
    )
    found = {(fault.path, fault.code) for fault in faults_of(tmp_path, topology, experiment)}
    assert found == {
        ("links[0].rate", "TM205"),
        ("scenarios[0].from", "TM307"),
        ("scenarios[0].to", "TM302"),
    }


def test_what_a_fault_of_the_topology_explains_is_not_told_of_the_experiment(
    tmp_path: Path,
) -> None:
    topology = TOPOLOGY.replace("tier: county", "tier: countyy")
    assert {fault.path for fault in faults_of(tmp_path, topology)} == {
        "sites[1].tier",
        "sites[2].tier",
    }


def test_words_of_a_broken_block_are_judged_too(tmp_path: Path) -> None:
    experiment = edited(EXPERIMENT, "workflow: study_upload", "workflow: study_uplod")
    experiment = edited(experiment, "service: pacs.upload", "service: pacs.uplod\n    beds: 3")
    experiment = edited(
        experiment, "delivery: unicast", "delivery: multi-cast\n    relay_tier: conty"
    )
    paths = [fault.path for fault in faults_of(tmp_path, experiment=experiment)]
    assert paths == [
        "scenarios[0].workflow",
        "scenarios[0].service",
        "scenarios[1].delivery",
        "scenarios[1].relay_tier",
    ]


def test_contradictions_stand_at_their_field_and_beside_other_faults(tmp_path: Path) -> None:
    more = "    to: prov\n    studies_per_day: 5\n    annual: 3 TB\n    window: 3\n    protocol: streamed"
    experiment = edited(EXPERIMENT, "    to: prov", f"{more}\n    associations: 2")
    found = [(fault.path, fault.code) for fault in faults_of(tmp_path, experiment=experiment)]
    assert found == [
        ("scenarios[0].annual", "TM311"),
        ("scenarios[0].window", "TM311"),
        ("scenarios[0].associations", "TM201"),
    ]


# (what a clumsy hand writes, what comes of it: words of the only fault)
CLUMSY = [
    ("latitude: 27.0", "latitude: 27,0", ("instead of the comma: 27.0",)),
    ("tier: grassroots, latitude: 27.1", "tier: grassroots, latitude: 27,1", ("write 39.9 with a point",)),
    ("beds: 300", "beds: 3 00", ("whole number (got '3 00')", "plain digits")),
    ("technology: 4g}", "technology: 4g, rate:5 Mbit/s}", ("a plain space after the colon of 'rate:'",)),
    ("tier: provincial,", "tier:\u00a0provincial,", ("a plain space after the colon of 'tier:'",)),
    ("name: Provincial centre,", "name: “Guiyang, capital”,", ("straight quotes",)),
    ("latitude: 27.5", "lattitude: 27.5", ("Did you mean 'latitude'?",)),
    ("rate: 20 Mbit/s", "rate: 20 Mbps", ("Did you mean 'Mbit/s'?",)),
    ("rate: 20 Mbit/s", "rate: 20 MB/s", ("1 MB/s is 8 Mbit/s",)),
    ("distance: 120 km", "distance: 120 kilometres", ("Did you mean 'km'?",)),
    ("ends: [c1, prov]\n", "ends: c1-prov\n", ("links[0].ends: must be a list", "square brackets")),
    ("ends: [c1, prov]\n", "ends: [c1]\n", ("needs one more entry",)),
    ("campus: {technology: campus, rate: 1 Gbit/s}", "campus: campus", ("Write {technology: ...}",)),
    ("scheduler: {kind: strict_priority}", "scheduler: {kind: wfq, weights: {video: 3}}",
     ("unknown class 'video'", "network_control, telephony")),
    ("standby_of: c1-line", "standby_off: c1-line", ("Did you mean 'standby_of'?",)),
    ("links:\n", "linkss:\n", ("Did you mean 'links'?",)),
    ("kind: topology", "kind: topolgy", ("Did you mean 'topology'?",)),
    ("kind: topology\n", "", ("kind: is required", "'kind: topology'")),
    ("id: c2,", "id: ｐｒｏｖ,", ("differs from 'prov' only by case or form",)),
    ("beds: 300", "beds: !!python/name:os.system x", ("tags are not allowed",)),
    ("id: t1-line,", 'id: "t1\\e[31m",', ("control character", "\\x1b")),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "words"), CLUMSY, ids=[case[1] for case in CLUMSY])
def test_a_slip_is_told_once_with_its_remedy(
    old: str, new: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / "province.yaml"
    path.write_text(edited(TOPOLOGY, old, new), "utf-8")
    lines = [str(fault) for fault in check([path])]
    own = [line for line in lines if all(word in line for word in words)]
    assert len(own) == 1, lines
    follows = [line for line in lines if line not in own]
    # An id that is lost is missed where it is named, and nothing else follows from a slip.
    assert all("unknown site" in line for line in follows), lines
    assert all("\n" not in line and "\x1b" not in line for line in lines)


def test_a_list_of_keys_shows_each_field_once_as_people_write_it(tmp_path: Path) -> None:
    path = tmp_path / "province.yaml"
    path.write_text(edited(TOPOLOGY, "beds: 300", "colour: red"), "utf-8")
    (fault,) = check([path])
    assert fault.hint == (
        "Legal: id, name, tier, latitude, longitude, scale, beds, annual_tb, studies_per_day, "
        "operator, campus"
    )
    path.write_text(edited(TOPOLOGY, "technology: 4g}", "technology: 4g, latency: 5 ms}"), "utf-8")
    (fault,) = check([path])
    words = fault.hint.removeprefix("Legal: ").split(", ")
    assert {"rate", "propagation_fixed", "queue_limit", "mtbf"} <= set(words)
    assert not {"rate_bps", "propagation_fixed_ms", "queue_limit_bytes", "mtbf_h"} & set(words)


IN_EXPERIMENT = [
    ("start: 10:20", "start: 10.20", ("is no time of day (got 10.2)", "10:20")),
    ("duration: 60 s", "duration: 60", ("needs a text with a unit", "such as 30 s")),
    ("duration: 60 s", "duration: 60 seconds", ("Did you mean 's'?",)),
    ("from: {tier: county}", "from: county", ("must be a mapping", "Write {tier: ...}")),
    ("delay_ms_max: 60}", "delay_ms_max: 60 ms}", ("a number in the unit of the clause's name",)),
    ("delay_ms_max: 60}", "delay: 60 ms}", ("Did you mean 'delay_ms_max'?",)),
    ("service: pacs.upload", "service: conn.county_hospital", ("names a connection service",)),
    ("topology: province.yaml", "topology: .", ("is a folder",)),
    ("    to: prov", "    to: prov\n    modality_mix: {CT: 0}", ("no modality has a weight",)),
    ("    to: prov", "    to: prov\n    modality_mix: {CT: 1e308, MR: 1}", ("at most 1000000",)),
]


@pytest.mark.parametrize(("old", "new", "words"), IN_EXPERIMENT, ids=[c[1] for c in IN_EXPERIMENT])
def test_a_slip_in_an_experiment_is_told_once(
    old: str, new: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    (fault,) = faults_of(tmp_path, experiment=edited(EXPERIMENT, old, new))
    assert all(word in str(fault) for word in words), str(fault)


def test_links_to_nowhere_and_spreadsheets_are_called_what_they_are(tmp_path: Path) -> None:
    loop, sheet = tmp_path / "loop.yaml", tmp_path / "sites.yaml"
    loop.symlink_to("loop.yaml")
    sheet.write_bytes(b"PK\x03\x04 and so on")
    messages = [str(fault) for fault in check([loop, sheet])]
    assert "is a link that leads to no file" in messages[0]
    assert "spreadsheet" in messages[1]
    assert len(messages) == 2


def test_a_field_at_fault_is_not_taken_at_its_default(tmp_path: Path) -> None:
    tree = edited(TOPOLOGY, "name: tiny", "name: tiny\ntier_tree: required")
    second = (
        "  - {id: t1-spare, ends: [t1, c2], technology: 4g, role: standbyy, standby_of: t1-line}\n"
    )
    path = tmp_path / "province.yaml"
    path.write_text(tree + second, "utf-8")
    (fault,) = check([path])  # An active link here would give the site two parents.
    assert (fault.path, fault.code) == ("links[4].role", "TM206")
