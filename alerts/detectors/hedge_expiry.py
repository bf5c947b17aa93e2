"""A stated currency hedge that ends soon (L5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from alerts.detectors.base import Detector, Scope
from alerts.engine.parameters import integer, words
from alerts.engine.saying import say
from alerts.types import Check, Severity, Verdict
from config.lib.errors import gettext_noop


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a rule may set."""

    hedges: tuple[str, ...] = words(
        "Each as currency, last day and (if wanted) a note: JPY 2026-12-31 bank A."
    )
    days_before: int = integer("So many days before the end it is told.", 21, low=1, high=365)
    days_after: int = integer("So many days after the end it is still told.", 14, low=0, high=365)

    def faults(self) -> list[tuple[str, str]]:
        """Hedges that cannot be read."""
        return [("hedges", f"{each!r} is no hedge.") for each in self.hedges if read_hedge(each) is None]


@dataclass(frozen=True, slots=True)
class Hedge:
    """A hedge as stated."""

    currency: str
    ends_on: date
    note: str


class HedgeExpiry(Detector[Parameters, datetime]):
    """See the module."""

    key = "hedge_expiry"
    title = gettext_noop("Currency hedge ends")
    meaning = gettext_noop("A stated hedge ends soon: what is bought after it is at the market's rate.")
    parameters = Parameters
    cadence = timedelta(hours=12)
    can_look_back = True

    def gather(self, scope: Scope[Parameters]) -> datetime:
        """Nothing has to be read: the hedges are stated in the rule."""
        return scope.at

    def decide(self, inputs: datetime, parameters: Parameters) -> list[Check]:
        """Count the days to each end."""
        hedges = [hedge for each in parameters.hedges if (hedge := read_hedge(each)) is not None]
        return [_check(hedge, inputs, parameters) for hedge in hedges]


def read_hedge(text: str) -> Hedge | None:
    """Read "JPY 2026-12-31 bank A"; None if it is none."""
    currency, _, rest = text.partition(" ")
    day, _, note = rest.strip().partition(" ")
    try:
        ends_on = date.fromisoformat(day)
    except ValueError:
        return None
    is_code = len(currency) == 3 and currency.isalpha() and currency.isupper()
    return Hedge(currency, ends_on, note.strip()) if is_code else None


def _check(hedge: Hedge, at: datetime, asked: Parameters) -> Check:
    left = (hedge.ends_on - at.astimezone(UTC).date()).days
    is_near = -asked.days_after <= left <= asked.days_before
    basis, evidence = say(
        gettext_noop("The hedge of {currency} ends on {ends_on}: {left} days are left. {note}"),
        currency=hedge.currency,
        ends_on=hedge.ends_on,
        left=left,
        note=hedge.note,
    )
    return Check(
        subject=f"hedge:{hedge.currency}:{hedge.ends_on.isoformat()}",
        verdict=Verdict.BREACH if is_near else Verdict.CLEAR,
        store_id=None,
        observed=Decimal(left),
        limit=Decimal(asked.days_before),
        unit="days",
        basis=basis.strip(),
        as_of=at,
        severity=Severity.CRITICAL if is_near and left < 0 else None,
        evidence=evidence,
    )


DETECTOR = HedgeExpiry()
