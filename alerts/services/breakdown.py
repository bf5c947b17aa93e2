"""When a channel breaks: it is off until somebody sets it up anew, and its owner is told by mail."""

from __future__ import annotations

from django.db.models import F

from alerts.models import Channel, Delivery
from alerts.selectors.recipients import ACCOUNT_MAIL
from alerts.types import ChannelState, DeliveryState
from config.lib import clock
from tenants import audit
from tenants.services.jobs import start_job

TELL_JOB = "alerts.tell_channel_broke"
MOST_FAILURES = 5


def note_success(channel_id: int) -> None:
    """Something went out by the channel as it is set up now; in the caller's transaction."""
    if channel_id == ACCOUNT_MAIL:
        return
    rows = Channel.objects.filter(pk=channel_id)
    rows.filter(failures__gt=0).update(failures=0)
    rows.filter(verified_at__isnull=True).update(verified_at=clock.now())


def note_given_up(channel_id: int, *, reason: str) -> None:
    """A delivery by the channel was given up; the fifth in a row breaks it. In the caller's transaction."""
    if channel_id == ACCOUNT_MAIL:
        return
    Channel.objects.filter(pk=channel_id).update(failures=F("failures") + 1)
    row = Channel.objects.filter(pk=channel_id).only("failures").first()
    if row is not None and row.failures >= MOST_FAILURES:
        break_channel(channel_id, reason=reason)


def break_channel(channel_id: int, *, reason: str) -> bool:
    """Take an active channel out of use and have its owner told; False if it was not in use already.

    In the caller's transaction. The address a person logs in with is never taken out of use.
    """
    if channel_id == ACCOUNT_MAIL:
        return False
    changes = {"state": ChannelState.BROKEN.value, "state_reason": reason[:300], "version": F("version") + 1}
    if not Channel.objects.filter(pk=channel_id, state=ChannelState.ACTIVE.value).update(**changes):
        return False
    start_job(TELL_JOB, key=f"channel:{channel_id}", payload={"channel_id": channel_id})
    audit.record("channel.broke", target=("channel", channel_id), after={"reason": reason[:300]})
    return True


def undelivered(channel_id: int) -> int:
    """How many notices could not go out by the channel and wait to be replayed."""
    lost = (DeliveryState.FAILED.value, DeliveryState.DEAD.value)
    return Delivery.objects.filter(channel_id=channel_id, state__in=lost).count()
