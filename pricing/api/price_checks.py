"""What laws and platforms say to a price somebody thinks of, over HTTP; nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.errors import FieldError, Invalid
from config.lib.money import Money
from pricing.api.boundary import bounded
from pricing.api.competitor_forms import PriceCheckInput, PriceChecksSerializer
from pricing.engine.price_history import ZERO, PriceClaim
from pricing.rules.checks import check_price
from pricing.selectors.context import get_context
from pricing.selectors.price_histories import history_of
from tenants.http import TenantView
from tenants.permissions import Capability

_EXAMPLE = {
    "price": {"amount": "1980", "currency": "JPY"},
    "reference_price": {"amount": "2480", "currency": "JPY"},
    "points": {"amount": "198", "currency": "JPY"},
}
_ALONE = ("price", "reference_price", "points", "coupon", "external_price")


class ListingPriceChecksView(TenantView):
    """Asking laws and platforms before anybody sets a price."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_READ}

    @extend_schema(
        operation_id="check_listing_price",
        request=PriceCheckInput,
        responses=PriceChecksSerializer,
        examples=[OpenApiExample("A sale in Japan", value=_EXAMPLE, request_only=True)],
        tags=["pricing: competitors"],
    )
    def post(self, request: Request, client: str, store_id: int, sku: str) -> Response:
        """Check a price and what would be shown beside it against the observed price history."""
        asked = self.body(PriceCheckInput)
        context = get_context(store_id, sku)
        faults = list(_currency_faults(asked, context.currency))
        if faults:
            raise Invalid(errors=faults)
        past = history_of(store_id=store_id, sku=sku, on=context.on)
        found = check_price(context, asked["price"].amount, past, _claim(asked))
        body = {
            "store_id": store_id,
            "sku": sku,
            "price": asked["price"].to_json(),
            "is_blocked": any(check.blocks for check in found),
            "checks": [
                {
                    "code": check.code,
                    "blocks": check.blocks,
                    "text": check.text,
                    "reference": check.reference,
                    "values": dict(check.values),
                }
                for check in found
            ],
        }
        return self.ok(bounded(body))


def _claim(asked: Mapping[str, Any]) -> PriceClaim:
    def amount(name: str) -> Any:
        return asked[name].amount if name in asked else None

    return PriceClaim(
        reference_price=amount("reference_price"),
        points=amount("points") or ZERO,
        coupon=amount("coupon") or ZERO,
        surcharges=tuple((each["name"], each["amount"].amount) for each in asked["surcharges"]),
        is_tax_included=asked["is_tax_included"],
        external_price=amount("external_price"),
        packs=tuple((each["pieces"], each["price"].amount) for each in asked["packs"]),
        emergency_since=asked["emergency_since"],
    )


def _currency_faults(asked: Mapping[str, Any], currency: str) -> Iterator[FieldError]:
    given: list[tuple[str, Money]] = [(f"/{name}", asked[name]) for name in _ALONE if name in asked]
    given += [(f"/surcharges/{n}/amount", each["amount"]) for n, each in enumerate(asked["surcharges"])]
    given += [(f"/packs/{n}/price", each["price"]) for n, each in enumerate(asked["packs"])]
    for pointer, money in given:
        if money.currency != currency:
            yield FieldError(f"{pointer}/currency", f"The store sells in {currency}.", "currency")
