"""Draws automated results for people to check, takes their answers, and notes how often they agreed."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from alerts.engine.sampling import Answer, SampleKind, is_drawn
from alerts.models import SampledItem, SamplingSetting
from alerts.selectors.sampling import Row, default_seed, get_item, get_setting, list_candidates, list_rates
from config.lib import clock
from config.lib.calendars import business_day
from config.lib.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed, gettext_noop
from connectors.records import EvidenceRecord
from connectors.selectors.stores import list_stores
from connectors.services.record_facts import record_facts
from connectors.types import Family, StoreRef
from tenants import audit
from tenants.context import current_actor

METRIC = "automation_agreement"
SOURCE = "alerts.sampling"
#: The agreement of so many days is what is noted each day.
WINDOW_DAYS = 90
# What is drawn from the first time, before anybody drew.
_FIRST = timedelta(days=1)


class AlreadyAnswered(Conflict):
    """Somebody has checked this result; an answer stands."""

    code = "sample_answered"
    title = gettext_noop("The result has been checked")


def draw_samples() -> int:
    """Draw from everything automated since the last draw; returns how many results were added. Safe to
    repeat: a result is in the queue once."""
    now = clock.now()
    stores = list_stores()
    return sum(_draw(kind, stores, now) for kind in SampleKind)


def answer_item(*, item_id: int, version: int, answer: Answer, note: str = "") -> Row:
    """Note what a person says of a drawn result; to disagree needs a note. `NotFound`, `AlreadyAnswered`,
    `PreconditionFailed`, `Invalid`."""
    if answer is Answer.DISAGREE and not note.strip():
        raise Invalid(errors=[FieldError("/note", "Say what is wrong with the result.", "required")])
    with transaction.atomic():
        row = SampledItem.objects.select_for_update().filter(pk=item_id).first()
        if row is None:
            raise NotFound(f"There is no sampled item {item_id}.")
        if row.version != version:
            raise PreconditionFailed(f"Sampled item {item_id} is at version {row.version}.")
        if row.answered_at is not None:
            raise AlreadyAnswered(f"{row.answered_by} said {row.answer}.")
        row.answer, row.note, row.answered_at = answer.value, note, clock.now()
        row.answered_by, row.version = current_actor().label, row.version + 1
        row.save()
        told = {"kind": row.kind, "reference": row.reference, "answer": row.answer, "note": row.note}
        audit.record("sampled_item.answered", target=("sampled_item", row.pk), after=told)
    return get_item(item_id)


def put_setting(*, kind: SampleKind, version: int, share: Decimal, seed: str = "") -> Row:
    """Set the share of a kind that is drawn from now on (0 draws none), with another seed if one is given."""
    with transaction.atomic():
        row = _setting(kind)
        if row.version != version:
            raise PreconditionFailed(f"The setting is at version {row.version}.")
        before = {"share": row.share, "seed": row.seed}
        row.share, row.seed, row.version = share, seed or row.seed, row.version + 1
        row.changed_at, row.changed_by = clock.now(), current_actor().label
        row.save()
        after = {"share": row.share, "seed": row.seed}
        audit.record("sampling.changed", target=("sampling", kind.value), before=before, after=after)
    return get_setting(kind)


def record_agreement() -> int:
    """Note each store's agreement of 90 days as today's evidence; returns how many figures changed."""
    return sum(_record(store) for store in list_stores())


def _draw(kind: SampleKind, stores: list[StoreRef], now: datetime) -> int:
    with transaction.atomic():
        setting = _setting(kind)
        since = setting.drawn_through or now - _FIRST
        drawn = [
            SampledItem(
                kind=kind.value,
                reference=reference,
                store_id=store.id,
                result=result,
                seed=setting.seed,
                share=setting.share,
                drawn_at=now,
            )
            for store in stores
            for reference, result in list_candidates(kind, store, since, now)
            if is_drawn(seed=setting.seed, kind=kind, reference=reference, share=setting.share)
        ]
        before = SampledItem.objects.count()
        SampledItem.objects.bulk_create(drawn, ignore_conflicts=True)
        added = SampledItem.objects.count() - before
        setting.drawn_through = now
        setting.save(update_fields=["drawn_through"])
        if added:
            told = {"kind": kind.value, "added": added, "share": setting.share, "seed": setting.seed}
            audit.record("sampling.drawn", target=("sampling", kind.value), after=told)
    return added


def _setting(kind: SampleKind) -> SamplingSetting:
    """The locked row of a kind, made of the default when nobody has set it."""
    present = get_setting(kind)
    SamplingSetting.objects.get_or_create(
        kind=kind.value,
        defaults={
            "share": present["share"],
            "seed": default_seed(),
            "changed_at": clock.now(),
            "changed_by": "",
        },
    )
    return SamplingSetting.objects.select_for_update().get(kind=kind.value)


def _record(store: StoreRef) -> int:
    now = clock.now()
    records = [
        EvidenceRecord(
            metric=METRIC,
            subject=kind.value,
            observed_on=business_day(now, store.time_zone),
            numerator=Decimal(share.hits),
            denominator=Decimal(share.n),
            rater="sampling",
            attachment_sha256="",
            expires_on=None,
            source_updated_at=now,
        )
        for kind, share, _ in list_rates(days=WINDOW_DAYS, store_id=store.id)
        if share.n
    ]
    if not records:
        return 0
    done = record_facts(
        store_id=store.id, records=records, dataset=Family.EVIDENCE, covered=None, source=SOURCE
    )
    return done.inserted + done.changed
