"""Limit: no price where a fee tier takes more than the price brings: a lower one earns as much."""

from __future__ import annotations

from pricing.engine.solve import DeadZone
from pricing.rules.limits.acceptable import is_acceptable
from pricing.rules.limits.base import Draft, Limit, Verdict, held, moved, passed
from pricing.types import Reason


def _apply(draft: Draft) -> Verdict:
    zone = next((zone for zone in draft.zones if zone.holds(draft.price)), None)
    if zone is None:
        return passed(draft, "in no dead zone")
    if is_acceptable(draft, zone.after):
        return moved(draft, zone.after, _reason(zone, "the price below it earns as much"))
    if not draft.is_down and zone.until is not None and is_acceptable(draft, zone.until):
        return moved(draft, zone.until, _reason(zone, "the price behind it is the next that earns as much"))
    if zone.holds(draft.current):
        return passed(draft, "in a dead zone before and after; no way out within the limits")
    return held(draft, _reason(zone, "no price at its ends is within the limits"))


def _reason(zone: DeadZone, text: str) -> Reason:
    until = "" if zone.until is None else f"{zone.until:f}"
    return Reason(
        "dead_zone",
        f"dead zone of {zone.fee} above {zone.after:f}: {text}",
        {"fee": zone.fee, "after": f"{zone.after:f}", "until": until},
    )


LIMIT = Limit("dead_zone", "limit", "No price lies where a fee tier eats up what it brings.", _apply)
