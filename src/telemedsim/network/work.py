"""What control starts: one frozen record for each participant of a scenario, numbers only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Work:
    """The base of every scenario's compiled work."""

    scenario: str
    service: str


@dataclass(frozen=True)
class ConnectionWork:
    """A connection whose SLA is judged by probes, both directions."""

    connection: str
    service: str
