"""A finished report document: its bytes, what they are, and which rows are in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.simulator.http.settings import Knobs
from connectors.simulator.world import World
from connectors.simulator.world.markets import Market
from connectors.simulator.world.model import Store


@dataclass(frozen=True, slots=True)
class Ask:
    """What a report is made from: whose, when it is asked, which window and with which options."""

    world: World
    store: Store
    at: datetime
    start: datetime | None
    end: datetime | None
    options: Mapping[str, str]
    knobs: Knobs

    def covers(self, when: datetime) -> bool:
        """Whether an instant lies in the window and has already happened."""
        if when > self.at:
            return False
        return (self.start is None or when >= self.start) and (self.end is None or when < self.end)


@dataclass(frozen=True, slots=True)
class Document:
    """`keys` are the natural keys and versions of the rows; `rows` 0 means that there was nothing to tell."""

    body: bytes
    content_type: str
    rows: int
    keys: tuple[tuple[str, str], ...] = ()
    gzip: bool = True
    notes: Mapping[str, str] = field(default_factory=dict)


_CHARSETS = {"US": ("cp1252", "Cp1252"), "MX": ("cp1252", "Cp1252"), "JP": ("cp932", "Shift_JIS")}


def flat_file(
    market: Market,
    headers: Iterable[str],
    rows: Iterable[Mapping[str, object]],
    keys: Iterable[tuple[str, str]],
    *,
    declared: bool = True,
    gzip: bool = True,
) -> Document:
    """A tab-separated file in the market's own character set; not `declared` leaves the charset unsaid."""
    columns, listed = list(headers), list(rows)
    codec, charset = _CHARSETS[market.code]
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(columns)
    for row in listed:
        writer.writerow([row.get(column, "") for column in columns])
    content_type = f"text/plain; charset={charset}" if declared else "text/plain"
    return Document(text.getvalue().encode(codec), content_type, len(listed), tuple(keys), gzip)
