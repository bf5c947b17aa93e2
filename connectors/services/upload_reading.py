"""How a received file is read: by which layout, for which store, and which days it speaks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from config.lib import clock
from connectors.platforms.common.moments import ShopClock
from connectors.platforms.csv_upload.datasets import DATASETS
from connectors.platforms.csv_upload.fields import RowContext
from connectors.platforms.csv_upload.profile import Profile
from connectors.types import StoreRef
from tenants import crypto

# Costs and products concern no store; their files hold no moments, so any clock will do.
_NOWHERE = StoreRef(0, 0, "", "", "", "", "", "UTC")


@dataclass(frozen=True, slots=True)
class Options:
    """What an upload says beside its layout; it wins over what the layout says or the file suggests.

    `day` stands for the shop day of every row where the file has no column for it. `covered_from` and
    `covered_through` are the days (both included) that the file knows completely, quiet ones included.
    """

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    day: date | None = None
    covered_from: date | None = None
    covered_through: date | None = None

    def as_json(self) -> dict[str, Any]:
        """The options as they are kept."""
        return {name: str(value) for name, value in asdict(self).items() if value}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Options:
        """The options that were kept."""
        days = {"day", "covered_from", "covered_through"}
        values: dict[str, Any] = {
            name: date.fromisoformat(value) if name in days else value for name, value in kept.items()
        }
        return cls(**values)


def laid_out(profile: Profile, options: Options) -> Profile:
    """The layout with what the upload says: encoding, delimiter, sheet and day."""
    day = DATASETS[profile.dataset].day
    constants = dict(profile.constants)
    if options.day is not None and day:
        constants[day] = options.day.isoformat()
    return replace(
        profile,
        constants=constants,
        encoding=options.encoding or profile.encoding,
        delimiter=options.delimiter or profile.delimiter,
        sheet=options.sheet or profile.sheet,
    )


def context_of(store: StoreRef | None) -> RowContext:
    """What the rows of an upload to a store may know; buyers are hashed as in the platforms' streams."""
    place = store or _NOWHERE
    return RowContext(
        place, ShopClock(place.time_zone), clock.now(), crypto.derive("connectors.buyer_pepper")
    )


def covered_days(options: Options, days: Sequence[date]) -> tuple[date, date] | None:
    """The days a file speaks for: those it was said to cover, else from its first to its last row."""
    first = options.covered_from or (min(days) if days else None)
    last = options.covered_through or (max(days) if days else None)
    return (first, last) if first is not None and last is not None and first <= last else None
