"""An exchange rate that moved too far (L5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from alerts.detectors.base import Detector, Scope
from alerts.engine.parameters import choice, decimal, integer, word, words
from alerts.engine.saying import percent, plain, say
from alerts.engine.threshold import HELD, Limit, Side
from alerts.types import Check, Verdict
from config.lib.errors import gettext_noop
from config.lib.fx import FXRateMissing, FXRateStale, FXTable
from tenants.context import require_client
from tenants.selectors.fx import fx_table


class Way(StrEnum):
    """Which move is told of, seen from the currency: FALL is a currency that buys less."""

    EITHER = "either"
    RISE = "rise"
    FALL = "fall"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a rule may set."""

    currencies: tuple[str, ...] = words("Such as JPY, MXN; those of the stores if empty.")
    against: str = word(
        "In which currency they are valued; the client's reporting currency if empty.", most=3
    )
    share: Decimal = decimal("A move by more than this share is told.", "0.03", low="0.001", high=1)
    clear_share: Decimal = decimal("Within this share it is right again.", "0.02", low=0, high=1)
    window_days: int = integer("Compared with the rate so many days ago.", 7, low=1, high=365)
    way: Way = choice("Which move is told of.", Way.EITHER)
    floor: Decimal | None = decimal("Told too while a unit is worth less than this.", None, low=0)
    ceiling: Decimal | None = decimal("Told too while a unit is worth more than this.", None, low=0)

    def faults(self) -> list[tuple[str, str]]:
        """What only several parameters together show."""
        found = [("clear_share", "Must not lie beyond the share.")] if self.clear_share > self.share else []
        wrong = [each for each in self.currencies if not (len(each) == 3 and each.isupper())]
        return [*found, *[("currencies", f"{each!r} is no currency code.") for each in wrong]]


@dataclass(frozen=True, slots=True)
class Rate:
    """What a unit of a currency was worth now and before; None where no rate is known or it is too old."""

    currency: str
    against: str
    now: Decimal | None
    now_on: date | None
    before: Decimal | None


class FxMove(Detector[Parameters, tuple[Rate, ...]]):
    """See the module."""

    key = "fx_move"
    title = gettext_noop("Exchange rate moved")
    meaning = gettext_noop("A currency rose or fell too far, or passed a floor or a ceiling.")
    parameters = Parameters
    cadence = timedelta(hours=6)
    can_look_back = True

    def gather(self, scope: Scope[Parameters]) -> tuple[Rate, ...]:
        """One statement for all currencies."""
        return next(_rates(scope, [scope.at]))[1]

    def decide(self, inputs: tuple[Rate, ...], parameters: Parameters) -> list[Check]:
        """Judge each currency's move."""
        return [_check(rate, parameters) for rate in inputs]

    def history(
        self, scope: Scope[Parameters], instants: Sequence[datetime]
    ) -> Iterator[tuple[datetime, tuple[Rate, ...]]]:
        """All instants by one statement."""
        yield from _rates(scope, instants)


def _rates(
    scope: Scope[Parameters], instants: Sequence[datetime]
) -> Iterator[tuple[datetime, tuple[Rate, ...]]]:
    asked = scope.parameters
    against = asked.against or require_client().reporting_currency
    stores = dict.fromkeys(store.currency for store in scope.stores)
    wanted = [each for each in (asked.currencies or stores) if each != against]
    days = [at.astimezone(UTC).date() for at in instants]
    first = min(days) - timedelta(days=asked.window_days)
    table = scope.reads.once(
        ("rates", tuple(wanted), against, first, max(days)),
        lambda: fx_table([*wanted, against, "EUR"], first, max(days)),
    )
    for at, day in zip(instants, days, strict=True):
        found = []
        for currency in wanted:
            now = _rate(table, currency, against, day)
            before = _rate(table, currency, against, day - timedelta(days=asked.window_days))
            found.append(
                Rate(
                    currency,
                    against,
                    now[0] if now else None,
                    now[1] if now else None,
                    before[0] if before else None,
                )
            )
        yield at, tuple(found)


def _rate(table: FXTable, currency: str, against: str, day: date) -> tuple[Decimal, date] | None:
    try:
        return table.rate(currency, against, day)
    except (FXRateMissing, FXRateStale):
        # Said by a verdict: without a young rate nothing is claimed.
        return None


def _check(rate: Rate, asked: Parameters) -> Check:
    subject = f"fx:{rate.currency}/{rate.against}"
    as_of = datetime.combine(rate.now_on, time.min, UTC) if rate.now_on else None
    if rate.now is None or rate.before is None:
        basis, evidence = say(
            gettext_noop("No young rate of {currency} in {against} is known."),
            currency=rate.currency,
            against=rate.against,
        )
        return Check(
            subject, Verdict.NO_DATA, None, None, asked.share, "fraction", basis, as_of, None, evidence
        )
    move = rate.now / rate.before - 1
    beyond = {Way.RISE: move, Way.FALL: -move}.get(asked.way, abs(move))
    verdict = Limit(Side.ABOVE, asked.share, asked.clear_share).judge(beyond)
    basis, evidence = say(
        gettext_noop(
            "One {currency} is worth {now} {against} on {day}, {move} against {before} {days} days before."
        ),
        currency=rate.currency,
        now=plain(rate.now),
        against=rate.against,
        day=rate.now_on,
        move=f"{'+' if move > 0 else ''}{percent(move)}",
        before=plain(rate.before),
        days=asked.window_days,
    )
    evidence |= {"held": HELD} if verdict is Verdict.NO_DATA else {}
    observed, limit, unit = move, asked.share.copy_sign(move), "fraction"
    for end, is_beyond in ((asked.floor, -1), (asked.ceiling, 1)):
        if end is not None and (rate.now - end) * is_beyond > 0:
            verdict, observed, limit, unit = Verdict.BREACH, rate.now, end, rate.against
            evidence["floor" if is_beyond < 0 else "ceiling"] = plain(end)
            evidence.pop("held", None)
    return Check(subject, verdict, None, observed, limit, unit, basis, as_of, None, evidence)


DETECTOR = FxMove()
