"""Can a buyer's personal data be stored? No column and no record has a place for it (D9)."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import get_args

import pytest
from django.apps import apps

from connectors.types import Record

# A buyer is a peppered hash; `seller_id` and the like are not people. `title` is a product's.
PERSONAL = re.compile(
    r"(buyer|customer|recipient|purchaser|ship(ping)?|bill(ing)?|contact)_?"
    r"(name|address|email|phone|city|state|zip|postal|street|comment|note)"
    r"|e_?mail|phone|fax|address|postal|post_?code|zip_?code|street|first_name|last_name|birth|gender"
    r"|comment|gift_message|tax_id|ip_address|latitude|longitude",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    "name", ["buyer_email", "shippingAddress1", "recipient_name", "phone", "buyer_comment"]
)
def test_the_rule_finds_what_it_is_for(name: str) -> None:
    """The rule can fail."""
    assert PERSONAL.search(name)


@pytest.mark.parametrize("name", ["buyer_hash", "business_on", "shipping_amount", "seller_id", "title"])
def test_the_rule_lets_the_rest_pass(name: str) -> None:
    """The rule can pass."""
    assert not PERSONAL.search(name)


def test_no_column_is_named_like_personal_data() -> None:
    """Facts, raw pages, rejected rows and the log of calls have no such column."""
    found = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("connectors").get_models()
        for field in model._meta.get_fields()
        if PERSONAL.search(field.name)
    ]
    assert found == []


def test_no_record_is_named_like_personal_data() -> None:
    """What a platform's mapping can hand over has no such field either."""
    found = [
        f"{record.__name__}.{field.name}"
        for record in get_args(Record)
        for field in fields(record)
        if PERSONAL.search(field.name)
    ]
    assert found == []
