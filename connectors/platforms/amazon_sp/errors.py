"""What a refusal of SP-API means: try again, wait, renew the token, mend the authorisation, or give up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.engine.protocol import Action, Failure
from connectors.platforms.amazon_sp.operations import DOCUMENT
from connectors.platforms.common.lwa import TOKEN_OPERATION, classify_token_refusal
from connectors.platforms.common.problems import AnswerUnreadable
from connectors.platforms.common.steps import read_json

_MAY_BE_GONE = {"getReport", "getReportDocument"}
_TOKEN_WORDS = ("expired", "token you provided", "invalid token", "token is invalid")
# A page token that is refused is no fault of the request: the listing is read again from its first page.
_PAGE_TOKENS = ("pagination token", "nexttoken", "next token", "paginationtoken", "page token")
_LONGEST_MESSAGE = 300


def classify(status: int, headers: Mapping[str, str], body: bytes, operation: str) -> Failure:
    """Classify an answer of status ≥ 400 of the token endpoint, SP-API or the document storage."""
    if status == 429:
        return Failure(Action.WAIT, "rate_limited", "Amazon asks to slow down", wait_seconds(headers))
    if status in (408, 425) or status >= 500:
        return Failure(Action.RETRY, "unavailable", f"Amazon answered {status}", _seconds(headers))
    if operation == DOCUMENT.key:
        return _classify_document(status, body)
    answer = _object(body)
    if operation == TOKEN_OPERATION.key:
        return classify_token_refusal(
            status, str(answer.get("error", "")), str(answer.get("error_description", ""))
        )
    return _classify_call(status, answer, operation)


def wait_seconds(headers: Mapping[str, str]) -> float | None:
    """Return how long a 429 asks to wait: Retry-After, else one request's share of the rate it names."""
    told = _seconds(headers)
    if told is not None:
        return told
    try:
        rate = float(headers.get("x-amzn-ratelimit-limit", ""))
    except ValueError:
        return None
    return 1 / rate if rate > 0 else None


def _seconds(headers: Mapping[str, str]) -> float | None:
    value = headers.get("retry-after", "").strip()
    return int(value) if value.isascii() and value.isdigit() else None


def _classify_call(status: int, answer: dict[str, Any], operation: str) -> Failure:
    errors = answer.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    code = str(first.get("code", ""))
    text = " ".join(str(first.get(name) or "") for name in ("message", "details")).strip()[:_LONGEST_MESSAGE]
    if status == 401 or (status == 403 and any(word in text.lower() for word in _TOKEN_WORDS)):
        return Failure(Action.REFRESH, "token_expired", text or "the access token is not valid any more")
    if status == 403:
        return Failure(
            Action.FIX_CONFIG,
            "role_missing",
            text or "Amazon denies this operation: the authorisation lacks the role for it",
        )
    if status == 400 and any(word in text.lower() for word in _PAGE_TOKENS):
        return Failure(Action.SKIP, "page_token_refused", text)
    if status == 404 and operation in _MAY_BE_GONE:
        return Failure(Action.SKIP, "gone", text or "Amazon does not keep this any more")
    return Failure(Action.FAIL, _snake(code) or f"http_{status}", text or f"Amazon answered {status}")


def _classify_document(status: int, body: bytes) -> Failure:
    # A presigned address lives five minutes; the stream asks for a new one when it starts again.
    if status == 403:
        return Failure(Action.RETRY, "document_expired", "the address of the document has expired")
    return Failure(Action.FAIL, f"document_{status}", f"the document storage answered {status}")


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = read_json(body)
    except AnswerUnreadable:
        # Load balancers answer in HTML; the status alone decides then.
        return {}
    return value if isinstance(value, dict) else {}


def _snake(code: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in code).strip("_")
