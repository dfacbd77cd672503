"""What the shipped experiments make in a year is what their topology, or their own block, says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import telemedsim as ts
from examples.what_if import EXPERIMENTS
from telemedsim.core.units import NS_PER_S
from telemedsim.network.compile import compile_plan
from telemedsim.network.plan import Plan
from telemedsim.network.work import ReplicationWork, ReportingWork, UploadWork

WEEK_NS = 7 * 86_400 * NS_PER_S
WEEKS_A_YEAR = 365 / 7
BYTES_A_TB = 1e12
FILES = sorted(path for path in EXPERIMENTS.glob("*/*.yaml") if path.parent.name != "schema")


def made(plan: Plan) -> Iterator[tuple[str, str, float, float]]:
    """Yield (scenario, site, studies a week, TB a year) of all that makes studies."""
    for work in plan.work:
        uploads = work.uploads if isinstance(work, ReportingWork) else (work,)
        for one in uploads:
            if isinstance(one, UploadWork):
                site = one.processor_at.site
            elif isinstance(one, ReplicationWork):
                site = one.primary_at.site
            else:
                continue
            week = one.arrivals.expected(0, WEEK_NS)
            yield (
                one.scenario,
                site,
                week,
                week * WEEKS_A_YEAR * one.mix.mean_study_bytes / BYTES_A_TB,
            )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_volumes_close(path: Path) -> None:
    scenario = ts.load(path)
    sites = {site.id: site for site in scenario.topology.sites}
    blocks = {block.id: block for block in scenario.experiment.scenarios}
    for name, site, a_week, a_year_tb in made(compile_plan(scenario)):
        block = blocks[name]
        studies, annual = (getattr(block, field) for field in ("studies_per_day", "annual_tb"))
        if studies is not None:
            # Weekends make less than weekdays, never more.
            assert 5 * studies <= a_week * (1 + 1e-9) <= 7 * studies * (1 + 1e-6)
        else:
            wanted = annual if annual is not None else sites[site].annual_tb
            assert wanted is not None, "nothing says how much"
            assert a_year_tb == pytest.approx(wanted, rel=1e-9)


def test_enough_of_the_experiments_make_studies() -> None:
    """The sizing rows, storage and the three kinds of reporting are among them."""
    making = {path.stem for path in FILES if list(made(compile_plan(ts.load(path))))}
    assert making >= {"storage", "backup", "sizing", "cloud_pacs", "remote_diagnosis"}
