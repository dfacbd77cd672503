"""Routes: least delay over active links, the same out and back."""

from itertools import pairwise

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from telemedsim.catalogue.load import catalogue
from telemedsim.model.topology import Topology
from telemedsim.network.links import ResolvedLink, resolve_links
from telemedsim.network.routing import Router, build_graph, parents, weight_ns

NAMES = ["a", "b", "c", "d", "e"]


def network(*links: dict[str, object]) -> tuple[tuple[ResolvedLink, ...], Router]:
    sites = [
        {"id": name, "tier": "county", "latitude": 26 + i, "longitude": 106.0}
        for i, name in enumerate(NAMES)
    ]
    rows = [{"id": f"l{i}", "technology": "sdh", **link} for i, link in enumerate(links)]
    document = {"telemedsim": 1, "kind": "topology", "name": "t", "sites": sites, "links": rows}
    resolved = resolve_links(Topology.model_validate(document), catalogue())
    return resolved, Router(NAMES, resolved)


def line(a: str, b: str, km: float, **more: object) -> dict[str, object]:
    return {"ends": [a, b], "distance_km": km, "rate_bps": 100_000_000, **more}


def test_the_shorter_way_wins_and_directions_are_kept() -> None:
    _, router = network(line("a", "b", 100), line("c", "b", 100), line("a", "c", 500))
    assert router.path("a", "c") == ["a", "b", "c"]
    # Up is from a link's first end: l0 up is interface 0, l1 towards c is its down interface 3.
    assert router.interfaces("a", "c") == (0, 3)
    assert router.interfaces("c", "a") == (2, 1)
    assert router.interfaces("a", "a") == ()


def test_a_slow_link_weighs_its_transmission() -> None:
    # 1500 bytes at 64 kbit/s take 187.5 ms: more than 500 km of fibre.
    _, router = network(
        line("a", "b", 1, rate_bps=64_000), line("a", "c", 300), line("c", "b", 200)
    )
    assert router.path("a", "b") == ["a", "c", "b"]


def test_of_parallel_links_the_lightest_and_no_standby() -> None:
    _, router = network(
        line("a", "b", 1, role="standby", standby_of="l1"), line("a", "b", 90), line("a", "b", 80)
    )
    assert router.interfaces("a", "b") == (4,)


def test_no_way_is_none() -> None:
    _, router = network(line("a", "b", 1))
    assert router.path("a", "e") is None
    assert router.interfaces("a", "e") is None


def test_the_parent_is_the_next_site_towards_the_nearest_root() -> None:
    _, router = network(line("b", "a", 1), line("c", "b", 1), line("d", "e", 1))
    assert parents(router, NAMES, ["a", "e"]) == {"b": "a", "c": "b", "d": "e"}


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(1, 900)), max_size=12))
def test_routes_are_shortest_and_symmetric(edges: list[tuple[int, int, int]]) -> None:
    rows = [line(NAMES[a], NAMES[b], km) for a, b, km in edges if a != b]
    links, router = network(*rows)
    far = float("inf")
    # Floyd and Warshall as the independent answer.
    cost = {(x, y): 0 if x == y else far for x in NAMES for y in NAMES}
    for one in links:
        for x, y in (one.ends, one.ends[::-1]):
            cost[x, y] = min(cost[x, y], weight_ns(one))
    for k in NAMES:
        for x in NAMES:
            for y in NAMES:
                cost[x, y] = min(cost[x, y], cost[x, k] + cost[k, y])
    for x in NAMES:
        for y in NAMES:
            way = router.interfaces(x, y)
            assert (way is None) == (cost[x, y] == far)
            if way is not None:
                assert sum(weight_ns(links[i // 2]) for i in way) == cost[x, y]
                assert router.path(y, x) == router.path(x, y)[::-1]
                stops = [links[i // 2].ends[:: 1 if i % 2 == 0 else -1] for i in way]
                assert all(left[1] == right[0] for left, right in pairwise(stops))


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(1, 3)), min_size=0, max_size=9
    )
)
def test_ways_are_those_of_a_dijkstra_over_the_whole_network(
    drawn: list[tuple[int, int, int]],
) -> None:
    """Trees taken off, rings kept, ties and parallel links included."""
    lines = [line(NAMES[a], NAMES[b], 100 * km) for a, b, km in drawn if a != b]
    resolved, router = network(*lines)
    graph = build_graph(NAMES, resolved)
    for source in NAMES:
        for target in NAMES:
            root, leaf = min(source, target), max(source, target)
            way = nx.single_source_dijkstra_path(graph, root).get(leaf)
            expected = way[::-1] if way is not None and root != source else way
            assert router.path(source, target) == expected


def test_a_tree_needs_no_dijkstra() -> None:
    _, router = network(line("b", "a", 5), line("c", "a", 5), line("d", "b", 5), line("e", "b", 5))
    assert router.path("d", "c") == ["d", "b", "a", "c"]
    assert router.path("d", "e") == ["d", "b", "e"]
    assert not router._paths
