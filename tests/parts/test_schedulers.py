"""Schedulers against what their papers promise, with a plain server around the integer kernels."""

from collections import deque
from fractions import Fraction

import pytest
from pydantic import ValidationError

from scheduler_server import CLASSES, EXAMPLES, NS_PER_BYTE, Job, random_jobs, serve
from telemedsim.core.random_streams import RandomStream
from telemedsim.parts.schedulers import schedulers
from telemedsim.parts.schedulers.drr import Drr
from telemedsim.parts.schedulers.fifo import Fifo
from telemedsim.parts.schedulers.strict_priority import StrictPriority
from telemedsim.parts.schedulers.wfq import Wfq


def fluid_finishes(weights: list[int], jobs: list[Job]) -> list[Fraction]:
    """Return when GPS ends each job: a fluid, job by job, in exact fractions."""
    backlog: list[deque[list[Fraction]]] = [deque() for _ in weights]
    finishes = [Fraction(0)] * len(jobs)
    now, taken = Fraction(0), 0
    while taken < len(jobs) or any(backlog):
        busy = [index for index, queue in enumerate(backlog) if queue]
        total = sum(weights[index] for index in busy)
        ends = [now + backlog[i][0][1] * Fraction(total, weights[i]) for i in busy]
        arrival = Fraction(jobs[taken][0]) if taken < len(jobs) else None
        until = min([*ends, *([arrival] if arrival is not None else [])])
        for index in busy:
            backlog[index][0][1] -= (until - now) * Fraction(weights[index], total)
        now = until
        for index in busy:
            if backlog[index][0][1] == 0:
                finishes[int(backlog[index].popleft()[0])] = now
        while taken < len(jobs) and jobs[taken][0] == now:
            _, class_index, size = jobs[taken]
            backlog[class_index].append([Fraction(taken), Fraction(size * NS_PER_BYTE)])
            taken += 1
    return finishes


def test_every_scheduler_is_found_by_its_file_name():
    assert sorted(schedulers()) == ["drr", "fifo", "strict_priority", "wfq"]
    assert schedulers().nearest("drrr") == "drr"


@pytest.mark.parametrize("scheduler", EXAMPLES, ids=lambda one: one.kind)
def test_every_scheduler_conserves_work_and_keeps_the_order_of_a_class(scheduler):
    """The link is busy as under FIFO: the same times of departure, whoever leaves at them."""
    jobs = [(arrival, c, 500) for arrival, c, _ in random_jobs(3, 300, load=0.9)]
    leaves, fifo = serve(scheduler, jobs), serve(Fifo(), jobs)
    assert sorted(leaves) == sorted(fifo)
    for class_index in range(3):
        own = [leave for leave, job in zip(leaves, jobs, strict=True) if job[1] == class_index]
        assert own == sorted(own)


@pytest.mark.parametrize("weights", [(1, 1, 1), (5, 3, 1), (100, 7, 1)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_wfq_leaves_at_most_one_largest_packet_after_gps(weights, seed):
    """Parekh and Gallager, theorem 1: finish <= GPS finish + L_max / C."""
    jobs = random_jobs(seed, 400, load=1.1)
    scheduler = Wfq(weights=dict(zip(CLASSES, weights, strict=True)))
    leaves, fluid = serve(scheduler, jobs), fluid_finishes(list(weights), jobs)
    largest_ns = max(job[2] for job in jobs) * NS_PER_BYTE
    lateness = [leave - finish for leave, finish in zip(leaves, fluid, strict=True)]
    assert max(lateness) <= largest_ns


def test_wfq_is_later_than_gps_by_the_packet_it_cannot_interrupt():
    """A small packet behind a large one just begun: late by all but what GPS gives the large one."""
    jobs = [(0, 2, 1500), (1, 0, 40)]
    weights = [100, 1, 1]
    scheduler = Wfq(weights=dict(zip(CLASSES, weights, strict=True)))
    leaves, fluid = serve(scheduler, jobs), fluid_finishes(weights, jobs)
    assert leaves == [1500 * NS_PER_BYTE, 1540 * NS_PER_BYTE]
    assert fluid == [1540 * NS_PER_BYTE, 1 + Fraction(101, 100) * 40 * NS_PER_BYTE]


def test_wfq_shares_a_busy_link_by_weight():
    """5 : 3 : 1 over a long backlog of equal packets, within one packet a class."""
    jobs = sorted((0, c, 1000) for c in range(3) for _ in range(900))
    leaves = serve(Wfq(weights={"gold": 5, "silver": 3, "bronze": 1}), jobs)
    horizon = 900 * 1000 * NS_PER_BYTE
    served = [0, 0, 0]
    for leave, job in zip(leaves, jobs, strict=True):
        served[job[1]] += leave <= horizon
    assert [abs(n - share) <= 1 for n, share in zip(served, (500, 300, 100), strict=True)] == [
        True
    ] * 3


def test_wfq_gives_a_class_no_credit_for_its_silence():
    """After bronze was alone for long, gold and bronze share from then on, gold first."""
    early = [(0, 2, 1000)] * 50
    late = [(20 * 1000 * NS_PER_BYTE + 1, 0, 1000)] * 25
    leaves = serve(Wfq(weights={"gold": 1, "silver": 1, "bronze": 1}), early + late)
    began = 20 * 1000 * NS_PER_BYTE
    gold = [leave for leave in leaves[50:] if leave <= began + 20 * 1000 * NS_PER_BYTE]
    assert 9 <= len(gold) <= 11


def test_drr_serves_each_class_within_a_quantum_and_a_packet_of_its_share():
    """Shreedhar and Varghese, lemma 2: over m turns, m quanta within one largest packet."""
    draws = RandomStream(11)
    jobs = [(0, c, 40 + int(draws.uniform() * 1461)) for c in range(3) for _ in range(600)]
    jobs.sort(key=lambda job: job[1])
    quanta = {"gold": 3000, "silver": 1500, "bronze": 1500}
    leaves = serve(Drr(quanta_bytes=quanta), jobs)
    order = sorted(range(len(jobs)), key=lambda job: leaves[job])
    served = [0, 0, 0]
    for position, job in enumerate(order[:900]):
        served[jobs[job][1]] += jobs[job][2]
        if position > 50:
            turns = served[1] / 1500
            assert abs(served[2] / 1500 - turns) <= 1 + 1500 / 1500 + 1
            assert abs(served[0] / 3000 - turns) <= 1 + 1500 / 1500 + 1


def test_drr_carries_a_deficit_over_to_the_next_turn():
    """Quantum 500: packets of 750 go at the second turn, then at each with 250 to spare."""
    jobs = [(0, 0, 750)] * 3 + [(0, 1, 250)] * 8
    leaves = serve(Drr(quanta_bytes={"gold": 500, "silver": 500, "bronze": 500}), jobs)
    order = sorted(range(len(jobs)), key=lambda job: leaves[job])
    assert order == [3, 4, 0, 5, 6, 1, 7, 8, 9, 10, 2]


def test_drr_takes_from_an_emptied_class_what_it_had_left():
    """Gold leaves 400 of its 500 unused and returns: it earns 500 again, not 900."""
    late = 2 * 500 * NS_PER_BYTE
    jobs = [(0, 0, 100), (0, 1, 500), (0, 1, 500), (0, 1, 500), (0, 1, 500)]
    jobs += [(late, 0, 500), (late, 0, 400)]
    leaves = serve(Drr(quanta_bytes={"gold": 500, "silver": 500, "bronze": 500}), jobs)
    order = sorted(range(len(jobs)), key=lambda job: leaves[job])
    assert order == [0, 1, 2, 5, 3, 6, 4]


def test_strict_priority_sends_a_lower_class_only_when_no_higher_waits():
    jobs = [(0, 2, 1000), (1, 2, 1000), (2, 1, 1000), (3, 0, 1000)]
    leaves = serve(StrictPriority(), jobs)
    assert sorted(range(4), key=lambda job: leaves[job]) == [0, 3, 2, 1]


def test_a_missing_weight_is_named():
    with pytest.raises(ValueError, match="no weight for class 'bronze'"):
        Wfq(weights={"gold": 1, "silver": 1}).parameters(CLASSES)
    with pytest.raises(ValueError, match="quantum for unknown class 'iron'"):
        Drr(quanta_bytes={name: 1 for name in (*CLASSES, "iron")}).parameters(CLASSES)
    with pytest.raises(ValidationError):
        Wfq(weights={"gold": 0})
