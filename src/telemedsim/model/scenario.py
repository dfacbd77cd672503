"""What every block of work has, whatever its workflow, and how its limits are overridden."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field

from telemedsim.core.frozen import Frozen
from telemedsim.core.measures import RATIO, In, UnitError
from telemedsim.model.references import ClassName, ClauseName, ServiceName
from telemedsim.model.words import Identifier


@dataclass(frozen=True)
class Bound(In):
    """The measure of a clause's bound: a plain number in the clause's unit, or a share in %."""

    def parse(self, text: str, others: Iterable[In] = ()) -> int | float:
        """Return the value of a share; UnitError that says how bounds are written."""
        try:
            return super().parse(text, others)
        except UnitError as error:
            hint = "Write a number in the unit of the clause's name (delay_ms_max: 60), or a share as 0.1 %"
            raise UnitError(error.message, hint, error.code) from None


LimitValue = Annotated[float, Bound(replace(RATIO, name="a bound"), "", 1e12, least=1e-12)]
"""A bound in its clause's unit; a share may be written in %."""

Statistic = Literal["p50", "p95", "p99", "max", "mean"]
DelayBasis = Literal["one_way", "round_trip"]


class Contradiction(NamedTuple):
    """Two settings of a block that exclude each other."""

    field: str
    """Where it is told."""
    message: str
    remedy: str


class Judged(Frozen):
    """What is judged by an SLA of the catalogue, some of whose bounds may be overridden."""

    selects: ClassVar[str] = ""
    """Field that selects the sites whose work is compiled one by one."""
    id: Identifier
    """Its own name, unique in the experiment."""
    service: ServiceName
    """Row of the catalogue whose SLA it is judged by."""
    class_of_service: ClassName | None = None
    """Class of its packets; the service's own where none is given."""
    limits: dict[ClauseName, LimitValue] = Field(default_factory=dict)
    """Clause -> bound that replaces the catalogue's; such results are flagged as overridden."""
    statistic: Statistic | None = None
    """What of a leg's delays is compared; the catalogue's where none is given."""
    delay_basis: DelayBasis | None = None
    """Whether delays count one way or both; the catalogue's where none is given."""

    def judged_by(self) -> tuple[str, ...]:
        """Return the services whose clauses judge sessions of the block; none if one is at fault."""
        return (self.service,) if self.service is not None else ()


class ScenarioBase(Judged):
    """The base of every workflow's block; subclasses carry ``workflow: Literal[...]``."""

    part_workflows: ClassVar[Mapping[str, str]] = {}
    """Part of a session that a service of its own judges, in the block's field `services` -> workflow
    whose services judge it."""
    workflow: str
    """What the users do; the word that chooses the block's other fields."""

    def part_services(self) -> dict[str, str]:
        """Return the services of the parts, by part; those at fault are left out."""
        named = getattr(self, "services", None)
        found = {part: getattr(named, part, None) for part in self.part_workflows}
        return {part: service for part, service in found.items() if service is not None}

    def judged_by(self) -> tuple[str, ...]:
        """Return the services of the whole and of the parts, each once; none if one is at fault."""
        parts = self.part_services()
        if self.service is None or len(parts) < len(self.part_workflows):
            return ()
        return tuple(dict.fromkeys((self.service, *parts.values())))

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield the settings that contradict each other; a field at fault may be None here."""
        return iter(())
