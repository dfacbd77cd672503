"""The two keys that every file begins with: the version of its schema, and its kind."""

from telemedsim.core.errors import Fault, nearest, suggestion
from telemedsim.core.validation import fault_at
from telemedsim.core.yaml_nodes import Node
from telemedsim.model.topology import SCHEMA_VERSION

KINDS = ("topology", "recipe", "experiment", "scenario")


def kind_of_file(node: Node) -> str:
    """Return the kind that a file says it is, or '' if it says none."""
    word = node.child("kind")
    return word.value if word is not None and isinstance(word.value, str) else ""


def guessed_kind(node: Node) -> str:
    """Return the kind of a file, by its keys where it says none that is legal."""
    found = kind_of_file(node)
    if found in KINDS:
        return found
    by_keys = "topology" if node.child("sites") or node.child("links") else "experiment"
    return nearest(found, KINDS) or by_keys


def header_faults(node: Node, kind: str) -> list[Fault]:
    """Return what is wrong with a file's version and kind."""
    return [*_version(node), *_kind(node, kind)]


def _version(node: Node) -> list[Fault]:
    word = node.child("telemedsim")
    if word is None:
        hint = f"Begin the file with 'telemedsim: {SCHEMA_VERSION}'"
        return [
            fault_at(node, ("telemedsim",), "TM207", "the schema version is missing", hint=hint)
        ]
    version = word.value
    if version == SCHEMA_VERSION and not isinstance(version, bool | float):
        return []
    if isinstance(version, int) and not isinstance(version, bool) and version > SCHEMA_VERSION:
        message = f"the file is made for version {version}, this program reads {SCHEMA_VERSION}"
        hint = "Install a newer telemedsim"
    else:
        message, hint = "is no schema version", f"Write 'telemedsim: {SCHEMA_VERSION}'"
    return [fault_at(node, ("telemedsim",), "TM207", message, hint=hint, value=word.plain())]


def _kind(node: Node, kind: str) -> list[Fault]:
    found = kind_of_file(node)
    if found == kind:
        return []
    if found in KINDS:
        message, hint = f"this is a file of kind {found}, not {kind}", f"Name a file of kind {kind}"
        return [fault_at(node, ("kind",), "TM206", message, hint=hint)]
    if node.child("kind") is None:
        hint = f"Write 'kind: {kind}' below the version"
        return [fault_at(node, ("kind",), "TM202", "is required", hint=hint)]
    value = node.child("kind")
    shown = value.plain() if value is not None else None
    hint = suggestion(found, KINDS)
    return [fault_at(node, ("kind",), "TM206", "unknown kind of file", hint=hint, value=shown)]
