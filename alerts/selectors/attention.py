"""When people want to hear of alerts: their quiet hours and digests."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from alerts.engine.quiet import Digest, When, Wishes, quiet_of, when_told
from alerts.models import Attention
from alerts.types import Notice, Severity


@dataclass(frozen=True, slots=True)
class AttentionView:
    """A person's wishes; version 0: never said, everything is told at once."""

    user_id: int
    wishes: Wishes | None
    version: int


def get_attention(user_id: int) -> AttentionView:
    """Return what a person wished."""
    row = Attention.objects.filter(user_id=user_id).first()
    return (
        AttentionView(user_id, None, 0)
        if row is None
        else AttentionView(user_id, wishes_of(row), row.version)
    )


def when_to_tell(
    user_ids: Collection[int], severity: Severity, notice: Notice, at: datetime
) -> dict[int, tuple[When, datetime]]:
    """Return for each person when a notice that is due at `at` reaches them, in one statement.

    `LATER` and `DIGEST` come with the instant; a digest is sent by `alerts.digest_due`, not by the notice.
    """
    rows = {row.user_id: wishes_of(row) for row in Attention.objects.filter(user_id__in=list(user_ids))}
    return {user_id: when_told(rows.get(user_id), severity, notice, at) for user_id in user_ids}


def wishes_of(row: Attention) -> Wishes:
    """The wishes that a row keeps."""
    return Wishes(
        time_zone=row.time_zone,
        quiet=quiet_of(row.quiet) if row.quiet else None,
        digest=Digest(row.digest),
        digest_hour=row.digest_hour,
        digest_weekday=row.digest_weekday,
    )
