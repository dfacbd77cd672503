"""What the steps of a transfer come to, the same on every plane that runs TCP."""

from telemedsim.dataplane.base import Transfer


def check_transfer(transfer: Transfer) -> None:
    """Raise ValueError for a transfer that cannot run."""
    flow = transfer.flow
    if not transfer.forward or not transfer.backward:
        raise ValueError(f"transfer {flow} has a way without any interface: both ends are one node")
    if not transfer.steps:
        raise ValueError(f"transfer {flow} has no steps: give it at least one message")
    for number, step in enumerate(transfer.steps):
        if step.size_bytes < 1 or step.delay_ns < 0 or step.sender not in (0, 1):
            raise ValueError(
                f"transfer {flow}, step {number} is {step}: it needs a sender 0 or 1, at least one"
                " byte, and no negative delay"
            )


def segments_of(transfer: Transfer) -> tuple[int, int]:
    """Return the most segments that each end can send for the first time."""
    counts = [0, 0]
    for step in transfer.steps:
        counts[step.sender] += -(-step.size_bytes // transfer.tcp.segment_bytes)
    return counts[0], counts[1]


def last_bytes(transfer: Transfer) -> list[int]:
    """Return, for each step, where it ends in its sender's stream of bytes."""
    written = [0, 0]
    ends = []
    for step in transfer.steps:
        written[step.sender] += step.size_bytes
        ends.append(written[step.sender])
    return ends
