"""Setting channels up, changing, trying and retiring them; their secrets go in and never come out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from alerts.channels import CHANNELS
from alerts.channels.base import DeliveryRefused
from alerts.channels.webhook import SIGNING_SECRET, new_signing_secret
from alerts.engine.render import trial_message
from alerts.engine.templates import spoken
from alerts.models import Channel
from alerts.selectors.channels import get_channel
from alerts.services.sealing import Setup, envelope_of, find_setup, open_secrets, seal_former, seal_secrets
from alerts.services.send import post_message
from alerts.types import ChannelState, DeliveryFault
from config.lib import clock, ids
from config.lib.errors import Conflict, FieldError, Invalid, NotFound, gettext_noop
from config.lib.redact import Secret
from connectors.selectors.stores import list_stores
from tenants import audit
from tenants.context import current_actor, require_client
from tenants.selectors.people import list_contacts
from tenants.types import ActorKind

_TRIAL_SECONDS = 5.0

Check = Callable[[int], None]
"""Refuses a change of a row whose version is not the one that was seen."""


class ChannelNameTaken(Conflict):
    """Another channel of the client is called so."""

    code = "channel_name_taken"
    title = gettext_noop("There is a channel of this name already")


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a test message."""

    is_delivered: bool
    reference: str = ""
    answer: str = ""
    fault: DeliveryFault | None = None


def create_channel(
    *,
    kind: str,
    name: str,
    config: Mapping[str, str],
    secrets: Mapping[str, str],
    user_id: int = 0,
    language: str = "en",
    min_severity: str = "info",
    store_ids: Sequence[int] = (),
) -> tuple[int, Secret | None]:
    """Set a channel up; returns its id, and of a webhook the signing secret, to be shown this once.

    `user_id` makes it a person's own. A webhook without a secret gets one. `Invalid` names every fault.
    """
    spec = CHANNELS.get(kind)
    given = dict(secrets)
    made: Secret | None = None
    if SIGNING_SECRET in spec.secrets and spec.kind == "webhook" and not given:
        given = {SIGNING_SECRET: new_signing_secret()}
        made = Secret(given[SIGNING_SECRET])
    faults = [*spec.faults(config, given), *_odd_stores(store_ids), *_odd_person(user_id)]
    if faults:
        raise Invalid(errors=faults)
    actor = current_actor()
    with transaction.atomic():
        _require_free(name, None)
        row = Channel.objects.create(
            kind=kind,
            name=name,
            user_id=user_id,
            config=dict(config),
            language=spoken(language),
            min_severity=min_severity,
            store_ids=sorted(set(store_ids)),
            created_at=clock.now(),
            created_by=actor.label[:150],
            owner_id=user_id or (actor.id if actor.kind is ActorKind.USER else None),
        )
        row.secrets = seal_secrets(row.pk, given)
        row.save(update_fields=["secrets"])
        audit.record("channel.created", target=("channel", row.pk), after=_audited(row))
    return row.pk, made


def update_channel(*, channel_id: int, check: Check, changes: Mapping[str, Any]) -> None:
    """Change what is named: name, config, secrets, language, min_severity, store_ids, state.

    New secrets replace all old ones of the channel at once. A new set-up is unverified, and one that was
    broken comes back into use with it. `NotFound`, `Invalid`, `ChannelNameTaken`, what `check` raises.
    """
    with transaction.atomic():
        row = _locked(channel_id)
        check(row.version)
        before = _audited(row)
        if "name" in changes:
            _require_free(changes["name"], row.pk)
        _set_up(row, changes)
        for name in ("name", "min_severity"):
            if name in changes:
                setattr(row, name, changes[name])
        if "language" in changes:
            row.language = spoken(changes["language"])
        if "store_ids" in changes:
            if faults := _odd_stores(changes["store_ids"]):
                raise Invalid(errors=faults)
            row.store_ids = sorted(set(changes["store_ids"]))
        if "state" in changes:
            _turn(row, ChannelState(changes["state"]))
        row.version += 1
        row.save()
        after = {**_audited(row), "new_secrets": "secrets" in changes}
        audit.record("channel.changed", target=("channel", row.pk), before=before, after=after)


def rotate_secret(*, channel_id: int, overlap_hours: int) -> Secret:
    """Give a webhook a new signing secret, to be shown this once; the old one signs beside it for so long.

    A rotation within the overlap of another ends the oldest secret: two sign at most. `Invalid` for kinds
    whose secrets their platform makes: these are changed, not rotated.
    """
    with transaction.atomic():
        row = _locked(channel_id)
        if row.kind != "webhook":
            raise Invalid(f"The secrets of {row.kind} are made by its platform: change the channel instead.")
        old = open_secrets(row.pk, bytes(row.secrets) if row.secrets is not None else None)
        new = new_signing_secret()
        row.former_secret = seal_former(row.pk, old[SIGNING_SECRET])
        row.former_until = clock.now() + timedelta(hours=overlap_hours)
        row.secrets = seal_secrets(row.pk, {SIGNING_SECRET: new})
        row.version += 1
        row.save()
        audit.record(
            "channel.secret_rotated",
            target=("channel", row.pk),
            after={"former_until": row.former_until.isoformat()},
        )
    return Secret(new)


def delete_channel(*, channel_id: int, check: Check) -> None:
    """Retire a channel: nothing goes out by it any more, its secrets are destroyed, its log stays."""
    with transaction.atomic():
        row = _locked(channel_id)
        check(row.version)
        row.deleted_at = clock.now()
        row.secrets = row.former_secret = None
        row.version += 1
        row.save()
        audit.record("channel.deleted", target=("channel", row.pk), before=_audited(row))


def try_channel(channel_id: int) -> Trial:
    """Send a test message now; one that goes out brings a broken channel back into use."""
    found = get_channel(channel_id)
    setup = find_setup(channel_id)
    if setup is None:
        raise NotFound(f"there is no channel {channel_id}")
    trial = _try(setup, found["language"])
    with transaction.atomic():
        row = _locked(channel_id)
        if trial.is_delivered:
            row.verified_at, row.failures = clock.now(), 0
            if row.state == ChannelState.BROKEN.value:
                _turn(row, ChannelState.ACTIVE)
                row.version += 1
            row.save()
        audit.record(
            "channel.tried",
            target=("channel", channel_id),
            after={"delivered": trial.is_delivered, "fault": trial.fault.value if trial.fault else None},
        )
    return trial


def _try(setup: Setup, language: str) -> Trial:
    client = require_client()
    link = f"{settings.PUBLIC_ORIGIN}/api/v1/clients/{client.slug}/channels/{setup.channel_id}"
    message = trial_message(name=setup.name, link=link, language=language)
    envelope = envelope_of(
        setup,
        message_id=f"test_{ids.new_request_id()}",
        language=spoken(language),
        seconds=_TRIAL_SECONDS,
    )
    try:
        receipt = post_message(setup, message, envelope)
    except DeliveryRefused as refused:
        return Trial(is_delivered=False, answer=refused.detail[:300], fault=refused.fault)
    return Trial(is_delivered=True, reference=receipt.reference, answer=receipt.answer)


def _set_up(row: Channel, changes: Mapping[str, Any]) -> None:
    if "config" not in changes and "secrets" not in changes:
        return
    spec = CHANNELS.get(row.kind)
    config = changes.get("config", row.config)
    if "secrets" in changes:
        faults = spec.faults(config, changes["secrets"])
    else:
        kept = open_secrets(row.pk, bytes(row.secrets) if row.secrets is not None else None)
        faults = spec.faults(config, {name: secret.reveal() for name, secret in kept.items()})
    if faults:
        raise Invalid(errors=faults)
    row.config = dict(config)
    if "secrets" in changes:
        row.secrets = seal_secrets(row.pk, changes["secrets"])
        row.former_secret = row.former_until = None
    row.verified_at = None
    if row.state == ChannelState.BROKEN.value:
        _turn(row, ChannelState.ACTIVE)


def _turn(row: Channel, state: ChannelState) -> None:
    if state is ChannelState.BROKEN:
        fault = FieldError("/state", "A channel breaks by itself: active or disabled.", "state")
        raise Invalid(errors=[fault])
    row.state = state.value  # lint-skip: state-mutation a channel's own switch, moved here and by a breakdown
    row.state_reason, row.failures = "", 0


def _locked(channel_id: int) -> Channel:
    row = Channel.objects.select_for_update().filter(pk=channel_id, deleted_at__isnull=True).first()
    if row is None:
        raise NotFound(f"there is no channel {channel_id}")
    return row


def _require_free(name: str, own_id: int | None) -> None:
    if Channel.objects.filter(name=name, deleted_at__isnull=True).exclude(pk=own_id or 0).exists():
        raise ChannelNameTaken(f"there is a channel {name!r}")


def _odd_stores(store_ids: Sequence[int]) -> list[FieldError]:
    unknown = sorted(set(store_ids) - {store.id for store in list_stores()})
    return [FieldError("/store_ids", f"There is no store {', '.join(map(str, unknown))}.", "unknown")] * bool(
        unknown
    )


def _odd_person(user_id: int) -> list[FieldError]:
    if user_id and user_id not in {each.user_id for each in list_contacts(require_client().id)}:
        return [FieldError("/user_id", "There is no such member.", "unknown")]
    return []


def _audited(row: Channel) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "name": row.name,
        "user_id": row.user_id,
        "config": row.config,
        "language": row.language,
        "min_severity": row.min_severity,
        "store_ids": row.store_ids,
        "state": row.state,
    }
