"""How a source's file is laid out and written: which column is which field, in which styles."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from connectors.platforms.csv_upload.values import Days, Decimals

SHOP_TIME = "shop"


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field comes from: the first of `names` that the file has.

    A number is multiplied by `scale` (-1 turns its sign, 0.01 makes a fraction of percents); `absolute` drops
    its sign first.
    """

    names: tuple[str, ...]
    scale: Decimal = Decimal(1)
    absolute: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """The layout of one kind of file.

    `columns` lead from fields to columns, `constants` hold fields that no column has, `words` translate a
    field's texts (compared without case; "*" stands for all others). `carry` are fields that a row without
    them has from the row above, as long as `carry_within` (a field; "" for the whole file) stays the same.
    Rows without a value for one of `skip_without` are passed over. `personal` columns are known and dropped.
    `encoding`, `delimiter` and `sheet` are "" where they are found out. `time_zone`: an IANA zone, or "shop".
    `verified` says that the headers were checked against a real file or its documentation.
    """

    key: str
    title: str
    dataset: str
    columns: Mapping[str, Column]
    source: str = ""
    platform: str = ""
    version: int = 1
    constants: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    carry: tuple[str, ...] = ()
    carry_within: str = ""
    skip_without: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    decimals: Decimals = Decimals.POINT
    days: Days = Days.YMD
    time_zone: str = SHOP_TIME
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    verified: bool = True

    @property
    def needed(self) -> tuple[tuple[str, ...], ...]:
        """The alternatives of every column, normalised, to recognise a header by."""
        return tuple(tuple(header_key(name) for name in column.names) for column in self.columns.values())


def header_key(name: str) -> str:
    """Normalise a column's name: "Order ID", "order_id" and "order-id" are the same column."""
    text = unicodedata.normalize("NFKC", name).strip().strip('"').casefold()
    return "-".join(text.replace("_", " ").replace("-", " ").split())


def by_name(**columns: str | tuple[str, ...]) -> dict[str, Column]:
    """Columns by field, each with one name or several alternatives."""
    return {name: Column((names,) if isinstance(names, str) else names) for name, names in columns.items()}
