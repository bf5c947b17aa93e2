"""Registering who is no rival and which sources may be used; every change is audited and raises a version."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from config.lib import clock
from config.lib.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed, gettext_noop
from pricing.engine.sources import SisterRelation, SourceBasis
from pricing.models import PermittedSource, SisterSeller
from pricing.services.lawful import refuse_unlawful
from tenants import audit
from tenants.context import current_actor

_MARKETS = frozenset({"", "US", "JP", "MX"})


class AlreadyRegistered(Conflict):
    """There is such an entry already; change that one."""

    code = "already_registered"
    title = gettext_noop("This is registered already")


def register_sister(*, seller_id: str, platform: str, relation: SisterRelation, note: str = "") -> int:
    """Register a seller id that must never count as a rival ("" as platform: on all of them); returns its id.

    `Invalid` for a blank seller id, `AlreadyRegistered` if it is there, active or not.
    """
    seller = seller_id.strip()
    if not seller:
        raise Invalid(errors=[FieldError("/seller_id", "A blank seller id names nobody.", "required")])
    refuse_unlawful(note=note)
    row = SisterSeller(
        seller_id=seller,
        platform=platform,
        relation=relation.value,
        note=note,
        recorded_at=clock.now(),
        recorded_by=current_actor().label,
    )
    return _register(row, "sister_seller", {"seller_id": seller, "platform": platform, "relation": relation})


def change_sister(*, sister_id: int, version: int, is_active: bool, note: str) -> None:
    """Switch a registered seller on or off, or note something; `PreconditionFailed` for another version."""
    refuse_unlawful(note=note)
    with transaction.atomic():
        row = SisterSeller.objects.select_for_update().filter(pk=sister_id).first()
        if row is None:
            raise NotFound(f"there is no sister seller {sister_id}")
        _change(row, version, "sister_seller", is_active=is_active, note=note)


def register_source(
    *, key: str, market: str, title: str, basis: SourceBasis, reference: str, allowed_on: date
) -> int:
    """Permit a source of rivals' offers from a day on in a market ("": everywhere); returns its id.

    `Invalid` without a reference to where the permission is written, `AlreadyRegistered` if it is there.
    """
    if market not in _MARKETS:
        known = ", ".join(sorted(_MARKETS - {""}))
        told = f"Name one of {known}, or none for all."
        raise Invalid(errors=[FieldError("/market", told, "unknown")])
    if not reference.strip():
        told = "Say where the permission is written: terms, contract, licence."
        raise Invalid(errors=[FieldError("/reference", told, "required")])
    refuse_unlawful(title=title, reference=reference)
    row = PermittedSource(
        key=key,
        market=market,
        title=title,
        basis=basis.value,
        reference=reference.strip(),
        allowed_on=allowed_on,
        recorded_at=clock.now(),
        recorded_by=current_actor().label,
    )
    after = {"key": key, "market": market, "basis": basis, "reference": reference.strip()}
    return _register(row, "permitted_source", {**after, "allowed_on": allowed_on.isoformat()})


def change_source(*, source_id: int, version: int, is_active: bool, reference: str) -> None:
    """Withdraw or restore a source, or mend its reference; its offers stop counting at once."""
    refuse_unlawful(reference=reference)
    with transaction.atomic():
        row = PermittedSource.objects.select_for_update().filter(pk=source_id).first()
        if row is None:
            raise NotFound(f"there is no permitted source {source_id}")
        _change(row, version, "permitted_source", is_active=is_active, reference=reference)


def _register(row: SisterSeller | PermittedSource, kind: str, after: dict[str, Any]) -> int:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            audit.record(f"{kind}.registered", target=(kind, row.pk), after=after)
    except IntegrityError as error:
        raise AlreadyRegistered from error
    return row.pk


def _change(row: SisterSeller | PermittedSource, version: int, kind: str, **values: Any) -> None:
    if row.version != version:
        raise PreconditionFailed
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*values, "version"])
    audit.record(f"{kind}.changed", target=(kind, row.pk), before=before, after=values)
