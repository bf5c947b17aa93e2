"""A person's own wishes: quiet hours and digests."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from alerts.engine.quiet import Wishes, quiet_body
from alerts.models import Attention
from alerts.selectors.attention import AttentionView, get_attention
from alerts.services.rosters import is_zone
from config.lib import clock
from config.lib.errors import FieldError, Invalid, PreconditionFailed
from tenants import audit


def put_attention(*, user_id: int, wishes: Wishes, version: int) -> AttentionView:
    """Say when a person wants to hear of the client's alerts; `version` 0 if they never said.

    `Invalid` for an unknown time zone, `PreconditionFailed` when it was changed since. A digest begins with
    what happens from now on.
    """
    if not is_zone(wishes.time_zone):
        raise Invalid(errors=[FieldError("/time_zone", "There is no such time zone.", "unknown")])
    now = clock.now()
    said = {
        "time_zone": wishes.time_zone,
        "quiet": quiet_body(wishes.quiet) if wishes.quiet else None,
        "digest": wishes.digest.value,
        "digest_hour": wishes.digest_hour,
        "digest_weekday": wishes.digest_weekday,
    }
    try:
        with transaction.atomic():
            row = Attention.objects.select_for_update().filter(user_id=user_id).first()
            if (row.version if row else 0) != version:
                raise PreconditionFailed("The wishes were changed since you read them.")
            row = row or Attention(user_id=user_id, version=0)
            # Whoever turns a digest on hears from then on; one that only moves loses nothing in between.
            if row.digest == "off" or row.digest_until is None:
                row.digest_until = now
            for name, value in said.items():
                setattr(row, name, value)
            row.version, row.changed_at = version + 1, now
            row.save()
            audit.record("attention.put", target=("user", user_id), after=said)
    except IntegrityError as error:
        raise PreconditionFailed("The wishes were changed at the same moment.") from error
    return get_attention(user_id)
