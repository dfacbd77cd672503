"""What changes the answers of the storage experiments, and what does not."""

import pandas as pd
import pytest

import telemedsim as ts
from examples.what_if import run
from telemedsim.catalogue.load import catalogue

SECONDS_PER_MINUTE = 60
NARROW = "links.songtao-line.rate=3 Mbit/s"


def times(results: ts.Results, scenario: str, measure: str, site: str) -> "pd.Series":
    """Return a measure's times at a site in s by when they began, those seen to their end."""
    legs, rows = results.tables["legs"], results.tables["measures"]
    mine = legs.leg[(legs.scenario == scenario) & (legs.site == site)]
    found = rows[rows.leg.isin(mine) & (rows.measure == measure)]
    return found.set_index("origin_s").value_s.dropna()


def waited(results: ts.Results, scenario: str) -> int:
    """Return how often a study of a scenario waited for a disk."""
    rows = results.tables["resources"]
    return int(rows.waited[rows.scenario == scenario].sum())


@pytest.mark.nightly
def test_half_an_uplink_stores_later_and_only_at_its_hospital() -> None:
    short = ["window.duration=15 min"]
    whole, half = (
        run("storage", *short),
        run("storage", *short, "links.songtao-line.rate=10 Mbit/s"),
    )
    usual, later = (times(one, "county_storage", "lag", "songtao") for one in (whole, half))
    both = pd.concat([usual, later], axis=1, join="inner").to_numpy()
    assert len(both) > 10
    assert (both[:, 1] > both[:, 0]).all()
    for scenario, site in (("county_storage", "tongzi"), ("city_storage", "zunyi")):
        first, second = (times(one, scenario, "lag", site) for one in (whole, half))
        assert len(first) > 10
        pd.testing.assert_series_equal(first, second)


@pytest.mark.nightly
def test_a_small_disk_makes_studies_wait_and_a_larger_one_changes_nothing() -> None:
    short = ["window.duration=10 min"]
    field = "scenarios.county_storage.front_end_processor.disk"
    small, usual, large = (
        run("storage", *short, f"{field}={size}") for size in ("200 MB", "500 GB", "1 TB")
    )
    assert waited(small, "county_storage") > 0
    assert waited(usual, "county_storage") == waited(large, "county_storage") == 0
    first, same = (times(one, "county_storage", "lag", "songtao") for one in (usual, large))
    pd.testing.assert_series_equal(first, same)


def archived(*changes: str) -> tuple[int, "pd.Series"]:
    """Return how many studies a narrow county line archived in a short night, and a city's lags."""
    results = run("archiving", "window.duration=5 h", NARROW, *changes)
    county = times(results, "county_archive", "lag", "songtao")
    return len(county), times(results, "city_archive", "lag", "zunyi")


@pytest.mark.nightly
def test_one_more_hour_of_night_archives_more_and_no_other_sites_studies() -> None:
    night = 'scenarios.county_archive.night={{start: "22:00", end: "{}"}}'
    three, city = archived(night.format("01:00"))
    four, same = archived(night.format("02:00"))
    assert four > three > 0
    pd.testing.assert_series_equal(city, same)


@pytest.mark.nightly
def test_an_hour_after_all_is_archived_changes_nothing() -> None:
    night = 'scenarios.county_archive.night={{start: "22:00", end: "{}"}}'
    found = [
        run("archiving", "window.duration=6 h", night.format(end)) for end in ("03:00", "04:00")
    ]
    first, second = (times(one, "county_archive", "lag", "songtao") for one in found)
    assert len(first) > 100
    pd.testing.assert_series_equal(first, second)


def recovered(*changes: str) -> tuple[float, "pd.Series", int]:
    """Return the local recovery's time in s, the lags of another pair, and how many studies were lost."""
    results = run("backup", "window.start=09:50", "window.duration=30 min", *changes)
    (recovery_s,) = times(results, "local_asynchronous", "recovery", "zunyi")
    lags = times(results, "local_synchronous", "lag", "guiyang")
    return recovery_s, lags, int((results.tables["sessions"].outcome == "lost").sum())


@pytest.mark.nightly
def test_half_the_users_line_recovers_later_by_the_working_set_and_copies_no_other() -> None:
    facts = catalogue()
    apart_s = sum(
        facts.number(f"disaster_{stage}_s") for stage in ("detection", "switch_over", "restart")
    )
    whole_s, lags, lost = recovered()
    half_s, same, lost_too = recovered("links.zunyi-guiyang.rate=100 Mbit/s")
    # 5 GB at 200 Mbit/s, with some per cent of headers; half the rate takes twice as long.
    assert whole_s - apart_s == pytest.approx(5e9 * 8 / 200e6, rel=0.1)
    assert half_s - apart_s == pytest.approx(2 * (whole_s - apart_s), rel=0.02)
    pd.testing.assert_series_equal(lags, same)
    assert lost == lost_too > 0


@pytest.mark.nightly
def test_the_later_the_loss_the_more_a_period_loses() -> None:
    """A minute before the next copy, nine minutes of studies are lost; behind one, which takes some three, what came since."""
    found = {}
    for at in ("10:05", "10:09"):
        change = f"scenarios.remote_periodic.disaster.at={at}"
        results = run("backup", "window.start=09:50", "window.duration=30 min", change)
        rows = results.tables["measures"].merge(results.tables["legs"], on="leg")
        rows = rows.merge(results.tables["sessions"][["session", "outcome"]], on="session")
        lost = rows[(rows.scenario == "remote_periodic") & (rows.outcome == "lost")]
        found[at] = lost.running_s_x.max() / SECONDS_PER_MINUTE
    assert found["10:05"] <= 5
    assert 8 < found["10:09"] <= 9
