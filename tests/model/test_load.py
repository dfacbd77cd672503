"""What a valid pair of files becomes: values, origins, overrides, and the way back to YAML."""

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from province_files import EXPERIMENT, TOPOLOGY, edited, write_files
from telemedsim.core.errors import InvalidInput
from telemedsim.model.load import load, load_topology
from telemedsim.model.selector import Selector, candidates, select
from telemedsim.model.words import seconds_of_day


def test_values_are_read_in_the_units_of_their_names(tmp_path: Path) -> None:
    scenario = load(write_files(tmp_path))
    link = scenario.topology.links[0]
    assert (link.rate_bps, link.distance_km, link.queue_limit_bytes) == (20_000_000, 120.0, 256_000)
    assert scenario.topology.links[2].rate_bps == 20_000_000
    assert scenario.topology.sites[2].annual_tb == 6.0
    assert scenario.topology.sites[1].campus is not None
    assert scenario.topology.sites[1].campus.rate_bps == 10**9
    assert scenario.experiment.window.duration_s == 60.0
    assert scenario.experiment.window.start_s == 37_200
    assert scenario.experiment.scenarios[1].limits == {"loss_max": 0.001, "delay_ms_max": 60.0}
    assert link.scheduler is not None
    assert link.scheduler.kind == "strict_priority"
    assert not scenario.warnings


def test_origins_say_file_and_line(tmp_path: Path) -> None:
    scenario = load(write_files(tmp_path))
    assert scenario.origin("links", "c1-line") == f"{tmp_path}/province.yaml:18"
    assert scenario.origin("links", "c1-line", "rate") == f"{tmp_path}/province.yaml:21"
    assert scenario.origin("scenarios", "lesson", "limits", "delay_ms_max").endswith(
        "morning.yaml:20"
    )
    assert scenario.origin("links", "nowhere") == ""


def test_overrides_reach_both_files_and_are_told_as_origins(tmp_path: Path) -> None:
    scenario = load(
        write_files(tmp_path),
        [
            "links.c1-line.rate=100 Mbit/s",
            "links[2].rate=1 Gbit/s",
            "window.duration=2 min",
            "scenarios.lesson.limits.delay_ms_max=80",
            "links.t1-line.scheduler={kind: fifo}",
            "seed=11",
        ],
    )
    rates = [link.rate_bps for link in scenario.topology.links]
    assert rates == [100_000_000, None, 10**9, None]
    assert scenario.experiment.window.duration_s == 120.0
    assert scenario.experiment.scenarios[1].limits["delay_ms_max"] == 80.0
    assert scenario.experiment.seed == 11
    assert scenario.origin("links", "c1-line", "rate") == "--set links.c1-line.rate=100 Mbit/s"
    bound = scenario.origin("scenarios", "lesson", "limits", "delay_ms_max")
    assert bound == "--set scenarios.lesson.limits.delay_ms_max=80"
    assert scenario.origin("scenarios", "lesson", "limits", "loss_max").endswith("morning.yaml:20")


@pytest.mark.parametrize(
    ("setting", "code", "words"),
    [
        ("windw.duration=60 s", "TM208", "Did you mean 'window'?"),
        ("links.c1-lin.rate=1 Mbit/s", "TM208", "Did you mean 'c1-line'?"),
        ("links[9].rate=1 Mbit/s", "TM208", "'9' is unknown"),
        ("links.c1-line.rat=1 Mbit/s", "TM201", "Did you mean 'rate'?"),
        ("seed.x=1", "TM208", "'x' is unknown"),
        ("window.duration=60", "TM205", "needs a text with a unit (got 60)"),
        ("seed=-1", "TM204", "--set seed=-1: seed: must be"),
        ("window.duration", "TM208", "PATH=VALUE"),
        ("=3", "TM208", "PATH=VALUE"),
        ("seed=", "TM208", "PATH=VALUE"),
        ("seed=[1", "TM103", "cannot be read"),
        ("seed=1\nengine: x", "TM103", "cannot be read"),
        ("links.c1-line.ends=[c1, prof]", "TM302", "Did you mean 'prov'?"),
    ],
)
def test_an_override_that_cannot_be_is_a_fault_that_names_it(
    setting: str, code: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput) as caught:
        load(write_files(tmp_path), [setting])
    (fault,) = caught.value.faults
    assert (fault.file, fault.line, fault.code) == (f"--set {' '.join(setting.split())}", 0, code)
    assert str(fault).startswith(f"{fault.file}: ")
    assert words in str(fault)


def test_the_resolved_scenario_reads_back_equal(tmp_path: Path) -> None:
    scenario = load(write_files(tmp_path), ["links.t1-line.rate=2 Mbit/s"])
    saved = tmp_path / "scenario.yaml"
    saved.write_text(scenario.resolved_text(), "utf-8")
    again = load(saved)
    assert again.experiment == scenario.experiment
    assert again.topology == scenario.topology
    assert again.fingerprint == scenario.fingerprint
    assert again.resolved_text() == scenario.resolved_text()


def test_the_resolved_scenario_can_be_overridden(tmp_path: Path) -> None:
    saved = tmp_path / "scenario.yaml"
    saved.write_text(load(write_files(tmp_path)).resolved_text(), "utf-8")
    again = load(saved, ["links.c1-line.rate=3 Mbit/s", "seed=5"])
    assert again.topology.links[0].rate_bps == 3_000_000
    assert again.experiment.seed == 5


def test_the_fingerprint_follows_values_and_not_their_spelling(tmp_path: Path) -> None:
    plain = load(write_files(tmp_path)).fingerprint
    spelled = edited(TOPOLOGY, "rate_bps: 20000000", "rate: 20 Mbit/s")
    assert load(write_files(tmp_path, spelled)).fingerprint == plain
    other = edited(TOPOLOGY, "rate_bps: 20000000", "rate: 21 Mbit/s")
    assert load(write_files(tmp_path, other)).fingerprint != plain


def test_a_scenario_is_frozen(tmp_path: Path) -> None:
    scenario = load(write_files(tmp_path))
    with pytest.raises(Exception, match="frozen"):
        scenario.topology.links[0].rate_bps = 1  # type: ignore[misc]


def test_own_technologies_take_units_and_parts(tmp_path: Path) -> None:
    row = yaml.safe_load("""
        id: laser
        label: free-space optics
        medium: radio
        use: roofs
        rate_up: 1 Gbit/s
        rate_down: 1 Gbit/s
        overhead_bytes: 38
        min_frame_bytes: 84
        propagation_us_per_km: 3.34
        propagation_fixed: 0 ms
        route_factor: 1.0
        node_transit: 50 us
        delay_variation: {kind: none}
        loss: {kind: independent, probability: 1 ppm}
        scheduler: {kind: wfq}
        drop_policy: {kind: drop_tail}
        queue_limit: 100
        queue_unit: packets
        availability: 0.99
        mtbf: 100 h
        mttr: 1 h
        monthly_cost_per_mbps: 3
        monthly_cost_per_mbps_km: 0
    """)
    text = edited(TOPOLOGY, "technology: 4g", "technology: laser")
    path = write_files(tmp_path, text + yaml.safe_dump({"technologies": [row]}))
    (laser,) = load(path).topology.technologies
    assert laser.rate_up_bps == 10**9
    assert laser.mtbf_h == 100.0
    assert load(path).topology == load_topology(tmp_path / "province.yaml")


def test_selectors_meet_all_their_conditions(tmp_path: Path) -> None:
    topology = load(write_files(tmp_path)).topology

    def found(**conditions: object) -> list[str]:
        return [site.id for site in candidates(Selector.model_validate(conditions), topology)]

    assert found() == ["prov", "c1", "c2", "t1"]
    assert found(tier="county") == ["c1", "c2"]
    assert found(tier=["county", "grassroots"], ids="*1") == ["c1", "t1"]
    assert found(technology="sdh") == ["c2"]
    assert found(technology="internet") == []  # a standby is no access
    assert found(scale="secondary") == ["c1"]
    assert found(**{"except": ["c*", "prov"]}) == ["t1"]


def test_a_share_draws_each_site_for_itself(tmp_path: Path) -> None:
    sites = "".join(
        f"  - {{id: s{n}, tier: county, latitude: 1, longitude: 1}}\n" for n in range(400)
    )
    base = "telemedsim: 1\nkind: topology\nname: many\nallow_isolated: true\nsites:\n"
    path = tmp_path / "many.yaml"
    path.write_text(base + sites)
    many = load_topology(path)
    path.write_text(base + "  - {id: new, tier: county, latitude: 1, longitude: 1}\n" + sites)
    more = load_topology(path)
    selector = Selector(share=0.3)
    before = [site.id for site in select(selector, many, 7, "work/from")]
    after = [site.id for site in select(selector, more, 7, "work/from") if site.id != "new"]
    assert before == after
    # 400 draws with probability 0.3: 99.9 % of all counts lie within 3.29 standard deviations.
    assert abs(len(before) - 120) < 3.29 * (400 * 0.3 * 0.7) ** 0.5
    assert before != [site.id for site in select(selector, many, 7, "other/from")]


def test_times_of_day() -> None:
    assert seconds_of_day("0:00") == 0
    assert seconds_of_day("23:59:59") == 86_399
    with pytest.raises(ValueError, match="10:20"):
        seconds_of_day("24:00")


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12),
    st.sampled_from(["20 Mbit/s", "50 ms", "5 %", "prov", "county", "drr", "-1 km", "*", ".inf"]),
)  # fmt: skip
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["telemedsim", "kind", "sites", "links", "id", "tier", "ends", "rate", "rate_bps", "loss",
             "scheduler", "window", "topology", "scenarios", "workflow", "limits", "seed", "x"]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip
QUIET = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def loads_or_tells(path: Path) -> bool:
    """Load; return whether it is a scenario or an InvalidInput with faults. Nothing else may come."""
    try:
        load(path)
    except InvalidInput as error:
        return bool(error.faults)
    return True


@QUIET
@given(tree=TREES, as_topology=st.booleans())
def test_any_tree_is_a_scenario_or_faults(tree: object, as_topology: bool, tmp_path: Path) -> None:
    text = yaml.safe_dump(tree, allow_unicode=True)
    if as_topology:
        assert loads_or_tells(write_files(tmp_path, topology=text))
    else:
        assert loads_or_tells(write_files(tmp_path, experiment=text))


@QUIET
@given(data=st.data())
def test_any_wrong_value_in_a_valid_file_is_a_fault_or_fine(
    data: st.DataObject, tmp_path: Path
) -> None:
    files = {"topology": yaml.safe_load(TOPOLOGY), "experiment": yaml.safe_load(EXPERIMENT)}
    name = data.draw(st.sampled_from(["topology", "experiment"]))
    here = files[name]
    while True:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(here[key], dict | list) or not here[key] or data.draw(st.booleans()):
            break
        here = here[key]
    here[key] = data.draw(TREES)
    texts = {kind: yaml.safe_dump(tree, allow_unicode=True) for kind, tree in files.items()}
    assert loads_or_tells(write_files(tmp_path, texts["topology"], texts["experiment"]))


@QUIET
@given(data=st.data())
def test_any_cut_or_changed_line_is_a_fault_or_fine(data: st.DataObject, tmp_path: Path) -> None:
    lines = (TOPOLOGY if data.draw(st.booleans()) else EXPERIMENT).splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    line = lines[at]
    cut = data.draw(st.integers(0, len(line)))
    lines[at] = line[:cut] + data.draw(
        st.sampled_from(["", "{", "]", ":", "&a ", "*a", "\t", "'", "- "])
    )
    text = "\n".join(lines) + "\n"
    is_topology = lines[1] == "kind: topology" or "sites" in text
    if is_topology:
        assert loads_or_tells(write_files(tmp_path, topology=text))
    else:
        assert loads_or_tells(write_files(tmp_path, experiment=text))


@QUIET
@given(text=st.text(max_size=40))
def test_any_override_is_applied_or_a_fault(text: str) -> None:
    from telemedsim.model.overrides import parse_settings

    settings_found, faults = parse_settings([text])
    assert len(settings_found) + len(faults) == 1
