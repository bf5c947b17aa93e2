"""What a refusal of SP-API means, told by status and body as Amazon sends them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.engine.protocol import Action, Response
from connectors.platforms.amazon_sp.errors import classify, wait_seconds
from connectors.platforms.common.problems import AnswerUnreadable
from connectors.registry import get_spec


def error(code: str, message: str = "", details: str = "") -> bytes:
    """An error body of SP-API."""
    return json.dumps({"errors": [{"code": code, "message": message, "details": details}]}).encode()


DENIED = "Access to requested resource is denied."
EXPIRED = "The access token you provided has expired."


@pytest.mark.parametrize(
    ("status", "body", "operation", "action", "code"),
    [
        (401, error("Unauthorized", DENIED), "searchOrders", Action.REFRESH, "token_expired"),
        (403, error("Unauthorized", DENIED, EXPIRED), "searchOrders", Action.REFRESH, "token_expired"),
        (403, error("Unauthorized", DENIED), "searchOrders", Action.FIX_CONFIG, "role_missing"),
        (400, error("InvalidInput", "bad date"), "searchOrders", Action.FAIL, "invalid_input"),
        (
            400,
            error("InvalidInput", "Invalid or expired pagination token."),
            "searchOrders",
            Action.SKIP,
            "page_token_refused",
        ),
        (404, error("NotFound"), "getReport", Action.SKIP, "gone"),
        (404, error("NotFound"), "searchOrders", Action.FAIL, "not_found"),
        (413, b"", "createReport", Action.FAIL, "http_413"),
        (429, error("QuotaExceeded"), "createReport", Action.WAIT, "rate_limited"),
        (500, b"<html>", "createReport", Action.RETRY, "unavailable"),
        (503, b"", "createReport", Action.RETRY, "unavailable"),
        (403, b"<Error><Code>AccessDenied</Code></Error>", "document", Action.RETRY, "document_expired"),
        (404, b"<Error/>", "document", Action.FAIL, "document_404"),
        (
            400,
            b'{"error": "invalid_grant", "error_description": "x"}',
            "lwa.token",
            Action.FIX_CONFIG,
            "invalid_grant",
        ),
        (401, b'{"error": "invalid_client"}', "lwa.token", Action.FIX_CONFIG, "invalid_client"),
        (400, b'{"error": "unsupported_grant_type"}', "lwa.token", Action.FAIL, "unsupported_grant_type"),
        (400, b"", "lwa.token", Action.FAIL, "token_refused"),
        (503, b"", "lwa.token", Action.RETRY, "unavailable"),
    ],
)
def test_refusals(status: int, body: bytes, operation: str, action: Action, code: str) -> None:
    """Renew, wait, try again, mend, skip or give up."""
    failure = classify(status, {}, body, operation)
    assert (failure.action, failure.code) == (action, code)
    assert failure.message


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"x-amzn-ratelimit-limit": "0.5"}, 2),
        ({"retry-after": "7", "x-amzn-ratelimit-limit": "0.5"}, 7),
        ({"x-amzn-ratelimit-limit": "none"}, None),
        ({"x-amzn-ratelimit-limit": "0"}, None),
        ({}, None),
    ],
)
def test_how_long_a_limit_lasts(headers: dict[str, str], seconds: float | None) -> None:
    """Retry-After where given, else one request's share of the rate Amazon names."""
    assert wait_seconds(headers) == seconds


def test_a_token_is_bought_with_a_form_and_read() -> None:
    """The four fields Amazon wants; nothing else carries the secret."""
    auth = get_spec("amazon_sp").auth
    credential = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}
    request = auth.token_request(credential)
    assert request.form == {"grant_type": "refresh_token", **credential}
    assert (request.json, request.query, request.headers) == (None, {}, {})
    answer: dict[str, Any] = {"access_token": "t", "expires_in": 3600}
    assert auth.read_token(Response(200, {}, json.dumps(answer).encode())) == ("t", 3600)
    with pytest.raises(AnswerUnreadable):
        auth.read_token(Response(200, {}, b"{}"))
    headers = auth.headers("t", credential, {})
    assert headers["x-amz-access-token"] == "t"
    assert "s" not in headers.values()
