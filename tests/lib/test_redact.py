"""Redaction: a secret shows itself only when told to, and known shapes are masked everywhere."""

from __future__ import annotations

import copy
import json
import pickle
import time
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.lib.redact import Secret, is_sensitive, redact, redact_processor

CANARY = "cAnArY0123456789abcdef"


@given(st.text(min_size=4).filter(lambda text: text not in "***" and "*" not in text))
def test_no_way_of_printing_shows_a_secret(text: str) -> None:
    """repr, str, format and f-strings of it and of what holds it show only stars."""
    secret = Secret(text)
    assert [repr(secret), str(secret), f"{secret}", f"{secret:>30}", f"{[secret]}"] == ["***"] * 4 + ["[***]"]
    assert secret.reveal() == text


def test_secrets_do_not_travel() -> None:
    """No JSON, no pickle, no iteration, no length, no attributes to read."""
    secret = Secret(CANARY)
    attempts: tuple[Callable[[Any], object], ...] = (json.dumps, orjson.dumps, pickle.dumps, iter, len, vars)
    for attempt in attempts:
        with pytest.raises(TypeError):
            attempt(secret)
    assert copy.deepcopy(secret) is secret
    assert not hasattr(secret, "__dict__")


def test_equality_is_by_value_among_secrets_only() -> None:
    """A secret equals another of the same text, never the text itself."""
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert not Secret("")
    assert len({Secret("a"), Secret("a")}) == 1
    with pytest.raises(TypeError):
        Secret(5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "key",
    [
        *("password", "client_secret", "refreshToken", "Authorization", "x-amz-access-token", "SECRET_KEY"),
        *("Cookie", "credentials", "api_key", "AWS_SECRET", "session_token", "buyer_pepper", "X-Api-Key"),
    ],
)
def test_names_of_secrets_are_known(key: str) -> None:
    """Fields, headers and variables that hold secrets, in the usual spellings."""
    assert is_sensitive(key)
    assert redact({key: CANARY, "n": [{key: CANARY}]}) == {key: "***", "n": [{key: "***"}]}


@pytest.mark.parametrize("key", ["primary_key", "idempotency_key", "token_count", "key", "cursor", "sku"])
def test_other_names_stay_readable(key: str) -> None:
    """Masking everything would make a log useless."""
    assert redact({key: "value"}) == {key: "value"}


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {CANARY}",
        f"got Atza|{CANARY} back",
        f"Atzr|{CANARY}",
        "ak_abcdefghijkl_" + "cdefgh234567" * 4 + "abcd",
        f"https://d.example/x?X-Amz-Signature={CANARY}&a=1",
        f"https://d.example/x?a=1&X-Amz-Credential={CANARY}%2Fus",
        f"postgres://user:{CANARY}@host/db",
        f"refresh_token={CANARY}&grant_type=x",
        f'{{"client_secret": "{CANARY}"}}',
        f"eyJhbGciOiJIUzI1NiJ9.{CANARY}.{CANARY}",
    ],
)
def test_known_shapes_are_masked_in_free_text(text: str) -> None:
    """Tokens, keys, signed addresses and passwords in addresses disappear from messages and tracebacks."""
    masked = redact(text)
    assert CANARY not in masked
    assert "cdefgh234567" not in masked
    assert "***" in masked
    assert redact(masked) == masked


def test_the_log_processor_masks_secrets_at_any_depth() -> None:
    """A Secret, a named field and a text inside one event."""
    event: dict[str, Any] = {"event": f"token={CANARY}", "a": Secret(CANARY), "deep": [{"password": CANARY}]}
    assert CANARY not in repr(redact_processor(None, "info", event))


def test_redaction_takes_linear_time() -> None:
    """No pattern backtracks: 100 kB of the worst letters are done in well under a second."""
    for piece in ("a", "eyJ", "token", "a_", "://a", "Bearer ", "?signature=", "x:", "A" * 9 + "."):
        text = piece * (100_000 // len(piece))
        started = time.perf_counter()
        redact(text)
        assert time.perf_counter() - started < 0.7, piece
