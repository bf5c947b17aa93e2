"""What people change of themselves: how they are called, and in which language and time they read."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from config.lib.errors import Unauthenticated
from tenants import audit
from tenants.context import use_public
from tenants.models import User

_CHANGEABLE = ("name", "locale", "time_zone")


def change_profile(*, person_id: int, changes: Mapping[str, str]) -> None:
    """Change name, locale or time zone of a person; what is equal already is no change and leaves no entry.

    Raises Unauthenticated when the person was deactivated or removed in this moment.
    """
    unknown = set(changes) - set(_CHANGEABLE)
    if unknown:
        raise ValueError(f"not changeable: {sorted(unknown)}")
    with use_public(), transaction.atomic():
        person = User.objects.select_for_update().filter(pk=person_id, is_active=True).first()
        if person is None:
            raise Unauthenticated
        before = {name: getattr(person, name) for name in changes}
        after = {name: value for name, value in changes.items() if value != before[name]}
        if not after:
            return
        User.objects.filter(pk=person_id).update(**after)
        audit.record(
            "person.changed",
            target=("user", person_id),
            before={name: before[name] for name in after},
            after=after,
        )
