"""The catalogue's own data files, read from the package; figures parted from their sources."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from telemedsim.core.yaml_marks import read_yaml

Record = dict[str, Any]


@cache
def read(name: str) -> Record:
    """Return the content of ``data/<name>.yaml``; the caller must not change it.

    Raises ValueError when the installed file is damaged.
    """
    data = files("telemedsim.catalogue").joinpath("data", f"{name}.yaml").read_bytes()
    node, faults = read_yaml(data, f"{name}.yaml")
    if node is None or faults:
        raise ValueError(f"the catalogue's {name}.yaml cannot be read: {faults[:1]}")
    content: Record = node.plain()
    return content


def citation(name: str, key: str) -> str:
    """Return what a source's key stands for in a file's ``sources``; other texts are citations."""
    return str(read(name).get("sources", {}).get(key, key))


def is_figure(value: Any) -> bool:
    """Return whether a value is {value, source, confidence}."""
    return isinstance(value, Mapping) and "value" in value and "confidence" in value


def source_of(name: str, record: Mapping[str, Any]) -> Record:
    """Return the source fields of a record, the citation spelled out."""
    return {
        "source": citation(name, str(record["source"])),
        "confidence": record["confidence"],
        "note": record.get("note", ""),
    }


def parted(name: str, record: Mapping[str, Any]) -> Record:
    """Return a record with plain values, and ``sources`` saying where each comes from."""
    plain: Record = {}
    sources: Record = {}
    for key, value in record.items():
        if is_figure(value):
            plain[key] = value["value"]
            sources[key] = source_of(name, value)
        else:
            plain[key] = value
    return {**plain, "sources": sources}


def rows_of(name: str, key: str) -> list[Record]:
    """Return the records under a key of a file, figures parted from their sources."""
    return [parted(name, record) for record in read(name)[key]]
