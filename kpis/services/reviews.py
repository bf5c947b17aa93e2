"""Packs for weekly and monthly meetings: built by themselves, frozen when the meeting is held."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from django.conf import settings
from django.db import connection, transaction

from config.lib import clock
from config.lib.calendars import Period, PeriodKind, day_bounds
from config.lib.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed, gettext_noop
from connectors.selectors.stores import list_stores
from kpis.engine.action_states import ReviewState
from kpis.models import Review
from kpis.selectors.lines import Row
from kpis.selectors.measures import lock_name
from kpis.selectors.reviews import get_review, kind_of, latest_batch, make_pack
from kpis.services.issues import open_issues
from tenants import audit, outbox
from tenants.context import current_actor, require_client


class ReviewHeld(Conflict):
    """The meeting took place; what it looked at does not change any more."""

    code = "review_held"
    title = gettext_noop("The review has been held")
    permanent = True


class ReviewExists(Conflict):
    """A period is reviewed once."""

    code = "review_exists"
    title = gettext_noop("The period has its review already")
    permanent = True


@dataclass(frozen=True, slots=True)
class Minutes:
    """What is written down of a meeting."""

    attendees: Sequence[str]
    minutes: str
    decisions: str


def build_review(period: Period) -> Row:
    """Build the pack of a period that is over and open issues for its red lines.

    `Invalid` for a period that is not over or no week or month, `ReviewExists` when there is one.
    """
    if period.end >= _last_day():
        raise Invalid(
            f"{period.id} is not over in every shop",
            errors=[FieldError("/period", "The period is not over yet.", "period_not_over")],
        )
    with transaction.atomic():
        _lock()
        if Review.objects.filter(period=period.id).exists():
            raise ReviewExists(f"there is a review of {period.id}")
        row = Review(kind=kind_of(period), period=period.id, starts_on=period.start, ends_on=period.end)
        row.state = ReviewState.DRAFT.value
        _fill(row, period)
        row.save()
        _open_issues(row)
        outbox.emit("kpis.review_built", {"review_id": row.pk, "period": row.period})
        audit.record("review.built", target=("review", row.pk), after=_audited(row))
    return get_review(row.pk)


def refresh_review(*, review_id: int, version: int) -> Row:
    """Build a draft's pack anew with what is known now; `ReviewHeld` once it was held."""
    with transaction.atomic():
        row = _locked(review_id, version)
        before = _audited(row)
        _fill(row, Period.parse(row.period, require_client().week_start))
        row.version += 1
        row.save()
        _open_issues(row)
        audit.record("review.refreshed", target=("review", row.pk), before=before, after=_audited(row))
    return get_review(review_id)


def hold_review(*, review_id: int, version: int, minutes: Minutes) -> Row:
    """Freeze the pack as it is with the meeting's minutes; data that comes later never rewrites it."""
    with transaction.atomic():
        row = _locked(review_id, version)
        before = _audited(row)
        row.state = ReviewState.HELD.value
        row.attendees = list(minutes.attendees)
        row.minutes, row.decisions = minutes.minutes, minutes.decisions
        row.held_at, row.held_by = clock.now(), current_actor().label
        row.version += 1
        row.save()
        outbox.emit("kpis.review_held", {"review_id": row.pk, "period": row.period})
        audit.record("review.held", target=("review", row.pk), before=before, after=_audited(row))
    return get_review(review_id)


def build_due_reviews() -> list[Period]:
    """Build the packs of the last week and month where they are due and missing; returns the due periods."""
    due = [period for kind in (PeriodKind.WEEK, PeriodKind.MONTH) if (period := _due(kind)) is not None]
    for period in due:
        if not Review.objects.filter(period=period.id).exists():
            build_review(period)
    return due


def seal(document: Any) -> tuple[str, str]:
    """Canonical JSON (sorted members, no spaces) and the SHA-256 of its bytes."""
    content = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    return content.decode(), hashlib.sha256(content).hexdigest()


def _fill(row: Review, period: Period) -> None:
    """Read everything while no roll-up can commit: of one state, which `known_at` and `batch` name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [lock_name(require_client().id)]
        )
        cursor.execute("select clock_timestamp()")
        row.known_at = cursor.fetchone()[0]
    row.built_at = clock.now()
    row.built_by = current_actor().label
    row.batch = latest_batch()
    row.pack, row.sha256 = seal({"batch": row.batch, **make_pack(period, row.known_at)})


def _open_issues(row: Review) -> None:
    open_issues(review_id=row.pk, period=row.period, cards=orjson.loads(row.pack)["scorecards"])


def _due(kind: PeriodKind) -> Period | None:
    """The last period of a kind that ended in every shop and whose lag has passed."""
    stores = list_stores(active_only=True)
    if not stores:
        return None
    moment = clock.now() - timedelta(hours=settings.REVIEW_LAG_HOURS)
    period = Period.containing(moment.date(), kind, require_client().week_start).previous()
    return period if all(day_bounds(period.end, s.time_zone)[1] <= moment for s in stores) else None


def _last_day() -> date:
    """The day on the clock of the shop that is furthest behind."""
    zones = {store.time_zone for store in list_stores()} or {"UTC"}
    return min(clock.today(zone) for zone in zones)


def _locked(review_id: int, version: int) -> Review:
    row = Review.objects.select_for_update().filter(pk=review_id).first()
    if row is None:
        raise NotFound(f"there is no review {review_id}")
    if row.state == ReviewState.HELD.value:
        raise ReviewHeld(f"the review of {row.period} was held at {row.held_at:%Y-%m-%d %H:%M} UTC")
    if row.version != version:
        raise PreconditionFailed
    return row


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"kpis.reviews:{require_client().id}"]
        )


def _audited(row: Review) -> dict[str, Any]:
    at: datetime = row.known_at
    return {
        "period": row.period,
        "state": row.state,
        "version": row.version,
        "sha256": row.sha256,
        "batch": row.batch,
        "known_at": at,
        "attendees": row.attendees,
    }
