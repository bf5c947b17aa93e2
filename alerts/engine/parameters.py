"""What a rule may set of a detector: typed parameters with bounds, read all faults at once.

A detector's parameters are one frozen dataclass whose fields are made by the functions below. `read` makes it
of a rule's document and refuses what it does not know; `write` is its inverse; `schema` says in JSON Schema
what may be set. Decimals travel as strings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, field, fields
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar, cast

from config.lib.errors import FieldError, Invalid

P = TypeVar("P")
_SPEC = "alerts.parameter"
_MOST_LISTED = 500


class _Fault(Exception):
    """A value that a parameter cannot take, with the stable code of why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


class _Spec:
    """How one parameter is read and described."""

    def __init__(self, schema: Mapping[str, Any], read: Callable[[Any], Any], text: str) -> None:
        self.schema = {"description": text, **schema}
        self.read = read


def decimal(
    text: str,
    default: Decimal | int | str | None,
    *,
    low: Decimal | int | str | None = None,
    high: Decimal | int | str | None = None,
    required: bool = False,
) -> Any:
    """A number in a string (or a whole one as it is); a default of None makes it optional."""
    least, most = _number(low), _number(high)

    def read(value: Any) -> Decimal | None:
        if value is None and default is None and not required:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise _Fault("type", "Must be a number in a string.")
        try:
            found = Decimal(value)
        except InvalidOperation:
            raise _Fault("type", "Must be a number in a string.") from None
        if not found.is_finite() or abs(found) >= Decimal(10) ** 15:
            raise _Fault("range", "Must be a finite number below 10^15.")
        _within(found, least, most)
        return found

    schema: dict[str, Any] = {
        "type": ["string", "null"] if default is None else "string",
        "format": "decimal",
    }
    schema |= {"minimum": str(least)} if least is not None else {}
    schema |= {"maximum": str(most)} if most is not None else {}
    return _field(_Spec(schema, read, text), _number(default), required=required)


def integer(text: str, default: int, *, low: int, high: int) -> Any:
    """A whole number from `low` to `high`."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise _Fault("type", "Must be a whole number.")
        _within(value, low, high)
        return value

    return _field(_Spec({"type": "integer", "minimum": low, "maximum": high}, read, text), default)


def flag(text: str, default: bool) -> Any:
    """Yes or no."""

    def read(value: Any) -> bool:
        if not isinstance(value, bool):
            raise _Fault("type", "Must be true or false.")
        return value

    return _field(_Spec({"type": "boolean"}, read, text), default)


def choice(text: str, default: StrEnum) -> Any:
    """One of the values of the default's enumeration."""
    kind = type(default)
    known = [each.value for each in kind]

    def read(value: Any) -> StrEnum:
        if value not in known:
            raise _Fault("choice", f"Must be one of: {', '.join(known)}.")
        return kind(value)

    return _field(_Spec({"type": "string", "enum": known}, read, text), default)


def word(text: str, default: str = "", *, required: bool = False, most: int = 120) -> Any:
    """A short text, such as the key of a KPI."""

    def read(value: Any) -> str:
        return _word(value, most, required=required)

    schema = {"type": "string", "maxLength": most, **({"minLength": 1} if required else {})}
    return _field(_Spec(schema, read, text), default, required=required)


def words(text: str, default: tuple[str, ...] = ()) -> Any:
    """A list of short texts, such as SKUs or currencies; no value twice."""

    def read(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or len(value) > _MOST_LISTED:
            raise _Fault("type", f"Must be a list of at most {_MOST_LISTED} texts.")
        return tuple(dict.fromkeys(_word(each, 120, required=True) for each in value))

    schema = {"type": "array", "items": {"type": "string"}, "maxItems": _MOST_LISTED, "uniqueItems": True}
    return _field(_Spec(schema, read, text), default)


def read(kind: type[P], document: Mapping[str, Any], *, at: str = "/parameters") -> P:
    """Make the parameters of a document; `Invalid` names every fault by its place, unknown keys included.

    A method `faults` of the dataclass may add what only several parameters together show, as pairs of a
    parameter's name and a sentence.
    """
    known = {each.name: each for each in fields(cast(Any, kind))}
    errors = [
        FieldError(f"{at}/{key}", f"Unknown; known are {', '.join(known)}.", "unknown")
        for key in document
        if key not in known
    ]
    values: dict[str, Any] = {}
    for name, each in known.items():
        try:
            if name in document:
                values[name] = _spec(each).read(document[name])
            elif each.default is MISSING:
                raise _Fault("required", "Must be given.")
        except _Fault as fault:
            errors.append(FieldError(f"{at}/{name}", fault.detail, fault.code))
    if not errors:
        made = kind(**values)
        together: Callable[[], list[tuple[str, str]]] = getattr(made, "faults", list)
        errors = [FieldError(f"{at}/{name}", detail, "contradiction") for name, detail in together()]
        if not errors:
            return made
    raise Invalid(f"{len(errors)} parameter(s) are wrong", errors=errors)


def write(parameters: object) -> dict[str, Any]:
    """Return every parameter as it is stored and shown; `read` makes the same of it."""
    return {each.name: _plain(getattr(parameters, each.name)) for each in fields(cast(Any, parameters))}


def schema(kind: type[object]) -> dict[str, Any]:
    """Describe the parameters as a JSON Schema (2020-12)."""
    known = fields(cast(Any, kind))
    properties = {
        each.name: {
            **_spec(each).schema,
            **({} if each.default is MISSING else {"default": _plain(each.default)}),
        }
        for each in known
    }
    required = [each.name for each in known if each.default is MISSING]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _field(spec: _Spec, default: object, *, required: bool = False) -> Any:
    return field(default=MISSING if required else default, metadata={_SPEC: spec})


def _spec(each: Field[Any]) -> _Spec:
    return cast(_Spec, each.metadata[_SPEC])


def _word(value: Any, most: int, *, required: bool) -> str:
    if not isinstance(value, str) or len(value) > most or "\x00" in value:
        raise _Fault("type", f"Must be a text of at most {most} characters.")
    if required and not value.strip():
        raise _Fault("required", "Must not be empty.")
    return value.strip()


def _within(value: Any, low: Any, high: Any) -> None:
    if (low is not None and value < low) or (high is not None and value > high):
        raise _Fault("range", f"Must lie from {_bound(low)} to {_bound(high)}.")


def _bound(value: object) -> str:
    return "any" if value is None else str(value)


def _number(value: Decimal | int | str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _plain(value: object) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Decimal):
        return format(value, "f")
    return list(value) if isinstance(value, tuple) else value
