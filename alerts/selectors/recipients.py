"""Whom a notice reaches, by which ways: people on duty as they wish to be told, and shared channels."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import QuerySet

from alerts.models import Channel, NoticePreference
from alerts.types import SEVERITIES, ChannelState, Severity, Way
from tenants.context import require_client
from tenants.selectors.people import list_contacts
from tenants.types import STAFF_ROLES, ContactView, Role

ACCOUNT_MAIL = 0
"""The channel id of the address a person logs in with."""

_ANSWERABLE = frozenset({Role.OWNER, Role.MANAGER})


def list_ways(
    *, store_id: int | None, severity: Severity, people: Collection[int] | None = None, owner: str = ""
) -> list[Way]:
    """Return every way by which a notice goes out: people first, then shared channels, each by id.

    `people` are user ids of the client's members on duty, and `owner` may be the mail address of one more;
    without any who can log in: the client's owners and managers, and without these its whole staff. Who wants
    to hear of nothing as harmless, or has no way left that works, is left out.
    """
    contacts = list_contacts(require_client().id)
    return [
        *_ways_of_people(addressed(contacts, people, owner), severity),
        *_shared_ways(store_id, severity),
    ]


def list_ways_of(user_id: int, severity: Severity) -> list[Way]:
    """Return the ways to one person, none for somebody who left."""
    contacts = [each for each in list_contacts(require_client().id) if each.user_id == user_id]
    return _ways_of_people(contacts, severity)


def addressed(
    contacts: Iterable[ContactView], people: Collection[int] | None, owner: str
) -> list[ContactView]:
    """Who of the contacts is told: those named, else who answers for the client, else its staff."""
    everybody = list(contacts)
    wanted = set(people or ())
    mail = owner.strip().lower() if "@" in owner else ""
    named = [each for each in everybody if each.user_id in wanted or (mail and each.email.lower() == mail)]
    staff = [each for each in everybody if each.role in STAFF_ROLES]
    return named or [each for each in staff if each.role in _ANSWERABLE] or staff


def _ways_of_people(people: list[ContactView], severity: Severity) -> list[Way]:
    ids = [each.user_id for each in people]
    wishes = {row.user_id: row for row in NoticePreference.objects.filter(user_id__in=ids)}
    own = set(_usable().filter(user_id__in=ids).values_list("user_id", "id"))
    found = []
    for person in people:
        wish = wishes.get(person.user_id)
        language = (wish.language if wish else "") or person.locale
        if wish is not None and not is_severe(severity, wish.min_severity):
            continue
        if wish is None or wish.by_mail:
            found.append(Way(ACCOUNT_MAIL, person.user_id, language))
        chosen = [n for n in (wish.channel_ids if wish else ()) if (person.user_id, n) in own]
        found += [Way(channel_id, person.user_id, language) for channel_id in sorted(set(chosen))]
    return found


def _shared_ways(store_id: int | None, severity: Severity) -> list[Way]:
    rows = _usable().filter(user_id=0).order_by("id")
    columns = ("id", "language", "min_severity", "store_ids")
    return [
        Way(channel_id, 0, language)
        for channel_id, language, least, stores in rows.values_list(*columns)
        if is_severe(severity, least) and (not stores or store_id in stores)
    ]


def is_severe(severity: Severity | str, least: str) -> bool:
    """Whether a severity is at least as high as the least one asked for."""
    return SEVERITIES.index(Severity(severity)) >= SEVERITIES.index(Severity(least))


def usable_channel_ids() -> set[int]:
    """The channels that are in use."""
    return set(_usable().values_list("id", flat=True))


def _usable() -> QuerySet[Channel, Channel]:
    return Channel.objects.filter(state=ChannelState.ACTIVE.value, deleted_at__isnull=True)
