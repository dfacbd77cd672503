"""What only shows when work is compiled, found beforehand and told as faults of the files.

Every block is compiled for one site at a time, on what can be read of both files, so that all
that is wrong is told at once; a claim that a fault elsewhere may explain is not made.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from telemedsim.catalogue.load import catalogue
from telemedsim.core.errors import Fault, PathParts
from telemedsim.core.validation import fault_at
from telemedsim.model.check_experiment import judged
from telemedsim.model.drafts import ExperimentDraft, Placed, TopologyDraft
from telemedsim.model.experiment import Connection, Experiment, Window
from telemedsim.model.load import Scenario
from telemedsim.model.scenario import Judged, ScenarioBase
from telemedsim.model.selector import Selector, select
from telemedsim.model.topology import Site, Topology
from telemedsim.model.workflows import (
    Archiving,
    Broadcast,
    Examination,
    MorningReading,
    StudyReplication,
)
from telemedsim.model.workflows.study_upload import Uploads
from telemedsim.network.check_recovery import check_centres
from telemedsim.network.check_sampling import check_sampling
from telemedsim.network.compile import parent_sites
from telemedsim.network.compile_archiving import default_night, nights_within
from telemedsim.network.compile_broadcast import shows_within
from telemedsim.network.compile_imaging import studies_of_site
from telemedsim.network.compile_replication import disaster_after_s
from telemedsim.network.compile_work import compile_block, compile_connections
from telemedsim.network.links import node_names, resolve_links
from telemedsim.network.participants import NoSites, Pair, Participants, Unworkable, both_ways
from telemedsim.network.routing import Router
from telemedsim.network.work import BroadcastWork

JUDGING = frozenset({"limits", "statistic", "delay_basis"})
"""Fields that compilation never reads."""
SHOWN_SITES = 3
DISAGREEMENT = 0.1
"""Share by which a site's count of studies may differ from what its volume makes, untold."""
NOON = Window(start="12:00", duration_s=1.0)
"""Stands for a window at fault; nothing told here depends on it."""


def check_work(experiment: ExperimentDraft, topology: TopologyDraft) -> list[Fault]:
    """Return a fault for each reason why a block cannot be compiled, with the sites concerned."""
    faults = list(check_sampling(experiment))
    if not any(site.tier is not None for site in topology.partial.sites):
        return faults
    network = _Network(experiment, topology)
    faults += check_centres(experiment, topology.partial)
    for block in judged(experiment):
        if block.record.selects and block.faulty <= JUDGING and not _contradictory(block.record):
            faults += network.faults_of(block)
    return faults


def _contradictory(block: Judged) -> bool:
    return isinstance(block, ScenarioBase) and any(True for _ in block.contradictions())


class _Network:
    """The nodes and ways of what can be read of a topology, and what is doubtful about them."""

    def __init__(self, experiment: ExperimentDraft, draft: TopologyDraft) -> None:
        facts = catalogue()
        topology = _usable(draft)
        names = [node for node, _ in node_names(topology)]
        self.experiment = experiment
        self.topology = topology
        self.names = names
        self.router = Router(names, resolve_links(topology, facts))
        self.ways_known = len(topology.links) == len(draft.links) and not (
            draft.doubts_links("ends", "technology", "role")
            or draft.doubts_sites("id", "tier", "latitude", "longitude")
        )
        self.clean = {one.record.id for one in draft.sites if one.clean}
        index = {node: position for position, node in enumerate(names)}
        parents = parent_sites(topology, self.router, facts)
        scenario = Scenario(_stand_in(experiment), topology, {}, (), {})
        self.parties = Participants(scenario, facts, index, tuple(facts.classes), parents)

    def faults_of(self, block: Placed[Judged]) -> Iterator[Fault]:
        """Yield the faults of a block: one for each reason, whatever the number of sites."""
        role = block.record.selects
        selector: Selector = getattr(block.record, role)
        name = role.rstrip("_")
        seed = self.experiment.seed if self.experiment.seed is not None else 1
        sites = select(selector, self.topology, seed, f"{block.record.id}/{name}")
        yield from self._unseen(block)
        yield from self._disagreeing(block, [site for site in sites if site.id in self.clean])
        if not sites or self._all_work(block.record):
            return
        found: dict[tuple[str, str], list[Unworkable]] = {}
        idle = 0
        for site in sites:
            one = block.record.model_copy(update={role: Selector(ids=(site.id,))})
            try:
                idle += not self._works(one, site.id)
            except NoSites:
                return  # That a selector matches nothing is told with the selector.
            except Unworkable as error:
                found.setdefault((error.field, error.message), []).append(error)
        for errors in found.values():
            yield from self._told(block, errors)
        if idle == len(sites):
            message = "every site here would only deal with itself, so nothing is simulated"
            hint = "Select other sites, or give these a 'campus' network"
            path = (*block.path, name)
            yield fault_at(self.experiment.node, path, "TM307", message, hint=hint)

    def _all_work(self, block: Judged) -> bool:
        """Return whether a whole block is work, as most are; else its sites are tried one by one."""
        try:
            return self._works(block, "")
        except Unworkable:
            return False

    def _unseen(self, block: Placed[Judged]) -> Iterator[Fault]:
        """Yield a warning for a schedule of which the window sees nothing."""
        record, window = block.record, self.experiment.window
        if isinstance(record, Archiving) and window is not None:
            yield from self._by_day(block.path, record, window)
        if isinstance(record, StudyReplication) and window is not None:
            yield from self._no_disaster(block.path, record, window)
        if (
            not isinstance(record, Broadcast | Examination | MorningReading)
            or not record.schedule
            or window is None
        ):
            return
        if not shows_within(record.schedule, window.start_s, window.duration_s):
            message = f"no {record.workflow} is on in the window, {window.duration_s:g} s from {window.start}"
            path = (*block.path, "schedule")
            hint = f"Move the window, or the {record.workflow}s"
            yield fault_at(self.experiment.node, path, "TM402", message, hint=hint)

    def _by_day(self, path: PathParts, record: Archiving, window: Window) -> Iterator[Fault]:
        hours = record.night or default_night(catalogue())
        if not any(True for _ in nights_within(hours, window)):
            message = f"the window, {window.duration_s:g} s from {window.start}, sees nothing of the nights"
            hint = f"Nights are from {hours.start} to {hours.end}: move the window, or them"
            yield fault_at(self.experiment.node, path, "TM402", message, hint=hint)

    def _no_disaster(
        self, path: PathParts, record: StudyReplication, window: Window
    ) -> Iterator[Fault]:
        if record.disaster is None or record.disaster.at is None:
            return
        if disaster_after_s(record.disaster, window) >= window.duration_s:
            message = f"the window, {window.duration_s:g} s from {window.start}, does not see this disaster"
            at = (*path, "disaster", "at")
            hint = "Move the window, or the disaster"
            yield fault_at(self.experiment.node, at, "TM402", message, hint=hint)

    def _disagreeing(self, block: Placed[Judged], sites: Sequence[Site]) -> Iterator[Fault]:
        """Yield a warning where sites count other studies than their volume makes; it is taken."""
        record = block.record
        if not isinstance(record, Uploads) or (record.studies_per_day, record.annual_tb) != (
            None,
            None,
        ):
            return
        told = [
            f"'{site.id}' ({site.studies_per_day:g} a day, its volume makes {made:.0f})"
            for site in sites
            if site.studies_per_day is not None
            and (made := studies_of_site(self.parties, record, site)) is not None
            and abs(made - site.studies_per_day) > DISAGREEMENT * site.studies_per_day
        ]
        if told:
            more = f" and {len(told) - SHOWN_SITES} more" if len(told) > SHOWN_SITES else ""
            message = f"the volume counts, not 'studies_per_day', at {', '.join(told[:SHOWN_SITES])}{more}"
            hint = "Let both agree, or give 'studies_per_day' to this block"
            yield fault_at(self.experiment.node, (*block.path, "from"), "TM402", message, hint=hint)

    def _works(self, block: Judged, site: str) -> bool:
        """Return whether a site's part of a block is any work; Unworkable where a way is missing."""
        if isinstance(block, ScenarioBase):
            works, pairs = compile_block(self.parties, block)
            busy = any(not isinstance(one, BroadcastWork) or one.viewers for one in works)
        else:
            assert isinstance(block, Connection)
            lines = compile_connections(self.parties, block)
            pairs = both_ways((one.place, one.towards) for one in lines)
            busy = bool(lines)
        self._check_ways(block, site, pairs)
        return busy

    def _check_ways(self, block: Judged, site: str, pairs: Sequence[Pair]) -> None:
        for tail, head in pairs:
            if self.router.path(self.names[tail], self.names[head]) is None:
                message = "no active link leads to the other end from"
                remedy = "Add a link, or leave these out with 'except'"
                field = block.selects.rstrip("_")
                raise Unworkable(block.id, field, message, remedy, site=site, way=True)

    def _told(self, block: Placed[Judged], errors: Sequence[Unworkable]) -> Iterator[Fault]:
        first = errors[0]
        sites = [one.site for one in errors if one.site in self.clean]
        if first.site and (not sites or (first.way and not self.ways_known)):
            return
        names = ", ".join(f"'{site}'" for site in sites[:SHOWN_SITES])
        more = f" and {len(sites) - SHOWN_SITES} more" if len(sites) > SHOWN_SITES else ""
        message = f"{first.message} {names}{more}".rstrip()
        path = (*block.path, first.field)
        yield fault_at(self.experiment.node, path, "TM312", message, hint=first.remedy or "")


def _usable(draft: TopologyDraft) -> Topology:
    """Return the sites and links that can be resolved; a place at fault is taken as 0, 0."""
    facts, topology = catalogue(), draft.partial
    technologies = {*facts.technologies, *(row.id for row in topology.technologies)}
    sites = []
    for site in topology.sites:
        place: dict[str, Any] = {
            name: 0.0 for name in ("latitude", "longitude") if getattr(site, name) is None
        }
        if site.campus is not None and site.campus.technology not in technologies:
            place["campus"] = None
        sites.append(site.model_copy(update=place) if place else site)
    links = tuple(link for link in topology.links if link.technology in technologies)
    return topology.model_copy(update={"sites": tuple(sites), "links": links})


def _stand_in(draft: ExperimentDraft) -> Experiment:
    """Return an experiment of what compilation asks for: the seed and the window."""
    return Experiment.model_construct(
        telemedsim=1,
        kind="experiment",
        name="",
        topology="",
        seed=draft.seed if draft.seed is not None else 1,
        window=draft.window or NOON,
    )
