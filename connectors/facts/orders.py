"""Order lines: what was sold, at which price, on which shop day."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import Fact, money_field


class OrderLine(Fact):
    """One line of an order; see `connectors.types.OrderLineRecord` for the meaning of every column."""

    platform_order_id = models.CharField(max_length=40)
    line_no = models.CharField(max_length=40)
    sku = models.CharField(max_length=100)
    product_id = models.CharField(max_length=40)
    ordered_at = models.DateTimeField()
    business_on = models.DateField()
    status = models.CharField(max_length=12)
    channel = models.CharField(max_length=12)
    quantity = models.IntegerField()
    currency = models.CharField(max_length=3)
    gross_amount = money_field()
    tax_amount = money_field()
    tax_collector = models.CharField(max_length=12)
    shipping_amount = money_field()
    shipping_tax_amount = money_field()
    discount_amount = money_field()
    points_amount = money_field()
    is_replacement = models.BooleanField()
    is_business = models.BooleanField()
    buyer_hash = models.CharField(max_length=64)

    class Meta:
        db_table = "fact_order_line"
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "platform_order_id", "line_no"], name="fact_order_line_natural_key"
            ),
        ]
        indexes = [
            models.Index(fields=["store_id", "business_on"], name="order_line_business"),
            models.Index(fields=["store_id", "sku", "business_on"], name="order_line_sku_business"),
            # The order of the API's list: without it every page sorts the whole table.
            models.Index(fields=["business_on", "id"], name="order_line_page"),
        ]
