"""The public names: everything the command line does is one call here."""

import html
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from telemedsim.core.errors import Fault
from telemedsim.model import load as _load
from telemedsim.model.load import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from telemedsim.geography import Built
    from telemedsim.model.overrides import Override
    from telemedsim.model.recipe import Recipe
    from telemedsim.study.forecast import Forecast
    from telemedsim.study.run import Run
    from telemedsim.study.verification import Verification

Progress = Callable[[int], None]


@dataclass(frozen=True, repr=False)
class Results:
    """A judged run as DataFrames; units stand in the column names (`records.schema`)."""

    tables: "Mapping[str, pd.DataFrame]"
    manifest: Mapping[str, Any]
    scenario_text: str
    """The resolved scenario, as YAML."""
    folder: Path | None = None
    """Where it was read from; None for a run not yet saved."""

    @property
    def summary(self) -> "pd.DataFrame":
        """One row for each scenario, service, tier and clause."""
        return self.tables["summary"]

    @property
    def verdicts(self) -> "pd.DataFrame":
        """One row for each leg and clause, with the observed value, the margin and the cause."""
        return self.tables["verdicts"]

    @property
    def sessions(self) -> "pd.DataFrame":
        """One row for each use of a service."""
        return self.tables["sessions"]

    @property
    def legs(self) -> "pd.DataFrame":
        """One row for each participant and direction."""
        return self.tables["legs"]

    @property
    def links(self) -> "pd.DataFrame":
        """One row for each direction of each link."""
        return self.tables["links"]

    def violations(self) -> "pd.DataFrame":
        """Return the violated verdicts, the widest margin of failure first within each clause.

        >>> thin = ["window.duration=1 s", "links.tongzi-line.rate=5 Mbit/s"]
        >>> run = simulate(load("experiments/reference_half_hour.yaml", thin), engine="null")
        >>> run.violations()[["site", "observed", "bound", "unit"]].values.tolist()[0]
        ['tongzi', 5.0, 20.0, 'Mbit/s']
        """
        broken = self.verdicts[self.verdicts["verdict"] == "violated"]
        return broken.sort_values(["clause", "margin", "leg"]).reset_index(drop=True)

    def save(self, results: Path | str = "results") -> Path:
        """Write the run's folder under ``results``; return it. Nothing is left if it fails.

        Raises UnreadableResults if it cannot be written. ``open_run`` reads it back.
        """
        from telemedsim.report.figures import run_figures
        from telemedsim.study.archive import save_run

        pictures = run_figures(self.tables, self.manifest)
        return save_run(self.tables, self.manifest, self.scenario_text, Path(results), pictures)

    def __repr__(self) -> str:
        """Return one line: what ran, how much, and how many verdicts are violated."""
        broken = int((self.verdicts["verdict"] == "violated").sum())
        return (
            f"<Results {self.manifest['experiment']}: {len(self.sessions)} sessions, "
            f"{len(self.verdicts)} verdicts, {broken} violated, engine {self.manifest['engine']}>"
        )

    def _repr_html_(self) -> str:
        """Return the summary as an HTML table, at most 200 rows."""
        title = html.escape(repr(self))
        return f"<p>{title}</p>{self.summary.head(200).to_html(index=False, escape=True)}"


def load(path: Path | str, settings: "Iterable[str | Override]" = ()) -> Scenario:
    """Return a validated experiment with its topology; raise InvalidInput with all faults.

    ``settings`` are overrides, such as ``"links.county-1.rate=100 Mbit/s"``.

    >>> scenario = load("experiments/reference_half_hour.yaml", ["seed=7", "window.duration=90 s"])
    >>> scenario.experiment.seed, scenario.experiment.window.duration_s
    (7, 90.0)
    """
    from telemedsim.network.check_work import check_work

    return _load.load(Path(path), tuple(settings), check_work, _built_text)


def check(paths: Iterable[Path | str]) -> list[Fault]:
    """Return every fault of some topology and experiment files; simulates nothing.

    >>> check(["topologies/reference.yaml", "experiments/reference_half_hour.yaml"])
    []
    >>> [fault.level for fault in check(["nowhere.yaml"])]
    ['error']
    """
    from telemedsim.network.check_work import check_work

    return _load.check([Path(path) for path in paths], check_work, _built_text)


@lru_cache(maxsize=1)
def _built_text(recipe: "Recipe") -> str:
    # A country takes some 16 s, and its picture or its experiment asks for it again.
    from telemedsim.geography import build_region

    return build_region(recipe).text


def simulate(
    scenario: Scenario | Path | str,
    *,
    engine: str | None = None,
    replication: int = 0,
    progress: Progress | None = None,
    tell: Callable[[str], None] | None = None,
) -> Results:
    """Simulate one replication and judge it; the same scenario gives the same tables.

    ``engine`` replaces the experiment's; ``progress`` is called with the simulated time in ns,
    ``tell`` with lines about what is done once before the first packet: compiling kernels.

    >>> scenario = load("experiments/reference_half_hour.yaml", ["window.duration=1 s"])
    >>> run = simulate(scenario, engine="null")
    >>> run.manifest["sites"], len(run.summary) > 0
    (12, True)
    """
    from telemedsim.study.run import run_once

    ready = scenario if isinstance(scenario, Scenario) else load(scenario)
    run = run_once(ready, engine=engine, replication=replication, progress=progress, tell=tell)
    return _results(run)


def verify(scenario: Scenario | Path | str) -> "Verification":
    """Return where the hybrid engine differs from the reference on a scenario; both run it in full.

    >>> thin = ["window.duration=1 s", "connections=[]"]
    >>> rows = verify(load("experiments/reference_half_hour.yaml", thin)).rows
    >>> list(rows.columns[:3])
    ['scenario', 'quantity', 'unit']
    """
    from telemedsim.study.verification import verify as verified

    return verified(scenario if isinstance(scenario, Scenario) else load(scenario))


def _results(run: "Run") -> Results:
    return Results(run.tables, run.manifest, run.scenario_text)


def evaluate(results: Results, limits: Mapping[tuple[str, str], float] | None = None) -> Results:
    """Return a run judged again without simulating; ``limits`` maps (scenario, clause) to a bound.

    Raises KeyError for a scenario and clause that the run does not have.

    >>> scenario = load("experiments/reference_half_hour.yaml", ["window.duration=1 s"])
    >>> run = simulate(scenario, engine="null")
    >>> strict = evaluate(run, {("county_lines", "bandwidth_mbps_min"): 1000})
    >>> set(strict.violations()["scenario"])
    {'county_lines'}
    """
    from telemedsim.study.rejudge import rejudge

    return Results(
        rejudge(results.tables, limits or {}),
        results.manifest,
        results.scenario_text,
        results.folder,
    )


def open_run(folder: Path | str) -> Results:
    """Return a saved run; raise UnreadableResults, naming the file, if it is damaged."""
    from telemedsim.records.store import open_run as opened

    saved = opened(Path(folder))
    return Results(saved.tables, saved.manifest, saved.scenario_text, Path(folder))


def check_output(results: Path | str) -> None:
    """Raise UnreadableResults if no run could be written under a folder; writes nothing.

    >>> check_output("results")
    """
    from telemedsim.records.store import check_writable

    check_writable(Path(results))


def plan(scenario: Scenario | Path | str) -> "Forecast":
    """Return what a run would do: sessions, packets, time, memory, load over capacity.

    >>> forecast = plan(load("experiments/reference_half_hour.yaml", ["window.duration=1 s"]))
    >>> forecast.figures["simulated_s"], list(forecast.loads.columns)[-2:]
    (1.0, ['offered_mbps', 'load'])
    """
    from telemedsim.study.forecast import forecast

    return forecast(scenario if isinstance(scenario, Scenario) else load(scenario))


def catalogue_frame(topic: str, name: str | None = None) -> "pd.DataFrame":
    """Return the catalogue's rows of a topic, or those whose id begins with ``name``.

    >>> list(catalogue_frame("technologies", "satellite")["id"])
    ['satellite_geo', 'satellite_leo']
    """
    from telemedsim.study import listings

    return listings.catalogue_frame(topic, name)


def catalogue_topics() -> dict[str, str]:
    """Return the catalogue's topics and what they hold.

    >>> catalogue_topics()["technologies"]
    'what links are like, by technology'
    """
    from telemedsim.study.listings import topics

    return topics()


def topology_frame(path: Path | str, what: str = "summary") -> "pd.DataFrame":
    """Return a topology's ``summary``, ``sites`` or ``links`` as a table.

    >>> list(topology_frame("topologies/reference.yaml", "sites")["site"])[:3]
    ['national', 'provincial', 'zunyi']
    """
    from telemedsim.study.listings import topology_table

    return topology_table(_load.load_topology(Path(path), _built_text), what)


def draw_topology(path: Path | str, picture: Path | str) -> None:
    """Draw a topology on its map into a PNG file.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     draw_topology("topologies/reference.yaml", f"{folder}/map.png")
    ...     Path(folder, "map.png").read_bytes()[1:4]
    b'PNG'
    """
    from telemedsim.report.figures.map import draw_topology as draw

    draw(topology_frame(path, "sites"), topology_frame(path, "links"), Path(picture))


def build_topology(
    *provinces: str, county_hospitals: int | None = None, institutions: int | None = None
) -> "Built":
    """Return the topology of one or several provinces from real places: its YAML text and a report.

    ``county_hospitals`` are shared out by the provinces' numbers of counties, ``institutions``
    counts the sites of all tiers. Needs the extra ``telemedsim[places]``.
    """
    from telemedsim.geography import build_region, recipe_of

    return build_region(
        recipe_of(provinces, county_hospitals=county_hospitals, institutions=institutions)
    )


def build_country_topology() -> "Built":
    """Return the topology of the country's 22 provinces: its YAML text and a report.

    Needs the extra ``telemedsim[places]``.
    """
    from telemedsim.geography import build_country

    return build_country()


def build_recipe(path: Path | str) -> "Built":
    """Return the topology that a recipe's file describes; raise InvalidInput with its faults.

    Needs the extra ``telemedsim[places]``.
    """
    from telemedsim.geography import build_region

    return build_region(_load.load_recipe(Path(path)))


def schema(kind: str) -> str:
    """Return the JSON Schema of ``topology``, ``recipe`` or ``experiment`` files, as text.

    >>> '"sites"' in schema("topology"), '"window"' in schema("experiment")
    (True, True)
    """
    from telemedsim.model.schema import schema_text

    return schema_text(kind)


def duration_ns(scenario: Scenario) -> int:
    """Return the length of an experiment's window in ns.

    >>> duration_ns(load("experiments/reference_half_hour.yaml", ["window.duration=2 s"]))
    2000000000
    """
    from telemedsim.core.units import seconds_to_ns

    return seconds_to_ns(scenario.experiment.window.duration_s)
