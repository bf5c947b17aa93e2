"""By a signed webhook to a program: Standard Webhooks 1.0 (www.standardwebhooks.com, the specification).

The signature is "v1," and base64 of HMAC-SHA256 over `id.timestamp.body`; while a secret is being replaced
there is one by each, so that the receiver may change over when it likes. The id is that of the notice, the
same at every attempt and replay: who keeps the ids it has seen acts once.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets as random_bytes
from collections.abc import Iterable, Mapping
from datetime import datetime

import orjson

from alerts.channels.base import Channel, Envelope, Field, excerpt, post, require_success
from alerts.types import Message, Receipt
from config.lib.errors import FieldError
from config.lib.outbound import AddressRefused, Outbound
from config.lib.redact import Secret

PREFIX = "whsec_"
SIGNING_SECRET = "signing_secret"  # noqa: S105 - the name of a field
_BYTES = 32


class Webhook(Channel):
    """A POST of JSON: {"type", "timestamp", "data"}; an answer of 2xx is success."""

    kind = "webhook"
    title = "Webhook"
    config = {"url": Field(r"https://\S{4,1000}", "an https address")}
    secrets = {
        SIGNING_SECRET: Field(r"whsec_[A-Za-z0-9+/]{32,88}={0,2}", "whsec_ and 24 to 64 bytes in base64")
    }
    most = 1

    def faults(self, config: Mapping[str, str], secrets: Mapping[str, str]) -> list[FieldError]:
        """Also refuse an address that would never be called, and a secret of the wrong length."""
        found = super().faults(config, secrets)
        if not found:
            try:
                Outbound().check(config["url"])
            except AddressRefused as error:
                found.append(FieldError("/config/url", error.detail, "address_refused"))
            if not 24 <= len(_key(secrets[SIGNING_SECRET])) <= 64:
                hint = self.secrets[SIGNING_SECRET].hint
                found.append(FieldError(f"/secrets/{SIGNING_SECRET}", f"Expected {hint}.", "form"))
        return found

    def send(self, message: Message, envelope: Envelope) -> Receipt:
        """Post the event, signed by the present secret and by those that were replaced of late."""
        body = orjson.dumps(
            {
                "type": f"alert.{message.notice.value}",
                "timestamp": message.data.get("occurred_at", envelope.at.isoformat()),
                "data": {
                    "alert_id": message.alert_id,
                    "severity": message.severity.value,
                    "subject": message.subject,
                    "text": message.text,
                    "link": message.link,
                    **message.data,
                },
            }
        )
        signing = (envelope.secrets[SIGNING_SECRET], *envelope.formers)
        headers = signature_headers(envelope.message_id, envelope.at, body, signing)
        answer = post(envelope, envelope.config["url"], body, headers)
        require_success(answer, envelope)
        return Receipt(envelope.message_id, excerpt(answer, envelope))


def signature_headers(
    message_id: str, at: datetime, body: bytes, secrets: Iterable[Secret]
) -> dict[str, str]:
    """The three headers of a message at an instant, with one signature by each secret."""
    stamp = str(int(at.timestamp()))
    signed = f"{message_id}.{stamp}.".encode() + body
    signatures = [
        base64.b64encode(hmac.digest(_key(secret.reveal()), signed, "sha256")).decode() for secret in secrets
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def new_signing_secret() -> str:
    """A new secret as its receiver writes it into a configuration."""
    return PREFIX + base64.b64encode(random_bytes.token_bytes(_BYTES)).decode()


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        return b""


WEBHOOK = Webhook()
