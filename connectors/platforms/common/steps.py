"""How a stream asks: small generators shared by all streams, and the guard against repeated page tokens."""

from __future__ import annotations

from collections.abc import Generator
from decimal import Decimal
from typing import Any, TypeAlias, TypeVar

import msgspec

from connectors.engine.protocol import Page, Request, Response, Wait
from connectors.platforms.common.problems import (
    AnswerRepeated,
    AnswerUnreadable,
    PaginationLoop,
    SkippedUnexpectedly,
)

T = TypeVar("T")
Step: TypeAlias = Request | Wait | Page
Steps: TypeAlias = Generator[Step, Response | None, T]

_NO_CONTENT = 204
_FIRST_ERROR_STATUS = 400
_json = msgspec.json.Decoder(float_hook=Decimal)


def read_json(body: bytes) -> Any:
    """Decode JSON with every fractional number as `Decimal`; `AnswerUnreadable` if it is not JSON."""
    try:
        return _json.decode(body)
    except msgspec.DecodeError as error:
        raise AnswerUnreadable(f"not JSON: {error}") from error
    except UnicodeDecodeError as error:
        raise AnswerUnreadable("not UTF-8") from error


def read_object(body: bytes) -> dict[str, Any]:
    """Decode a JSON object; `AnswerUnreadable` for anything else."""
    value = read_json(body)
    if not isinstance(value, dict):
        raise AnswerUnreadable(f"expected a JSON object, got {type(value).__name__}")
    return value


def ask(request: Request) -> Steps[Response]:
    """Send a request whose answer is needed; `SkippedUnexpectedly` when it was skipped."""
    response = yield request
    if response is None or refused(response):
        raise SkippedUnexpectedly(f"{request.operation} was refused and skipped")
    return response


def ask_object(request: Request) -> Steps[dict[str, Any]]:
    """Send a request and return the JSON object it is answered with."""
    response = yield from ask(request)
    return read_object(response.body)


def ask_resumed(request: Request, first: Request | None) -> Steps[tuple[dict[str, Any], bool]]:
    """Send a request with a page token kept by an earlier run; where the platform does not know the token any
    more, send `first` (the same listing from its beginning) instead.

    Returns the answer and whether it is that of `first`. Without `first` a refusal is `SkippedUnexpectedly`.
    """
    response = yield request
    if first is not None and response is not None and response.status >= _FIRST_ERROR_STATUS:
        return (yield from ask_object(first)), True
    if response is None or refused(response):
        raise SkippedUnexpectedly(f"{request.operation} was refused and skipped")
    return read_object(response.body), False


def try_ask(request: Request) -> Steps[Response | None]:
    """Send a request that may be skipped; `refused` tells whether it was."""
    response = yield request
    return response


def refused(response: Response | None) -> bool:
    """Tell whether a call was skipped: no answer, an empty one, or the refusal itself."""
    return response is None or response.status == _NO_CONTENT or response.status >= _FIRST_ERROR_STATUS


class TokenGuard:
    """Refuses a page token that was seen before in the same listing."""

    def __init__(self, operation: str, *seen: str) -> None:
        self._operation = operation
        self._seen = {token for token in seen if token}
        self._last: object = None

    def next(self, token: object, answer: object) -> str:
        """Return the token to follow, "" at the end; `PaginationLoop` if it was handed out before.

        `AnswerRepeated` if moreover the whole `answer` is the one before it: then no page was skipped.
        """
        if not token:
            return ""
        text = str(token)
        if text in self._seen:
            kind = AnswerRepeated if answer == self._last else PaginationLoop
            raise kind(f"{self._operation} handed out the same page token twice")
        self._seen.add(text)
        self._last = answer
        return text
