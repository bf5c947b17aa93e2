"""The kill switch: at once, against runs that are under way, and back; the log of the last hours."""

from __future__ import annotations

import csv
import io
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta

from django.db import connection, transaction

from config.lib import clock
from pricing.models import PriceHalt, Recommendation
from pricing.selectors.halts import find_halt
from pricing.services.halts import HaltScope, halt
from pricing.services.observe import observe_prices
from tenants.context import use_tenant
from tenants.types import ClientRef, Role
from tests.api.validating import ValidatingClient
from tests.pricing.approval.suggestions import NOW, suggest, sync_listing
from tests.pricing.promotions.shops import BASE, get, make_shop


def test_a_halt_over_http_and_back(store: int, client_admin: ValidatingClient, acme: ClientRef) -> None:
    """The client stops everything, twice is once; resuming needs If-Match and a reason."""
    with use_tenant(acme):
        row = suggest(store, "30.90")
    body = {"scope": "client", "reason": "Prices are wrong"}
    made = client_admin.post(f"{BASE}/price-halts", body)
    assert made.status_code == 201, made.content
    assert (made.json()["withdrawn"], made.json()["boundary"]) == (1, "suggestion_only")
    again = client_admin.post(f"{BASE}/price-halts", {**body, "reason": "again"})
    assert again.json()["id"] == made.json()["id"]
    with use_tenant(acme):
        assert Recommendation.objects.get(pk=row.pk).state == "withdrawn"
        assert find_halt(store) is not None
    path = f"{BASE}/price-halts/{made.json()['id']}/resumption"
    assert client_admin.post(path, {"reason": "mended"}).status_code == 428
    match = {"If-Match": made.headers["ETag"]}
    assert client_admin.post(path, {"reason": ""}, headers=match).status_code == 422
    lifted = client_admin.post(path, {"reason": "mended"}, headers=match)
    assert lifted.status_code == 200, lifted.content
    assert client_admin.post(path, {"reason": "x"}, headers=match).status_code == 412
    assert get(client_admin, "price-halts", standing="true")["data"] == []
    with use_tenant(acme):
        assert find_halt(store) is None


def test_a_scope_takes_what_it_names_and_nothing_else(
    store: int, owner: ValidatingClient, acme: ClientRef, as_role: Callable[..., ValidatingClient]
) -> None:
    """A rule set's halt leaves other suggestions alone; wrong scopes and viewers change nothing."""
    with use_tenant(acme):
        of_rules = suggest(store, "30.90", rule_set=(7, 1))
        other = suggest(store, "30.40", sku="LAMP")
    for body in (
        {"scope": "store", "reason": "x"},
        {"scope": "client", "store_id": store, "reason": "x"},
        {"scope": "rule_set", "rule_set_id": 7, "reason": ""},
    ):
        assert owner.post(f"{BASE}/price-halts", body).status_code == 422
    viewer = as_role(Role.CLIENT_VIEWER)
    assert viewer.post(f"{BASE}/price-halts", {"scope": "client", "reason": "x"}).status_code == 403
    with use_tenant(acme):
        assert not PriceHalt.objects.exists()
        assert halt(scope=HaltScope.RULE_SET, rule_set_id=7, reason="bad rules").withdrawn == 1
        states = [Recommendation.objects.get(pk=row.pk).state for row in (of_rules, other)]
        assert states == ["withdrawn", "open"]
        assert find_halt(store) is None
        assert find_halt(store, 7) is not None


def test_a_halt_catches_a_run_under_way(committed_db: None, acme: ClientRef, redis: object) -> None:
    """A run proposes in short transactions that ask first: what the one at work wrote is withdrawn, the next
    finds the halt; the halt is effective within five seconds."""
    at_work, go_on = threading.Event(), threading.Event()
    seen: list[bool] = []
    with clock.frozen(NOW), ExitStack() as scope:
        scope.enter_context(use_tenant(acme))
        store = make_shop("US")

        def run() -> None:
            try:
                with ExitStack() as inner:
                    inner.enter_context(use_tenant(acme))
                    for sku in ("TENT", "LAMP"):
                        with transaction.atomic():
                            seen.append(find_halt(store) is not None)
                            if not seen[-1]:
                                at_work.set()
                                go_on.wait(1)
                                suggest(store, "31.00", sku=sku)
            finally:
                connection.close()

        runner = threading.Thread(target=run)
        runner.start()
        at_work.wait(10)
        began = time.monotonic()
        made = halt(scope=HaltScope.STORE, store_id=store, reason="stop")
        took = time.monotonic() - began
        go_on.set()
        runner.join(20)
        assert seen == [False, True]
        assert made.withdrawn == 1
        assert took < 5
        assert list(Recommendation.objects.values_list("state", flat=True)) == ["withdrawn"]


def test_ten_thousand_suggestions_are_withdrawn_in_one_statement(
    store: int, in_acme: ClientRef, django_assert_max_num_queries: Callable[..., object]
) -> None:
    """The number of statements does not grow with the number of suggestions."""
    row = suggest(store, "30.90")
    fields = {f.attname: getattr(row, f.attname) for f in Recommendation._meta.fields if f.attname != "id"}
    copies = [Recommendation(**{**fields, "sku": f"SKU{index}"}) for index in range(300)]
    Recommendation.objects.bulk_create(copies)
    with django_assert_max_num_queries(25):  # type: ignore[attr-defined]
        assert halt(scope=HaltScope.CLIENT, reason="stop").withdrawn == 301


def test_the_log_tells_price_beside_rule_and_starts_no_formula(
    store: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """Suggested, changed by somebody else, halted with a dangerous reason: JSON and CSV say the same."""
    with use_tenant(acme):
        observe_prices(store)
        suggest(store, "31.00")
        sync_listing(store, "28.00", NOW + timedelta(hours=1))
    with clock.frozen(NOW + timedelta(hours=1)):
        with use_tenant(acme):
            observe_prices(store)
            halt(scope=HaltScope.CLIENT, reason="=HYPERLINK(1)")
        log = get(owner, "price-log", hours=24)
        changed = next(line for line in log["data"] if line["event"] == "price_changed:listing")
        assert (changed["price"], changed["rule_price"], changed["off_by"]) == (
            "28.00",
            "31.00",
            "-3.00",
        )
        events = {line["event"] for line in log["data"]}
        assert {"suggested", "external_change", "halted:client"} <= events
        answer = owner.get(f"{BASE}/price-log:export", {"hours": 24})
        assert answer["Content-Type"].startswith("text/csv")
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert len(rows) == len(log["data"])
        assert next(row for row in rows if row["event"] == "halted:client")["reason"] == "'=HYPERLINK(1)"
    with clock.frozen(NOW + timedelta(days=3)):
        assert get(owner, "price-log", hours=24)["data"] == []
