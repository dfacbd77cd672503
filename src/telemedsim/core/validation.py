"""From a marked YAML tree to a frozen record: every error of pydantic becomes a fault in its place."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from telemedsim.core.errors import NOTHING, Fault, PathParts, dotted
from telemedsim.core.frozen import shorter_keys, written_key
from telemedsim.core.measures import Opaque, Refused, Spelled
from telemedsim.core.words import suggestion
from telemedsim.core.yaml_nodes import Mark, Node

ModelT = TypeVar("ModelT", bound=BaseModel)

_TYPES = {
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be a text",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "dict_type": "must be a mapping",
    "mapping_type": "must be a mapping",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "none_required": "must be empty",
}
_DECIMAL_COMMA = re.compile(r"[-+]?[0-9]{1,10},[0-9]{1,10}")
_WORDS = ("literal_error", "enum")
_BOUNDS = {
    "greater_than": ("greater than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}
"""Kinds of pydantic's errors -> words before the bound, and where it stands in the context."""
_HINTS = {
    "string_type": "Put it in quotes",
    "int_type": "Write plain digits, without quotes",
    "float_type": "Write plain digits, without quotes",
    "bool_type": "Write true or false without quotes",
    "tuple_type": "Put it in square brackets",
}


def validated(model: type[ModelT], node: Node) -> tuple[ModelT | None, list[Fault]]:
    """Return the record that a tree describes, or None and every fault with its place."""
    try:
        return model.model_validate(node.plain()), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
        found = [_fault(one, node) for one in errors if not _only_follows(one, node)]
        found = _without_mistyped(found)
        return None, sorted(found, key=lambda fault: (fault.line, fault.column))


def _without_mistyped(faults: list[Fault]) -> list[Fault]:
    """Return the faults without the required keys that stand there under a mistyped name."""
    meant = {
        (fault.path.rpartition(".")[0], fault.hint) for fault in faults if fault.code == "TM201"
    }
    return [fault for fault in faults if not (fault.code == "TM202" and _is_meant(fault, meant))]


def _is_meant(fault: Fault, meant: set[tuple[str, str]]) -> bool:
    parent, _, key = fault.path.rpartition(".")
    hints = [f"Did you mean '{one}'?" for one in (key, *shorter_keys(key))]
    hints.append(f"Put a plain space after the colon of '{key}:'")
    return any((parent, hint) in meant for hint in hints)


def _only_follows(error: Any, node: Node) -> bool:
    """Return whether a list is called too short only since its entries are at fault themselves."""
    if error["type"] != "too_short":
        return False
    path = written_path(node, tuple(error["loc"]))
    nodes = list(node.walk(path))
    value = nodes[-1].value if len(nodes) == len(path) + 1 else None
    return isinstance(value, list) and len(value) > error["ctx"]["actual_length"]


def location(error: Any) -> PathParts:
    """Return the fields that an error of pydantic points to, that of a record's rule included."""
    at = (error.get("ctx") or {}).get("at")
    return (*error["loc"], at) if at else tuple(error["loc"])


def fault_at(
    node: Node,
    path: PathParts,
    code: str,
    message: str,
    *,
    hint: str = "",
    value: object = NOTHING,
    on_key: bool = False,
) -> Fault:
    """Return a fault at a path of a tree; a field's path may name it with or without its unit."""
    written = written_path(node, path)
    mark = place(node, written, on_key=on_key)
    return Fault(code, *mark, dotted(written), message, value, hint)


def written_path(node: Node, path: PathParts) -> PathParts:
    """Return a path with each field under the key its user wrote, without the words of unions."""
    written: list[str | int] = []
    here: Node | None = node
    for position, part in enumerate(path):
        last = position == len(path) - 1
        if here is not None and isinstance(here.value, dict) and isinstance(part, str):
            key = written_key(here.value, part)
            if key not in here.value and not last:
                continue
            written.append(key)
            here = here.value.get(key)
        elif here is not None and isinstance(part, int):
            written.append(part)
            here = here.child(part)
        elif isinstance(part, int) or not last:
            written.append(part)
    return tuple(written)


def place(node: Node, path: PathParts, *, on_key: bool = False) -> Mark:
    """Return where a path's value stands (or its key), else the nearest mapping around it."""
    nodes = list(node.walk(path))
    if len(nodes) == len(path) + 1:
        if on_key and path and isinstance(path[-1], str):
            return nodes[-2].keys.get(path[-1], nodes[-1].mark)
        return nodes[-1].mark
    return nodes[-1].mark


def _fault(error: Any, node: Node) -> Fault:
    kind, loc = str(error["type"]), location(error)
    context: Mapping[str, Any] = error.get("ctx") or {}
    value = error["input"]
    if isinstance(value, Refused) and kind == "extra_forbidden":
        return fault_at(node, loc, value.code, value.message, hint=value.hint, on_key=True)
    if context.get("at"):
        value = _value_at(node, loc) if isinstance(value, Mapping) else value
    code, message, hint = _wording(kind, error, context, value)
    if code == "TM202":
        value = NOTHING
    return fault_at(node, loc, code, message, hint=hint, value=_unwrapped(value))


def _value_at(node: Node, loc: PathParts) -> object:
    path = written_path(node, loc)
    nodes = list(node.walk(path))
    return nodes[-1].plain() if len(nodes) == len(path) + 1 else NOTHING


def _unwrapped(value: object) -> object:
    while isinstance(value, Spelled | Opaque | Refused):
        value = value.value
    return value


def _wording(
    kind: str, error: Any, context: Mapping[str, Any], value: object
) -> tuple[str, str, str]:
    """Return code, message and hint of one error."""
    if "message" in context:
        return context["code"], context["message"], context["hint"]
    if kind == "missing" and isinstance(error["loc"][-1], int):
        return "TM202", "the list needs one more entry", ""
    if kind == "missing":
        return "TM202", "is required", ""
    if kind == "extra_forbidden":
        return "TM201", "unknown key", ""
    if kind in _TYPES:
        return "TM203", _TYPES[kind], _hint_of_type(kind, value)
    if kind in _WORDS:
        legal = [
            word.strip(" '") for word in str(context["expected"]).replace(" or ", ",").split(",")
        ]
        return "TM206", "is none of the legal words", suggestion(str(_unwrapped(value)), legal)
    if kind in ("too_short", "too_long"):
        least, most = context.get("min_length"), context.get("max_length")
        number = least if kind == "too_short" else most
        bound = f"at least {number}" if kind == "too_short" else f"at most {number}"
        entries = "entry" if number == 1 else "entries"
        return "TM204", f"needs {bound} {entries}, not {context['actual_length']}", ""
    if kind in _BOUNDS:
        words, key = _BOUNDS[kind]
        return "TM204", f"must be {words} {_plain_number(context[key])}", ""
    if kind == "value_error":
        return "TM200", str(context["error"]), ""
    message = str(error["msg"])
    message = message.replace("Input should", "must").replace("String should", "must")
    return "TM204", message[:1].lower() + message[1:], ""


def _plain_number(bound: object) -> str:
    return f"{bound:.15g}" if isinstance(bound, float) else str(bound)


def _hint_of_type(kind: str, value: object) -> str:
    inner = _unwrapped(value)
    if kind == "string_type" and not isinstance(inner, int | float):
        return "Write a text" if inner is None else ""
    if kind in ("int_type", "float_type", "bool_type") and not isinstance(inner, str):
        return ""
    if isinstance(inner, str) and _DECIMAL_COMMA.fullmatch(inner):
        return f"Write a point instead of the comma: {inner.replace(',', '.')}"
    return _HINTS.get(kind, "")
