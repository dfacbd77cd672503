"""DICOM messages, counted by hand."""

import math

import numpy as np
import pytest

from telemedsim.core.random_streams import RandomStream, stream_key
from telemedsim.parts.traffic.dicom import DicomProtocol, Message, fetch, store


def protocol(kind="c_store", **more):
    fields = {
        "request_bytes": 300, "accept_bytes": 200, "release_bytes": 10, "response_bytes": 210,
        "object_overhead_bytes": 2000, "pdu_max_bytes": 16_384, "archive_ns": 15_000_000,
        "archive_sigma": 0.0,
    }  # fmt: skip
    return DicomProtocol(kind=kind, **(fields | more))


def draws():
    return RandomStream(stream_key(3, 0, "archive", "server"))


def alternate(messages):
    return [message.sender for message in messages] == [i % 2 for i in range(len(messages))]


def test_an_object_carries_twelve_bytes_a_pdu():
    """163,780 + 2,000 bytes at 16,378 a PDU: 11 PDUs."""
    assert protocol().object_on_wire_bytes(163_780) == 165_780 + 11 * 12
    assert protocol().object_on_wire_bytes(16_378 - 2000) == 16_378 + 12
    assert protocol().object_on_wire_bytes(16_379 - 2000) == 16_379 + 24
    assert protocol("streamed").object_on_wire_bytes(163_780) == 165_780


def test_c_store_waits_for_an_acknowledgement_each_object():
    size = protocol().object_on_wire_bytes(100_000)
    assert store(protocol(), 2, 100_000, draws()) == (
        Message(0, 300, 0, False),
        Message(1, 200, 0, False),
        Message(0, size, 0, False),
        Message(1, 210, 15_000_000, False),
        Message(0, size, 0, True),
        Message(1, 210, 15_000_000, False),
        Message(0, 10, 0, False),
        Message(1, 10, 0, False),
    )


@pytest.mark.parametrize(("window", "rounds"), [(1, 300), (8, 38), (300, 1), (1000, 1)])
def test_a_ct_of_300_images_waits_once_a_window(window, rounds):
    """300 round trips of 0.6 s over a satellite are 180 s of waiting with window 1."""
    messages = store(protocol(window=window), 300, 131_072, draws())
    waits = [message for message in messages if message.delay_ns]
    assert len(waits) == rounds
    assert sum(message.size_bytes for message in waits) == 300 * 210
    sent = sum(message.size_bytes for message in messages if message.sender == 0)
    assert sent == 300 + 10 + 300 * protocol().object_on_wire_bytes(131_072)
    assert [message.report for message in messages].count(True) == 1
    assert messages[-4].report
    assert alternate(messages)


def test_a_streamed_study_is_one_message_and_one_answer():
    assert store(protocol("streamed"), 300, 131_072, draws()) == (
        Message(0, 300 + 300 * 133_072, 0, True),
        Message(1, 210, 15_000_000, False),
    )


@pytest.mark.parametrize("kind", ["c_store", "streamed"])
@pytest.mark.parametrize(("objects", "reports"), [(1, 1), (2, 2), (7, 2)])
def test_a_fetched_study_reports_its_first_image_and_its_end(kind, objects, reports):
    messages = fetch(protocol(kind), objects, 500_000, draws())
    reported = [message for message in messages if message.report]
    size = protocol(kind).object_on_wire_bytes(500_000)
    images = [m for m in messages if m.sender == 1 and m.size_bytes >= size]
    assert len(reported) == reports
    assert reported[0] is images[0]
    assert reported[-1] is images[-1]
    assert reported[0].size_bytes == size
    assert sum(message.size_bytes for message in images) == objects * size
    assert alternate(messages)


def test_archive_times_are_lognormal_and_one_draw_an_object():
    """Median 15 ms, sigma 0.6: the mean log within its 99.9 % interval over 4,000 objects."""
    stream = draws()
    messages = store(protocol(archive_sigma=0.6), 4000, 10_000, stream)
    logs = np.log([message.delay_ns for message in messages if message.delay_ns])
    assert stream.number == 4000
    assert abs(logs.mean() - math.log(15e6)) <= 3.29 * 0.6 / math.sqrt(4000)


def test_messages_are_plain_tuples_for_the_steps_of_a_transfer():
    sender, size_bytes, delay_ns, report = fetch(protocol("streamed"), 1, 1000, draws())[0]
    assert (sender, size_bytes, delay_ns, report) == (0, 300, 0, False)
