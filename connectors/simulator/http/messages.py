"""Requests and answers as the simulator sees them, and how it refuses in each API's own words."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Request:
    """One call: header names in lower case, every query key once (its values joined by commas)."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    def json(self) -> Any:
        """The body as JSON; refused as Amazon does when it is none."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise refuse(400, "InvalidInput", "Could not parse the request body.") from error


@dataclass(slots=True)
class Answer:
    """What goes back. `delay` holds it up for so many seconds; `reset` cuts the connection instead."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    reset: bool = False


class Refusal(Exception):
    """A call that is refused; carries the whole answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def number(amount: Decimal) -> int | float:
    """An amount as the JSON number some of Amazon's models want.

    The shortest text of a float with at most 15 digits is the decimal it was made from, so nothing is lost.
    """
    is_whole = amount == amount.to_integral_value()
    return int(amount) if is_whole else float(amount)  # lint-skip: float-money Amazon wants a JSON number


def stamp(at: datetime) -> str:
    """An instant as the APIs print it: UTC, seconds, Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_instant(text: str, name: str) -> datetime:
    """Read an ISO 8601 instant (or day, then its start in UTC) from a parameter."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise refuse(400, "InvalidInput", f"Invalid value for parameter {name}: {text}") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def json_answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """A JSON answer."""
    return Answer(status, orjson.dumps(body), {"content-type": "application/json", **(headers or {})})


def refuse(status: int, code: str, message: str, details: str = "") -> Refusal:
    """The error list of the Selling Partner API."""
    return Refusal(json_answer({"errors": [{"code": code, "message": message, "details": details}]}, status))


def refuse_login(status: int, error: str, description: str) -> Refusal:
    """An error of the token endpoint."""
    body = {"error_description": description, "error": error, "request_id": str(uuid.uuid4())}
    return Refusal(json_answer(body, status, {"content-type": "application/json;charset=UTF-8"}))


def refuse_ads(status: int, code: str, detail: str) -> Refusal:
    """An error of the advertising API."""
    return Refusal(json_answer({"code": code, "details": detail, "detail": detail}, status))


def refuse_document(code: str, message: str, extra: str = "") -> Refusal:
    """An error of the storage that presigned addresses point to."""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{message}</Message>{extra}<RequestId>S3JY1BXRCHR180S3</RequestId></Error>"
    )
    status = 403 if code in ("AccessDenied", "SignatureDoesNotMatch") else 400
    return Refusal(Answer(status, text.encode(), {"content-type": "application/xml"}))
