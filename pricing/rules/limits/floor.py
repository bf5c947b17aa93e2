"""Limit: the floor, last of all: tested at the exact price that would be suggested, after everything else."""

from __future__ import annotations

from pricing.rules.limits.base import Draft, Limit, Verdict, held, moved, passed
from pricing.rules.limits.bounds import bounds_of
from pricing.types import Reason


def _apply(draft: Draft) -> Verdict:
    if draft.floor.keeps(draft.price):
        return passed(draft, f"leaves the floor margin of {draft.floor.margin}")
    lifted = draft.floor.lift(draft.price)
    values = {"floor_margin": str(draft.floor.margin), "asked": f"{draft.price:f}"}
    if lifted is None:
        text = f"no price leaves the floor margin of {draft.floor.margin}"
        return held(draft, Reason("floor_unreachable", text, values))
    values["floor"] = f"{lifted:f}"
    highest = bounds_of(draft)[1]
    if lifted > draft.high or (highest is not None and lifted > highest):
        text = f"the floor {lifted:f} is further away than the limits let one move go"
        return held(draft, Reason("floor_out_of_reach", text, values))
    return moved(draft, lifted, Reason("floor", f"lifted to the floor {lifted:f}", values))


LIMIT = Limit("floor", "floor", "No price is suggested that does not leave the floor margin.", _apply)
