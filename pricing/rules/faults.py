"""Everything that is wrong with a document, gathered while it is read: where, what, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from config.lib.errors import FieldError, Invalid

_MOST_DIGITS = 24


class Faults:
    """The faults found so far; reading goes on after each, so that all are told at once."""

    def __init__(self) -> None:
        self.found: list[FieldError] = []

    def add(self, pointer: str, code: str, detail: str) -> None:
        """Note a fault at a JSON pointer; `detail` says what is wrong and what would be right."""
        self.found.append(FieldError(pointer, detail, code))

    def refuse(self) -> None:
        """Raise `Invalid` with every fault, if there is any."""
        if self.found:
            raise Invalid(
                f"the rule set has {len(self.found)} fault(s)",
                remedy="Mend each value named in `errors`; GET rule-schema shows the form.",
                errors=self.found,
            )


def pointer(base: str, *parts: str | int) -> str:
    """Return the JSON pointer (RFC 6901) of a part of what `base` points at."""
    return base + "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def read_object(
    value: Any, at: str, faults: Faults, *, known: Sequence[str], required: Sequence[str]
) -> Mapping[str, Any]:
    """Return an object, empty if it is none; unknown and missing members are faults."""
    if not isinstance(value, Mapping):
        faults.add(at, "type", "This must be an object.")
        return {}
    for name in value:
        if name not in known:
            faults.add(
                pointer(at, name), "unknown", f"There is no member {name!r}; known: {', '.join(known)}."
            )
    for name in required:
        if name not in value:
            faults.add(pointer(at, name), "required", f"{name!r} is missing.")
    return value


def read_list(value: Any, at: str, faults: Faults, *, least: int = 0, most: int = 200) -> list[Any]:
    """Return a list, empty if it is none or has too few or too many members."""
    if not isinstance(value, list | tuple):
        faults.add(at, "type", "This must be a list.")
        return []
    if not least <= len(value) <= most:
        faults.add(at, "length", f"This list must have {least} to {most} members, not {len(value)}.")
        return []
    return list(value)


def read_number(
    value: Any,
    at: str,
    faults: Faults,
    *,
    low: Decimal | None = None,
    high: Decimal | None = None,
    is_whole: bool = False,
) -> Decimal | None:
    """Return a number given as a decimal string or an integer; None after a fault."""
    number = _number(value)
    if number is None:
        faults.add(at, "type", 'This must be a number, written as a string ("0.05") or an integer.')
        return None
    if is_whole and number != number.to_integral_value():
        faults.add(at, "type", "This must be a whole number.")
        return None
    if (low is not None and number < low) or (high is not None and number > high):
        faults.add(at, "range", f"{number} must be {_between(low, high)}.")
        return None
    return number


def read_text(value: Any, at: str, faults: Faults, *, least: int = 0, most: int = 300) -> str | None:
    """Return a text of so many characters; None after a fault."""
    if not isinstance(value, str):
        faults.add(at, "type", "This must be a text.")
        return None
    if not least <= len(value.strip()) <= most:
        faults.add(at, "length", f"This text must have {least} to {most} characters.")
        return None
    return value.strip()


def read_choice(value: Any, at: str, faults: Faults, choices: Sequence[str]) -> str | None:
    """Return one of the choices; None after a fault."""
    if not isinstance(value, str) or value not in choices:
        faults.add(at, "choice", f"This must be one of {', '.join(choices)}.")
        return None
    return value


def read_flag(value: Any, at: str, faults: Faults) -> bool | None:
    """Return true or false; None after a fault."""
    if not isinstance(value, bool):
        faults.add(at, "type", "This must be true or false.")
        return None
    return value


def read_each(
    values: list[Any], at: str, faults: Faults, read: Callable[[Any, str, Faults], Any]
) -> list[Any]:
    """Read the members of a list, leaving out those with a fault."""
    done = (read(value, pointer(at, n), faults) for n, value in enumerate(values))
    return [value for value in done if value is not None]


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        return None
    if (
        not number.is_finite()
        or abs(number.adjusted()) > _MOST_DIGITS
        or len(number.as_tuple().digits) > _MOST_DIGITS
    ):
        return None
    return number


def _between(low: Decimal | None, high: Decimal | None) -> str:
    if low is None:
        return f"at most {high}"
    return f"at least {low}" if high is None else f"between {low} and {high}"
