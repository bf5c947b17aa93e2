"""Does a file become facts once, whole or in part as asked, and is everything wrong with it told?"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from config.lib.errors import Invalid, NotFound
from connectors.facts.costs import CostSheet
from connectors.facts.orders import OrderLine
from connectors.facts.voices import Conversation, Review
from connectors.models import DirtyDay, Product, StreamCursor, SyncRun, UploadedFile, UploadFault
from connectors.platforms.csv_upload.datasets import DATASETS
from connectors.platforms.csv_upload.fields import Sink
from connectors.selectors.freshness import list_freshness
from connectors.services.upload_intake import preview_upload
from connectors.services.upload_reading import Options
from connectors.services.uploads import AlreadyUploaded
from connectors.types import FreshnessState, StoreRef
from tests.connectors.uploads.conftest import HandIn, make_shop
from tests.connectors.uploads.files import csv_of, example_row, xlsx_of

HEADER = ["review_key", "product_id", "business_on", "rating"]
GOOD = csv_of(HEADER, ["R-1", "P", "2026-11-02", "5"], ["R-2", "P", "2026-11-03", "1"])
BAD = csv_of(
    HEADER, ["R-1", "P", "2026-11-02", "5"], ["R-2", "P", "2026-11-03", "9"], ["R-3", "P", "soon", "x"]
)


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda dataset: dataset.key)
def test_every_dataset_reaches_its_table(shop: StoreRef, hand_in: HandIn, dataset: object) -> None:
    """The reference's row, handed in as a CSV and again as a workbook: stored once."""
    assert hasattr(dataset, "sink")
    row = example_row(dataset)  # type: ignore[arg-type]
    if dataset.key == "cost_sheets":  # type: ignore[attr-defined]
        row["market"] = "JP"
    store_id = shop.id if dataset.sink is Sink.FACTS else None
    first = hand_in(csv_of(list(row), list(row.values())), dataset.key, store_id=store_id)  # type: ignore[attr-defined]
    assert (first.state, first.rows_inserted, first.faults, first.body) == ("taken", 1, 0, None)
    again = hand_in(xlsx_of(list(row), list(row.values())), dataset.key, store_id=store_id)  # type: ignore[attr-defined]
    assert (again.state, again.rows_inserted + again.rows_changed, again.rows_unchanged) == ("taken", 0, 1)


def test_a_file_becomes_facts_with_their_days_and_coverage(shop: StoreRef, hand_in: HandIn) -> None:
    """Provenance, dirty days, coverage from the first to the last row."""
    upload = hand_in(GOOD)
    assert (upload.rows_read, upload.rows_inserted, upload.state) == (2, 2, "taken")
    assert upload.days == ["2026-11-02", "2026-11-03"]
    assert set(DirtyDay.objects.values_list("business_on", flat=True)) == {
        date(2026, 11, 2),
        date(2026, 11, 3),
    }
    row = StreamCursor.objects.get(stream="reviews")
    assert (row.covered_from, row.covered_through) == (date(2026, 11, 2), date(2026, 11, 3))
    assert Review.objects.first().run_id == upload.run_id == SyncRun.objects.get().pk  # type: ignore[union-attr]


def test_quiet_days_are_known_when_the_upload_says_so(hand_in: HandIn) -> None:
    """A month with reviews on two days only is known for the month."""
    hand_in(GOOD, options=Options(covered_from=date(2026, 11, 1), covered_through=date(2026, 11, 20)))
    row = StreamCursor.objects.get(stream="reviews")
    assert (row.covered_from, row.covered_through) == (date(2026, 11, 1), date(2026, 11, 20))


def test_the_same_bytes_are_taken_once(shop: StoreRef, hand_in: HandIn) -> None:
    """409 names the former upload; another store, another layout or a rejected file may come again."""
    first = hand_in(GOOD)
    with pytest.raises(AlreadyUploaded, match=str(first.pk)):
        hand_in(GOOD)
    other = make_shop("yahoo_shopping")
    assert hand_in(GOOD, store_id=other.id).state == "taken"
    assert [hand_in(BAD).state, hand_in(BAD).state] == ["rejected", "rejected"]


def test_a_dry_run_tells_and_writes_nothing(hand_in: HandIn) -> None:
    """What it foretells is what then happens."""
    told = hand_in(GOOD, mode="dry_run")
    assert (told.state, told.rows_inserted, told.days) == ("checked", 2, ["2026-11-02", "2026-11-03"])
    assert not Review.objects.exists()
    assert not DirtyDay.objects.exists()
    assert not StreamCursor.objects.exists()
    done = hand_in(GOOD)
    assert (done.rows_inserted, done.days) == (told.rows_inserted, told.days)
    changed = csv_of(HEADER, ["R-1", "P", "2026-11-02", "4"], ["R-2", "P", "2026-11-03", "1"])
    told = hand_in(changed, mode="dry_run")
    assert (told.rows_inserted, told.rows_changed, told.rows_unchanged) == (0, 1, 1)
    assert told.days == ["2026-11-02"]


def test_one_fault_keeps_a_whole_file_out(hand_in: HandIn) -> None:
    """Every fault is named by row and column, and nothing is stored."""
    upload = hand_in(BAD)
    assert (upload.state, upload.rows_rejected, upload.faults) == ("rejected", 2, 3)
    faults = UploadFault.objects.order_by("row", "field").values_list("row", "column", "field")
    assert list(faults) == [
        (3, "rating", "rating"),
        (4, "business_on", "business_on"),
        (4, "rating", "rating"),
    ]
    assert not Review.objects.exists()


def test_in_part_the_good_rows_are_taken_and_the_bad_told(hand_in: HandIn) -> None:
    """A handful of bad rows leaves the coverage as it is claimed."""
    upload = hand_in(BAD, mode="partial")
    assert (upload.state, upload.rows_inserted, upload.rows_rejected) == ("taken_in_part", 1, 2)
    assert Review.objects.count() == 1
    assert StreamCursor.objects.filter(stream="reviews").exists()


def test_with_many_rows_missing_no_day_counts_as_known(hand_in: HandIn) -> None:
    """More than 2 % rejected: the facts are there, the coverage is not."""
    rows = [[f"R-{n}", "P", "2026-11-02", "9" if n < 5 else "3"] for n in range(20)]
    upload = hand_in(csv_of(HEADER, *rows), mode="partial")
    assert (upload.state, upload.rows_inserted, upload.covered_from) == ("taken_in_part", 15, None)
    assert not StreamCursor.objects.exists()


def test_an_order_is_taken_whole_or_not_at_all(hand_in: HandIn) -> None:
    """A line that cannot be read keeps the other lines of its order out."""
    header = ["order_id", "sku", "ordered_at", "quantity", "price_amount"]
    content = csv_of(
        header,
        ["O-1", "A", "2026-11-02 10:00", "1", "1100"],
        ["O-1", "B", "2026-11-02 10:00", "many", "1100"],
        ["O-2", "A", "2026-11-02 10:00", "2", "2200"],
    )
    upload = hand_in(content, "orders", mode="partial")
    assert (upload.state, upload.rows_inserted, upload.rows_rejected) == ("taken_in_part", 1, 2)
    line = OrderLine.objects.get()
    assert (line.platform_order_id, line.gross_amount, line.tax_amount) == (
        "O-2",
        Decimal(2200),
        Decimal(200),
    )


def test_rows_that_contradict_each_other_are_told(hand_in: HandIn) -> None:
    """The same row twice counts once; two words on one key are a fault."""
    same = csv_of(HEADER, *[["R-1", "P", "2026-11-02", "5"]] * 2)
    assert (hand_in(same).state, UploadedFile.objects.get().rows_duplicate) == ("taken", 1)
    torn = csv_of(HEADER, ["R-1", "P", "2026-11-02", "5"], ["R-1", "P", "2026-11-02", "4"])
    assert hand_in(torn).state == "rejected"
    assert UploadFault.objects.get().code == "duplicate_key"


def test_buyers_are_hashed_and_nothing_of_them_is_kept(hand_in: HandIn) -> None:
    """Neither in the facts nor with the upload, the faults or the job."""
    header = ["conversation_key", "buyer", "opened_at"]
    content = csv_of(
        header, ["M-1", "Hanako@example.com", "2026-11-02T10:00:00Z"], ["M-2", "taro@x.jp", "Hanako"]
    )
    upload = hand_in(content, "conversations", mode="partial")
    found = Conversation.objects.get()
    assert len(found.buyer_hash) == 64
    kept = str(UploadedFile.objects.values().get()) + str(list(UploadFault.objects.values()))
    assert "hanako" not in kept.lower()
    assert upload.body is None


def test_an_unreadable_file_is_rejected_with_its_reason(hand_in: HandIn) -> None:
    """Broken below what is looked at when it comes in, the job ends well and the upload says why."""
    upload = hand_in(csv_of(HEADER, *[[f"R-{n}", "P", "2026-11-02", "5"] for n in range(99)]) + b'"R-99,5\n')
    assert upload.state == "rejected"
    assert upload.problem is not None
    assert upload.problem["code"] == "table_unreadable"
    empty = hand_in(csv_of(HEADER))
    assert (empty.state, UploadFault.objects.filter(upload=empty).get().code) == ("rejected", "empty")


def test_what_does_not_belong_together_is_refused(shop: StoreRef, hand_in: HandIn) -> None:
    """Before anything is kept."""
    for dataset, more in (
        ("nonsense", {}),
        ("reviews", {"store_id": None}),
        ("products", {}),
        ("reviews", {"profile": "template_orders"}),
        ("reviews", {"mode": "perhaps"}),
    ):
        with pytest.raises(Invalid):
            hand_in(GOOD, dataset, **more)
    with pytest.raises(NotFound):
        hand_in(GOOD, store_id=shop.id + 999)
    with pytest.raises(NotFound):
        hand_in(GOOD, profile="nobody")
    assert not UploadedFile.objects.exists()


def test_costs_and_products_go_their_own_way(hand_in: HandIn) -> None:
    """Costs become sheets, attributes stay where a file does not give them."""
    costs = csv_of(["sku", "effective_on", "currency", "purchase"], ["A", "2026-11-01", "CNY", "18.5"])
    assert hand_in(costs, "cost_sheets", store_id=None).rows_inserted == 1
    assert CostSheet.objects.get().source == "upload"
    no_currency = csv_of(["sku", "effective_on", "purchase"], ["A", "2026-11-01", "18.5"])
    assert hand_in(no_currency, "cost_sheets", store_id=None).state == "rejected"
    hand_in(csv_of(["sku", "role", "brand"], ["A", "hero", "Aqua"]), "products", store_id=None)
    hand_in(csv_of(["sku", "family"], ["A", "BOTTLE"]), "products", store_id=None)
    product = Product.objects.get()
    assert (product.role, product.brand, product.family, product.version) == ("hero", "Aqua", "BOTTLE", 2)


def test_freshness_is_never_fresh_and_then_stale(shop: StoreRef, hand_in: HandIn) -> None:
    """Of what people hand in, as of what is synced."""

    def state(stream: str) -> FreshnessState:
        return list_freshness([shop.id], [stream])[0].state

    assert state("reviews") is FreshnessState.NEVER
    today = date.today()  # noqa: DTZ011
    recent = csv_of(HEADER, ["R-9", "P", (today - timedelta(days=1)).isoformat(), "5"])
    hand_in(recent)
    assert state("reviews") is FreshnessState.FRESH
    StreamCursor.objects.update(stale_at=StreamCursor.objects.get().data_as_of)
    assert state("reviews") is FreshnessState.STALE


def test_a_preview_guesses_the_layout_and_keeps_nothing(shop: StoreRef) -> None:
    """The likeliest layout with its confidence, the first rows as understood, no trace."""
    seen = preview_upload(content=GOOD, dataset="", profile="", store_id=shop.id, options=Options())
    assert (seen.profile, seen.dataset, len(seen.rows), seen.faults) == ("template_reviews", "reviews", 2, ())
    assert seen.guesses[0].confidence > Decimal("0.5")
    assert seen.rows[0]["values"]["rating"] == 5
    assert not UploadedFile.objects.exists()
