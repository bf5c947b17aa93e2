"""Price tests over HTTP: how long they have to be, planned, begun, their calendar, stopped, their verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib import clock
from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from config.lib.calendars import business_day
from config.lib.money import Money
from connectors.selectors.stores import get_store
from pricing.api.boundary import bounded
from pricing.api.experiment_forms import (
    DesignInput,
    PowerAnswerSerializer,
    PriceTestDetailSerializer,
    PriceTestInput,
    PriceTestQuery,
    PriceTestSerializer,
    TestStopInput,
)
from pricing.api.price_facts import amount_of
from pricing.engine.trial import DayState, Guardrails, TrialDay
from pricing.selectors.experiments import Row, days_of, get_test, price_tests_query
from pricing.services.experiments import plan_test, start_test, stop_test
from pricing.services.trial_plans import TrialDraft, context_for, design_for, plain, power_of, warnings_of
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["pricing: tests"]
_EXAMPLE = {
    "store_id": 1,
    "sku": "TENT",
    "name": "Does 27.99 keep more than 29.99?",
    "control_price": {"amount": "29.99", "currency": "USD"},
    "treatment_price": {"amount": "27.99", "currency": "USD"},
    "start_on": "2026-12-01",
    "blocks": 12,
}
_HIDDEN = ("currency", "control_amount", "treatment_amount", "assignment")


def row_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """A test as it is shown in lists."""
    plain_row = {name: value for name, value in row.items() if name not in _HIDDEN}
    for name in ("control", "treatment"):
        plain_row[f"{name}_price"] = Money(row[f"{name}_amount"], row["currency"])
    return bounded({**plain_row, "verdict": row["verdict"] or None})


def detail_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """A test with its calendar, a person's steps, and what was seen of them."""
    days = days_of(row)
    counts = Counter(day.state for day in days)
    return {
        **row_body(row),
        "calendar": [_day(day, row["currency"]) for day in days],
        "steps": list(_steps(row, days)),
        "compliance": {state.value: counts[state] for state in DayState},
    }


class PriceTestsView(TenantView):
    """The price tests of a client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.PRICE_READ,
        "POST": Capability.PRICE_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": PriceTestQuery.of(PriceTestSerializer)}
    looks = "price_tests"

    @extend_schema(operation_id="list_price_tests", responses=page_of(PriceTestSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the tests, the newest first."""
        asked = self.query
        rows = price_tests_query(store_id=asked.get("store"), sku=asked.get("sku"), state=asked.get("state"))
        return self.page(rows, shape=row_body)

    @extend_schema(
        operation_id="plan_price_test",
        request=PriceTestInput,
        responses={201: PriceTestDetailSerializer},
        examples=[OpenApiExample("36 days", value=_EXAMPLE, request_only=True)],
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Draw the blocks of a test; 422 with everything that forbids it, warnings where it is too short.

        Both prices keep the floor and pass the checks of law and platform, and no promotion, pilot or other
        test is in its days.
        """
        asked = self.body(PriceTestInput)
        currency = get_store(asked["store_id"]).currency
        control = amount_of(asked["control_price"], currency, "/control_price")
        treatment = amount_of(asked["treatment_price"], currency, "/treatment_price")
        draft = TrialDraft(
            **{name: asked[name] for name in ("store_id", "sku", "name", "start_on", "wanted", "seed")},
            **{name: asked[name] for name in ("blocks", "block_days", "washout_days")},
            control=control or asked["control_price"].amount,
            treatment=treatment or asked["treatment_price"].amount,
            guardrails=Guardrails(asked["least_units_change"], asked["least_buy_box_change"]),
        )
        row = plan_test(draft)
        where = f"{self.base_path}/price-tests/{row['id']}"
        return self.created(detail_body(row), where, etag=etag_of(row["version"]))


class PriceTestPowerView(TenantView):
    """How long a test has to be."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_READ}

    @extend_schema(
        operation_id="plan_price_test_power", request=DesignInput, responses=PowerAnswerSerializer, tags=TAGS
    )
    def post(self, request: Request, client: str) -> Response:
        """Say what a design can show by the listing's history, and how many days the wanted change needs."""
        asked = self.body(DesignInput)
        context = context_for(asked["store_id"], asked["sku"])
        today = business_day(clock.now(), get_store(asked["store_id"]).time_zone)
        design = design_for(
            start_on=today + timedelta(days=1),
            **{name: asked[name] for name in ("blocks", "block_days", "washout_days")},
            today=today,
        )
        planned = power_of(context, design, asked["wanted"])
        body = {
            "store_id": asked["store_id"],
            "sku": asked["sku"],
            "power": plain(planned),
            "warnings": warnings_of(planned, design, ""),
        }
        return self.ok(bounded(body))


class PriceTestDetailView(TenantView):
    """One test."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    looks = "price_tests"

    @extend_schema(operation_id="get_price_test", responses=PriceTestDetailSerializer, tags=TAGS)
    def get(self, request: Request, client: str, test_id: int) -> Response:
        """Show which price is to stand on which day, whether it was seen, and the verdict once there is
        one."""
        return _shown(self, get_test(test_id))


class PriceTestStartView(TenantView):
    """Beginning a test."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_WRITE}
    conditional_methods = frozenset({"POST"})

    @extend_schema(
        operation_id="start_price_test", request=None, responses=PriceTestDetailSerializer, tags=TAGS
    )
    def post(self, request: Request, client: str, test_id: int) -> Response:
        """Begin a planned test up to its first day: it is checked again, and rules leave its listing
        alone."""
        row = get_test(test_id)
        require_if_match(request, row["version"])
        return _shown(self, start_test(test_id=test_id, version=row["version"]))


class PriceTestStopView(TenantView):
    """Ending a test before its time."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_WRITE}
    conditional_methods = frozenset({"POST"})

    @extend_schema(
        operation_id="stop_price_test",
        request=TestStopInput,
        responses=PriceTestDetailSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, client: str, test_id: int) -> Response:
        """Stop a test and release its listing; a test that was stopped has no verdict."""
        row = get_test(test_id)
        require_if_match(request, row["version"])
        reason = self.body(TestStopInput)["reason"]
        return _shown(self, stop_test(test_id=test_id, version=row["version"], reason=reason))


def _shown(view: TenantView, row: Row) -> Response:
    return view.ok(detail_body(row), etag=etag_of(row["version"]))


def _day(day: TrialDay, currency: str) -> dict[str, Any]:
    return {
        "on": day.on,
        "block": day.block + 1,
        "arm": day.arm.value,
        "price": Money(day.price, currency),
        "state": day.state.value,
        "seen_prices": [Money(price, currency) for price in sorted(day.seen.prices)],
        "units": day.seen.units,
        "sessions": day.seen.sessions,
    }


def _steps(row: Mapping[str, Any], days: Sequence[TrialDay]) -> Iterator[dict[str, Any]]:
    """When a person changes the price: where a block differs from the one before, and once it is over."""
    standing = None
    for day in days:
        if day.price != standing:
            standing = day.price
            text = f"set the price to {standing:f} {row['currency']} early on this shop day"
            yield {"on": day.on, "price": Money(standing, row["currency"]), "text": text}
    over = row["last_on"] + timedelta(days=1)
    text = f"the test is over: set {row['control_amount']:f} {row['currency']} until the verdict"
    yield {"on": over, "price": Money(row["control_amount"], row["currency"]), "text": text}
