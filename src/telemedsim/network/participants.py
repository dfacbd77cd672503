"""Who takes part and where they sit: what every workflow's compilation asks of a scenario."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, cast

from telemedsim.catalogue.default_parts import (
    daily_profile,
    dicom_protocol,
    probe_source,
    study_mix,
    tcp,
)
from telemedsim.catalogue.load import Catalogue
from telemedsim.catalogue.rows import Sla
from telemedsim.core.errors import TelemedsimError
from telemedsim.core.units import seconds_to_ns
from telemedsim.model.load import Scenario
from telemedsim.model.scenario import Judged
from telemedsim.model.selector import Selector, select
from telemedsim.model.topology import Site
from telemedsim.network.links import campus_node, campus_nodes
from telemedsim.network.work import Place, Probe
from telemedsim.parts.arrivals.daily_profile import DAY_NS, DailyProfile
from telemedsim.parts.arrivals.poisson import Poisson
from telemedsim.parts.traffic.dicom import DicomProtocol
from telemedsim.parts.traffic.studies import StudyMix
from telemedsim.parts.transport import Tcp

T = TypeVar("T")

WINDOW_DAY = 2
"""Days since Monday: a window opens on a Wednesday, so that its night before is a weekday's too."""


class Unworkable(TelemedsimError):  # noqa: N818 - it reads as what it is
    """Work that cannot be compiled, for all sites or for one; names the block's field at fault."""

    def __init__(
        self,
        block: str,
        field: str,
        message: str,
        remedy: str,
        *,
        site: str = "",
        way: bool = False,
    ) -> None:
        where = f" '{site}'" if site else ""
        super().__init__(f"'{block}': {message}{where}", path=f"{block}.{field}", remedy=remedy)
        self.field = field
        self.message = message
        """What is wrong; where a site is given it ends with the word that the site's name follows."""
        self.site = site
        self.way = way
        """It follows from the links."""


class NoVolume(Unworkable):
    """Sites whose studies nothing counts."""

    def __init__(self, block: str, site: str) -> None:
        message = "nothing says how many studies are made at"
        remedy = (
            "Add 'annual_tb', 'beds' or 'studies_per_day' to the site, or a volume to this block"
        )
        super().__init__(block, "from", message, remedy, site=site)


class NoSites(Unworkable):
    """A selector that matches nothing."""


@dataclass(frozen=True)
class Participants:
    """A scenario, the catalogue and the nodes; answers in the engine's terms."""

    scenario: Scenario
    catalogue: Catalogue
    nodes: Mapping[str, int]
    """Node -> index."""
    classes: tuple[str, ...]
    parent_of: Mapping[str, str]
    """Site -> the next site on its way to the centre."""

    @cached_property
    def _made(self) -> dict[Hashable, Any]:
        return {}

    def once(self, what: Hashable, make: Callable[[], T]) -> T:
        """Return a part that many sites share: made when it is first asked for by that name."""
        if what not in self._made:
            self._made[what] = make()
        return cast(T, self._made[what])

    @cached_property
    def sites(self) -> Mapping[str, Site]:
        """Sites by id."""
        return {site.id: site for site in self.scenario.topology.sites}

    def selected(self, selector: Selector, block: Judged, role: str) -> tuple[Site, ...]:
        """Return the sites of a selector; TelemedsimError when there is none."""
        if selector.ids is not None and selector == Selector(ids=selector.ids[:1]):
            # One site by its id: no need to ask all the others.
            only = self.sites.get(selector.ids[0])
            if only is not None:
                return (only,)
        experiment = self.scenario.experiment
        found = select(selector, self.scenario.topology, experiment.seed, f"{block.id}/{role}")
        if not found:
            remedy = "Widen the selector: its conditions must hold together"
            raise NoSites(block.id, role, "no site takes part", remedy)
        return found

    def server_room(self, site: str) -> Place:
        """Return where a site's archive, front-end processor or bridge stands."""
        return self._place(self.sites[site], site)

    def campus(self, site: str) -> Place:
        """Return where a site's terminals, readers, rooms and viewers are."""
        return self._place(self.sites[site], campus_node(self.sites[site]))

    def access_points(self, site: Site) -> tuple[Place, ...]:
        """Return where a site's terminals may connect; nowhere else than at its node without a campus."""
        return tuple(self._place(site, node) for node in campus_nodes(site))

    def _place(self, site: Site, node: str) -> Place:
        return Place(site.id, site.tier, self.nodes[node], node)

    def upwards(self, site: str, word: str, block: Judged, field: str) -> str:
        """Return the site that a word means for a site: own_site, parent, a tier or a site's id.

        A tier is the nearest site of that tier on the way up, the site itself not counted.
        Unworkable, for the field of the block that holds the word, when there is none.
        """
        if word in self.sites:
            return word
        if word == "own_site":
            return site
        above = self.ancestors(site)
        if word == "parent" and above:
            return above[0]
        found = next((one for one in above if self.sites[one].tier == word), None)
        if found is None:
            what = "no site" if word == "parent" else f"no site of tier '{word}'"
            message = f"{what} is on the way up from"
            remedy = "Name a site instead, or leave these out with 'except'"
            raise Unworkable(block.id, field, message, remedy, site=site, way=True)
        return found

    def server_of(self, site: Site, word: str, block: Judged, field: str) -> str:
        """Return the site that serves a site: itself if the word is its id or tier, else one upwards."""
        return (
            site.id if word in (site.id, site.tier) else self.upwards(site.id, word, block, field)
        )

    def by_server(
        self, sites: Iterable[Site], word: str, block: Judged, field: str
    ) -> dict[str, list[Site]]:
        """Return the sites that each server which a word means for them serves, in their order."""
        found: dict[str, list[Site]] = {}
        for site in sites:
            found.setdefault(self.upwards(site.id, word, block, field), []).append(site)
        return found

    def ancestors(self, site: str) -> list[str]:
        """Return the sites on the way to the centre, the nearest first."""
        way: list[str] = []
        while (above := self.parent_of.get(way[-1] if way else site)) is not None:
            if above in way:
                break
            way.append(above)
        return way

    def class_index(self, name: str) -> int:
        """Return the index of a class of service."""
        return self.classes.index(name)

    def protocol(self, kind: str, window: int | None = None) -> DicomProtocol:
        """Return a protocol of the catalogue, with so many objects unacknowledged if that is asked for."""
        return self.once(
            ("dicom", kind, window), lambda: dicom_protocol(self.catalogue, kind, window)
        )

    def probe(self, sla: Sla) -> Probe | None:
        """Return the probe that judges a service's transfers, None if nothing bounds their loss."""
        return self.prober() if sla.clause("loss_max") is not None else None

    def prober(self) -> Probe:
        """Return the catalogue's probe."""
        return self.once("prober", lambda: Probe(probe_source(self.catalogue)))

    def tcp(self) -> Tcp:
        """Return the catalogue's TCP."""
        return self.once("tcp", lambda: tcp(self.catalogue))

    def profile(self, hours: str = "clinic") -> DailyProfile:
        """Return the shape of the day: of a clinic, of night work, or even."""
        return self.once(("profile", hours), lambda: daily_profile(self.catalogue, hours))

    def mix(self, shares: Mapping[str, float] | None, codec: str | None) -> StudyMix:
        """Return the studies of the catalogue's mix or of given shares, compressed by a codec."""
        given_shares = None if shares is None else tuple(sorted(shares.items()))
        return self.once(
            ("mix", given_shares, codec), lambda: study_mix(self.catalogue, shares, codec)
        )

    def arrivals(self, per_weekday: float, hours: str = "clinic") -> Poisson:
        """Return arrivals over the day, so many on a weekday."""
        window = self.scenario.experiment.window
        return Poisson(
            profile=self.profile(hours),
            per_weekday=per_weekday,
            opens_ns=WINDOW_DAY * DAY_NS + seconds_to_ns(window.start_s),
            batch_mean=self.catalogue.number("batch_mean"),
        )

    def hours_ns(self, fact: str) -> int:
        """Return a fact in hours as nanoseconds."""
        return seconds_to_ns(self.catalogue.number(fact) * 3600)


Pair = tuple[int, int]


def both_ways(pairs: Iterable[tuple[Place, Place]]) -> list[Pair]:
    """Return the pairs of nodes that need routes, there and back; none within one node."""
    found: list[Pair] = []
    for one, other in pairs:
        if one.node != other.node:
            found += [(one.node, other.node), (other.node, one.node)]
    return found


def given(value: Any, default: Any) -> Any:
    """Return what the user wrote, or the catalogue's figure."""
    return default if value is None else value
