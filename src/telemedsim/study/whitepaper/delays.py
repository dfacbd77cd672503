"""Which technology keeps which bound of delay: a probe over an idle line of each, against all bounds of the paper."""

from typing import NamedTuple

from telemedsim.catalogue.load import Catalogue
from telemedsim.catalogue.rows import Sla
from telemedsim.study.whitepaper.rates import simulate_and_judge

DELAYS = "delays"
"""Name of the experiment."""
CLAUSE = "delay_ms_max"
SITE = "over-"
"""Prefix of the sites of the experiment ``delays``, each named after its line's technology."""


class DelayResult(NamedTuple):
    """A bound of delay against the technologies."""

    bound_ms: float
    sections: tuple[str, ...]
    asked_by: tuple[str, ...]
    """Services, connections and VR phases that have the bound."""
    kept_by: dict[str, float]
    """Technology -> the delay of its line in ms, the worse direction."""
    broken_by: dict[str, float]


def delays_of_technologies() -> dict[str, float]:
    """Return technology -> p95 of the one-way delay of a probe in ms, the worse direction, least first."""
    verdicts = simulate_and_judge(DELAYS, {})["verdicts"]
    rows = verdicts[(verdicts.clause == CLAUSE) & verdicts.observed.notna()]
    worst = rows.groupby("site")["observed"].max().sort_values()
    names = [str(site).removeprefix(SITE).replace("-", "_") for site in worst.index]
    return dict(zip(names, worst.tolist(), strict=True))


def bounds(facts: Catalogue) -> dict[float, list[tuple[str, str]]]:
    """Return each bound of delay in ms, least first -> (section, who asks for it)."""
    found: dict[float, list[tuple[str, str]]] = {}
    slas: list[Sla] = [*facts.services.values(), *facts.connections.values()]
    for sla in slas:
        clause = sla.clause(CLAUSE)
        if clause is not None and clause.bound is not None:
            found.setdefault(float(clause.bound), []).append((sla.section, sla.id))
    for phase in facts.vr_phases.values():
        found.setdefault(phase.delay_ms_max, []).append((phase.section, f"VR {phase.id}"))
    return dict(sorted(found.items()))


def try_delays(facts: Catalogue) -> list[DelayResult]:
    """Return for each bound of the paper which technologies keep it."""
    delays = delays_of_technologies()
    return [
        DelayResult(
            bound_ms,
            tuple(sorted({section for section, _ in who})),
            tuple(name for _, name in who),
            {name: ms for name, ms in delays.items() if ms <= bound_ms},
            {name: ms for name, ms in delays.items() if ms > bound_ms},
        )
        for bound_ms, who in bounds(facts).items()
    ]
