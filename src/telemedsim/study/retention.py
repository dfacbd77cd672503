"""How the volume grows that must be kept: what is older than its retention may be deleted."""

from collections.abc import Mapping, Sequence

from telemedsim.catalogue.load import catalogue
from telemedsim.model.load import Scenario
from telemedsim.model.workflows import Archiving
from telemedsim.network.plan import Plan
from telemedsim.network.work import ArchivingWork


def stored_tb_by_year(
    annual_tb: float, retention_years: Mapping[str, float], shares: Mapping[str, float]
) -> tuple[float, ...]:
    """Return the TB kept at the end of each year from the first to that in which it stops growing.

    ``shares`` gives the part of the volume that each retention holds for; the yearly volume stays
    the same.

    >>> stored_tb_by_year(10, {"short": 1, "long": 3}, {"short": 0.5, "long": 0.5})
    (10.0, 15.0, 20.0)
    """
    kept = [(share, retention_years[kind]) for kind, share in shares.items() if share]
    longest = max((years for _, years in kept), default=0)
    return tuple(
        annual_tb * sum(share * min(year, years) for share, years in kept)
        for year in range(1, int(longest) + 1)
    )


def stored_by_scenario(scenario: Scenario, plan: Plan) -> dict[str, Sequence[float]]:
    """Return for each block of archiving the TB that all its sites keep, year by year."""
    facts = catalogue()
    found: dict[str, Sequence[float]] = {}
    for block in scenario.experiment.scenarios:
        if not isinstance(block, Archiving):
            continue
        works = [
            one for one in plan.work if isinstance(one, ArchivingWork) and one.scenario == block.id
        ]
        inpatient = block.inpatient_share
        if inpatient is None:
            inpatient = facts.number("inpatient_share")
        stored = stored_tb_by_year(
            sum(one.annual_tb for one in works),
            facts.value("records.retention_years"),
            {"outpatient": 1 - inpatient, "inpatient": inpatient},
        )
        found[block.id] = [round(one, 3) for one in stored]
    return found
