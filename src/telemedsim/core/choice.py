"""A field whose record is chosen by a word in it: ``scheduler: {kind: drr, ...}``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from telemedsim.core.words import suggestion


@dataclass(frozen=True)
class ChosenBy:
    """Annotates a base class: the record's class is what its word names in a mapping.

    ``Annotated[Scheduler, ChosenBy("scheduler", lambda: SCHEDULERS)]`` reads, writes (with the
    word) and describes every registered scheduler; a wrong word is a fault that names the
    nearest. The mapping is read when the model is built, so installed parts count.
    """

    family: str
    """What the words name, for messages."""
    legal: Callable[[], Mapping[str, type[BaseModel]]]
    defaults: Callable[[str], Mapping[str, Any]] | None = None
    """Parameters of a word's record that a user may leave out, from data."""
    word: str = "kind"
    """The key that holds the word."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        choices = {name: handler.generate_schema(one) for name, one in self.legal().items()}
        union = core_schema.tagged_union_schema(choices, discriminator=self._word_of)
        return core_schema.no_info_before_validator_function(self._check, union)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        described = handler(schema)
        for name, choice in zip(self.legal(), described["oneOf"], strict=True):
            record = handler.resolve_ref_schema(choice)
            left_out = self._defaults(name)
            record["required"] = [key for key in record.get("required", []) if key not in left_out]
        described["required"] = [self.word]
        described["discriminator"] = {"propertyName": self.word}
        return described

    def _defaults(self, word: str) -> Mapping[str, Any]:
        return self.defaults(word) if self.defaults else {}

    def _word_of(self, value: Any) -> Any:
        return (
            value.get(self.word) if isinstance(value, Mapping) else getattr(value, self.word, None)
        )

    def _check(self, value: Any) -> Any:
        """Raise a fault that names the legal words unless the value names one of them."""
        words = list(self.legal())
        if not isinstance(value, Mapping | BaseModel):
            hint = f"Write a mapping such as {{{self.word}: {words[0] if words else '...'}}}"
            if isinstance(value, str) and value in words:
                hint = f"Write {{{self.word}: {value}}}"
            raise _refusal("must be a mapping", hint, "TM203", "")
        word = self._word_of(value)
        if word is None:
            raise _refusal(f"needs '{self.word}'", f"Legal: {', '.join(words)}", "TM202", "")
        if word not in words:
            hint = suggestion(str(word), words)
            raise _refusal(f"unknown {self.family}", hint, "TM206", self.word)
        return {**self._defaults(word), **value} if isinstance(value, Mapping) else value


def _refusal(message: str, hint: str, code: str, at: str) -> PydanticCustomError:
    context = {"message": message, "hint": hint, "code": code, "at": at}
    return PydanticCustomError("refused", "{message}. {hint}", context)
