"""How a flat file becomes chunks: some thousand rows at a time, so that a kill loses little."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from connectors.platforms.amazon_sp.streams.windowed import Chunk
from connectors.platforms.common.tables import Table
from connectors.types import Record, RejectedRow

CHUNK_ROWS = 5_000
_NAMES_SHOWN = 20

# Maps one row; raises ValueError with the reason when it cannot, returns None for a row of no concern.
RowMapper = Callable[[list[str]], Record | None]


def note_of(table: Table) -> str:
    """Say which columns nobody knows, so that somebody looks at what Amazon changed."""
    if not table.unknown:
        return ""
    names = ", ".join(table.unknown[:_NAMES_SHOWN])
    return f"{table.report}: unknown columns: {names}"[:500]


def row_chunks(table: Table, mapper: RowMapper, start: int, *, size: int = CHUNK_ROWS) -> Iterator[Chunk]:
    """Yield the rows after number `start`, mapped one by one, in chunks of `size` rows."""
    records: list[Record] = []
    rejected: list[RejectedRow] = []
    kept: list[list[str]] = []
    note, number = note_of(table), start
    for number, row in table.rows():
        if number <= start:
            continue
        if not table.fits(row):
            rejected.append(table.ragged(number, row))
            continue
        kept.append(row)
        try:
            record = mapper(row)
        except ValueError as error:
            rejected.append(table.rejected(number, row, error))
            continue
        if record is not None:
            records.append(record)
        if len(kept) + len(rejected) >= size:
            yield Chunk(number, tuple(records), tuple(rejected), raw=table.raw(kept), note=note)
            records, rejected, kept = [], [], []
    if kept or rejected:
        yield Chunk(number, tuple(records), tuple(rejected), raw=table.raw(kept), note=note)
