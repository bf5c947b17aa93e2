"""Identifiers: keys can be told apart, cursors survive whatever people do to them."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.lib import ids
from config.lib.errors import BadCursor

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def test_request_ids_are_trace_ids_and_do_not_repeat() -> None:
    """32 hexadecimal digits, as W3C traces want them."""
    found = {ids.new_request_id() for _ in range(1000)}
    assert len(found) == 1000
    assert all(re.fullmatch("[0-9a-f]{32}", item) for item in found)


def test_a_key_reads_back_into_its_parts() -> None:
    """What the person is shown splits into kind, public part and secret."""
    prefix, secret = ids.new_key("ak")
    assert (len(prefix), len(secret)) == (12, 52)
    assert ids.split_key(ids.join_key("ak", prefix, secret)) == ("ak", prefix, secret)


@pytest.mark.parametrize(
    "text", ["", "ak_", "ak_short_x", "ak_" + "a" * 12, "ak_" + "A" * 12 + "_" + "b" * 52]
)
def test_what_is_no_key_is_none(text: str) -> None:
    """Anything that `new_key` cannot have made costs no lookup."""
    assert ids.split_key(text) is None


@given(st.dictionaries(st.text(max_size=8), _JSON, max_size=4))
def test_cursors_read_back(value: dict[str, Any]) -> None:
    """A cursor is URL-safe and holds what was put into it."""
    text = ids.encode_cursor(value)
    assert re.fullmatch(r"[A-Za-z0-9_\-]*", text)
    assert ids.decode_cursor(text) == value


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda raw: raw.hex()))
def test_damaged_cursors_are_bad_requests_and_nothing_else(text: str) -> None:
    """No text whatever makes `decode_cursor` fail with another error."""
    with suppress(BadCursor):
        assert isinstance(ids.decode_cursor(text), dict)


def test_an_endless_cursor_is_refused() -> None:
    """A cursor is bounded, so nobody makes us decode megabytes."""
    with pytest.raises(BadCursor):
        ids.decode_cursor("e" * 100_000)
