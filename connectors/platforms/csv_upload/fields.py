"""What a dataset is made of: its fields with their kinds, and how a row of values becomes a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from connectors.platforms.common.moments import ShopClock
from connectors.types import Record, StoreRef


class Kind(StrEnum):
    """How the text of a cell is read."""

    TEXT = "text"
    ID = "id"
    COUNT = "count"
    NUMBER = "number"
    AMOUNT = "amount"
    RATE = "rate"
    DAY = "day"
    INSTANT = "instant"
    FLAG = "flag"
    CHOICE = "choice"
    CURRENCY = "currency"
    PERSON = "person"


class Sink(StrEnum):
    """Where a dataset's rows go: facts of a store, unit costs or the product master of the client."""

    FACTS = "facts"
    COSTS = "costs"
    PRODUCTS = "products"


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a dataset's row.

    `unit` is what a number counts, `choices` the words a CHOICE takes, `minimum`/`maximum` are inclusive.
    A PERSON is a buyer's identifier: it is hashed when it is read and never kept.
    """

    name: str
    kind: Kind
    meaning: str
    example: str = ""
    required: bool = False
    unit: str = ""
    choices: tuple[str, ...] = ()
    max_length: int = 0
    minimum: Decimal | None = None
    maximum: Decimal | None = None


@dataclass(slots=True)
class RowContext:
    """What a row may know beside its own cells. `row_no` counts from 1, the header being a row too."""

    store: StoreRef
    clock: ShopClock
    received_at: datetime
    pepper: bytes
    row_no: int = 0
    seen: dict[str, int] = field(default_factory=dict)

    def numbered(self, key: str, longest: int = 160) -> str:
        """Tell equal rows apart by their number among equals, which is the same whenever a file is read."""
        self.seen[key] = count = self.seen.get(key, 0) + 1
        suffix = f"|{count}" if count > 1 else ""
        return key[: longest - len(suffix)] + suffix


Fix = Callable[[dict[str, Any], RowContext], None]
Finish = Callable[[Sequence[Record]], Sequence[Record]]


@dataclass(frozen=True, slots=True)
class Dataset:
    """One kind of table that can be handed in.

    `record` is what a row becomes (None: not a fact). `natural_key` are the record's columns that tell rows
    apart: a row with a known key replaces the known one. `streams` are the streams it fills in for, by the
    keys that KPIs need. `day` is the record's column that says on which shop day a row counts ("": on the day
    it is handed in); `day_from` are the instants it follows from where the file does not give it. `key_field`
    is made of `key_from` where the file has no key of its own. `scope` is the field whose rows replace each
    other as a set: one that cannot be read keeps the whole set out. `fix` completes the values of a row,
    `finish` the records of a file. Without a newer hand-in the data counts as stale after `stale_after`.
    """

    key: str
    title: str
    fields: tuple[Field, ...]
    stale_after: timedelta
    record: type[Record] | None = None
    sink: Sink = Sink.FACTS
    natural_key: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    day: str = "business_on"
    day_from: tuple[str, ...] = ()
    key_field: str = ""
    key_from: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    scope: str = ""
    fix: Fix | None = None
    finish: Finish | None = None

    def field(self, name: str) -> Field | None:
        """The field of a name, None if there is none."""
        return next((each for each in self.fields if each.name == name), None)


def text(name: str, meaning: str, example: str = "", *, required: bool = False, longest: int = 100) -> Field:
    """A text of at most `longest` characters."""
    return Field(name, Kind.TEXT, meaning, example, required, max_length=longest)


def ident(name: str, meaning: str, example: str = "", *, required: bool = False, longest: int = 40) -> Field:
    """An identifier: a text that a spreadsheet must not have shortened to 4.9E+12."""
    return Field(name, Kind.ID, meaning, example, required, max_length=longest)


def count(
    name: str, meaning: str, example: str = "1", *, required: bool = False, unit: str = "units"
) -> Field:
    """A whole number, not negative."""
    return Field(name, Kind.COUNT, meaning, example, required, unit=unit, minimum=Decimal(0))


def amount(name: str, meaning: str, example: str = "12.50", *, required: bool = False) -> Field:
    """Money in the row's currency, signed."""
    return Field(name, Kind.AMOUNT, meaning, example, required, unit="currency")


def day(name: str, meaning: str, example: str = "2026-11-02", *, required: bool = False) -> Field:
    """A calendar day of the shop."""
    return Field(name, Kind.DAY, meaning, example, required)


def instant(
    name: str, meaning: str, example: str = "2026-11-02T09:30:00Z", *, required: bool = False
) -> Field:
    """A moment; without a zone of its own it is read in the profile's time zone."""
    return Field(name, Kind.INSTANT, meaning, example, required)


def flag(name: str, meaning: str, example: str = "yes") -> Field:
    """Yes or no."""
    return Field(name, Kind.FLAG, meaning, example)


def choice(
    name: str, meaning: str, choices: type[StrEnum] | tuple[str, ...], *, required: bool = False
) -> Field:
    """One of some words."""
    words = choices if isinstance(choices, tuple) else tuple(each.value for each in choices)
    return Field(name, Kind.CHOICE, meaning, words[0], required, choices=words)


SKU = ident("sku", "The seller's own article number", "BOTTLE-750", required=True, longest=100)
ANY_SKU = ident(
    "sku", "The seller's own article number; empty where it concerns none", "BOTTLE-750", longest=100
)
PRODUCT = ident("product_id", "The platform's article number (ASIN, item id)", "B0TEST0001")
ORDER = ident("order_id", "The platform's order number", "111-0000001-0000001", required=True)
ANY_ORDER = ident("order_id", "The platform's order number, where it concerns one", "111-0000001-0000001")
CURRENCY = Field("currency", Kind.CURRENCY, "ISO 4217 currency; the store's where empty", "USD", max_length=3)
UPDATED = instant("updated_at", "When the source last changed the row; the time of the upload where empty")
