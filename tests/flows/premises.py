"""Two clients furnished alike: the same objects under the same primary keys, each saying whose it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from config.lib.calendars import Period
from config.lib.money import Money
from config.lib.redact import Secret
from connectors.facts.orders import OrderLine
from connectors.models import OutboundCall, RejectedRecord, SyncRun, UploadedFile
from connectors.services.connections import attach_store, create_connection
from connectors.services.costs import record_cost_sheet
from connectors.services.dirty import DirtyMark, mark_dirty_days
from connectors.services.sync import start_sync
from connectors.types import CostLine, Family, RunState
from connectors.values import CostSheetInput
from kpis.models import (
    Action,
    Appeal,
    FallbackPlan,
    FallbackTrigger,
    HandOff,
    IncentiveStatement,
    Issue,
    PlanProposal,
    Playbook,
)
from kpis.services.reviews import build_review
from kpis.services.rollup import roll_up
from kpis.services.targets import apply_template
from tenants.context import use_tenant
from tenants.types import ClientRef

DAY = date(2026, 8, 3)
LINES = 60
PLACE = "ATVPDKIKX0DER"


def furnish(client: ClientRef, *, shops: int = 1) -> None:
    """Give a client connections, shops, runs, order lines, costs, targets, measures and jobs.

    Every text in it begins with the client's slug; keys count from 1 in each client.
    """
    with use_tenant(client):
        for number in range(1, shops + 1):
            _shop(client.slug, number)
        while roll_up().claimed:
            pass
        for store_id in range(1, shops + 1):
            _work(client.slug, store_id)


def _shop(slug: str, number: int) -> None:
    made = create_connection(
        platform="amazon_sp",
        name=f"{slug} connection {number}",
        account={"seller_id": f"{slug}-{number}"},
        credential={
            name: Secret(f"{slug} {name}") for name in ("client_id", "client_secret", "refresh_token")
        },
    )
    store = attach_store(connection_id=made.id, marketplace_id=PLACE, name=f"{slug} shop {number}")
    run = SyncRun.objects.create(
        store_id=store.id, stream=f"{slug}-stream", state=RunState.SUCCEEDED, started_at=_at(DAY)
    )
    RejectedRecord.objects.create(run=run, page_no=1, pointer="/1", reason=f"{slug} reason")
    OutboundCall.objects.create(
        store_id=store.id, connection_id=made.id, platform="amazon_sp", operation=f"{slug}-call",
        method="GET", host="example.com", path=f"/{slug}", status=200, duration_ms=1, called_at=_at(DAY),
    )  # fmt: skip
    OrderLine.objects.bulk_create(_line(slug, store.id, run.pk, n) for n in range(LINES))
    record_cost_sheet(
        sheet=CostSheetInput(
            f"{slug}-sku-{number}", "", date(2026, 1, 1), {CostLine.PURCHASE: Money(Decimal(3), "USD")}
        )
    )
    apply_template(store_id=store.id, template="us_fba_mature", owner=f"{slug} owner", effective_on=DAY)
    mark_dirty_days(DirtyMark(store.id, DAY + timedelta(days=n), Family.ORDERS) for n in range(7))
    start_sync(store_id=store.id, stream_key="orders")


def _work(slug: str, store_id: int) -> None:
    """What people add to the figures: a file, a review with its issue and action, a plan, a statement."""
    at, kpi = _at(DAY), "gross_margin_pct"
    UploadedFile.objects.create(
        dataset="reviews", store_id=store_id, profile="template_reviews", mode="whole", state="taken",
        filename=f"{slug}.csv", sha256="0" * 64, size=1, received_at=at,
    )  # fmt: skip
    review = build_review(Period.parse(f"2026-W{31 + store_id}"))
    Issue.objects.create(
        store_id=store_id, kpi=kpi, review_id=review["id"], state="open", numbers={}, reason=f"{slug} reason",
        opened_at=at,
    )  # fmt: skip
    action = Action.objects.create(
        title=f"{slug} action", kpi=kpi, store_ids=[store_id], department="advertising",
        owner=f"{slug} owner", due_on=DAY, direction="up", state="open", created_at=at,
        created_by=f"{slug} person",
    )  # fmt: skip
    HandOff.objects.create(
        action_id=action.pk, from_department="advertising", to_department="warehouse", state="offered",
        note=f"{slug} note", offered_at=at, offered_by=f"{slug} person", due_at=at,
    )  # fmt: skip
    playbook = Playbook.objects.create(
        kpi=kpi, title=f"{slug} playbook", steps=f"{slug} steps", department="advertising", direction="up",
        updated_at=at, updated_by=f"{slug} person",
    )  # fmt: skip
    plan = FallbackPlan.objects.create(
        store_id=store_id, kpi=kpi, kind="week", periods=2, playbook_id=playbook.pk,
        approver=f"{slug} approver", owner=f"{slug} owner", updated_at=at, updated_by=f"{slug} person",
    )  # fmt: skip
    FallbackTrigger.objects.create(
        plan_id=plan.pk, first_period="2026-W31", last_period="2026-W32", values=[], state="pending",
        triggered_at=at,
    )  # fmt: skip
    PlanProposal.objects.create(
        store_id=store_id, cause="stage", template="us_fba_mature", template_version=1, note=f"{slug} note",
        effective_on=DAY, changes=[], created_at=at, created_by=f"{slug} person",
    )  # fmt: skip
    statement = IncentiveStatement.objects.create(
        user_id=store_id, person=f"{slug} person", month="2026-07", version=1, rule_version=1,
        review_id=review["id"], document="{}", sha256="0" * 64, points=Decimal(1), made_at=at,
        made_by=f"{slug} person",
    )  # fmt: skip
    Appeal.objects.create(
        statement_id=statement.pk, user_id=store_id, state="open", reason=f"{slug} appeal", filed_at=at
    )


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _line(slug: str, store_id: int, run_id: int, number: int) -> OrderLine:
    day = DAY + timedelta(days=number % 7)
    values: dict[str, Any] = {
        "platform_order_id": f"{slug}-order-{number}",
        "line_no": "1",
        "sku": f"{slug}-sku-1",
        "product_id": f"{slug}-product",
        "ordered_at": _at(day),
        "business_on": day,
        "status": "shipped",
        "channel": "platform",
        "quantity": 1,
        "currency": "USD",
        "gross_amount": Decimal(10),
        "tax_amount": Decimal(0),
        "tax_collector": "platform",
        "is_replacement": False,
        "is_business": False,
        "buyer_hash": "",
        "run_id": run_id,
        "source_updated_at": _at(day),
        "ingested_at": _at(day),
    }
    amounts = ("shipping_amount", "shipping_tax_amount", "discount_amount", "points_amount")
    return OrderLine(store_id=store_id, **values, **dict.fromkeys(amounts, Decimal(0)))
