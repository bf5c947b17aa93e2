"""Sending again what went out or was given up, and finding what no job will send any more."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from alerts.models import Delivery
from alerts.services.deliver import start_sending
from alerts.types import DeliveryFault, DeliveryState
from config.lib import clock
from config.lib.errors import Conflict, NotFound, gettext_noop
from tenants import audit

_SWEPT_AT_ONCE = 500


class DeliveryUnderWay(Conflict):
    """The delivery has not come to an end yet: it is sent, or given up, by itself."""

    code = "delivery_under_way"
    title = gettext_noop("The delivery is still under way")


def replay(delivery_id: int) -> None:
    """Send a delivery again that was sent or given up; a webhook's receiver sees the same id again.

    `NotFound`; `DeliveryUnderWay` (409) for one that is queued; `Conflict` for one that had no recipient.
    """
    with transaction.atomic():
        row = Delivery.objects.select_for_update().filter(pk=delivery_id).first()
        if row is None:
            raise NotFound(f"there is no delivery {delivery_id}")
        if row.state == DeliveryState.QUEUED.value:
            raise DeliveryUnderWay(f"delivery {delivery_id} is tried again by itself")
        if row.error == DeliveryFault.NOBODY.value:
            raise Conflict("Nobody could be found to tell: there is no way to send it by.")
        before = {"state": row.state, "error": row.error, "attempts": row.attempts}
        row.state = DeliveryState.QUEUED.value  # lint-skip: state-mutation a delivery's own life
        row.attempts, row.batch, row.next_at, row.error = 0, None, clock.now(), ""
        row.replays += 1
        row.save()
        start_sending([(row.pk, row.next_at)])
        audit.record(
            "delivery.replayed", target=("delivery", row.pk), before=before, after={"replays": row.replays}
        )


def restart_forgotten() -> int:
    """Start the jobs of queued deliveries that are due and in nobody's hands; returns how many those are.

    One whose job is still there keeps it. Others are what a lost ledger, a cancelled job or a clock that was
    set back left behind.
    """
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=Now())
    with transaction.atomic():
        due = Delivery.objects.filter(free, state=DeliveryState.QUEUED.value, next_at__lte=clock.now())
        rows = list(due.order_by("id").values_list("id", "next_at")[:_SWEPT_AT_ONCE])
        start_sending(rows)
    return len(rows)
