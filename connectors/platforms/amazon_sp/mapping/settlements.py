"""What a settlement report says (flat file V2): its lines, and the total they must add up to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from connectors.engine.protocol import StreamContext
from connectors.platforms.amazon_sp.places import day_order_of
from connectors.platforms.common.moments import ShopClock, parse_instant
from connectors.platforms.common.numbers import AmountReader, optional_count
from connectors.platforms.common.problems import DocumentUnreadable
from connectors.platforms.common.tables import Table
from connectors.types import RejectedRow, SettlementLineRecord

REPORT = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
REQUIRED = (
    "settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date", "total-amount",
    "currency", "transaction-type", "order-id", "amount-type", "amount-description", "amount",
    "posted-date-time", "sku", "quantity-purchased",
)  # fmt: skip
OPTIONAL = (
    "posted-date", "merchant-order-id", "adjustment-id", "shipment-id", "marketplace-name", "fulfillment-id",
    "order-item-code", "merchant-order-item-id", "merchant-adjustment-item-id", "promotion-id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Summary:
    """The second line of a settlement report: what the whole of it is about."""

    settlement_id: str
    start_at: datetime
    end_at: datetime
    deposit_at: datetime | None
    total: Decimal
    currency: str


class SettlementReader:
    """Reads one settlement report: first its summary, then its lines."""

    def __init__(self, table: Table, context: StreamContext) -> None:
        self._at = {name: table.place(name) for name in (*REQUIRED, "posted-date")}
        self._amounts = AmountReader()
        self._order = day_order_of(context.store.market)
        self._clock = ShopClock(context.store.time_zone)
        self._table = table

    def summary(self, row: list[str]) -> Summary:
        """Read the summary row; `DocumentUnreadable` when it is not there: no line means anything without."""
        try:
            deposit = self._cell(row, "deposit-date")
            return Summary(
                self._cell(row, "settlement-id"),
                self._instant(self._cell(row, "settlement-start-date")),
                self._instant(self._cell(row, "settlement-end-date")),
                self._instant(deposit) if deposit else None,
                self._amounts[self._cell(row, "total-amount")],
                self._cell(row, "currency"),
            )
        except ValueError as error:
            raise DocumentUnreadable(f"{REPORT}: the summary row cannot be read: {error}") from error

    def line(self, number: int, row: list[str], about: Summary, spoken_at: datetime) -> SettlementLineRecord:
        """Map a line; `ValueError` says what is wrong with it."""
        if not self._cell(row, "amount"):
            raise ValueError("a line without amount")
        posted_at = self._posted(row)
        return SettlementLineRecord(
            settlement_id=about.settlement_id,
            line_no=number,
            period_start_at=about.start_at,
            period_end_at=about.end_at,
            deposit_at=about.deposit_at,
            total_amount=about.total,
            transaction_type=self._cell(row, "transaction-type")[:60],
            platform_order_id=self._cell(row, "order-id"),
            sku=self._cell(row, "sku"),
            amount_type=self._cell(row, "amount-type")[:60],
            amount_description=self._cell(row, "amount-description")[:120],
            posted_at=posted_at,
            business_on=self._clock.day(posted_at or about.end_at),
            quantity=optional_count(self._cell(row, "quantity-purchased")),
            currency=self._cell(row, "currency") or about.currency,
            amount=self._amounts[self._cell(row, "amount")],
            source_updated_at=spoken_at,
        )

    def check(self, about: Summary, added: Decimal) -> list[RejectedRow]:
        """Return a rejection when the lines do not add up to the report's total."""
        if added == about.total:
            return []
        reason = (
            f"the lines of settlement {about.settlement_id} add up to {added}, its total is {about.total}"
        )
        return [RejectedRow("/1/total-amount", reason, {"total": str(about.total), "sum": str(added)})]

    def _cell(self, row: list[str], name: str) -> str:
        return row[self._at[name]].strip()

    def _instant(self, text: str) -> datetime:
        return parse_instant(text, self._order)

    def _posted(self, row: list[str]) -> datetime | None:
        text = self._cell(row, "posted-date-time")
        return self._instant(text) if text else None
