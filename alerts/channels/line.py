"""By a LINE official account, as a push message: developers.line.biz/en/reference/messaging-api.

X-Line-Retry-Key lets LINE itself drop a repetition: 409 with the id of the request it took is success.
"""

from __future__ import annotations

import uuid

import orjson

from alerts.channels.base import (
    Channel,
    DeliveryRefused,
    Envelope,
    Field,
    excerpt,
    json_of,
    post,
    require_success,
)
from alerts.types import DeliveryFault, Message, Receipt

ORIGIN = "https://api.line.me"
_ACCEPTED = "x-line-accepted-request-id"
_LARGEST_UNITS = 4900
_OURS = uuid.UUID("6f1e1a5c-5f0e-4d3b-9b0e-6d0f6f3a7c11")


class Line(Channel):
    """The channel access token of the account, and the user, group or room that it writes to."""

    kind = "line"
    title = "LINE"
    most = 10
    config = {
        "to": Field(r"[UCR][0-9a-f]{32}", "the id of a user, group or room: U, C or R and 32 hex digits")
    }
    secrets = {"access_token": Field(r"[A-Za-z0-9+/=._-]{40,400}", "a channel access token")}

    def send(self, message: Message, envelope: Envelope) -> Receipt:
        """Push the message as a text."""
        text = "\n".join(part for part in (message.subject, message.text) if part)
        if message.link and message.link not in text:
            text = f"{_cut(text, _LARGEST_UNITS - 200)}\n{message.link}"
        body = orjson.dumps(
            {"to": envelope.config["to"], "messages": [{"type": "text", "text": _cut(text, _LARGEST_UNITS)}]}
        )
        headers = {
            "authorization": f"Bearer {envelope.secrets['access_token'].reveal()}",
            "x-line-retry-key": str(uuid.uuid5(_OURS, envelope.message_id)),
        }
        answer = post(envelope, f"{ORIGIN}/v2/bot/message/push", body, headers)
        if answer.status == 409 and _ACCEPTED in answer.headers:
            return Receipt(answer.headers[_ACCEPTED][:200], "accepted before")
        if answer.status == 429 and "monthly limit" in str(json_of(answer).get("message", "")):
            # Waiting for the next month is not what a notice is for: somebody has to know at once.
            told = "The account has used up its messages of the month."
            raise DeliveryRefused(DeliveryFault.RATE_LIMITED, told, breaks=True)
        require_success(answer, envelope)
        sent = json_of(answer).get("sentMessages") or [{}]
        reference = str(sent[0].get("id", "")) or answer.headers.get("x-line-request-id", "")
        return Receipt(reference[:200] or envelope.message_id, excerpt(answer, envelope))


def _cut(text: str, units: int) -> str:
    """A text of at most so many UTF-16 code units, as LINE counts."""
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore")


LINE = Line()
