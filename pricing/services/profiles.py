"""Stating what pricing must know of a listing, one by one or up to a thousand at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db import transaction

from config.lib import clock
from config.lib.errors import FieldError, Invalid, PreconditionFailed
from connectors.selectors.stores import get_store
from pricing.engine.terms import AdsMode
from pricing.models import ListingProfile
from pricing.selectors.profiles import COLUMNS, get_profile_row
from pricing.types import Objective, Tier
from tenants import audit
from tenants.context import current_actor

STATED = tuple(name for name in COLUMNS if name not in ("sku", "version"))
_WORDS = {
    "tier": tuple(each.value for each in Tier),
    "objective": tuple(each.value for each in Objective),
    "ads_mode": ("", *(each.value for each in AdsMode)),
}
_ONE = Decimal(1)


class ProfileOutcome(StrEnum):
    """What became of one profile of a batch."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class ProfileResult:
    """What became of one profile; `version` is the one that now holds, None where it was not taken."""

    sku: str
    outcome: ProfileOutcome
    version: int | None = None
    errors: tuple[FieldError, ...] = ()


def set_profile(*, store_id: int, sku: str, values: Mapping[str, Any], version: int) -> dict[str, Any]:
    """State a listing's profile as a whole; `version` is that of the present one, 0 for none.

    What `values` leaves out goes back to "not stated". `PreconditionFailed` when somebody else was faster,
    `Invalid` with every fault.
    """
    get_store(store_id)
    faults = profile_faults(sku, values)
    if faults:
        raise Invalid(errors=faults)
    with transaction.atomic():
        present = _lock(store_id, [sku]).get(sku)
        if (present.version if present else 0) != version:
            raise PreconditionFailed
        before = _stated(present) if present else None
        row = present or ListingProfile(store_id=store_id, sku=sku, version=0)
        _fill(row, values)
        row.version += 1
        row.save()
        audit.record(
            "listing_profile.set",
            target=("listing_profile", f"{store_id}:{sku}"),
            before=_written(before),
            after=_written(_stated(row)),
        )
    return get_profile_row(store_id, sku)


def set_profiles(*, store_id: int, items: Sequence[Mapping[str, Any]]) -> list[ProfileResult]:
    """State many profiles, each as a whole and each for itself: what is wrong with one keeps no other out.

    Each item has its `sku`; one that is named twice is invalid from its second time on.
    """
    get_store(store_id)
    faults = _batch_faults(items)
    skus = sorted({item["sku"] for item, errors in zip(items, faults, strict=True) if not errors})
    results: list[ProfileResult] = []
    new: list[ListingProfile] = []
    changed: list[ListingProfile] = []
    with transaction.atomic():
        known = _lock(store_id, skus)
        for item, errors in zip(items, faults, strict=True):
            sku = str(item["sku"])
            if errors:
                results.append(ProfileResult(sku, ProfileOutcome.INVALID, errors=tuple(errors)))
                continue
            row = known.get(sku)
            before = _stated(row) if row else None
            row = row or ListingProfile(store_id=store_id, sku=sku, version=0)
            _fill(row, {name: value for name, value in item.items() if name != "sku"})
            if before == _stated(row):
                results.append(ProfileResult(sku, ProfileOutcome.UNCHANGED, row.version))
                continue
            row.version += 1
            (new if before is None else changed).append(row)
            outcome = ProfileOutcome.CREATED if before is None else ProfileOutcome.CHANGED
            results.append(ProfileResult(sku, outcome, row.version))
        if new or changed:
            ListingProfile.objects.bulk_create(new)
            ListingProfile.objects.bulk_update(changed, [*STATED, "version", "updated_at", "updated_by"])
            audit.record(
                "listing_profile.batch_set",
                target=("store", store_id),
                after={row.sku: _written(_stated(row)) for row in (*new, *changed)},
            )
    return results


def profile_faults(sku: str, values: Mapping[str, Any]) -> list[FieldError]:
    """Everything that is wrong with a profile, each named by its place in the body."""
    faults = [
        FieldError(f"/{name}", f"One of {', '.join(word or '(empty)' for word in words)}.", "unknown")
        for name, words in _WORDS.items()
        if values.get(name, words[0]) not in words
    ]
    if not sku.strip() or len(sku) > 100 or not sku.isprintable():
        faults.append(FieldError("/sku", "A SKU has 1 to 100 printable characters.", "invalid"))
    origin = values.get("origin") or ""
    if origin and not (len(origin) == 2 and origin.isascii() and origin.isalpha() and origin.isupper()):
        faults.append(FieldError("/origin", "Two capital letters, as CN.", "invalid"))
    mix = values.get("payment_mix") or {}
    if mix and sum(mix.values(), Decimal(0)) != _ONE:
        faults.append(FieldError("/payment_mix", "The shares must add up to 1.", "not_one"))
    lowest, highest = values.get("lowest_amount"), values.get("highest_amount")
    if lowest is not None and highest is not None and lowest > highest:
        faults.append(
            FieldError("/lowest_amount", "The lowest price is above the highest one.", "above_highest")
        )
    target, floor = values.get("target_margin"), values.get("floor_margin")
    if target is not None and floor is not None and floor > target:
        faults.append(FieldError("/floor_margin", "The floor is above the target.", "above_target"))
    faults.extend(_ads_faults(values))
    parts = [part["sku"] for part in values.get("components") or ()]
    if sku in parts:
        faults.append(FieldError("/components", "A bundle cannot hold itself.", "self"))
    if len(set(parts)) < len(parts):
        faults.append(FieldError("/components", "A SKU is named twice; raise its quantity.", "twice"))
    return faults


def _ads_faults(values: Mapping[str, Any]) -> list[FieldError]:
    needed = {
        AdsMode.SHARE.value: ("ads_share",),
        AdsMode.CLICK.value: ("ads_cost_per_click_amount", "ads_conversion_rate", "ads_unit_share"),
    }.get(values.get("ads_mode", ""), ())
    faults = [
        FieldError(f"/{name}", f"It is needed with ads_mode {values['ads_mode']}.", "required")
        for name in needed
        if values.get(name) is None
    ]
    if values.get("ads_conversion_rate") == 0:
        faults.append(
            FieldError("/ads_conversion_rate", "A conversion rate of 0 sells nothing.", "not_positive")
        )
    return faults


def _batch_faults(items: Sequence[Mapping[str, Any]]) -> list[list[FieldError]]:
    seen: set[str] = set()
    found = []
    for item in items:
        sku = str(item["sku"])
        faults = profile_faults(sku, item)
        if sku in seen:
            faults.append(FieldError("/sku", "This SKU stands in the batch already.", "twice"))
        seen.add(sku)
        found.append(faults)
    return found


def _lock(store_id: int, skus: Sequence[str]) -> dict[str, ListingProfile]:
    rows = ListingProfile.objects.select_for_update().filter(store_id=store_id, sku__in=skus).order_by("sku")
    return {row.sku: row for row in rows}


def _fill(row: ListingProfile, values: Mapping[str, Any]) -> None:
    blank = ListingProfile()
    for name in STATED:
        setattr(row, name, values[name] if name in values else getattr(blank, name))
    row.payment_mix = {name: format(share, "f") for name, share in dict(row.payment_mix).items()}
    row.components = [
        {"sku": part["sku"], "quantity": int(part["quantity"])} for part in list(row.components)
    ]
    row.updated_at, row.updated_by = clock.now(), current_actor().label


def _stated(row: ListingProfile) -> dict[str, Any]:
    return {name: getattr(row, name) for name in STATED}


def _written(stated: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What the audit log keeps: only what was stated, amounts as text."""
    if stated is None:
        return None
    return {
        name: format(value, "f") if isinstance(value, Decimal) else value
        for name, value in stated.items()
        if value not in (None, "", {}, [])
    }
