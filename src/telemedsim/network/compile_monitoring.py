"""Compiles monitoring: wearable terminals of a site -> one telemetry stream, and alarms."""

from telemedsim.core.units import FULL_PACKET_BYTES, seconds_to_ns
from telemedsim.model.workflows import Monitoring
from telemedsim.network.participants import Pair, Participants, Unworkable, both_ways, given
from telemedsim.network.work import MonitoringWork, Place, Work
from telemedsim.parts.traffic.constant import Constant

BITS_PER_BYTE = 8


def compile_monitoring(parties: Participants, block: Monitoring) -> tuple[list[Work], list[Pair]]:
    """Return one piece of work a site; a centre has no line to itself.

    Unworkable where a message does not fit into one packet, or messages come more often than the
    engine's clock ticks.
    """
    works: list[Work] = []
    pairs: list[Pair] = []
    for site in parties.selected(block.from_, block, "from"):
        centre = parties.server_room(parties.upwards(site.id, block.to, block, "to"))
        patients = parties.campus(site.id)
        if patients.node == centre.node:
            continue
        works.append(_monitored(parties, block, patients, centre))
        pairs += both_ways([(patients, centre)])
    return works, pairs


def _monitored(
    parties: Participants, block: Monitoring, patients: Place, centre: Place
) -> MonitoringWork:
    catalogue = parties.catalogue
    service = catalogue.services[block.service]
    wearables = given(block.wearables, int(catalogue.number("wearables_per_site")))
    usual_alarms = catalogue.number("alarms_per_wearable_per_day")
    alarms_per_day = wearables * given(block.alarms_per_wearable_per_day, usual_alarms)
    return MonitoringWork(
        scenario=block.id,
        service=block.service,
        class_index=parties.class_index(block.class_of_service or service.class_of_service),
        probe=parties.probe(service),
        patients_at=patients,
        centre_at=centre,
        telemetry=_telemetry(parties, block, wearables),
        alarms=parties.arrivals(alarms_per_day, "even"),
        alarm_bytes=_alarm_bytes(parties, block),
        tcp=parties.tcp(),
    )


def _telemetry(parties: Participants, block: Monitoring, wearables: int) -> Constant:
    """Return the messages of many terminals as one stream of the same rate.

    Terminals drift apart, so that their messages are spread over the period; one after another at
    equal distances they load the line as much, with less of a burst than chance would make.
    """
    catalogue = parties.catalogue
    period_s = given(block.report_period_s, catalogue.number("telemetry_period_s"))
    payload = given(block.message_size_bytes, int(catalogue.number("telemetry_payload_bytes")))
    ip_bytes = payload + int(catalogue.number("telemetry_overhead_bytes"))
    if ip_bytes > FULL_PACKET_BYTES:
        message = f"a message of {ip_bytes} bytes with its headers is no single packet"
        remedy = f"Give 'message_size' of at most {FULL_PACKET_BYTES - ip_bytes + payload} B, and shorten 'report_period'"
        raise Unworkable(block.id, "message_size", message, remedy)
    period_ns = round(seconds_to_ns(period_s) / wearables)
    if period_ns < 1:
        message = f"{wearables} messages every {period_s:g} s are more than one a nanosecond"
        raise Unworkable(block.id, "wearables", message, "Lengthen 'report_period'")
    return Constant(period_ns=period_ns, ip_bytes=ip_bytes)


def _alarm_bytes(parties: Participants, block: Monitoring) -> int:
    """Return an alarm with its strip of ECG, as many seconds of the sensor's rate as are usual."""
    catalogue = parties.catalogue
    strip_bits = catalogue.number("alarm_strip_s") * catalogue.number("ecg_patch_bps")
    message = int(catalogue.number("telemetry_payload_bytes"))
    return int(given(block.alarm_size_bytes, message + round(strip_bits / BITS_PER_BYTE)))
