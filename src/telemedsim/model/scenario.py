"""What every block of work has, whatever its workflow, and how its limits are overridden."""

from collections.abc import Iterable, Iterator
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


class ScenarioBase(Judged):
    """The base of every workflow's block; subclasses carry ``workflow: Literal[...]``."""

    workflow: str
    """What the users do; the word that chooses the block's other fields."""

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield the settings that contradict each other; a field at fault may be None here."""
        return iter(())
