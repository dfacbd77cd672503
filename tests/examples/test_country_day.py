"""The country's day holds the services that its head promises."""

from pathlib import Path

import pytest

import telemedsim as ts
from telemedsim.catalogue.load import catalogue
from telemedsim.network.compile import compile_plan
from telemedsim.network.plan import Plan
from telemedsim.network.work import BroadcastWork, ConsultationWork, ReadingWork, UploadWork
from telemedsim.parts.arrivals.daily_profile import DAY_NS

pytestmark = pytest.mark.nightly
FILE = Path(__file__).resolve().parents[2] / "experiments" / "country_day.yaml"
FACTS = catalogue()
SERVICES = FACTS.number("remote_services_per_year") / FACTS.number("remote_service_days_per_year")
"""Of a working day."""
DIAGNOSES, CONSULTATIONS, LESSONS = (
    FACTS.number(f"remote_service_shares.{kind}") * SERVICES
    for kind in ("diagnosis", "consultation", "education")
)


@pytest.fixture(scope="module")
def scenario() -> ts.Scenario:
    return ts.load(FILE)


@pytest.fixture(scope="module")
def plan(scenario: ts.Scenario) -> Plan:
    return compile_plan(scenario)


def test_the_window_is_the_day(plan: Plan) -> None:
    assert (plan.window_start_ns, plan.duration_ns) == (0, DAY_NS)


def test_diagnoses_are_as_many_as_assumed_each_sent_and_read(plan: Plan) -> None:
    """The rounded rates of the file are within a thousandth."""
    sent = sum(
        work.arrivals.expected(0, DAY_NS)
        for work in plan.work
        if isinstance(work, UploadWork) and work.scenario.endswith("_diagnosis")
    )
    read = sum(
        work.terminals * work.arrivals.expected(0, DAY_NS)
        for work in plan.work
        if isinstance(work, ReadingWork) and work.scenario.endswith("_diagnosis_reading")
    )
    assert sent == pytest.approx(DIAGNOSES, rel=1e-3)
    assert read == pytest.approx(sent, rel=1e-3)


def test_consultations_are_as_many_as_assumed(plan: Plan) -> None:
    asked = sum(
        rooms.arrivals.expected(0, DAY_NS)
        for work in plan.work
        if isinstance(work, ConsultationWork)
        for rooms in work.asking
        if rooms.arrivals is not None
    )
    assert asked == pytest.approx(CONSULTATIONS)


def test_attendances_of_lessons_are_as_many_as_assumed(plan: Plan) -> None:
    """Who attends is drawn: 2,081 and 9,153 sites at 51 and 12 %, four and six times: 1.7 % deviation."""
    attended = sum(
        len(work.viewers) * len(work.shows) for work in plan.work if isinstance(work, BroadcastWork)
    )
    assert attended == pytest.approx(LESSONS, rel=3 * 0.017)


def test_archives_get_each_sites_own_studies(scenario: ts.Scenario, plan: Plan) -> None:
    """The year's studies make the site's volume: 5 days of 7, and 2 of the weekend's share of a day."""
    volume = {site.id: site.annual_tb for site in scenario.topology.sites}
    days = 365 / 7 * (5 + 2 * FACTS.number("weekend_factor"))
    archives = [
        work
        for work in plan.work
        if isinstance(work, UploadWork) and work.scenario.endswith("_archive")
    ]
    assert {work.processor_at.tier for work in archives} == {"grassroots", "county", "municipal"}
    for work in archives:
        sent_tb = work.arrivals.expected(0, DAY_NS) * days * work.mix.mean_study_bytes / 1e12
        assert sent_tb == pytest.approx(volume[work.processor_at.site], rel=1e-6)
