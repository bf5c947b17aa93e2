"""Which value was in force on a day: values by effective date, and the strict YAML they are written in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any, Generic, TypeVar

import yaml

from config.lib.errors import Invalid, NotFound, gettext_noop

T = TypeVar("T")
_DAY = timedelta(days=1)


class NotInForce(NotFound):
    """No value was in force on the day."""

    code = "not_in_force"
    title = gettext_noop("No value is in force on this day")
    permanent = True


class BadDefinition(Invalid):
    """A definition file breaks a rule; the message names the place."""

    code = "bad_definition"
    title = gettext_noop("The definition file is not valid")


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """Values by the day from which each holds, in ascending order; the last one holds until `through`.

    `through` (included) is None while no end is known.
    """

    since: tuple[date, ...]
    values: tuple[T, ...]
    through: date | None = None

    def __post_init__(self) -> None:
        if not self.since or len(self.since) != len(self.values):
            raise BadDefinition("there must be a value for every date, and at least one")
        for earlier, later in pairwise(self.since):
            if later <= earlier:
                raise BadDefinition(f"{later} stands after {earlier}: dates must ascend")
        if self.through is not None and self.through < self.since[-1]:
            raise BadDefinition(f"the last value ends on {self.through}, before it begins")

    @classmethod
    def of(cls, entries: Mapping[date, T]) -> Dated[T]:
        """Make one from `{first day: value}`, written in ascending order (anything else is refused)."""
        return cls(tuple(entries), tuple(entries.values()))

    @classmethod
    def from_ranges(cls, ranges: Iterable[tuple[date, date | None, T]]) -> Dated[T]:
        """Make one from (first day, last day or None, value); gaps and overlaps are refused."""
        rows = list(ranges)
        for (_, through, _), (start, _, _) in pairwise(rows):
            if through is None or through + _DAY != start:
                fault = "gap" if through is not None and through < start else "overlap"
                raise BadDefinition(f"{fault} between {through or 'an open end'} and {start}")
        end = rows[-1][1] if rows else None
        return cls(tuple(row[0] for row in rows), tuple(row[2] for row in rows), end)

    def at(self, day: date) -> T:
        """Return the value in force on `day`; `NotInForce` before the first and after the last day."""
        index = bisect_right(self.since, day) - 1
        if index < 0 or (self.through is not None and day > self.through):
            last = self.through or "further notice"
            raise NotInForce(f"values are known from {self.since[0]} until {last}, not for {day}")
        return self.values[index]


class _StrictLoader(yaml.SafeLoader):
    """YAML without its traps: no duplicate keys, no anchors or merges, no floats, no yes/no booleans."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise BadDefinition(f"line {event.start_mark.line + 1}: anchors and aliases are not allowed")
        return super().compose_node(parent, index)


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + 1
        if not isinstance(key, str | date | Decimal):
            raise BadDefinition(f"line {line}: {key!r} cannot be a key")
        if key in found:
            raise BadDefinition(f"line {line}: the key {key} stands there twice")
        found[key] = loader.construct_object(value_node, deep=True)
    return found


def _decimal(loader: _StrictLoader, node: yaml.ScalarNode) -> Decimal:
    text = str(loader.construct_scalar(node))
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or "_" in text:
        raise BadDefinition(f"line {node.start_mark.line + 1}: {text} is no plain decimal number")
    return number


def _boolean(loader: _StrictLoader, node: yaml.ScalarNode) -> bool | str:
    """YAML 1.1 reads NO, the code of Norway, as false; only true and false are booleans here."""
    text = str(loader.construct_scalar(node))
    return text == "true" if text in ("true", "false") else text


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _mapping)
_StrictLoader.add_constructor("tag:yaml.org,2002:float", _decimal)
_StrictLoader.add_constructor("tag:yaml.org,2002:int", _decimal)
_StrictLoader.add_constructor("tag:yaml.org,2002:bool", _boolean)


def load_yaml(text: str) -> dict[str, Any]:
    """Read one strict YAML mapping; every number in it, whole or not, becomes a `Decimal`.

    `BadDefinition` (with the line) for duplicate keys, anchors, unreadable numbers, or no mapping at all.
    """
    try:
        # The loader derives from SafeLoader: no Python objects can be built.
        found = yaml.load(text, Loader=_StrictLoader)  # noqa: S506
    except yaml.YAMLError as error:
        raise BadDefinition(str(error)) from error
    if not isinstance(found, dict):
        raise BadDefinition("the file must hold one mapping")
    return found


def check_keys(
    found: Mapping[str, Any], *, required: Iterable[str], optional: Iterable[str] = (), where: str = ""
) -> None:
    """Refuse missing and unknown keys, all at once (`BadDefinition`)."""
    required = set(required)
    missing = sorted(required - set(found))
    unknown = sorted(str(key) for key in found if key not in required | set(optional))
    faults = [f"{key} is missing" for key in missing] + [f"{key} is not known" for key in unknown]
    if faults:
        raise BadDefinition(f"{where or 'the file'}: {'; '.join(faults)}")


def read_dated(found: Any, parse: Callable[[Any], T], where: str = "") -> Dated[T]:
    """Read a `Dated` out of loaded YAML: `{2019-10-01: value, …}` or a list of `{from, through, value}`.

    `parse` turns a raw value (Decimal, text, mapping) into a `T`. The last `through` may be left out.
    """
    try:
        if isinstance(found, Mapping):
            for day in found:
                _as_date(day)
            return Dated.of({day: parse(value) for day, value in found.items()})
        if isinstance(found, list) and all(isinstance(row, Mapping) for row in found):
            for row in found:
                check_keys(row, required=("from", "value"), optional=("through",))
            return Dated.from_ranges(
                (
                    _as_date(row["from"]),
                    None if row.get("through") is None else _as_date(row["through"]),
                    parse(row["value"]),
                )
                for row in found
            )
        raise BadDefinition("write {date: value} or a list of {from, through, value}")
    except BadDefinition as error:
        raise BadDefinition(f"{where}: {error.detail}" if where else error.detail) from error


def _as_date(value: Any) -> date:
    # A YAML timestamp with a time of day is a datetime, which is a date by inheritance only.
    if type(value) is not date:
        raise BadDefinition(f"{value!r} is no date")
    return value
