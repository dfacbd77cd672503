"""What a region asks of its network in a year: remote services, and its sites' own images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from telemedsim.catalogue.load import catalogue
from telemedsim.geography.sites import BuiltSite

NAMES = {"diagnosis": "diagnoses", "consultation": "consultations", "education": "lessons"}


@dataclass(frozen=True)
class Demand:
    """A year of a region."""

    services: Mapping[str, float]
    """Remote services by kind."""
    days: int
    """On which remote services are given."""
    images_tb: float
    """What the sites' own studies make after compression, each site by its size."""

    @property
    def services_a_year(self) -> float:
        """Remote services of all kinds."""
        return sum(self.services.values())

    def words(self) -> tuple[str, ...]:
        """Return the demand in lines of words, for the head of a built file."""
        kinds = ", ".join(f"{count:,.0f} {NAMES[kind]}" for kind, count in self.services.items())
        return (
            f"demand: {self.services_a_year:,.0f} remote services a year, assumed to be {kinds};",
            f"{self.services_a_year / self.days:,.0f} on each of {self.days} working days; beside"
            f" them {self.images_tb:,.0f} TB a year of the sites' own images",
        )


def demand_of(sites: Sequence[BuiltSite]) -> Demand:
    """Return the yearly demand of some sites: their share, by number, of the white paper's remote services."""
    facts = catalogue()
    share = len(sites) / facts.number("institutions_connected")
    yearly = facts.number("remote_services_per_year") * share
    parts: Mapping[str, float] = facts.value("remote_service_shares")
    return Demand(
        {kind: yearly * part for kind, part in parts.items()},
        int(facts.number("remote_service_days_per_year")),
        sum(site.annual_tb for site in sites),
    )
