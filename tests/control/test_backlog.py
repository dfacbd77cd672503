"""What a nominal drain leaves: hand-worked cases, and Lindley's recursion for one server."""

from hypothesis import given, settings
from hypothesis import strategies as st

from telemedsim.control.backlog import Job, Unfinished, drained, unfinished


def test_two_share_the_rate_when_both_have_slots() -> None:
    # From 4 on both get half: at 10 the first has 1 - 0.4 - 0.3 left, the second 1 - 0.3.
    left = unfinished([Job(0, 10, 10), Job(4, 10, 10)], slots=2, at_ns=10)
    assert [round(one.remaining, 9) for one in left] == [0.3, 0.7]


def test_waiting_for_acknowledgements_leaves_the_rate_to_others() -> None:
    # Each uses a tenth of the rate: ten of them run at full speed.
    jobs = [Job(0, 10, 100)] * 10
    assert {round(one.remaining, 9) for one in unfinished(jobs, slots=10, at_ns=50)} == {0.5}
    # With one slot they follow one another.
    assert unfinished(jobs, slots=1, at_ns=950) == [Unfinished(9, 0.5, True)]


def test_what_has_no_slot_has_not_begun() -> None:
    left = unfinished([Job(0, 10, 10), Job(1, 10, 10), Job(2, 10, 10)], slots=1, at_ns=15)
    assert [(one.job, round(one.remaining, 9), one.began) for one in left] == [
        (1, 0.5, True),
        (2, 1.0, False),
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 500)), max_size=30),
    st.integers(1, 5),
)
def test_the_work_left_is_lindleys_whatever_the_slots(
    pairs: list[tuple[int, int]], slots: int
) -> None:
    """W' = max(0, W - gap) + size (Lindley 1952): sharing moves work between jobs, no more."""
    jobs = [Job(arrived, size, size) for arrived, size in sorted(pairs)]
    at_ns, workload, now = 1001, 0.0, 0
    for job in jobs:
        workload = max(0.0, workload - (job.arrived_ns - now)) + job.wire_ns
        now = job.arrived_ns
    workload = max(0.0, workload - (at_ns - now))
    left = sum(jobs[one.job].wire_ns * one.remaining for one in unfinished(jobs, slots, at_ns))
    # Half a nanosecond a job may be cut off as nothing left.
    assert abs(left - workload) <= 0.5 * len(jobs) + 1e-6


def step_by_step(
    jobs: list[Job], slots: int, at_ns: int
) -> tuple[dict[int, float], dict[int, int]]:
    """Return what is left and what ended, by following each job's share: simple, and quadratic."""
    left, ended, waiting, now = dict[int, float](), dict[int, int](), list(range(len(jobs))), 0.0
    while (waiting or left) and now < at_ns:
        while waiting and len(left) < slots and jobs[waiting[0]].arrived_ns <= now:
            left[waiting.pop(0)] = 1.0
        load = max(1.0, sum(jobs[job].wire_ns / jobs[job].alone_ns for job in left))
        ends = [now + share * jobs[job].alone_ns * load for job, share in left.items()]
        arrives = [jobs[waiting[0]].arrived_ns] if waiting and len(left) < slots else []
        until = min(*ends, *arrives, at_ns) if ends or arrives else at_ns
        for job in list(left):
            left[job] -= (until - now) / (jobs[job].alone_ns * load)
            if left[job] * jobs[job].alone_ns * load <= 0.5:
                del left[job]
                ended[job] = round(until)
        now = until
    return left, ended


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(1, 9)), max_size=40
    ),
    st.integers(1, 50),
)
def test_virtual_time_says_what_following_each_share_says(
    rows: list[tuple[int, int, int]], slots: int
) -> None:
    jobs = [Job(arrived, wire, wire * slower) for arrived, wire, slower in sorted(rows)]
    at_ns = 2 * 10**6
    left, ended = step_by_step(jobs, slots, at_ns)
    found = drained(jobs, slots, at_ns)
    begun = {one.job: one.remaining for one in found.left if one.began}
    # Half a nanosecond may be cut off at each end of a job, and pushes what follows.
    room_ns = len(jobs) + 1
    assert {*begun, *found.ended_ns} == {*left, *ended}
    for job in begun.keys() & left.keys():
        assert abs(begun[job] - left[job]) * jobs[job].wire_ns <= room_ns
    for job in found.ended_ns.keys() & ended.keys():
        assert abs(found.ended_ns[job] - ended[job]) <= room_ns
