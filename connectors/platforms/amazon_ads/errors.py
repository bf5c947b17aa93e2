"""What a refusal of Amazon Ads means; the answer to a report asked for twice is no failure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.engine.protocol import Action, Failure
from connectors.platforms.amazon_ads.operations import DOCUMENT
from connectors.platforms.common.lwa import TOKEN_OPERATION, classify_token_refusal
from connectors.platforms.common.problems import AnswerUnreadable
from connectors.platforms.common.steps import read_json

_DUPLICATE = 425
_LONGEST_MESSAGE = 300


def classify(status: int, headers: Mapping[str, str], body: bytes, operation: str) -> Failure:
    """Classify an answer of status ≥ 400 of the token endpoint, Amazon Ads or the report storage."""
    told = headers.get("retry-after", "").strip()
    after = int(told) if told.isascii() and told.isdigit() else None
    answer = _object(body)
    text = str(answer.get("detail") or answer.get("details") or answer.get("message") or "")[
        :_LONGEST_MESSAGE
    ]
    if status == 429:
        return Failure(Action.WAIT, "rate_limited", "Amazon Ads asks to slow down", after)
    if status == _DUPLICATE:
        return Failure(Action.SKIP, "duplicate_report", text or "the same report is being made already")
    if status == 408 or status >= 500:
        return Failure(Action.RETRY, "unavailable", f"Amazon Ads answered {status}", after)
    if operation == DOCUMENT.key:
        action = Action.RETRY if status == 403 else Action.FAIL
        return Failure(action, f"document_{status}", f"the report storage answered {status}")
    if operation == TOKEN_OPERATION.key:
        return classify_token_refusal(
            status, str(answer.get("error", "")), str(answer.get("error_description", ""))
        )
    if status == 401:
        return Failure(Action.REFRESH, "token_expired", text or "the access token is not valid any more")
    if status == 403:
        return Failure(
            Action.FIX_CONFIG, "profile_denied", text or "the authorisation does not open this profile"
        )
    if status == 404 and operation == "getAsyncReport":
        return Failure(Action.SKIP, "gone", text or "Amazon Ads does not keep this report any more")
    return Failure(Action.FAIL, f"http_{status}", text or f"Amazon Ads answered {status}")


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = read_json(body)
    except AnswerUnreadable:
        # Load balancers answer in HTML; the status alone decides then.
        return {}
    return value if isinstance(value, dict) else {}
