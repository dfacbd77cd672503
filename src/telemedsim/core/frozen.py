"""The base of every value a user may write: frozen, unknown keys refused, units joined.

A field named with its unit may be written in two ways: ``rate_bps: 100000000`` or
``rate: 100 Mbit/s``. Both at once, and the second without a unit, are refused.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from telemedsim.core.measures import SUFFIXES, In, Opaque, Refused, Spelled, has_unit_of
from telemedsim.core.words import NOTHING, legal_list, nearest

LONGEST_KEYS = 30
"""Legal keys that a fault lists at most."""
_PLAIN_NUMBERS = ("tb",)
"""Units of quantities that planners know by their number: 'annual_tb: 8', rarely 'annual: 8 TB'."""


class Frozen(BaseModel):
    """A frozen record that refuses unknown keys; a docstring under a field is its description."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        validate_default=True,
        allow_inf_nan=False,
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        spellings(cls)

    @model_validator(mode="before")
    @classmethod
    def _join_spellings(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            return _joined(cls, dict(data))
        if not isinstance(data, BaseModel):
            keys = usual_keys(cls)
            hint = f"Write {{{keys[0]}: ...}} with keys of: {', '.join(keys)}"
            context = {"message": "must be a mapping", "hint": hint, "code": "TM203"}
            raise PydanticCustomError("mapping", "{message}. {hint}", context)
        return data

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        _add_spellings(cls, handler.resolve_ref_schema(schema))
        return schema


@cache
def spellings(model: type[BaseModel]) -> dict[str, tuple[tuple[str, In], ...]]:
    """Return the keys without unit and the fields (with their measures) each may stand for."""
    found: dict[str, tuple[tuple[str, In], ...]] = {}
    for name, field in model.model_fields.items():
        measures = [one for one in field.metadata if isinstance(one, In)]
        measures += _measures_in(field.annotation)
        if measures and measures[0].suffix:
            key = measures[0].short_key(name)
            found[key] = (*found.get(key, ()), (name, measures[0]))
    return {key: fields for key, fields in found.items() if key not in model.model_fields}


@cache
def numeric_fields(model: type[BaseModel]) -> frozenset[str]:
    """Return the fields that take numbers or truth values only, so that no text turns into one."""
    measured = {name for fields in spellings(model).values() for name, _ in fields}
    return frozenset(
        name
        for name, field in model.model_fields.items()
        if _is_numeric(field.annotation)
        and name not in measured
        and not any(isinstance(one, In) for one in field.metadata)
    )


def written_key(model_keys: Mapping[str, Any], name: str) -> str:
    """Return the key under which a field was written: its own, or the one without its unit."""
    if name in model_keys:
        return name
    return next((key for key in shorter_keys(name) if key in model_keys), name)


def shorter_keys(name: str) -> list[str]:
    """Return the keys that a field's name may be written as without its unit.

    >>> shorter_keys("delay_ms_max"), shorter_keys("name")
    (['delay_max'], [])
    """
    parts = name.split("_")
    places = [i for i in range(len(parts) - 1, 0, -1) if parts[i] in SUFFIXES]
    return ["_".join(parts[:i] + parts[i + 1 :]) for i in places]


def _measures_in(annotation: Any) -> list[In]:
    found: list[In] = []
    for part in get_args(annotation):
        found += [part] if isinstance(part, In) else _measures_in(part)
    return found


def _is_numeric(annotation: Any) -> bool:
    parts = get_args(annotation)
    if not parts:
        return annotation in (int, float, bool, type(None))
    if isinstance(annotation, type) or getattr(annotation, "__origin__", None) is not None:
        return False
    return all(_is_numeric(part) for part in parts)


@cache
def legal_keys(model: type[BaseModel]) -> tuple[str, ...]:
    """Return every key a user may write, both spellings of measured fields."""
    written = [field.alias or name for name, field in model.model_fields.items()]
    return (*written, *spellings(model))


@cache
def usual_keys(model: type[BaseModel]) -> tuple[str, ...]:
    """Return each field once, under the key that people use, in the order of the fields."""
    short = {
        name: key
        for key, fields in spellings(model).items()
        for name, measure in fields
        if measure.suffix not in _PLAIN_NUMBERS
    }
    keys = [short.get(name, field.alias or name) for name, field in model.model_fields.items()]
    return tuple(dict.fromkeys(keys))


def unknown_key_hint(model: type[BaseModel], key: str, value: object) -> str:
    """Return what was meant by a mistyped key, where that is sure, else the list of the usual ones."""
    legal = legal_keys(model)
    before_colon = key.partition(":")[0].strip()
    if ":" in key and before_colon in legal:
        return f"Put a plain space after the colon of '{before_colon}:'"
    if value is None and key.isdigit():
        return "A comma ends a value here: write 39.9 with a point, and 3000 without a comma"
    if any(quote in key for quote in "“”„‘’«»"):
        return "Use straight quotes: these ones quote nothing"
    found = nearest(key, legal)
    return f"Did you mean '{found}'?" if found else legal_list(usual_keys(model), LONGEST_KEYS)


def _joined(model: type[BaseModel], data: dict[str, Any]) -> dict[str, Any]:
    keys = _reading(model)
    for key, fields, required in keys.spelled:
        if key in data:
            _join(data, key, fields)
        elif required and not any(name in data for name, _ in fields):
            name, measure = fields[0]
            hint = f"Write '{key}: {measure.quantity.example}', or '{name}' with a plain number"
            data[name] = Refused("is required", hint, NOTHING, "TM202")
    for name in keys.numeric:
        value = data.get(name)
        wrong = isinstance(value, str) or (isinstance(value, bool) and not _takes_bool(model, name))
        if wrong:
            data[name] = Opaque(value)
    for key in data:
        if key not in keys.legal:
            hint = unknown_key_hint(model, str(key), data[key])
            data[key] = Refused("unknown key", hint, data[key], "TM201")
    return data


class _Reading(NamedTuple):
    """What is asked of every record of a model, found out once."""

    spelled: tuple[tuple[str, tuple[tuple[str, In], ...], bool], ...]
    """Key without unit, the fields that it may stand for, whether the first is required."""
    numeric: tuple[str, ...]
    legal: frozenset[str]


@cache
def _reading(model: type[BaseModel]) -> _Reading:
    fields = model.model_fields
    return _Reading(
        tuple(
            (key, found, fields[found[0][0]].is_required())
            for key, found in spellings(model).items()
        ),
        tuple(sorted(numeric_fields(model))),
        frozenset((*fields, *legal_keys(model))),
    )


def _takes_bool(model: type[BaseModel], name: str) -> bool:
    annotation = model.model_fields[name].annotation
    return annotation is bool or bool in get_args(annotation)


def _join(data: dict[str, Any], key: str, fields: tuple[tuple[str, In], ...]) -> None:
    value = data.pop(key)
    rival = next((name for name, _ in fields if name in data), None)
    if rival is not None:
        hint = f"Keep '{key}' with a unit or '{rival}' with a plain number"
        data[rival] = Refused(f"'{key}' and '{rival}' are both given", hint, value)
        return
    name, _ = next(
        (one for one in fields if isinstance(value, str) and has_unit_of(value, one[1].quantity)),
        fields[0],
    )
    others = tuple(measure for other, measure in fields if other != name)
    data[name] = None if value is None else Spelled(key, value, others)


def _add_spellings(model: type[BaseModel], schema: JsonSchemaValue) -> None:
    properties = schema.get("properties", {})
    rules: list[JsonSchemaValue] = []
    for key, fields in spellings(model).items():
        names = [name for name, _ in fields]
        texts = [measure.text_schema() for _, measure in fields]
        properties[key] = texts[0] if len(texts) == 1 else {"anyOf": texts}
        described = properties.get(names[0], {}).get("description")
        if described:
            properties[key] = {**properties[key], "description": described}
        rules += list(_one_spelling(schema, key, names))
    if rules:
        schema["allOf"] = [*schema.get("allOf", []), *rules]


def _one_spelling(schema: JsonSchemaValue, key: str, names: list[str]) -> Iterator[JsonSchemaValue]:
    required = schema.get("required", [])
    for name in names:
        if name in required:
            required.remove(name)
            yield {"oneOf": [{"required": [name]}, {"required": [key]}]}
        else:
            yield {"not": {"required": [name, key]}}
