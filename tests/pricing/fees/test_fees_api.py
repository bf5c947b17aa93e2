"""Fees in the database and over HTTP: charges read set by set, overrides by version, quotes, changes."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal as D
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pricing.fees.parameters import PARAMETERS
from pricing.management.commands import fee_docs
from pricing.models import FeeOverride, Recommendation
from pricing.selectors.charged_fees import charged_rates, estimated_fees
from pricing.selectors.divergence import find_divergences
from pricing.selectors.fee_overrides import load_overrides
from pricing.services.locks import set_lock
from pricing.types import LockKind
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry
from tenants.types import ClientRef, Role
from tests.api.validating import ValidatingClient
from tests.pricing.fees.facts import TODAY, charge, cost, estimate, profile, sell, yuan
from tests.pricing.promotions.shops import BASE, get

KEY = "us.amazon.referral.home_kitchen"
CHARGED = (("4.50", "4.60"), ("4.80", "4.60"), ("9.00", "9.20"))
TIERS = {"mode": "flat", "tiers": [[None, "0.12"]], "minimum": "0.30"}
STATED = {"value": TIERS, "effective_on": "2026-09-01", "reason": "Agreed with the account manager."}


def put(client: ValidatingClient, path: str, body: Any, tag: str) -> Any:
    """PUT with an If-Match."""
    return client.put(f"{BASE}/{path}", body, format="json", headers={"If-Match": tag})


def post(client: ValidatingClient, path: str, body: Any) -> Any:
    """POST, with a key of its own."""
    headers = {"Idempotency-Key": sha256(f"{path} {body}".encode()).hexdigest()}
    return client.post(f"{BASE}/{path}", body, format="json", headers=headers)


def test_charges_are_medians_of_what_orders_were_charged(us: int, acme: ClientRef) -> None:
    """Rates are of what the buyer paid for goods (ex added tax, with contained tax); two statements do."""
    with use_tenant(acme):
        for number, (referral, fulfilment) in enumerate(
            (("4.50", "4.60"), ("4.80", "4.60"), ("9.00", "9.20"))
        ):
            quantity = 2 if number == 2 else 1
            sell(us, "TENT", f"T{number}", price="30", referral=referral, fulfilment=fulfilment, tax="2.40",
                 quantity=quantity, on=TODAY - timedelta(days=number))  # fmt: skip
        sell(us, "LAMP", "L1", price="11", referral="1.10", fulfilment="3", tax="1", collector="seller")
        sell(us, "LAMP", "OLD", price="11", referral="5", fulfilment="9", on=TODAY - timedelta(days=30))
        charge(us, "TENT", "T0", "referral_fee", "4.50", TODAY)
        estimate(us, "TENT", price="30", referral="4.50", fulfilment="4.60", on=TODAY - timedelta(days=3))
        estimate(us, "TENT", price="30", referral="4.80", fulfilment="4.76")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            charged = charged_rates(us, None, TODAY)
            estimated = estimated_fees(us, None, TODAY)
        statements = [each["sql"] for each in asked.captured_queries if "fact_" in each["sql"]]
        assert len(statements) == 2
        assert charged_rates(us, ["LAMP"], TODAY).keys() == {"LAMP"}
    tent, lamp = charged["TENT"], charged["LAMP"]
    assert (tent.units, tent.referral_rate, tent.fulfilment_amount) == (4, D("0.150000"), D("4.6000"))
    assert (tent.first, tent.as_of) == (TODAY - timedelta(days=29), TODAY)
    assert (lamp.units, lamp.referral_rate, lamp.payment_rate) == (1, D("0.100000"), None)
    assert (estimated["TENT"].referral_amount, estimated["TENT"].referral_rate) == (D("4.80"), D("0.16"))


def test_parameters_are_listed_page_by_page(owner: ValidatingClient, us: int) -> None:
    """Every parameter once, in the order of its key, with filters and warnings."""
    keys: list[str] = []
    query: dict[str, Any] = {"limit": 20, "market": "MX"}
    while True:
        body = get(owner, "fee-parameters", **query)
        keys += [row["key"] for row in body["data"]]
        if body["page"]["next"] is None:
            break
        query = {"limit": 20, "market": "MX", "cursor": body["page"]["next"]}
    assert keys == sorted(set(keys))
    assert keys == sorted(each.key for each in PARAMETERS if each.market == "MX")
    rows = get(owner, "fee-parameters", market="JP", platform="yahoo_shopping", on="2026-08-31")["data"]
    royalty = next(row for row in rows if row["key"] == "jp.yahoo_shopping.royalty")
    assert (royalty["value"], royalty["next_on"], royalty["next_value"]) == ("0 %", "2026-09-01", "2.5 %")
    assert royalty["boundary"] == "suggestion_only"
    weak = get(owner, "fee-parameters", market="US", topic="duty", on="2026-08-01", weak=True)["data"]
    successor = next(row for row in weak if row["key"] == "us.duty.section_122")
    assert (successor["value"], successor["warnings"]) == (None, ["not_found"])
    assert owner.get(f"{BASE}/fee-parameters/us.amazon.beuty").status_code == 404
    assert get(owner, f"fee-parameters/{KEY}")["value"] == "15 %, at least 0.3"


def test_an_override_is_versioned_dated_scoped_and_audited(
    owner: ValidatingClient, us: int, acme: ClientRef, as_role: Callable[..., ValidatingClient]
) -> None:
    """Version by version with If-Match; the narrowest scope in force counts; withdrawn, the table does."""
    path = f"fee-overrides/{KEY}"
    assert owner.get(f"{BASE}/{path}").status_code == 404
    denied = put(as_role(Role.CLIENT_VIEWER), path, STATED, '"0"')
    assert denied.status_code == 403
    first = put(owner, path, STATED, '"0"')
    assert (first.status_code, first["ETag"]) == (200, '"1"')
    assert put(owner, path, STATED, '"0"').status_code == 412
    tent = put(
        owner, f"{path}?store={us}&sku=TENT", {**STATED, "value": {**TIERS, "tiers": [[None, "0.10"]]}}, '"0"'
    )
    assert tent.status_code == 200, tent.content
    for body, pointer in (
        ({**STATED, "value": "0.12"}, "/value"),
        ({**STATED, "value": {**TIERS, "minimum": "-1"}}, "/value"),
        ({**STATED, "reason": ""}, "/reason"),
    ):
        refused = put(owner, path, body, '"1"')
        assert refused.status_code == 422, refused.content
        assert refused.json()["errors"][0]["pointer"] == pointer
    assert put(owner, "fee-overrides/us.amazon.beuty", STATED, '"0"').status_code == 404
    with use_tenant(acme):
        profile(us, "TENT")
        profile(us, "LAMP")

    def referral(sku: str, on: str) -> str:
        fees = get(owner, "fee-quotes", store=us, sku=sku, on=on, price="30.00")["fees"]
        return str(fees[0]["amount"]["amount"])

    assert (referral("TENT", "2026-08-31"), referral("TENT", "2026-09-01")) == ("4.50", "3.00")
    assert (referral("LAMP", "2026-08-31"), referral("LAMP", "2026-09-01")) == ("4.50", "3.60")
    gone = put(owner, path, {**STATED, "value": None, "effective_on": "2026-09-10"}, '"1"')
    assert (gone.status_code, gone["ETag"]) == (200, '"2"')
    assert [referral("LAMP", day) for day in ("2026-09-09", "2026-09-10")] == ["3.60", "4.50"]
    assert put(owner, path, {**STATED, "value": None}, '"2"').status_code == 422
    listed = get(owner, "fee-overrides", key=KEY)["data"]
    assert [(row["sku"], row["version"]) for row in listed] == [("", 2), ("TENT", 1), ("", 1)]
    with use_tenant(acme):
        entries = AuditEntry.objects.filter(verb="fee_override.set")
        assert entries.count() == FeeOverride.objects.count() == 3
        assert load_overrides(us, date(2026, 8, 31)).of(sku="TENT") == {}


def test_a_quote_tells_what_it_rests_on_and_what_is_missing(owner: ValidatingClient, us: int) -> None:
    """Everything in the query, nothing saved; what cannot be read names its parameter."""
    asked = {
        "market": "US", "platform": "amazon", "on": "2026-05-01", "category": "home_kitchen",
        "price": "20.00", "length_cm": "20.32", "width_cm": "12.7",
        "height_cm": "7.62", "weight_grams": "453.59237",
    }  # fmt: skip
    body = get(owner, "fee-quotes", **asked)
    assert [(row["name"], row["amount"]["amount"]) for row in body["fees"]] == [
        ("referral", "3.00"),
        ("fba", "4.60"),
        ("fuel_surcharge", "0.16"),
    ]
    assert (body["size_tier"], body["missing"], body["boundary"]) == ("large_standard", [], "suggestion_only")
    assert KEY in [use["key"] for use in body["uses"]]
    bare = get(owner, "fee-quotes", market="MX", platform="mercado_libre", on="2026-05-01")
    assert {row["key"] for row in bare["missing"]} == {
        "mx.mercado_libre.fixed_fee",
        "mx.mercado_libre.free_shipping_share",
    }
    for query, name in (
        ({"market": "US"}, "platform"),
        ({**asked, "weight_grams": "0"}, "weight_grams"),
        ({"market": "US", "platform": "amazon", "length_cm": "3"}, "width_cm"),
    ):
        refused = owner.get(f"{BASE}/fee-quotes", query)
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["parameter"] == name


@pytest.fixture
def charged(us: int, acme: ClientRef) -> int:
    """Thirty tents at 30.00: charged 18 % instead of the table's 15, fulfilment as the table says."""
    with use_tenant(acme):
        yuan("7.0", "7.0")
        for sku in ("TENT", "LAMP"):
            profile(us, sku)
            cost(sku, purchase=("49", "CNY"), duty=("0.50", "USD"), import_tax=("0", "USD"))
        for number in range(30):
            sell(us, "TENT", f"T{number}", price="30", referral="5.40", fulfilment="4.76",
                 on=TODAY - timedelta(days=number))  # fmt: skip
            sell(us, "LAMP", f"L{number}", price="12", referral="1.80", fulfilment="4.76",
                 on=TODAY - timedelta(days=number))  # fmt: skip
    return us


def test_divergences_are_told_in_money_and_lead_to_a_price(
    owner: ValidatingClient, charged: int, acme: ClientRef
) -> None:
    """Three points on 30 tents: 27.00 a month; the price that keeps 15 % again; lamps are in line."""
    body = get(owner, "fee-divergences", store=charged)
    assert [(row["sku"], row["line"], row["stronger"], row["weaker"]) for row in body["data"]] == [
        ("TENT", "referral", "charged", "table")
    ]
    assert body["exposure"] == {"amount": "27.00", "currency": "USD"}
    assert body["data"][0]["margin_move"] == "-0.030000"
    with use_tenant(acme):
        assert len(find_divergences(charged, TODAY)) == 1
    preview = post(owner, "fee-changes:preview", {"store_id": charged, "cause": "divergence"})
    assert preview.status_code == 200, preview.content
    change = preview.json()["data"][0]
    assert (change["sku"], change["cause"]) == ("TENT", "divergence")
    before, after, keeping = (D(change[name]["margin"]) for name in ("before", "after", "keeping"))
    assert before - after == D("0.03")
    assert keeping >= before
    assert D(change["keeping"]["price"]["amount"]) > 30
    with use_tenant(acme):
        assert not Recommendation.objects.exists()


def test_a_supposed_value_shows_who_it_moves(owner: ValidatingClient, charged: int) -> None:
    """Referral at 20 % from tomorrow: both lose five points, told with the parameter; nothing is saved."""
    tiers = {"mode": "flat", "tiers": [[None, "0.20"]], "minimum": "0.30"}
    asked = {"store_id": charged, "effective_on": "2026-10-02", "supposed": [{"key": KEY, "value": tiers}]}
    body = post(owner, "fee-changes:preview", asked).json()
    assert {row["sku"] for row in body["data"]} == {"TENT", "LAMP"}
    for row in body["data"]:
        assert row["values"] == [{"key": KEY, "before": "15 %, at least 0.3", "after": "20 %, at least 0.3"}]
        assert abs(D(row["before"]["margin"]) - D(row["after"]["margin"]) - D("0.05")) < D("0.001")
        assert D(row["exposure"]["amount"]) < 0
    wrong = post(owner, "fee-changes:preview", {**asked, "supposed": [{"key": KEY, "value": "0.2"}]})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/supposed/0/value")
    peak = post(owner, "fee-changes:preview", {"store_id": charged, "effective_on": "2026-10-20"}).json()
    assert {row["sku"] for row in peak["unknown"]} == {"TENT", "LAMP"}
    assert peak["data"] == []


def test_proposals_are_opened_or_say_why_not(
    owner: ValidatingClient, charged: int, acme: ClientRef, as_role: Callable[..., ValidatingClient]
) -> None:
    """Each listing of the set gets a suggestion or its reasons; who may not propose changes nothing."""
    asked = {"store_id": charged, "cause": "divergence"}
    denied = post(as_role(Role.CLIENT_VIEWER), "fee-changes:propose", asked)
    assert denied.status_code == 403
    with use_tenant(acme):
        assert not Recommendation.objects.exists()
    done = post(owner, "fee-changes:propose", asked)
    assert done.status_code == 200, done.content
    body = done.json()
    assert [(row["sku"], row["is_new"]) for row in body["proposed"]] == [("TENT", True)]
    assert body["held_back"] == []
    with use_tenant(acme):
        row = Recommendation.objects.get()
        assert (row.kind, row.sku, row.current_amount, row.suggested_amount) == (
            "fee",
            "TENT",
            30,
            D("32.35"),
        )
        assert row.expected_margin >= D("0.436")
        assert {reason["code"] for reason in row.reasons} == {"fee_change", "fee_divergence"}
        set_lock(store_id=charged, sku="TENT", kind=LockKind.MANUAL, until_at=None, reason="negotiating")
    held = post(owner, "fee-changes:propose", {**asked, "skus": ["TENT"]}).json()
    assert held["proposed"] == []
    assert held["held_back"] == [{"sku": "TENT", "reasons": ["locked"]}]


def test_a_move_of_the_yuan_calls_for_prices(owner: ValidatingClient, charged: int, acme: ClientRef) -> None:
    """Supposed 5 %: Δm = −s·δ to the point, urgent, a price that keeps the margin; nothing is saved."""
    body = post(owner, "fx-changes:preview", {"store_id": charged, "currency": "CNY", "move": "0.05"}).json()
    tent = next(row for row in body["data"] if row["sku"] == "TENT")
    share = D(tent["cost_share"])
    assert abs(share - D(7) / 30) < D("0.0001")
    fall = D(tent["before"]["margin"]) - D(tent["after"]["margin"])
    assert abs(fall - share * D("0.05")) < D("0.0001")
    assert (tent["level"], tent["is_due"], tent["since"]) == ("urgent", True, None)
    assert D(tent["keeping"]["margin"]) >= D(tent["before"]["margin"]) - D("0.000001")
    assert body["hedge"]["is_due"] is False
    still = post(owner, "fx-changes:preview", {"store_id": charged, "currency": "CNY"}).json()
    assert {row["level"] for row in still["data"]} == {"quiet"}
    own = post(owner, "fx-changes:preview", {"store_id": charged, "currency": "USD"})
    assert own.status_code == 400
    quiet = post(owner, "fx-changes:propose", {"store_id": charged, "currency": "CNY"}).json()
    assert quiet["proposed"] == []
    assert {tuple(row["reasons"]) for row in quiet["held_back"]} == {("not_due",)}


def test_a_confirmed_move_of_the_yuan_is_found(owner: ValidatingClient, us: int, acme: ClientRef) -> None:
    """Ten days ago the yuan became 4 % dearer: suggested, with the margins before and after."""
    with use_tenant(acme):
        yuan("7.28", "7.0")
        profile(us, "TENT")
        cost("TENT", purchase=("49", "CNY"), duty=("0.50", "USD"), import_tax=("0", "USD"))
        for number in range(5):
            sell(us, "TENT", f"T{number}", price="30", referral="4.50", fulfilment="4.76",
                 on=TODAY - timedelta(days=number))  # fmt: skip
    body = post(owner, "fx-changes:preview", {"store_id": us, "currency": "CNY"}).json()
    row = next(each for each in body["data"] if each["sku"] == "TENT")
    assert (row["move"], row["level"], row["is_due"]) == ("0.040000", "suggest", True)
    assert D(row["after"]["margin"]) < D(row["before"]["margin"])


def test_margins_at_risk_are_simulated_and_repeat(owner: ValidatingClient, charged: int) -> None:
    """Lowest first, below the margin of today; the same seed gives the same bytes."""
    first = get(owner, "margin-at-risk", store=charged, hedge_cost="0.01")
    assert first == get(owner, "margin-at-risk", store=charged, hedge_cost="0.01")
    assert first["total"] + first["left_out"] == 2
    margins = [D(row["p5_margin"]) for row in first["data"]]
    assert margins == sorted(margins)
    for row in first["data"]:
        assert D(row["p5_margin"]) <= D(row["margin"])
    assert first["boundary"] == "suggestion_only"


def test_the_document_is_fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/fees.md is what the parameters write; another text, or none, is told."""
    call_command("fee_docs", "--check")
    document = tmp_path / "fees.md"
    monkeypatch.setattr(fee_docs, "DOCUMENT", document)
    with pytest.raises(CommandError):
        call_command("fee_docs", "--check")
    call_command("fee_docs", stdout=io.StringIO())
    call_command("fee_docs", "--check")
    document.write_text(document.read_text(encoding="utf-8").replace("15 %", "16 %"), encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("fee_docs", "--check")
