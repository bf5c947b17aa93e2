"""Where a chain of deliveries loses time: its legs with their late shares, the worst place first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Leg(StrEnum):
    """A part of the way from the factory to the buyer."""

    INBOUND = "inbound"
    CUSTOMS = "customs"
    CUSTOMS_PAPERS = "customs_papers"
    HANDLING = "handling"
    PICK_UP = "pick_up"
    LAST_MILE = "last_mile"


@dataclass(frozen=True, slots=True)
class Part:
    """A leg at one place (a carrier, a warehouse): so many done, so many of them late or failed, and their
    mean hours (None: not known)."""

    leg: Leg
    place: str
    count: int
    late: int
    mean_hours: Decimal | None


@dataclass(frozen=True, slots=True)
class LegState:
    """A leg of a store as a whole. `worst` is the place with the most late ones, `late_there` how many."""

    leg: Leg
    count: int
    late: int
    mean_hours: Decimal | None
    worst: str
    late_there: int

    @property
    def share(self) -> Decimal:
        """The late share."""
        return Decimal(self.late) / self.count if self.count else Decimal(0)


def legs_of(parts: Sequence[Part]) -> list[LegState]:
    """Return the legs, the bottleneck first: by how many were late, then by the share."""
    found = []
    for leg in dict.fromkeys(part.leg for part in parts):
        own = [part for part in parts if part.leg is leg]
        count = sum(part.count for part in own)
        timed = [(part.mean_hours, part.count) for part in own if part.mean_hours is not None]
        weight = sum(n for _, n in timed)
        hours = sum((mean * n for mean, n in timed), Decimal(0)) / weight if weight else None
        worst = max(own, key=lambda part: (part.late, part.place))
        late = sum(part.late for part in own)
        found.append(LegState(leg, count, late, hours, worst.place, worst.late))
    return sorted(found, key=lambda each: (-each.late, -each.share, each.leg.value))
