"""Can files, plans, layouts, checks, events and products be handled over HTTP, by whom it should be?"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from connectors.facts.proofs import Evidence
from connectors.models import UploadedFile
from connectors.types import StoreRef
from tenants.context import use_tenant
from tenants.tasking import run_job_now
from tenants.types import ClientRef, Role
from tests.api.conftest import anonymous, as_key, as_role, outsider
from tests.api.validating import ValidatingClient
from tests.connectors.uploads.conftest import make_shop
from tests.connectors.uploads.files import csv_of, xlsx_of

__all__ = ["anonymous", "as_key", "as_role", "outsider"]

BASE = "/api/v1/clients/acme"
HEADER = ["review_key", "product_id", "business_on", "rating"]
GOOD = csv_of(HEADER, ["R-1", "P", "2026-11-02", "5"])
BAD = csv_of(["=cmd()", "rating", "business_on"], ["R-1", "9", "2026-11-02"])


@pytest.fixture
def operator(redis: object, as_role: Callable[..., ValidatingClient]) -> ValidatingClient:
    """An operator of acme."""
    return as_role(Role.OPERATOR)


@pytest.fixture
def store(operator: ValidatingClient, acme: ClientRef) -> StoreRef:
    """A shop that files feed."""
    with use_tenant(acme):
        return make_shop()


def send(caller: ValidatingClient, path: str, content: bytes, kind: str = "text/csv", **query: Any) -> Any:
    """Send a file as the body of a request."""
    parameters = "&".join(f"{name}={value}" for name, value in query.items())
    return caller.generic(
        "POST",
        f"{BASE}/{path}?{parameters}",
        content,  # type: ignore[arg-type]
        content_type=kind,
        headers={"Idempotency-Key": str(uuid4())},
    )


def take(caller: ValidatingClient, acme: ClientRef, content: bytes, **query: Any) -> dict[str, Any]:
    """Send a file, have it read, and return the upload."""
    answer = send(caller, "uploads", content, **query)
    assert answer.status_code == 202, answer.content
    with use_tenant(acme):
        run_job_now(answer.json()["id"])
    shown = caller.get(answer["Content-Location"])
    assert shown.status_code == 200
    found: dict[str, Any] = shown.json()
    return found


def test_a_file_is_taken_and_told(operator: ValidatingClient, acme: ClientRef, store: StoreRef) -> None:
    """202 with the job; then the upload, its list and what was wrong."""
    done = take(operator, acme, GOOD, dataset="reviews", store=store.id, filename="a.csv")
    assert (done["state"], done["rows_inserted"], done["store_id"]) == ("taken", 1, store.id)
    again = send(operator, "uploads", GOOD, dataset="reviews", store=store.id)
    assert (again.status_code, again.json()["code"]) == (409, "already_uploaded")
    listed = operator.get(f"{BASE}/uploads?dataset=reviews&state=taken").json()["data"]
    assert [each["id"] for each in listed] == [done["id"]]
    assert operator.get(f"{BASE}/uploads/999999").status_code == 404


def test_faults_can_be_read_and_downloaded(
    operator: ValidatingClient, acme: ClientRef, store: StoreRef
) -> None:
    """The file of faults holds no cell that a spreadsheet would run."""
    layout = {
        "title": "Own",
        "dataset": "reviews",
        "layout": {
            "columns": {
                "review_key": {"names": ["=cmd()"]},
                "rating": {"names": ["rating"]},
                "business_on": {"names": ["business_on"]},
            }
        },
    }
    made = operator.put(f"{BASE}/upload-profiles/own_reviews", layout, headers={"If-Match": '"0"'})
    assert made.status_code == 200, made.content
    bad = BAD.replace(b"R-1", b"4.9E+12")
    done = take(operator, acme, bad, dataset="reviews", store=store.id, profile="own_reviews")
    assert (done["state"], done["faults"]) == ("rejected", 2)
    listed = operator.get(f"{BASE}/uploads/{done['id']}/faults").json()["data"]
    assert [(each["row"], each["field"]) for each in listed] == [(2, "review_key"), (2, "rating")]
    told = operator.get(f"{BASE}/uploads/{done['id']}/faults:export")
    assert told["Content-Type"].startswith("text/csv")
    lines = told.content.decode("utf-8-sig").splitlines()
    assert lines[1].startswith("2,'=cmd(),review_key")


def test_a_preview_keeps_nothing(operator: ValidatingClient, acme: ClientRef, store: StoreRef) -> None:
    """CSV and workbook alike; without a store only the layout is told."""
    seen = send(operator, "uploads:preview", GOOD, store=store.id).json()
    assert (seen["profile"], len(seen["rows"])) == ("template_reviews", 1)
    book = xlsx_of(HEADER, ["R-1", "P", "2026-11-02", 5])
    seen = send(operator, "uploads:preview", book, "application/octet-stream").json()
    assert (seen["encoding"], seen["rows"], seen["guesses"][0]["profile"]) == ("xlsx", [], "template_reviews")
    with use_tenant(acme):
        assert not UploadedFile.objects.exists()


def test_a_preview_needs_no_key(operator: ValidatingClient, store: StoreRef) -> None:
    """It keeps nothing, so there is nothing to do only once."""
    path = f"{BASE}/uploads:preview?store={store.id}"
    seen = operator.generic("POST", path, GOOD, content_type="text/csv")  # type: ignore[arg-type]
    assert seen.status_code == 200, seen.content


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00" * 3_000_000, b"PK\x03\x04" + b"\x9b" * 2_000_000, b'R,P,"' + b"a," * 2_000_000],
    ids=["empty", "binary", "damaged workbook", "open quote"],
)
def test_what_cannot_be_read_is_refused_soon(
    operator: ValidatingClient, acme: ClientRef, store: StoreRef, content: bytes
) -> None:
    """The answer itself says so, soon, instead of a job later; and nothing is kept."""
    began = time.perf_counter()
    answer = send(operator, "uploads", content, dataset="reviews", store=store.id)
    assert (answer.status_code, answer.json()["code"]) == (422, "table_unreadable"), answer.content
    assert time.perf_counter() - began < 2
    with use_tenant(acme):
        assert not UploadedFile.objects.exists()


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"dataset": "nonsense"}, 422, "unknown"),
        ({"dataset": "reviews"}, 422, "required"),
        ({"dataset": "reviews", "store": 999_999}, 404, ""),
        ({"dataset": "reviews", "mode": "perhaps"}, 400, ""),
        ({}, 400, ""),
    ],
)
def test_a_wrong_request_is_refused(
    operator: ValidatingClient, store: StoreRef, query: dict[str, Any], status: int, code: str
) -> None:
    """And names the parameter."""
    answer = send(operator, "uploads", GOOD, **query)
    assert answer.status_code == status, answer.content
    if code:
        assert answer.json()["errors"][0]["code"] == code


def test_what_is_no_table_is_refused_at_once(operator: ValidatingClient, store: StoreRef) -> None:
    """Before a job is begun."""
    answer = send(operator, "uploads", b"PK\x03\x04x", dataset="reviews", store=store.id)
    assert (answer.status_code, answer.json()["code"]) == (422, "table_unreadable")


def test_an_analyst_uploads_nothing(
    as_role: Callable[..., ValidatingClient], operator: ValidatingClient, store: StoreRef
) -> None:
    """But may read what was uploaded."""
    analyst = as_role(Role.ANALYST)
    assert send(analyst, "uploads", GOOD, dataset="reviews", store=store.id).status_code == 403
    assert analyst.get(f"{BASE}/uploads").status_code == 200


def test_plans_are_agreed_and_what_is_due_is_listed(operator: ValidatingClient, store: StoreRef) -> None:
    """The first file of the plan is due long ago."""
    url = f"{BASE}/stores/{store.id}/upload-plans/reviews"
    plan = {"cadence_days": 7, "grace_days": 2, "first_due_on": "2026-01-05", "owner": "lin"}
    assert operator.put(url, plan, headers={"If-Match": '"4"'}).status_code == 412
    made = operator.put(url, plan, headers={"If-Match": '"0"'})
    assert (made.status_code, made.json()["version"]) == (200, 1)
    assert operator.get(url)["ETag"] == made["ETag"]
    changed = operator.put(url, {**plan, "grace_days": 0}, headers={"If-Match": made["ETag"]})
    assert changed.json()["version"] == 2
    (due,) = operator.get(f"{BASE}/uploads/due").json()["data"]
    assert (due["dataset"], due["due_on"], due["is_due"], due["owner"]) == (
        "reviews",
        "2026-01-05",
        True,
        "lin",
    )
    assert due["overdue_days"] > 0
    assert operator.get(f"{BASE}/stores/{store.id}/upload-plans").json()["data"] == [changed.json()]
    bad = f"{BASE}/stores/{store.id}/upload-plans/products"
    assert operator.put(bad, plan, headers={"If-Match": '"0"'}).status_code == 422


def test_layouts_are_versions_and_faults_are_told_at_once(operator: ValidatingClient) -> None:
    """A built-in key is taken; an unknown field, style and zone are named together."""
    layout = operator.get(f"{BASE}/upload-profiles/amazon_all_orders").json()
    body = {"title": "Own", "dataset": "orders", "layout": layout["layout"]}
    made = operator.put(f"{BASE}/upload-profiles/own_orders", body, headers={"If-Match": '"0"'})
    assert (made.status_code, made.json()["version"], made.json()["is_own"]) == (200, 1, True)
    again = operator.put(f"{BASE}/upload-profiles/own_orders", body, headers={"If-Match": made["ETag"]})
    assert again.json()["version"] == 2
    taken = operator.put(f"{BASE}/upload-profiles/amazon_all_orders", body, headers={"If-Match": '"0"'})
    assert taken.status_code == 409
    wrong = {
        "title": "Own",
        "dataset": "orders",
        "layout": {"columns": {"magic": {"names": ["x"]}}, "days": "xyz", "time_zone": "Mars/Base"},
    }
    answer = operator.put(f"{BASE}/upload-profiles/own_bad", wrong, headers={"If-Match": '"0"'})
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert {"/layout/columns/magic", "/layout/days", "/layout/time_zone", "/layout/columns/sku"} <= pointers
    keys = [each["key"] for each in operator.get(f"{BASE}/upload-profiles?dataset=orders").json()["data"]]
    assert keys[0] == "own_orders"
    assert "rakuten_orders" in keys
    assert len(operator.get(f"{BASE}/upload-datasets").json()["data"]) >= 30


def test_a_check_is_recorded_with_its_rater(
    operator: ValidatingClient, acme: ClientRef, store: StoreRef
) -> None:
    """Whoever sends it is its rater; a metric nobody enters and an impossible share are refused."""
    check = {
        "store_id": store.id,
        "metric": "label_check_pass",
        "subject": "Kitchen",
        "observed_on": "2026-11-02",
        "numerator": "19",
        "denominator": "20",
        "attachment_sha256": "a" * 64,
        "expires_on": "2027-02-01",
    }
    made = operator.post(f"{BASE}/evidence", check)
    assert made.status_code == 201, made.content
    assert made.json()["rater"].startswith("user:")
    for change, pointer in (
        ({"metric": "kpi_attainment"}, "/metric"),
        ({"metric": "magic"}, "/metric"),
        ({"numerator": "21"}, "/numerator"),
        ({"observed_on": "2999-01-01", "expires_on": None}, "/observed_on"),
        ({"expires_on": "2026-01-01"}, "/expires_on"),
        ({"attachment_sha256": "zz"}, "/attachment_sha256"),
    ):
        answer = operator.post(f"{BASE}/evidence", {**check, **change})
        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert operator.post(f"{BASE}/evidence", {**check, "store_id": 999_999}).status_code == 404
    assert len(operator.get(f"{BASE}/evidence?metric=label_check_pass").json()["data"]) == 1
    assert operator.get(f"{BASE}/evidence/metrics").status_code == 200
    with use_tenant(acme):
        assert Evidence.objects.count() == 1


def test_a_sample_can_be_repeated(operator: ValidatingClient, acme: ClientRef, store: StoreRef) -> None:
    """The same seed draws the same SKUs; a check that needs none has no sample."""
    header = ["sku", "product_id"]
    rows = [[f"SKU-{n}", f"P-{n}"] for n in range(40)]
    take(operator, acme, csv_of(header, *rows), dataset="listings", store=store.id)
    url = f"{BASE}/evidence/sample?store={store.id}&metric=label_check_pass&size=10"
    first = operator.get(url).json()
    assert (first["size"], first) == (10, operator.get(url).json())
    other = operator.get(f"{url}&seed=another").json()
    assert other["items"] != first["items"]
    none = operator.get(f"{BASE}/evidence/sample?store={store.id}&metric=tax_filing_on_time")
    assert none.status_code == 404


def test_registers_tell_what_expires(operator: ValidatingClient, acme: ClientRef, store: StoreRef) -> None:
    """Missing, expired and soon to expire; the newest register of a paper counts."""
    header = ["kind", "sku", "reported_on", "issued_on", "expires_on", "registration_no"]
    content = csv_of(
        header,
        ["JCT", "", "2026-11-01", "2024-01-01", "", "T1"],
        ["PSE", "A", "2026-11-01", "2020-01-01", "2025-01-01", "P1"],
        ["PSE", "B", "2026-11-01", "", "", ""],
    )
    take(operator, acme, content, dataset="certificates", store=store.id)
    every = operator.get(f"{BASE}/registers").json()["data"]
    assert {(each["kind"], each["sku"]): each["status"] for each in every} == {
        ("JCT", ""): "valid",
        ("PSE", "A"): "expired",
        ("PSE", "B"): "missing",
    }
    needing = operator.get(f"{BASE}/registers?expiring_within=60").json()["data"]
    assert {each["status"] for each in needing} == {"expired", "missing"}


def test_the_timeline_takes_events_once(operator: ValidatingClient, store: StoreRef) -> None:
    """The same words again are the same event; with a SKU those of its store are listed too."""
    event = {
        "store_id": store.id,
        "kind": "listing_edit",
        "sku": "A",
        "occurred_at": "2026-11-01T16:00:00Z",
        "title": "New main image",
    }
    made = operator.post(f"{BASE}/events", event)
    assert (made.status_code, made.json()["business_on"]) == (201, "2026-11-02")
    assert operator.post(f"{BASE}/events", event).json()["id"] == made.json()["id"]
    operator.post(f"{BASE}/events", {**event, "sku": "", "kind": "holiday", "title": "Holiday"})
    listed = operator.get(f"{BASE}/events?sku=A&store={store.id}&from=2026-11-01&to=2026-11-30").json()[
        "data"
    ]
    assert {each["kind"] for each in listed} == {"listing_edit", "holiday"}
    ends = {**event, "ended_at": "2026-10-01T00:00:00Z"}
    assert operator.post(f"{BASE}/events", ends).status_code == 422


def test_products_are_kept_by_sku(operator: ValidatingClient) -> None:
    """Versions by ETag; a role that is none is refused."""
    url = f"{BASE}/products/BOTTLE-750"
    assert operator.get(url).status_code == 404
    made = operator.put(url, {"role": "hero", "brand": "Aqua"}, headers={"If-Match": '"0"'})
    assert (made.status_code, made.json()["role"]) == (200, "hero")
    assert operator.put(url, {"role": "hero"}, headers={"If-Match": '"0"'}).status_code == 412
    changed = operator.put(url, {"role": "clearance"}, headers={"If-Match": made["ETag"]})
    assert (changed.json()["version"], changed.json()["brand"]) == (2, "")
    assert operator.put(url, {"role": "star"}, headers={"If-Match": changed["ETag"]}).status_code == 422
    assert len(operator.get(f"{BASE}/products?role=clearance").json()["data"]) == 1


def test_the_capability_matrix_names_every_feed(operator: ValidatingClient) -> None:
    """Amazon's orders come by stream, Rakuten's by file, labels by a check."""
    platforms = {each["key"]: each for each in operator.get(f"{BASE}/platforms").json()["data"]}
    feeds = {key: {feed["stream"]: feed for feed in each["feeds"]} for key, each in platforms.items()}
    assert feeds["amazon_sp"]["orders"]["kind"] == "stream"
    assert feeds["rakuten"]["orders"]["how"] == "rakuten_orders"
    assert feeds["rakuten"]["evidence.label_check_pass"]["kind"] == "evidence"


def test_another_client_sees_nothing(
    operator: ValidatingClient,
    acme: ClientRef,
    store: StoreRef,
    globex: ClientRef,
    as_role: Callable[..., ValidatingClient],
) -> None:
    """Uploads, their faults, checks and products of acme are not globex's; acme's store is no store there."""
    done = take(operator, acme, GOOD, dataset="reviews", store=store.id)
    other = as_role(Role.OPERATOR, globex)
    there = "/api/v1/clients/globex"
    assert other.get(f"{there}/uploads").json()["data"] == []
    assert other.get(f"{there}/uploads/{done['id']}").status_code == 404
    assert other.get(f"{there}/uploads/{done['id']}/faults:export").status_code == 404
    assert other.get(f"{BASE}/uploads/{done['id']}").status_code == 404
    path = f"{there}/uploads?dataset=reviews&store={store.id}"
    answer = other.generic(
        "POST",
        path,
        GOOD,  # type: ignore[arg-type]
        content_type="text/csv",
        headers={"Idempotency-Key": str(uuid4())},
    )
    assert answer.status_code == 404
