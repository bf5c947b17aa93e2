"""Channels with their secrets opened, for the moment of sending; nobody else reads these columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from alerts.channels.base import Envelope
from alerts.models import Channel
from alerts.selectors.recipients import ACCOUNT_MAIL
from alerts.types import ChannelState
from config.lib import clock
from config.lib.outbound import Outbound
from config.lib.redact import Secret
from tenants import crypto

_TABLE = "alerts_channel"
_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Setup:
    """How a channel is set up; `sealed` and `former` are opened only by `envelope_of`."""

    channel_id: int
    kind: str
    name: str
    config: Mapping[str, str]
    is_active: bool
    sealed: bytes | None = None
    former: bytes | None = None
    former_until: datetime | None = None


def find_setup(channel_id: int) -> Setup | None:
    """The set-up of a channel, of people's own mail addresses for 0; None if it was deleted."""
    if channel_id == ACCOUNT_MAIL:
        return Setup(ACCOUNT_MAIL, "email", "", {}, is_active=True)
    row = Channel.objects.filter(pk=channel_id, deleted_at__isnull=True).first()
    if row is None:
        return None
    return Setup(
        channel_id=row.pk,
        kind=row.kind,
        name=row.name,
        config=row.config,
        is_active=row.state == ChannelState.ACTIVE.value,
        sealed=bytes(row.secrets) if row.secrets is not None else None,
        former=bytes(row.former_secret) if row.former_secret is not None else None,
        former_until=row.former_until,
    )


def envelope_of(
    setup: Setup, *, message_id: str, language: str, to: str = "", seconds: float = _SECONDS
) -> Envelope:
    """What a sending by this channel needs; CredentialUnavailable if its secrets cannot be opened."""
    now = clock.now()
    opened = open_secrets(setup.channel_id, setup.sealed)
    former: tuple[Secret, ...] = ()
    if setup.former is not None and setup.former_until is not None and setup.former_until > now:
        former = (crypto.unseal(setup.former, table=_TABLE, row=setup.channel_id, field="former_secret"),)
    return Envelope(
        config=setup.config,
        secrets=opened,
        message_id=message_id,
        at=now,
        outbound=Outbound(endpoints=settings.PLATFORM_ENDPOINTS, seconds=seconds),
        formers=former,
        to=to,
        language=language,
    )


def open_secrets(channel_id: int, sealed: bytes | None) -> dict[str, Secret]:
    """The secrets of a channel by name."""
    if sealed is None:
        return {}
    text = crypto.unseal(sealed, table=_TABLE, row=channel_id, field="secrets")
    return {name: Secret(value) for name, value in json.loads(text.reveal()).items()}


def seal_secrets(channel_id: int, secrets: Mapping[str, str]) -> bytes | None:
    """Secrets as they are kept, bound to this channel; None if there are none."""
    if not secrets:
        return None
    return crypto.seal(json.dumps(dict(secrets)), table=_TABLE, row=channel_id, field="secrets")


def seal_former(channel_id: int, secret: Secret) -> bytes:
    """A signing secret that was replaced, as it is kept."""
    return crypto.seal(secret, table=_TABLE, row=channel_id, field="former_secret")
