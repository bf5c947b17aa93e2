"""Sending what is due: claimed in one transaction, sent outside of any, noted in another.

A batch is what goes out as one message: the deliveries to one recipient by one channel that are due together.
It is fixed with the first attempt, so every attempt says the same under the same id. Who dies between sending
and noting lets it be sent again: at least once, and the receiver knows the id. Claims are judged by the
database's clock; the job of the delivery that leads a batch is the one that brings it home.
"""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from alerts.channels import CHANNELS
from alerts.channels.base import DeliveryRefused, Envelope
from alerts.engine.notices import NoticeFacts
from alerts.engine.render import group
from alerts.engine.templates import spoken
from alerts.models import Delivery
from alerts.selectors.recipients import ACCOUNT_MAIL
from alerts.services.breakdown import break_channel, note_given_up, note_success
from alerts.services.sealing import Setup, envelope_of, find_setup
from alerts.types import DeliveryFault, DeliveryState, Message, Receipt
from config.lib import clock, retry
from config.lib.errors import AppError, NotFound, gettext_noop
from tenants import audit
from tenants.context import require_client
from tenants.crypto import CredentialUnavailable
from tenants.selectors.people import list_contacts

MOST_ATTEMPTS = 8
LARGEST_BATCH = 20
CLAIM = timedelta(seconds=60)
RETRY_BASE_SECONDS, RETRY_CAP_SECONDS = 10.0, 1800.0


class DeliveryPutOff(AppError):
    """The attempt failed and another one follows after `retry_after` seconds."""

    code = "delivery_put_off"
    title = gettext_noop("The delivery is tried again later")
    status = 503

    def __init__(self, detail: str, retry_after: float) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Batch:
    """What a worker took to send: `ids` in the order of the message, `token` is what it notes by."""

    lead: int
    ids: tuple[int, ...]
    token: str
    attempts: int
    channel_id: int
    recipient_id: int
    language: str
    facts: tuple[NoticeFacts, ...]


def send_delivery(delivery_id: int) -> str:
    """Send a delivery with its batch; returns its state, "held" while another worker has it.

    `DeliveryPutOff` when it has to be tried again; `NotFound`.
    """
    taken = claim(delivery_id)
    if isinstance(taken, str):
        return taken
    setup = None
    try:
        setup = find_setup(taken.channel_id)
        receipt = _send(taken, setup)
    except DeliveryRefused as refused:
        return _give_back(taken, setup, refused)
    except Exception as error:
        # Ours, not the receiver's: it is tried again like a failure of theirs, and told in the worker's log.
        _give_back(
            taken, setup, DeliveryRefused(DeliveryFault.UNAVAILABLE, type(error).__name__), is_quiet=True
        )
        raise
    return _note_sent(taken, receipt)


def claim(delivery_id: int) -> Batch | str:
    """Take a queued delivery and what is due with it; the state of one that is not to be sent now."""
    with transaction.atomic():
        row = Delivery.objects.select_for_update().filter(pk=delivery_id).first()
        if row is None:
            raise NotFound(f"there is no delivery {delivery_id}")
        if row.state != DeliveryState.QUEUED.value:
            return row.state
        now = _database_now()
        if row.claimed_until is not None and row.claimed_until > now:
            return "held"
        rows = _members(row)
        token = secrets.token_hex(16)
        Delivery.objects.filter(pk__in=[each.pk for each in rows]).update(
            batch=row.batch or row.pk, claim=token, claimed_until=now + CLAIM, attempts=row.attempts + 1
        )
    return Batch(
        lead=row.batch or row.pk,
        ids=tuple(each.pk for each in rows),
        token=token,
        attempts=row.attempts + 1,
        channel_id=row.channel_id,
        recipient_id=row.recipient_id,
        language=row.language,
        facts=tuple(NoticeFacts.from_json(each.facts) for each in rows),
    )


def message_id(lead: int) -> str:
    """The id of the message of a batch: the same at every attempt, different for every client."""
    return f"msg_{require_client().id}_{lead}"


def _members(row: Delivery) -> list[Delivery]:
    rows = Delivery.objects.select_for_update(skip_locked=True).filter(state=DeliveryState.QUEUED.value)
    if row.batch is not None:
        return list(rows.filter(batch=row.batch).order_by("id"))
    setup = find_setup(row.channel_id)
    most = CHANNELS.get(setup.kind).most if setup is not None else LARGEST_BATCH
    if most == 1:
        return [row]
    due = rows.filter(
        batch__isnull=True,
        channel_id=row.channel_id,
        recipient_id=row.recipient_id,
        language=row.language,
        next_at__lte=clock.now(),
    )
    others = list(due.exclude(pk=row.pk).order_by("id")[: most - 1])
    return sorted([row, *others], key=lambda each: each.pk)


def _send(taken: Batch, setup: Setup | None) -> Receipt:
    if setup is None:
        raise DeliveryRefused(DeliveryFault.CHANNEL_OFF, "The channel was deleted.", permanent=True)
    if not setup.is_active:
        raise DeliveryRefused(DeliveryFault.CHANNEL_OFF, "The channel is not in use.", permanent=True)
    try:
        envelope = envelope_of(
            setup,
            message_id=message_id(taken.lead),
            language=spoken(taken.language),
            to=_address(taken.recipient_id) if taken.channel_id == ACCOUNT_MAIL else "",
        )
    except CredentialUnavailable as error:
        told = "The channel's secrets cannot be read."
        raise DeliveryRefused(DeliveryFault.UNAUTHORISED, told, breaks=True) from error
    return post_message(setup, group(taken.facts, taken.language), envelope)


def post_message(setup: Setup, message: Message, envelope: Envelope) -> Receipt:
    """Hand a message to the channel's kind; `DeliveryRefused`."""
    return CHANNELS.get(setup.kind).send(message, envelope)


def _address(user_id: int) -> str:
    for contact in list_contacts(require_client().id):
        if contact.user_id == user_id:
            return contact.email
    raise DeliveryRefused(DeliveryFault.GONE, "The person is no member any more.", permanent=True)


def _note_sent(taken: Batch, receipt: Receipt) -> str:
    with transaction.atomic():
        changes: dict[str, Any] = {
            "state": DeliveryState.SENT.value,
            "sent_at": clock.now(),
            "reference": receipt.reference[:200],
            "answer": receipt.answer[:300],
            "error": "",
        }
        if not _note(taken, changes):
            return "held"
        note_success(taken.channel_id)
        audit.record("delivery.sent", target=("delivery", taken.lead), after={"deliveries": taken.ids})
    return DeliveryState.SENT.value


def _give_back(taken: Batch, setup: Setup | None, refused: DeliveryRefused, *, is_quiet: bool = False) -> str:
    """Note a failed attempt: given up for good, or tried again, which `DeliveryPutOff` tells the job."""
    is_last = taken.attempts >= MOST_ATTEMPTS
    if not (refused.permanent or is_last):
        pause = refused.retry_after if refused.retry_after is not None else _pause(taken.attempts)
        with transaction.atomic():
            changes = _changes(refused, clock.now() + timedelta(seconds=pause))
            if not _note(taken, changes):
                return "held"
        if is_quiet:
            return DeliveryState.QUEUED.value
        raise DeliveryPutOff(f"{refused.fault.value}: {refused.detail}", pause)
    state = DeliveryState.FAILED if refused.permanent else DeliveryState.DEAD
    with transaction.atomic():
        if not _note(taken, {**_changes(refused, clock.now()), "state": state.value}):
            return "held"
        if refused.breaks and setup is not None:
            break_channel(taken.channel_id, reason=refused.detail)
        elif refused.fault is not DeliveryFault.CHANNEL_OFF:
            note_given_up(taken.channel_id, reason=refused.detail)
        audit.record(
            f"delivery.{state.value}",
            target=("delivery", taken.lead),
            after={"deliveries": taken.ids, "error": refused.fault.value, "attempts": taken.attempts},
        )
    return state.value


def _changes(refused: DeliveryRefused, at: datetime) -> dict[str, Any]:
    return {"error": refused.fault.value, "answer": refused.detail[:300], "next_at": at}


def _note(taken: Batch, changes: dict[str, Any]) -> bool:
    """Write what became of a batch, as the one who holds it; False if it was taken over meanwhile."""
    rows = Delivery.objects.filter(pk__in=taken.ids, claim=taken.token, state=DeliveryState.QUEUED.value)
    return rows.update(**changes, claim="", claimed_until=None) > 0


def _pause(attempts: int) -> float:
    *_, pause = retry.delays(attempts, RETRY_BASE_SECONDS, RETRY_CAP_SECONDS, random.SystemRandom())
    return pause


def _database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found
