"""How a person wants to be told, as they say themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import transaction

from alerts.engine.templates import spoken
from alerts.models import Channel, NoticePreference
from alerts.selectors.channels import get_preference
from config.lib import clock
from config.lib.errors import FieldError, Invalid
from tenants import audit


def set_preference(
    *,
    user_id: int,
    check: Callable[[int], None],
    by_mail: bool,
    channel_ids: Sequence[int],
    language: str,
    min_severity: str,
) -> None:
    """Replace a person's wishes; `Invalid` for a channel that is not theirs, and for no way at all.

    `check` gets the version of the wishes that stand, 0 for none.
    """
    with transaction.atomic():
        row = NoticePreference.objects.select_for_update().filter(user_id=user_id).first()
        before = get_preference(user_id)
        check(before["version"])
        _require_ways(user_id, by_mail, channel_ids)
        row = row or NoticePreference(user_id=user_id, version=0)
        row.by_mail, row.channel_ids = by_mail, sorted(set(channel_ids))
        row.language, row.min_severity = spoken(language) if language else "", min_severity
        row.version += 1
        row.updated_at = clock.now()
        row.save()
        changed = {name: value for name, value in before.items() if name not in ("updated_at", "version")}
        audit.record(
            "notice_preference.set",
            target=("user", user_id),
            before=changed,
            after={
                "by_mail": row.by_mail,
                "channel_ids": row.channel_ids,
                "language": row.language,
                "min_severity": row.min_severity,
            },
        )


def _require_ways(user_id: int, by_mail: bool, channel_ids: Sequence[int]) -> None:
    own = Channel.objects.filter(user_id=user_id, deleted_at__isnull=True).values_list("id", flat=True)
    foreign = sorted(set(channel_ids) - set(own))
    if foreign:
        told = f"Not channels of yours: {', '.join(map(str, foreign))}."
        raise Invalid(errors=[FieldError("/channel_ids", told, "unknown")])
    if not by_mail and not channel_ids:
        raise Invalid(errors=[FieldError("/by_mail", "At least one way to reach you is needed.", "required")])
