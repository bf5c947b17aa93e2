"""P13: a page of 200 order lines, from the request to the bytes of its answer.

All arms pass the same middleware, authentication, limits, membership and tenant switch; they differ in how
rows become JSON. `P13`: Django REST framework's ModelSerializer and JSONRenderer against our endpoint, at
identical bytes; the control is the same ModelSerializer with our faster renderer. `P13.bound`: our endpoint
against a view that hands on what PostgreSQL's json_agg makes of the table's columns as they are, so the bound
holds the cost of the request; the control is the ModelSerializer.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar

from django.db import connection
from django.http import HttpResponse
from django.urls import path
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from benchmarks import database, measure
from benchmarks.edge import Caller
from config.lib.api.pagination import Keyset, Row, paginate
from config.lib.api.query import QuerySerializer
from config.lib.money import Money
from connectors.api.order_lines import OrderLinesView
from connectors.api.queries import OrderLineQuery
from connectors.facts.orders import OrderLine
from tenants.context import use_tenant
from tenants.http import TenantView
from tenants.permissions import Capability

LINES = 50_000
LIMIT = 200
CALLS = 300
PATH = "order-lines"
ORDERING = ("-business_on", "-id")

_AMOUNTS = ("gross", "tax", "shipping", "shipping_tax", "discount", "points")


class _Amount(serializers.Field[Any, Any, Any, Any]):
    """An amount of a line with the line's currency."""

    def get_attribute(self, instance: OrderLine) -> Money:
        """Read both columns; zeros that only fill numeric(18, 4) are no digits."""
        amount = getattr(instance, f"{self.field_name}_amount")
        return Money(amount.normalize(), instance.currency)

    def to_representation(self, value: Money) -> dict[str, str]:
        """Write the object."""
        return value.to_json()


class _LineSerializer(serializers.ModelSerializer[OrderLine]):
    gross = _Amount()
    tax = _Amount()
    shipping = _Amount()
    shipping_tax = _Amount()
    discount = _Amount()
    points = _Amount()

    class Meta:
        model = OrderLine
        fields = (
            *("id", "store_id", "quantity", "platform_order_id", "line_no", "sku", "product_id"),
            *("business_on", "status", "channel", "tax_collector", "is_replacement", "is_business"),
            *("ordered_at", "source_updated_at", *_AMOUNTS),
        )


class _View(TenantView):
    """What all arms share with the product's view."""

    capabilities: ClassVar[Mapping[str, Capability]] = OrderLinesView.capabilities
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": OrderLineQuery}
    looks = OrderLinesView.looks


class _FastSerializerView(_View):
    def get(self, request: Request, client: str) -> Response:
        def fetch(keyset: Keyset, limit: int) -> list[Row]:
            lines = OrderLine.objects.filter(keyset.condition()).order_by(*keyset.order_by)[:limit]
            return [{"id": line.pk, "business_on": line.business_on, "line": line} for line in lines]

        page = paginate(fetch, request, ORDERING)
        lines = _LineSerializer([row["line"] for row in page.rows], many=True)
        return page.response(request, list(lines.data))


class _SerializerView(_FastSerializerView):
    renderer_classes = [JSONRenderer]


class _AggregateView(_View):
    columns = ", ".join(str(field.column) for field in OrderLine._meta.fields)

    def get(self, request: Request, client: str) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute(
                f"select json_agg(line)::text from (select {self.columns} from fact_order_line"
                " order by business_on desc, id desc limit %s) line",
                [LIMIT],
            )
            lines = cursor.fetchone()[0]
        return HttpResponse(f'{{"data":{lines}}}', content_type="application/json")


ARMS = {
    "ours": OrderLinesView,
    "model_serializer": _SerializerView,
    "model_serializer_orjson": _FastSerializerView,
    "json_agg": _AggregateView,
}


def main() -> None:
    """Fill a client's table, see that the answers are equal, and time them in turn."""
    with database.throwaway():
        client = database.make_client("listing")
        with use_tenant(client):
            _fill()
        caller = Caller(client)
        routes = {
            arm: (path(f"api/v1/clients/<slug:client>/{PATH}", view.as_view()),) for arm, view in ARMS.items()
        }
        address = f"/{PATH}?limit={LIMIT}"
        size = _check({arm: caller.body(address, each) for arm, each in routes.items()})
        # The product's own routes, so that finding the view among all others counts too.
        routes.pop("ours")
        arms: dict[str, Callable[[], bytes]] = {
            "ours": partial(caller.body, address),
            **{arm: partial(caller.body, address, each) for arm, each in routes.items()},
        }
        seconds = measure.latencies(arms, calls=CALLS)
    _report(seconds, size)


def _fill() -> None:
    """Lines of 500 days and 40 products, in currencies with and without decimals."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into fact_order_line (store_id, run_id, source_updated_at, ingested_at,"
            " platform_order_id, line_no, sku, product_id, ordered_at, business_on, status, channel,"
            " quantity, currency, gross_amount, tax_amount, tax_collector, shipping_amount,"
            " shipping_tax_amount, discount_amount, points_amount, is_replacement, is_business, buyer_hash)"
            " select 1 + n %% 3, 1, day + interval '2 hours', day + interval '3 hours',"
            " '113-' || lpad(n::text, 7, '0'), 'line-' || n, 'SKU-' || n %% 40, 'B0' || n %% 40,"
            " day + interval '61 minutes', day::date, 'shipped', 'platform', 1 + n %% 3,"
            " (array['USD', 'JPY', 'MXN'])[1 + n %% 3],"
            " case n %% 3 when 1 then 1000 + n %% 977 else (1000 + n %% 977) * 0.01 end,"
            " case n %% 3 when 1 then 100 else (n %% 97) * 0.01 end,"
            " 'platform', case n %% 3 when 1 then 300 else 3.99 end, 0, 0, 0, false, n %% 9 = 0,"
            " md5(n::text)"
            " from (select n, timestamptz '2025-07-01 UTC' + n / 100 * interval '1 day' as day"
            "  from generate_series(1, %s) n) lines",
            [LINES],
        )


def _check(bodies: Mapping[str, bytes]) -> int:
    """The serializers' bytes must be ours, and json_agg's lines the same lines; returns the size."""
    ours = bodies["ours"]
    for arm in ("model_serializer", "model_serializer_orjson"):
        if bodies[arm] != ours:
            raise AssertionError(f"{arm} answers other bytes")
    ids = {arm: [line["id"] for line in json.loads(bodies[arm])["data"]] for arm in ("ours", "json_agg")}
    if ids["ours"] != ids["json_agg"] or len(ids["ours"]) != LIMIT:
        raise AssertionError("json_agg answers other lines")
    return len(ours)


def _report(seconds: Mapping[str, tuple[float, ...]], size: int) -> None:
    middle = {arm: statistics.median(taken) for arm, taken in seconds.items()}
    detail = {
        "rows": LIMIT,
        "bytes": size,
        "arms": {
            arm: {
                "p50_ms": round(middle[arm] * 1000, 3),
                "p99_ms": round(measure.percentile(taken, 0.99) * 1000, 3),
            }
            for arm, taken in seconds.items()
        },
    }
    control = middle["model_serializer"] / middle["model_serializer_orjson"]
    measure.report(
        "P13",
        ratio=middle["model_serializer"] / middle["ours"],
        goal=3.0,
        at="least",
        n=CALLS,
        control_fails=control < 3.0,
        detail={
            "what": "ModelSerializer / our endpoint, identical bytes",
            "interval": measure.ratio_interval(seconds["model_serializer"], seconds["ours"]),
            "control": {"ModelSerializer / the same with orjson": round(control, 2)},
            **detail,
        },
    )
    control = middle["model_serializer"] / middle["json_agg"]
    measure.report(
        "P13.bound",
        ratio=middle["ours"] / middle["json_agg"],
        goal=1.5,
        at="most",
        n=CALLS,
        control_fails=control > 1.5,
        detail={
            "what": "our endpoint / a route that hands on json_agg",
            "interval": measure.ratio_interval(seconds["ours"], seconds["json_agg"]),
            "control": {"ModelSerializer / json_agg": round(control, 2)},
            **detail,
        },
    )


if __name__ == "__main__":
    main()
