"""From a Scenario to the Plan: the in-door of units; nothing behind it knows YAML or a limit."""

from collections.abc import Mapping, Sequence

import numpy as np

from telemedsim.catalogue.load import Catalogue, catalogue
from telemedsim.core.units import seconds_to_ns
from telemedsim.model.experiment import Experiment
from telemedsim.model.load import Scenario
from telemedsim.model.topology import Topology
from telemedsim.network.check_sampling import block_times_ns, sampling_of
from telemedsim.network.compile_work import compile_work
from telemedsim.network.links import ResolvedLink, node_names, resolve_links
from telemedsim.network.plan import Interfaces, Nodes, Plan
from telemedsim.network.routing import Router, parents
from telemedsim.network.sampling import stratum_ns

BIN_S = 300.0
"""Bins of pooled loss and of connections: 5 minutes (definitions.md, rules 4 and 8)."""
SERIES_BINS = 288
"""Bins of the utilisation series: 5 minutes of a day, and never finer than 1 s."""


def compile_plan(scenario: Scenario, *, replication: int = 0) -> Plan:
    """Return the Plan of one replication of a validated scenario.

    Cost is one Dijkstra for each distinct end of a flow: O(ends x links log sites).
    """
    facts = catalogue()
    topology, experiment = scenario.topology, scenario.experiment
    names = node_names(topology)
    links = resolve_links(topology, facts)
    router = Router([node for node, _ in names], links)
    classes = tuple(facts.classes)
    index = {node: position for position, (node, _) in enumerate(names)}
    parent_of = parent_sites(topology, router, facts)
    works, connections, pairs = compile_work(scenario, facts, index, classes, parent_of)
    duration_ns = seconds_to_ns(experiment.window.duration_s)
    return Plan(
        name=experiment.name,
        seed=experiment.seed,
        replication=replication,
        window_start_ns=seconds_to_ns(experiment.window.start_s),
        duration_ns=duration_ns,
        bin_ns=seconds_to_ns(BIN_S),
        series_bin_ns=_series_bin_ns(experiment, facts, duration_ns),
        classes=classes,
        nodes=_nodes(scenario, names, parent_of),
        interfaces=_interfaces(scenario, links, index),
        routes=_routes(router, [node for node, _ in names], pairs),
        work=works,
        delay_judged=frozenset(
            name for name, one in facts.services.items() if one.clause("delay_ms_max") is not None
        ),
        connections=connections,
        fingerprint=scenario.fingerprint,
        sampled=sampling_of(experiment, facts, replication),
    )


def _series_bin_ns(experiment: Experiment, facts: Catalogue, duration_ns: int) -> int:
    """Return the width of the series' bins; of whole strata, so that each has a sampled block."""
    width_ns = max(seconds_to_ns(1.0), -(-duration_ns // SERIES_BINS))
    if experiment.stream_sampling == 1:
        return width_ns
    block_ns, lead_in_ns, _ = block_times_ns(facts)
    stratum = stratum_ns(experiment.stream_sampling, block_ns, lead_in_ns)
    return stratum * -(-width_ns // stratum)


def parent_sites(topology: Topology, router: Router, facts: Catalogue) -> dict[str, str]:
    """Return for each site the site that serves it: the next one on its way to the highest tier."""
    order = {tier: rank for rank, tier in enumerate(facts.tiers)}
    ranked = [(order[site.tier], site.id) for site in topology.sites if site.tier in order]
    highest = min(ranked)[0]
    roots = [site for rank, site in ranked if rank == highest]
    return parents(router, [site.id for site in topology.sites], roots)


def _nodes(
    scenario: Scenario, names: Sequence[tuple[str, str]], parent_of: Mapping[str, str]
) -> Nodes:
    tiers = {site.id: site.tier for site in scenario.topology.sites}
    return Nodes(
        name=tuple(node for node, _ in names),
        site=tuple(site for _, site in names),
        tier=tuple(tiers[site] for _, site in names),
        parent=tuple(parent_of.get(site, "") for _, site in names),
    )


def _interfaces(
    scenario: Scenario, links: Sequence[ResolvedLink], index: dict[str, int]
) -> Interfaces:
    """Return two rows a link: 2k up, 2k + 1 down."""
    rows = [(link, direction) for link in links for direction in (0, 1)]

    def column(values: Sequence[int]) -> np.ndarray:
        return np.asarray(values, dtype=np.int64)

    return Interfaces(
        name=tuple(f"{link.id}/{('up', 'down')[direction]}" for link, direction in rows),
        link=tuple(link.id for link, _ in rows),
        technology=tuple(link.technology for link, _ in rows),
        origin=tuple(scenario.origin("links", link.id) for link, _ in rows),
        tail=column([index[link.ends[direction]] for link, direction in rows]),
        head=column([index[link.ends[1 - direction]] for link, direction in rows]),
        rate_bps=column([link.rates_bps[direction] for link, direction in rows]),
        propagation_ns=column([link.propagation_ns for link, _ in rows]),
        overhead_bytes=column([link.overhead_bytes for link, _ in rows]),
        min_frame_bytes=column([link.min_frame_bytes for link, _ in rows]),
        queue_limit=column([link.queue_limits[direction][0] for link, direction in rows]),
        queue_in_bytes=column([int(link.queue_limits[direction][1]) for link, direction in rows]),
        scheduler=tuple(link.scheduler for link, _ in rows),
        drop_policy=tuple(link.drop_policy for link, _ in rows),
        loss=tuple(link.loss for link, _ in rows),
        delay_variation=tuple(link.delay_variation for link, _ in rows),
        active=column([int(link.active) for link, _ in rows]),
        monthly_cost=np.asarray([link.monthly_cost for link, _ in rows], dtype=np.float64),
    )


def _routes(
    router: Router, names: Sequence[str], pairs: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], tuple[int, ...]]:
    """Return the interfaces of each pair of nodes, in the order of the pairs."""
    routes: dict[tuple[int, int], tuple[int, ...]] = {}
    for tail, head in sorted(set(pairs)):
        way = router.interfaces(names[tail], names[head])
        if way is None:
            raise ValueError(
                f"no way from {names[tail]} to {names[head]}: the check lets none pass"
            )
        routes[tail, head] = way
    return routes
