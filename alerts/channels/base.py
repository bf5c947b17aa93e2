"""What a channel is: what it has to be told once, how a message goes out, and what may go wrong."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

import orjson

from alerts.types import DeliveryFault, Message, Receipt
from config.lib import retry
from config.lib.errors import AppError, FieldError, gettext_noop
from config.lib.http import HTTPAnswer, Unreachable
from config.lib.outbound import AddressRefused, NoAnswerInTime, Outbound
from config.lib.redact import MASK, Secret, redact

EXCERPT = 300
_FAULTY = "Not of the form that is expected: {hint}"


class DeliveryRefused(AppError):
    """A message did not go out. `permanent`: sending the same again cannot help.

    `breaks` says that no other message would pass either, until somebody sets the channel up anew.
    `retry_after` are the seconds for which the receiver asked to be left alone.
    """

    code = "delivery_refused"
    title = gettext_noop("The message did not go out")
    status = 502

    def __init__(
        self,
        fault: DeliveryFault,
        detail: str,
        *,
        permanent: bool = False,
        breaks: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail, permanent=permanent or breaks)
        self.fault = fault
        self.breaks = breaks
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a channel is told when it is set up: a whole text of a form, named for people by `hint`."""

    pattern: str
    hint: str
    is_required: bool = True
    default: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a sending needs beside the message: how the channel is set up, who is told, and by which id.

    `message_id` stays the same at every attempt, so that a receiver can tell a repetition. `formers` are
    secrets that were replaced and still sign. `to` is the mail address of the person, where there is one.
    """

    config: Mapping[str, str]
    secrets: Mapping[str, Secret]
    message_id: str
    at: datetime
    outbound: Outbound
    formers: tuple[Secret, ...] = ()
    to: str = ""
    language: str = "en"
    extra: Mapping[str, Any] = field(default_factory=dict)


class Channel(ABC):
    """A kind of channel. `config` is shown to everybody who may see channels, `secrets` never again."""

    kind: ClassVar[str]
    title: ClassVar[str]
    config: ClassVar[Mapping[str, Field]] = {}
    secrets: ClassVar[Mapping[str, Field]] = {}
    most: ClassVar[int] = 20
    """How many notices go out as one message: as many as surely fit; programs get each for itself."""

    def faults(self, config: Mapping[str, str], secrets: Mapping[str, str]) -> list[FieldError]:
        """What is wrong with a set-up, by JSON pointers into its two objects; no value is quoted."""
        return [
            *_faults("config", self.config, config),
            *_faults("secrets", self.secrets, secrets),
        ]

    @abstractmethod
    def send(self, message: Message, envelope: Envelope) -> Receipt:
        """Send one message; `DeliveryRefused` when it did not go out."""


def _faults(part: str, fields: Mapping[str, Field], given: Mapping[str, str]) -> list[FieldError]:
    found = [
        FieldError(f"/{part}/{name}", f"Unknown; known are: {', '.join(fields) or '–'}.", "unknown_member")
        for name in given
        if name not in fields
    ]
    for name, spec in fields.items():
        value = given.get(name, spec.default)
        if not value and not spec.is_required:
            continue
        if not value:
            found.append(FieldError(f"/{part}/{name}", f"Required: {spec.hint}", "required"))
        elif not re.fullmatch(spec.pattern, value):
            found.append(FieldError(f"/{part}/{name}", _FAULTY.format(hint=spec.hint), "form"))
    return found


def post(envelope: Envelope, url: str, body: bytes, headers: Mapping[str, str] | None = None) -> HTTPAnswer:
    """Send a body on its way; errors of the way become `DeliveryRefused`, and quote no address."""
    try:
        return envelope.outbound.post(
            url, body=body, headers={"content-type": "application/json; charset=utf-8", **(headers or {})}
        )
    except AddressRefused as error:
        raise DeliveryRefused(DeliveryFault.BLOCKED_ADDRESS, error.detail, breaks=True) from error
    except NoAnswerInTime as error:
        raise DeliveryRefused(DeliveryFault.TIMEOUT, "No answer came in time.") from error
    except Unreachable as error:
        raise DeliveryRefused(DeliveryFault.UNREACHABLE, "The receiver could not be reached.") from error


def require_success(answer: HTTPAnswer, envelope: Envelope) -> None:
    """Let an answer of 2xx pass; of any other status say what it means for the message and the channel."""
    status = answer.status
    if 200 <= status < 300:
        return
    told = f"The receiver answered {status}: {excerpt(answer, envelope)}"
    if status in (408, 425, 429) or status >= 500:
        wait = retry.parse_retry_after(answer.headers.get("retry-after"), envelope.at)
        fault = DeliveryFault.RATE_LIMITED if status == 429 else DeliveryFault.UNAVAILABLE
        raise DeliveryRefused(fault, told, retry_after=wait)
    if status in (401, 403, 407):
        raise DeliveryRefused(DeliveryFault.UNAUTHORISED, told, breaks=True)
    # A redirect is as good as gone: an address that people gave is called as they gave it.
    if status in (404, 410) or status < 400:
        raise DeliveryRefused(DeliveryFault.GONE, told, breaks=True)
    raise DeliveryRefused(DeliveryFault.REFUSED, told, permanent=True)


def excerpt(answer: HTTPAnswer, envelope: Envelope) -> str:
    """The beginning of an answer for the log, on one line and without any secret of the channel."""
    text = answer.body[: 4 * EXCERPT].decode("utf-8", "replace")
    return scrub(" ".join(text.split()), envelope)[:EXCERPT]


def scrub(text: str, envelope: Envelope) -> str:
    """A text in which no secret of this channel stands."""
    for secret in (*envelope.secrets.values(), *envelope.formers):
        if secret.reveal():
            text = text.replace(secret.reveal(), MASK)
    return redact(text)


def json_of(answer: HTTPAnswer) -> dict[str, Any]:
    """The JSON object of an answer, empty if it is none."""
    try:
        found = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def cut(text: str, largest_bytes: int) -> str:
    """A text that takes at most so many bytes in UTF-8, cut between letters and marked where it was cut."""
    raw = text.encode()
    if len(raw) <= largest_bytes:
        return text
    return raw[: largest_bytes - 3].decode("utf-8", "ignore") + "…"
