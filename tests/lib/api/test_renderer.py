"""JSON in and out: exact, in UTC, without floats."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError

from config.lib.api.renderer import ORJSONParser, ORJSONRenderer, dumps
from config.lib.money import Money
from config.lib.redact import Secret


class _State(StrEnum):
    OPEN = "open"


@dataclass(frozen=True)
class _Line:
    sku: str
    price: Money
    when: datetime | None = None


@dataclass(frozen=True)
class _Wrong:
    share: float


def test_every_type_of_an_answer_has_one_form() -> None:
    """Decimals as text, instants with Z, dates, money, enumerations, dataclasses, lazy texts."""
    tokyo = timezone(timedelta(hours=9))
    found = json.loads(
        dumps(
            {
                "rate": Decimal("0.0500"),
                "small": Decimal("1E-7"),
                "large": Decimal("1E+3"),
                "at": datetime(2026, 11, 21, 9, 30, tzinfo=tokyo),
                "precise": datetime(2026, 11, 21, 9, 30, 0, 1500, tzinfo=UTC),
                "on": date(2026, 11, 21),
                "line": _Line("a", Money(Decimal("1200"), "JPY")),
                "state": _State.OPEN,
                "id": UUID(int=1),
                "text": gettext_lazy("Not found"),
                "none": None,
                "rows": ({"n": 1}, {"n": True}),
            }
        )
    )
    assert found == {
        "rate": "0.0500",
        "small": "0.0000001",
        "large": "1000",
        "at": "2026-11-21T00:30:00Z",
        "precise": "2026-11-21T09:30:00.001500Z",
        "on": "2026-11-21",
        "line": {"sku": "a", "price": {"amount": "1200", "currency": "JPY"}, "when": None},
        "state": "open",
        "id": str(UUID(int=1)),
        "text": "Not found",
        "none": None,
        "rows": [{"n": 1}, {"n": True}],
    }


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        {"a": 1.0},
        [{"a": [1, 2.0]}],
        {"a": ({"b": 0.1},)},
        _Wrong(0.5),
        [_Wrong(0.5)],
        Secret("canary"),
        {"a": Secret("canary")},
        datetime(2026, 1, 1),  # noqa: DTZ001 - the point of the test
        Decimal("NaN"),
        object(),
    ],
)
def test_what_is_not_exact_or_not_public_is_refused(value: Any) -> None:
    """Floats at any depth, secrets, naive datetimes, NaN and unknown objects."""
    with pytest.raises(TypeError) as caught:
        dumps(value)
    assert "canary" not in str(caught.value)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)


@given(_VALUES)
def test_plain_values_read_back(value: Any) -> None:
    """What is rendered is parsed as the same value."""
    rendered = ORJSONRenderer().render(value)
    if value is None:
        assert rendered == b""
    else:
        assert ORJSONParser().parse(io.BytesIO(rendered)) == value


@pytest.mark.parametrize("body", [b"", b"{", b"{'a': 1}", b'{"a": NaN}', b"\xff", b'{"a": 1,}'])
def test_malformed_bodies_are_parse_errors(body: bytes) -> None:
    """The message says where."""
    with pytest.raises(ParseError, match="no JSON"):
        ORJSONParser().parse(io.BytesIO(body))


@pytest.mark.parametrize("body", [b"1.5", b'{"amount": 12.30}', b'{"a": [{"b": 1e3}]}'])
def test_decimal_numbers_in_bodies_are_refused(body: bytes) -> None:
    """An amount that went through a float is not exact any more."""
    with pytest.raises(ParseError, match="as text"):
        ORJSONParser().parse(io.BytesIO(body))
