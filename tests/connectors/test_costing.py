"""Lots and rules through the services: derived sheets follow them, previews are true and leave nothing."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from config.lib.errors import Invalid, PreconditionFailed
from config.lib.money import Money
from connectors.engine.costing import CostMethod
from connectors.facts.costs import CostLot, CostSheet
from connectors.models import DirtyDay
from connectors.selectors.cost_scores import points_of
from connectors.selectors.costs import current_sheets, find_sheet_in_force
from connectors.services.cost_impact import preview_cost_change
from connectors.services.costing import derive_costs, record_cost_lots, set_costing_rule
from connectors.services.costs import record_cost_sheet
from connectors.services.ingest import store_page
from connectors.services.runs import RunRef
from connectors.types import CostLine
from connectors.values import CostLotInput, CostSheetInput
from tenants.ledger.models import AuditEntry, OutboxEvent
from tests.connectors.fakes import DAY, order_line, page_of


def money(text: str, currency: str = "USD") -> Money:
    """An amount."""
    return Money(Decimal(text), currency)


def lot(key: str, day: date, quantity: int, cost: str, **changes: Any) -> CostLotInput:
    """A lot of SKU-1 with a purchase price."""
    given = {"sku": "SKU-1", "market": "", "lines": {CostLine.PURCHASE: money(cost)}, **changes}
    return CostLotInput(lot_key=key, received_on=day, quantity=quantity, **given)


def sell(run: RunRef, *sales: tuple[int, int]) -> None:
    """Sell so many units so many days after DAY."""
    lines = [
        order_line(f"O-{after}", sku="SKU-1", day=DAY + timedelta(days=after), quantity=units)
        for after, units in sales
    ]
    store_page(run=run, page=page_of(*lines))
    DirtyDay.objects.all().delete()


def in_force() -> dict[int, Decimal]:
    """The purchase price by the day (after DAY) from which it counts."""
    return {
        (view.effective_on - DAY).days: view.lines[CostLine.PURCHASE].amount
        for view in current_sheets({"SKU-1"})
    }


def dirty() -> set[int]:
    """Days after DAY whose costs are to be computed anew."""
    days = DirtyDay.objects.filter(family="costs").values_list("business_on", flat=True)
    return {(day - DAY).days for day in days}


def fifo(effective_on: date = DAY) -> None:
    """Cost everything first in first out."""
    set_costing_rule(sku="", market="", method=CostMethod.FIFO, effective_on=effective_on, version=0)


def test_fifo_sheets_follow_lots_and_sales(run: RunRef) -> None:
    """Ten at 4 and ten at 5; six a day: 4, then (4·4 + 2·5)/6, then 5."""
    sell(run, (1, 6), (2, 6), (3, 6))
    record_cost_lots(lots=[lot("A", DAY, 10, "4"), lot("B", DAY, 10, "5")])
    assert in_force() == {}
    fifo()
    assert in_force() == {1: Decimal(4), 2: Decimal("4.3333"), 3: Decimal(5)}
    assert {view.source for view in current_sheets({"SKU-1"})} == {"fifo"}


def test_deriving_again_writes_nothing(run: RunRef) -> None:
    """The daily job is free where nothing moved."""
    sell(run, (1, 6), (2, 6))
    fifo()
    record_cost_lots(lots=[lot("A", DAY, 10, "4"), lot("B", DAY, 10, "5")])
    before = CostSheet.objects.count()
    DirtyDay.objects.all().delete()
    assert derive_costs().sheets == 0
    assert CostSheet.objects.count() == before
    assert dirty() == set()


def test_a_corrected_lot_dirties_only_the_days_it_served(run: RunRef) -> None:
    """The second lot was dearer than thought: the days of the first stay as they are."""
    sell(run, (1, 6), (2, 4), (3, 5), (4, 5), (5, 2))
    fifo()
    record_cost_lots(lots=[lot("A", DAY, 10, "4"), lot("B", DAY, 10, "5"), lot("C", DAY, 9, "7")])
    DirtyDay.objects.all().delete()
    record_cost_lots(lots=[lot("B", DAY, 10, "6")])
    assert dirty() == {3, 4}
    assert in_force() == {1: Decimal(4), 3: Decimal(6), 5: Decimal(7)}
    entry = AuditEntry.objects.filter(verb="cost_lot.recorded").latest("id")
    assert entry.before["lines"]["purchase"]["amount"] == "5.00"
    assert entry.after["lines"]["purchase"]["amount"] == "6.00"


def test_a_later_rule_leaves_earlier_days_alone(run: RunRef) -> None:
    """What was reported by the period's sheet stays reported so."""
    sell(run, (1, 6), (2, 6), (3, 6))
    record_cost_sheet(sheet=CostSheetInput("SKU-1", "", DAY, {CostLine.PURCHASE: money("3")}))
    record_cost_lots(lots=[lot("A", DAY, 12, "4"), lot("B", DAY, 10, "5")])
    DirtyDay.objects.all().delete()
    fifo(DAY + timedelta(days=3))
    assert in_force() == {0: Decimal(3), 3: Decimal(5)}
    assert dirty() == {3}


def test_more_sold_than_bought_is_told(run: RunRef) -> None:
    """The cost goes on, and the missing units are counted."""
    sell(run, (1, 15))
    fifo()
    record_cost_lots(lots=[lot("A", DAY, 10, "4")])
    assert derive_costs().short_units == {"SKU-1": 5}
    assert in_force() == {1: Decimal(4)}


def test_wrong_lots_are_named_and_none_is_recorded(run: RunRef) -> None:
    """Every fault of every lot at once."""
    with pytest.raises(Invalid) as caught:
        record_cost_lots(
            lots=[lot("A", DAY, 0, "4"), lot("A", DAY, 5, "-1"), lot("B", DAY, 5, "1", market="XX")]
        )
    pointers = {error.pointer for error in caught.value.errors}
    assert pointers == {"/lots/0/quantity", "/lots/1/lines/purchase", "/lots/1/lot_key", "/lots/2/market"}
    assert not CostLot.objects.exists()


def test_the_second_of_two_rule_changes_reads_again(run: RunRef) -> None:
    """Optimistic locking, as everywhere."""
    fifo()
    with pytest.raises(PreconditionFailed):
        fifo()


def test_a_preview_is_what_the_change_will_do_and_leaves_nothing(run: RunRef) -> None:
    """Before, after and days are those of the real change; no row, event or dirty day stays behind."""
    sell(run, (1, 6), (2, 4), (3, 5))
    fifo()
    record_cost_lots(lots=[lot("A", DAY, 10, "4"), lot("B", DAY, 10, "5")])
    DirtyDay.objects.all().delete()
    rows, events = CostSheet.objects.count(), OutboxEvent.objects.count()

    def change() -> None:
        record_cost_lots(lots=[lot("B", DAY, 10, "6.50")])

    (impact,) = preview_cost_change(skus={"SKU-1"}, change=change)
    assert (impact.days, impact.units, impact.uncosted) == (1, 5, 0)
    assert (impact.before, impact.after, impact.delta) == (Decimal(25), Decimal("32.5"), Decimal("7.5"))
    assert (CostSheet.objects.count(), OutboxEvent.objects.count()) == (rows, events)
    assert dirty() == set()
    change()
    assert dirty() == {3}


def test_a_preview_counts_units_that_had_no_cost(run: RunRef) -> None:
    """A first sheet turns unknown into known: that is said, not shown as a rise from zero alone."""
    sell(run, (1, 6))

    def change() -> None:
        record_cost_sheet(sheet=CostSheetInput("SKU-1", "", DAY, {CostLine.PURCHASE: money("4")}))

    (impact,) = preview_cost_change(skus={"SKU-1"}, change=change)
    assert (impact.units, impact.uncosted, impact.before, impact.after) == (6, 6, Decimal(0), Decimal(24))


def test_the_most_specific_sheet_counts(run: RunRef) -> None:
    """Market and channel, market, channel, general: in this order, whatever the dates."""
    for n, (market, channel) in enumerate((("", ""), ("", "merchant"), ("US", ""), ("US", "merchant"))):
        cost = {CostLine.PURCHASE: money(str(n + 1))}
        record_cost_sheet(sheet=CostSheetInput("SKU-1", market, DAY - timedelta(days=n), cost, channel))

    def found(market: str, channel: str) -> Decimal:
        view = find_sheet_in_force(sku="SKU-1", market=market, channel=channel, on=DAY)
        assert view is not None
        return view.lines[CostLine.PURCHASE].amount

    assert [
        found("US", "merchant"),
        found("US", "platform"),
        found("JP", "merchant"),
        found("JP", "platform"),
    ] == [
        Decimal(4),
        Decimal(3),
        Decimal(2),
        Decimal(1),
    ]


def test_a_sheet_dirties_no_day_of_the_next_one(run: RunRef) -> None:
    """A correction in the past ends where the next sheet begins."""
    sell(run, (1, 1), (5, 1), (9, 1))
    record_cost_sheet(
        sheet=CostSheetInput("SKU-1", "", DAY + timedelta(days=8), {CostLine.PURCHASE: money("4")})
    )
    DirtyDay.objects.all().delete()
    record_cost_sheet(sheet=CostSheetInput("SKU-1", "", DAY, {CostLine.PURCHASE: money("3")}))
    assert dirty() == {1, 5}


def test_points_for_what_a_sheet_knows() -> None:
    """Nothing known is 0, all known 100; goods bought in the shop's own currency need no duty."""
    everything = frozenset(
        {"purchase", "first_leg", "duty", "import_tax", "inbound", "packaging", "after_sales"}
    )
    assert points_of(everything, frozenset({"CNY"}), "USD") == (Decimal(100), ())
    assert points_of(frozenset(), frozenset(), "USD")[0] == 0
    at_home, missing = points_of(everything - {"duty", "import_tax"}, frozenset({"USD"}), "USD")
    assert (at_home, missing) == (Decimal(100), ())
    abroad, missing = points_of(everything - {"duty", "import_tax"}, frozenset({"CNY"}), "USD")
    assert (abroad, missing) == (Decimal(80), ("duty", "import_tax"))
