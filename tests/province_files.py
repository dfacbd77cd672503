"""A small valid province and an experiment on it, as files that tests break in one place."""

from pathlib import Path

TOPOLOGY = """\
telemedsim: 1
kind: topology
name: tiny
sites:
  - {id: prov, name: Provincial centre, tier: provincial, latitude: 26.6, longitude: 106.7}
  - id: c1
    tier: county
    latitude: 27.0
    longitude: 107.0
    scale: secondary
    beds: 300
    annual_tb: 8
    operator: op_a
    campus: {technology: campus, rate: 1 Gbit/s}
  - {id: c2, tier: county, latitude: 27.5, longitude: 107.5, annual: 6 TB}
  - {id: t1, tier: grassroots, latitude: 27.1, longitude: 107.1}
links:
  - id: c1-line
    ends: [c1, prov]
    technology: mpls_vpn
    rate: 20 Mbit/s
    distance: 120 km
    operator: op_a
    scheduler: {kind: strict_priority}
    queue_limit: 256 kB
    loss: {kind: independent, probability: 0.05 %}
  - {id: c1-spare, ends: [c1, prov], technology: internet, operator: op_b, role: standby, standby_of: c1-line}
  - {id: c2-line, ends: [c2, prov], technology: sdh, rate_bps: 20000000}
  - {id: t1-line, ends: [t1, c1], technology: 4g}
"""

EXPERIMENT = """\
telemedsim: 1
kind: experiment
name: morning
topology: province.yaml
seed: 7
engine: reference
window: {start: 10:20, duration: 60 s}
scenarios:
  - id: uploads
    workflow: study_upload
    service: pacs.upload
    from: {tier: county}
    to: prov
  - id: lesson
    workflow: broadcast
    service: education.broadcast_4k
    source: prov
    viewers: {tier: [county, grassroots], except: t1}
    delivery: unicast
    limits: {loss_max: 0.1 %, delay_ms_max: 60}
    statistic: p99
connections:
  - {id: lines, service: conn.county_hospital, sites: {tier: county}}
"""


def write_files(folder: Path, topology: str = TOPOLOGY, experiment: str = EXPERIMENT) -> Path:
    """Write both files into a folder and return the experiment's path."""
    (folder / "province.yaml").write_text(topology, "utf-8")
    path = folder / "morning.yaml"
    path.write_text(experiment, "utf-8")
    return path


def edited(text: str, old: str, new: str) -> str:
    """Return a text with its one ``old`` replaced."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    return text.replace(old, new)
