"""What a study becomes on a connection: messages that alternate between its two ends.

DICOM's own rules are PS3.7 (C-STORE, one object at a time unless a window is negotiated) and
PS3.8 (association, PDUs); DICOMweb is PS3.18. TLS is not modelled.
"""

from typing import Literal, NamedTuple

from pydantic import Field

from telemedsim.core.frozen import Frozen
from telemedsim.core.random_streams import RandomStream

PDU_HEADER_BYTES = 6
PDV_HEADER_BYTES = 6
"""PS3.8 section 9.3.5: a P-DATA-TF PDU's header, and of the one value inside it, which the
negotiated maximum includes."""


class Message(NamedTuple):
    """One message, sent when the one before has wholly arrived and ``delay_ns`` has passed."""

    sender: int
    """0: the end that opened the connection, 1: the other."""
    size_bytes: int
    delay_ns: int
    """Time that the sender's archive takes first."""
    report: bool
    """True where the arrival of the last byte is of interest."""


class DicomProtocol(Frozen):
    """How studies cross, and how long the archive takes for an object."""

    kind: Literal["c_store", "streamed"]
    """`c_store`: an acknowledgement for each object. `streamed`: DICOMweb, a study at once."""
    request_bytes: int = Field(gt=0)
    """Association request, or the head of a DICOMweb request."""
    accept_bytes: int = Field(gt=0)
    """Association accept; `c_store` only."""
    release_bytes: int = Field(gt=0)
    """Release request, and likewise its response; `c_store` only."""
    response_bytes: int = Field(gt=0)
    """One acknowledgement, all of its headers included."""
    object_overhead_bytes: int = Field(ge=0)
    """What goes with an object beside its pixels: DICOM header and C-STORE command or part head."""
    pdu_max_bytes: int = Field(gt=PDV_HEADER_BYTES)
    """Negotiated maximum length of a PDU; `c_store` only."""
    archive_ns: int = Field(ge=0)
    """Median of the archive's time for an object."""
    archive_sigma: float = Field(ge=0)
    """Log standard deviation of that time."""
    window: int = Field(default=1, ge=1)
    """Objects sent before the acknowledgement of the first is awaited; 1 unless negotiated."""

    def object_on_wire_bytes(self, object_bytes: int) -> int:
        """Return an object's bytes with its overhead and, for C-STORE, PDU headers."""
        size = object_bytes + self.object_overhead_bytes
        if self.kind == "streamed":
            return size
        pdus = -(-size // (self.pdu_max_bytes - PDV_HEADER_BYTES))
        return size + pdus * (PDU_HEADER_BYTES + PDV_HEADER_BYTES)

    def _archive(self, stream: RandomStream) -> int:
        return round(stream.lognormal(self.archive_ns, self.archive_sigma))

    def _within_association(self, messages: list[Message]) -> tuple[Message, ...]:
        return (
            Message(0, self.request_bytes, 0, False),
            Message(1, self.accept_bytes, 0, False),
            *messages,
            Message(0, self.release_bytes, 0, False),
            Message(1, self.release_bytes, 0, False),
        )


def store(
    protocol: DicomProtocol, objects: int, object_bytes: int, stream: RandomStream
) -> tuple[Message, ...]:
    """Return the messages by which end 0 stores a study; the last object's arrival is reported.

    One uniform an object, its archive time. A window of w is modelled as groups of w objects and
    one wait for their acknowledgements, of which the archive delays the last: slower than a
    window that slides, by one round trip for each w objects at most.
    """
    size = protocol.object_on_wire_bytes(object_bytes)
    if protocol.kind == "streamed":
        archive_ns = protocol._archive(stream)
        return (
            Message(0, protocol.request_bytes + objects * size, 0, True),
            Message(1, protocol.response_bytes, archive_ns, False),
        )
    messages: list[Message] = []
    for first in range(0, objects, protocol.window):
        group = min(protocol.window, objects - first)
        archive_ns = [protocol._archive(stream) for _ in range(group)][-1]
        last = first + group == objects
        messages.append(Message(0, group * size, 0, last))
        messages.append(Message(1, group * protocol.response_bytes, archive_ns, False))
    return protocol._within_association(messages)


def fetch(
    protocol: DicomProtocol, objects: int, object_bytes: int, stream: RandomStream
) -> tuple[Message, ...]:
    """Return the messages by which end 0 fetches a study from end 1.

    The arrivals of the first and of the last object are reported. `c_store` is a C-GET: one
    request, then the objects come one after another, each acknowledged (a C-MOVE does the same
    on a second connection). `streamed` is WADO-RS: a request for the first image, another for
    all others.
    """
    size = protocol.object_on_wire_bytes(object_bytes)
    if protocol.kind == "streamed":
        parts = [1, objects - 1] if objects > 1 else [1]
        return tuple(
            message
            for count in parts
            for message in (
                Message(0, protocol.request_bytes, 0, False),
                Message(1, count * size, protocol._archive(stream), True),
            )
        )
    messages = [Message(0, protocol.response_bytes, 0, False)]
    for number in range(objects):
        reported = number in (0, objects - 1)
        messages.append(Message(1, size, protocol._archive(stream), reported))
        messages.append(Message(0, protocol.response_bytes, 0, False))
    # The final status of the C-GET answers the acknowledgement of the last object.
    messages.append(Message(1, protocol.response_bytes, 0, False))
    return protocol._within_association(messages)
