"""What a flat file says, by column name: unknown columns tolerated, missing ones named, ragged rows apart."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter

from connectors.platforms.common.problems import ColumnsMissing, DocumentDamaged, DocumentUnreadable
from connectors.types import RejectedRow


def column_key(name: str) -> str:
    """Normalise a column name: "Order ID", "order_id" and "order-id" are the same column."""
    return name.strip().strip('"').lower().replace("_", "-").replace(" ", "-")


class Table:
    """A tab-separated document with a header. `report` names it in messages.

    `required` columns must be there (`ColumnsMissing` otherwise); `required` and `optional` together are the
    columns that may be looked at and kept: only they appear in rejected rows and in `raw`. `personal` columns
    are known and never kept. `unknown` lists the names of all others; they are kept only where
    `keeps_unknown` says that the report holds nobody's data. Rows are numbered from 1, the line after the
    header.
    """

    def __init__(
        self,
        report: str,
        text: str,
        *,
        required: Iterable[str],
        optional: Iterable[str] = (),
        personal: Iterable[str] = (),
        keeps_unknown: bool = False,
    ) -> None:
        self.report = report
        self._lines = _clean(text).split("\n")
        # Most flat files never quote, and a product name may hold a single inch mark; some quote every cell.
        self._is_quoted = self._lines[0].startswith('"')
        header = [column_key(name) for name in self._cells_of_first()]
        while header and not header[-1]:
            header.pop()
        self.is_blank = not header
        self.width = len(header)
        self._place = self._places(header)
        required = tuple(required)
        missing = [name for name in required if name not in self._place]
        if missing and not self.is_blank:
            raise ColumnsMissing(report, missing)
        self.used = tuple(name for name in dict.fromkeys((*required, *optional)) if name in self._place)
        known = {*self.used, *personal}
        self.unknown = tuple(name for name in header if name and name not in known)
        if keeps_unknown:
            self.used += self.unknown
        places = [self._place[name] for name in self.used]
        # With one place alone itemgetter would return no tuple.
        self._pick: Callable[[list[str]], tuple[str, ...]] = (
            itemgetter(*places) if len(places) > 1 else lambda row: tuple(row[place] for place in places)
        )

    def _cells_of_first(self) -> list[str]:
        if self._is_quoted:
            return next(csv.reader(self._lines[:1], delimiter="\t"), [])
        return self._lines[0].split("\t")

    def _places(self, header: list[str]) -> dict[str, int]:
        named = [name for name in header if name]
        if len(set(named)) != len(named):
            twice = sorted({name for name in named if named.count(name) > 1})
            raise DocumentUnreadable(f"{self.report} names column {', '.join(twice)} twice")
        return {name: index for index, name in enumerate(header) if name}

    def place(self, name: str) -> int:
        """Return the index of a column in a row; -1 if the document has no such column.

        -1 would read the last cell: callers of optional columns test for it.
        """
        return self._place.get(name, -1)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows that are not blank with their numbers; `DocumentUnreadable` for broken quoting."""
        if not self._is_quoted:
            for number, line in enumerate(self._lines):
                if number and line:
                    yield number, line.split("\t")
            return
        try:
            for number, row in enumerate(csv.reader(self._lines, delimiter="\t", strict=True)):
                if number and row:
                    yield number, row
        except csv.Error as error:
            raise DocumentUnreadable(f"{self.report}: {error}") from error

    def column(self, name: str) -> Iterator[tuple[int, str]]:
        """Yield one column with the row numbers; rows that do not reach that far are left out."""
        place = self._place[name]
        if place == 0 and not self._is_quoted:
            for number, line in enumerate(self._lines):
                if number and line:
                    yield number, line.partition("\t")[0]
            return
        for number, row in self.rows():
            if len(row) > place:
                yield number, row[place]

    def fits(self, row: list[str]) -> bool:
        """Tell whether a row has a cell for every column (and nothing but empty cells beyond)."""
        return len(row) == self.width or (len(row) > self.width and not any(row[self.width :]))

    def padded(self, row: list[str]) -> list[str]:
        """Return a row with empty cells added up to the header's width."""
        return row if len(row) >= self.width else row + [""] * (self.width - len(row))

    @property
    def is_unended(self) -> bool:
        """Tell whether the last line has no line end, as if the document was cut off."""
        return bool(self._lines[-1])

    def ragged(self, number: int, row: list[str]) -> RejectedRow:
        """Return the rejection of a row of another width; its cells are not kept, they may be displaced.

        `DocumentDamaged` for a short last row without a line end: a rejection would hide that all rows
        behind it are missing.
        """
        if self.is_unended and number == len(self._lines) - 1 and len(row) < self.width:
            raise DocumentDamaged(f"{self.report} breaks off in row {number}")
        return RejectedRow(f"/{number}", f"{len(row)} cells where the header has {self.width}")

    def rejected(self, number: int, row: list[str], reason: object) -> RejectedRow:
        """Return the rejection of a row with the columns that may be kept."""
        cells = self._pick(self.padded(row))
        return RejectedRow(f"/{number}", str(reason), dict(zip(self.used, cells, strict=True)))

    def raw(self, rows: Iterable[list[str]]) -> bytes:
        """Return rows as a flat file of the used columns only."""
        lines = map("\t".join, map(self._pick, map(self.padded, rows)))
        return "\n".join(["\t".join(self.used), *lines]).encode()


def _clean(text: str) -> str:
    """Drop a byte order mark, zero bytes (Amazon pads empty cells with them) and carriage returns."""
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        text = text.replace("\0", "")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
