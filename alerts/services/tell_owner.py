"""Telling the owner of a channel, by mail, that it broke."""

from __future__ import annotations

from django.conf import settings

from alerts.channels.base import DeliveryRefused
from alerts.engine.render import broken_message
from alerts.models import Channel
from alerts.selectors.recipients import ACCOUNT_MAIL, addressed
from alerts.services.breakdown import undelivered
from alerts.services.sealing import envelope_of, find_setup
from alerts.services.send import post_message
from alerts.types import ChannelState
from tenants.context import require_client
from tenants.selectors.people import list_contacts


def tell_channel_broke(channel_id: int) -> int:
    """Write to the channel's owner, or to who manages the client if the owner left; returns to how many.

    `DeliveryRefused` when none of them could be written to, so that the job comes again.
    """
    client = require_client()
    row = Channel.objects.filter(pk=channel_id, state=ChannelState.BROKEN.value).first()
    mail = find_setup(ACCOUNT_MAIL)
    if row is None or mail is None:
        return 0
    sent, last = 0, None
    for person in addressed(list_contacts(client.id), [row.owner_id] if row.owner_id else None, ""):
        message = broken_message(
            name=row.name,
            kind=row.kind,
            reason=row.state_reason,
            count=undelivered(channel_id),
            link=f"{settings.PUBLIC_ORIGIN}/api/v1/clients/{client.slug}/channels/{channel_id}",
            language=person.locale,
        )
        envelope = envelope_of(
            mail,
            message_id=f"broke_{client.id}_{channel_id}_{row.version}",
            language=person.locale,
            to=person.email,
        )
        try:
            post_message(mail, message, envelope)
        except DeliveryRefused as refused:
            last = refused
        else:
            sent += 1
    if not sent and last is not None:
        raise last
    return sent
