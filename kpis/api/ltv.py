"""What customers are worth, over HTTP: cohorts with the model beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.money import DecimalString, MoneyField
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import problems
from kpis.api.queries import stores_field
from kpis.selectors.ltv import get_cohorts
from tenants.http import TenantView
from tenants.permissions import Capability

_MONTHS = 13


class CohortsQuery(QuerySerializer):
    """Which cohorts to show."""

    store = stores_field()
    months = serializers.IntegerField(
        min_value=1,
        max_value=60,
        required=False,
        help_text="Cohorts of so many months, the current one included; 13 when left out.",
    )


class CohortPointSerializer(serializers.Serializer[Any]):
    """What a cohort did in one month of its life."""

    month = serializers.IntegerField(help_text="0 is the month of the first orders.")
    buyers = serializers.IntegerField(help_text="Buyers of the cohort who bought in this month.")
    purchases = serializers.IntegerField(help_text="Days on which one of them bought.")
    sales = MoneyField(help_text="Ex tax, before refunds.")
    sales_per_buyer_so_far = MoneyField(help_text="All sales up to this month / buyers of the cohort.")


class CohortSerializer(serializers.Serializer[Any]):
    """Buyers whose first known order was in one month."""

    month = serializers.CharField(help_text="2026-07")
    buyers = serializers.IntegerField()
    points = CohortPointSerializer(many=True)
    expected_sales_per_buyer = MoneyField(
        allow_null=True, help_text="Sales the model expects in the horizon; null while it is not fitted."
    )


class LTVParametersSerializer(serializers.Serializer[Any]):
    """The estimates: r, alpha, a, b of BG/NBD (weeks), p, q, gamma of Gamma-Gamma (money)."""

    r = serializers.CharField()
    alpha = serializers.CharField()
    a = serializers.CharField()
    b = serializers.CharField()
    p = serializers.CharField()
    q = serializers.CharField()
    gamma = serializers.CharField()


class LTVModelSerializer(serializers.Serializer[Any]):
    """The model beside the cohorts."""

    name = serializers.CharField()
    reference = serializers.CharField(help_text="The papers that publish it.")
    horizon_weeks = serializers.IntegerField()
    customers = serializers.IntegerField()
    repeaters = serializers.IntegerField(help_text="Customers who bought on a second day.")
    is_fitted = serializers.BooleanField()
    why_not = serializers.CharField(
        allow_null=True, help_text="too_few_customers, no_maximum or amounts_without_a_mean."
    )
    parameters = LTVParametersSerializer(allow_null=True)


class CohortsSerializer(serializers.Serializer[Any]):
    """Cohorts of buyers and what to expect of them."""

    stores = serializers.ListField(child=serializers.IntegerField())
    currency = serializers.CharField()
    as_of = serializers.DateField()
    margin = DecimalString(
        max_decimals=6,
        allow_null=True,
        help_text="Contribution after advertising / net sales of 365 days; times sales it is what stays.",
    )
    cohorts = CohortSerializer(many=True)
    model = LTVModelSerializer()


_EXAMPLE = {
    "stores": [3],
    "currency": "USD",
    "as_of": "2026-11-21",
    "margin": "0.182000",
    "cohorts": [
        {
            "month": "2026-10",
            "buyers": 240,
            "points": [
                {
                    "month": 0,
                    "buyers": 240,
                    "purchases": 252,
                    "sales": {"amount": "9072.00", "currency": "USD"},
                    "sales_per_buyer_so_far": {"amount": "37.80", "currency": "USD"},
                }
            ],
            "expected_sales_per_buyer": {"amount": "41.10", "currency": "USD"},
        }
    ],
    "model": {
        "name": "BG/NBD + Gamma-Gamma",
        "reference": "Fader, Hardie, Lee (2005); Fader, Hardie (2013)",
        "horizon_weeks": 52,
        "customers": 2357,
        "repeaters": 946,
        "is_fitted": True,
        "why_not": None,
        "parameters": {
            "r": "0.243",
            "alpha": "4.414",
            "a": "0.793",
            "b": "2.426",
            "p": "6.25",
            "q": "3.74",
            "gamma": "15.44",
        },
    },
}


class CohortsView(TenantView):
    """Cohorts of buyers."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.KPI_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": CohortsQuery}
    looks = "cohorts"

    @extend_schema(
        operation_id="get_ltv_cohorts",
        responses={200: CohortsSerializer, **problems(404, 422)},
        examples=[OpenApiExample("One store", value=_EXAMPLE, response_only=True)],
        tags=["kpis"],
    )
    def get(self, request: Request, client: str) -> Response:
        """Show buyers by the month of their first order, what they bought since, and what a model expects."""
        found = get_cohorts(store_ids=self.query.get("store", ()), months=self.query.get("months", _MONTHS))
        return self.ok(found)
