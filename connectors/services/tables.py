"""Which record goes into which fact table, by which key, and which days it dirties: the one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from connectors import records as r
from connectors import types as t
from connectors.engine.records import rows_of
from connectors.facts.ads import AdDay
from connectors.facts.base import Fact
from connectors.facts.cash import Expense, Payout
from connectors.facts.catalog import Listing
from connectors.facts.charges import Charge
from connectors.facts.deliveries import CustomsDeclaration, InboundShipment, Shipment
from connectors.facts.fees import FeeEstimate
from connectors.facts.happenings import Event, WorkItem
from connectors.facts.inventory import InventoryAge, InventoryDay
from connectors.facts.offers import OfferSnapshot
from connectors.facts.orders import OrderLine
from connectors.facts.proofs import Certificate, Evidence
from connectors.facts.reach import FunnelDay, RankDay
from connectors.facts.returns import Return
from connectors.facts.service import Feedback, Performance
from connectors.facts.settlements import SettlementLine
from connectors.facts.traffic import TrafficDay
from connectors.facts.voices import Claim, Conversation, Review, Survey
from connectors.types import Family


@dataclass(frozen=True)
class TableSpec:
    """How one class of records is stored.

    `key` is the natural key beside `store_id`. `days` are the columns that say which shop days the row
    counts on (none: the day of storing). `replace_scope` is the key column that `Page.replaces` names; the
    last key column then tells the lines of one set apart. `has_cohort` means that `cohort_on` is found by
    `platform_order_id` among the order lines. `is_observed` means that the platform names no time of change:
    `source_updated_at` is when it was asked, and stays when the same stream sees the same once more.
    """

    record: type[t.Record]
    model: type[Fact]
    key: tuple[str, ...]
    days: tuple[str, ...]
    family: Family
    replace_scope: str = ""
    has_cohort: bool = False
    is_observed: bool = False

    @cached_property
    def table(self) -> str:
        """The fact table's name, to be found on the client's search path."""
        return self.model._meta.db_table

    @property
    def stage(self) -> str:
        """The temporary table a page is copied into."""
        return f"stage_{self.table}"

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns a record fills, in the record's own order."""
        return tuple(field.name for field in fields(self.record))

    @cached_property
    def rows(self) -> Callable[[Iterable[t.Record]], list[tuple[Any, ...]]]:
        """Turns records into tuples of `columns`."""
        return rows_of(self.record)

    @cached_property
    def content(self) -> tuple[str, ...]:
        """The columns in which a row can differ from another one of the same key and version."""
        return tuple(c for c in self.columns if c not in self.key and c != "source_updated_at")


_SPECS = (
    # Orders come first: charges and returns of the same page find their cohort among them.
    TableSpec(
        t.OrderLineRecord,
        OrderLine,
        ("platform_order_id", "line_no"),
        ("business_on",),
        Family.ORDERS,
        replace_scope="platform_order_id",
    ),
    TableSpec(
        t.ChargeRecord,
        Charge,
        ("transaction_id", "line_no"),
        ("business_on", "cohort_on"),
        Family.CHARGES,
        has_cohort=True,
        is_observed=True,
    ),
    TableSpec(
        t.ReturnRecord,
        Return,
        ("return_key",),
        ("business_on", "cohort_on"),
        Family.RETURNS,
        has_cohort=True,
        is_observed=True,
    ),
    TableSpec(
        t.SettlementLineRecord,
        SettlementLine,
        ("settlement_id", "line_no"),
        ("business_on",),
        Family.SETTLEMENTS,
        replace_scope="settlement_id",
    ),
    TableSpec(
        t.InventoryDayRecord,
        InventoryDay,
        ("sku", "snapshot_on"),
        ("snapshot_on",),
        Family.INVENTORY,
        is_observed=True,
    ),
    TableSpec(
        t.InventoryAgeRecord,
        InventoryAge,
        ("sku", "snapshot_on"),
        ("snapshot_on",),
        Family.INVENTORY,
        is_observed=True,
    ),
    TableSpec(
        t.TrafficDayRecord,
        TrafficDay,
        ("business_on", "product_id", "sku"),
        ("business_on",),
        Family.TRAFFIC,
        is_observed=True,
    ),
    TableSpec(
        t.AdDayRecord,
        AdDay,
        ("profile_id", "campaign_id", "ad_group_id", "sku", "product_id", "business_on"),
        ("business_on",),
        Family.ADS,
        is_observed=True,
    ),
    TableSpec(t.ListingRecord, Listing, ("sku",), (), Family.LISTINGS, is_observed=True),
    TableSpec(
        t.OfferRecord,
        OfferSnapshot,
        ("product_id", "seller_id", "condition", "channel", "observed_at"),
        ("business_on",),
        Family.OFFERS,
    ),
    TableSpec(
        t.PerformanceRecord,
        Performance,
        ("metric", "scope", "reported_on"),
        ("reported_on",),
        Family.SERVICE,
        is_observed=True,
    ),
    TableSpec(
        t.FeedbackRecord, Feedback, ("feedback_key",), ("business_on",), Family.SERVICE, is_observed=True
    ),
    TableSpec(
        t.FeeEstimateRecord,
        FeeEstimate,
        ("sku", "estimated_on"),
        ("estimated_on",),
        Family.FEES,
        is_observed=True,
    ),
    TableSpec(r.ShipmentRecord, Shipment, ("shipment_key",), ("business_on",), Family.SHIPMENTS),
    TableSpec(
        r.InboundShipmentRecord, InboundShipment, ("inbound_key", "sku"), ("business_on",), Family.INBOUND
    ),
    TableSpec(
        r.CustomsDeclarationRecord, CustomsDeclaration, ("declaration_key",), ("business_on",), Family.CUSTOMS
    ),
    TableSpec(
        r.ConversationRecord, Conversation, ("conversation_key",), ("business_on",), Family.CONVERSATIONS
    ),
    TableSpec(r.ReviewRecord, Review, ("review_key",), ("business_on",), Family.REVIEWS),
    TableSpec(r.SurveyRecord, Survey, ("survey_key",), ("business_on",), Family.SURVEYS),
    TableSpec(
        r.ClaimRecord, Claim, ("claim_key",), ("business_on", "cohort_on"), Family.CLAIMS, has_cohort=True
    ),
    TableSpec(
        r.CertificateRecord,
        Certificate,
        ("certificate_key", "reported_on"),
        ("reported_on",),
        Family.CERTIFICATES,
    ),
    TableSpec(
        r.EvidenceRecord, Evidence, ("metric", "subject", "observed_on"), ("observed_on",), Family.EVIDENCE
    ),
    TableSpec(r.EventRecord, Event, ("event_key",), ("business_on",), Family.EVENTS),
    TableSpec(r.ExpenseRecord, Expense, ("expense_key",), ("business_on",), Family.EXPENSES),
    TableSpec(r.PayoutRecord, Payout, ("payout_key",), ("business_on",), Family.PAYOUTS),
    TableSpec(r.RankDayRecord, RankDay, ("sku", "category", "business_on"), ("business_on",), Family.RANKS),
    TableSpec(r.FunnelDayRecord, FunnelDay, ("channel", "business_on"), ("business_on",), Family.FUNNEL),
    TableSpec(r.WorkItemRecord, WorkItem, ("work_key",), ("business_on",), Family.WORK),
)

TABLES: Mapping[type[t.Record], TableSpec] = {spec.record: spec for spec in _SPECS}
