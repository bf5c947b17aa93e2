"""A day's KPI that is unlike its like: against the weekday's median, by the median deviation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from alerts.detectors.base import Detector, Scope
from alerts.engine.anomaly import judge_day
from alerts.engine.parameters import choice, decimal, integer, word
from alerts.engine.saying import in_unit, plain, say
from alerts.engine.threshold import HELD, Limit, Side
from alerts.types import Check, Verdict
from config.lib.errors import FieldError, Invalid, gettext_noop
from kpis.selectors.definitions import find_definition
from kpis.selectors.figures import Figure, list_figures, list_past_figures


class Way(StrEnum):
    """Which deviation is told of."""

    EITHER = "either"
    RISE = "rise"
    FALL = "fall"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a rule may set."""

    kpi: str = word("The key of a KPI.", required=True)
    way: Way = choice("Which deviation is told of.", Way.EITHER)
    score: Decimal = decimal("So many robust standard deviations are unusual.", "3.5", low=1, high=20)
    clear_score: Decimal = decimal("Within so many it is usual again.", "2.5", low="0.5", high=20)
    weeks: int = integer("How many weeks of history it rests on.", 8, low=4, high=26)
    least_share: Decimal = decimal(
        "A deviation by less than this share is never told.", "0.1", low=0, high=10
    )

    def faults(self) -> list[tuple[str, str]]:
        """What only several parameters together show."""
        return [("clear_score", "Must not lie beyond the score.")] if self.clear_score > self.score else []


@dataclass(frozen=True, slots=True)
class Day:
    """The last final day of a store and the days before it that are known."""

    figure: Figure
    history: tuple[tuple[date, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Inputs:
    """One day per store."""

    days: tuple[Day, ...]


class Anomaly(Detector[Parameters, Inputs]):
    """See the module."""

    key = "anomaly"
    title = gettext_noop("Unusual day")
    meaning = gettext_noop("A day's KPI is far from what its weekday usually brings.")
    parameters = Parameters
    cadence = timedelta(hours=6)
    listens = frozenset({"kpis.measures_changed"})
    can_look_back = True

    def gather(self, scope: Scope[Parameters]) -> Inputs:
        """One statement for all days of all stores."""
        asked = scope.parameters
        back = range(asked.weeks * 7 + 1)
        about = ("days", asked.kpi, asked.weeks, scope.store_ids, scope.at)
        rows = scope.reads.once(
            about, lambda: list_figures(asked.kpi, scope.stores, scope.at, days=1, back=back)
        )
        return _inputs(rows)

    def decide(self, inputs: Inputs, parameters: Parameters) -> list[Check]:
        """Score each day."""
        return [_check(each, parameters) for each in inputs.days]

    def history(
        self, scope: Scope[Parameters], instants: Sequence[datetime]
    ) -> Iterator[tuple[datetime, Inputs]]:
        """All instants by one statement: each day once, whichever instants need it."""
        asked = scope.parameters
        length = asked.weeks * 7
        rounds = list_past_figures(asked.kpi, scope.stores, instants, days=1)
        if not rounds:
            return
        oldest = list_figures(asked.kpi, scope.stores, instants[0], days=1, back=range(length + 1))
        known: dict[int, dict[date, Figure]] = {store.id: {} for store in scope.stores}
        for row in (*oldest, *(row for found in rounds for row in found)):
            for figure in row:
                known[figure.store_id][figure.end] = figure
        for at, found in zip(instants, rounds, strict=True):
            yield (
                at,
                _inputs([[row[0], *_before(known[row[0].store_id], row[0].end, length)] for row in found]),
            )

    def refuse_parameters(self, parameters: Parameters) -> None:
        """Refuse an unknown KPI."""
        if find_definition(parameters.kpi) is None:
            detail = f"There is no KPI {parameters.kpi!r}."
            raise Invalid(detail, errors=[FieldError("/parameters/kpi", detail, "choice")])


def _before(known: dict[date, Figure], end: date, length: int) -> list[Figure]:
    return [figure for day, figure in known.items() if end - timedelta(days=length) <= day < end]


def _inputs(rows: Sequence[Sequence[Figure]]) -> Inputs:
    return Inputs(
        tuple(
            Day(
                row[0],
                tuple(
                    (each.end, each.value) for each in row[1:] if each.value is not None and not each.why_not
                ),
            )
            for row in rows
        )
    )


def _check(day: Day, asked: Parameters) -> Check:
    figure = day.figure
    about: dict[str, Any] = {
        "subject": f"kpi:{figure.kpi}",
        "store_id": figure.store_id,
        "unit": figure.currency or figure.unit.value,
        "as_of": figure.data_as_of,
    }
    found = None
    if figure.why_not is None and figure.value is not None:
        found = judge_day(figure.value, figure.end, dict(day.history), least_days=min(21, asked.weeks * 7))
    if found is None or figure.value is None:
        reason = figure.why_not.value if figure.why_not else "too_little_history"
        basis, evidence = say(
            gettext_noop("{kpi} of {day} cannot be judged: {reason}."),
            kpi=figure.kpi,
            day=figure.end,
            reason=reason,
        )
        return Check(
            **about,
            verdict=Verdict.NO_DATA,
            observed=figure.value,
            limit=None,
            basis=basis,
            evidence=evidence,
        )
    score = {Way.RISE: found.score, Way.FALL: -found.score}.get(asked.way, abs(found.score))
    verdict = Limit(Side.ABOVE, asked.score, asked.clear_score).judge(score)
    is_small = abs(figure.value - found.expected) <= abs(found.expected) * asked.least_share
    if is_small and verdict is not Verdict.CLEAR:
        verdict = Verdict.CLEAR
    basis, evidence = say(
        gettext_noop("{kpi} of {day} is {value}; usual for the weekday is {expected} (score {score})."),
        kpi=figure.kpi,
        day=figure.end,
        value=in_unit(figure.value, figure.unit, figure.currency),
        expected=in_unit(found.expected, figure.unit, figure.currency),
        score=plain(found.score, 1),
    )
    evidence["days_of_history"] = str(found.days)
    evidence |= {"held": HELD} if verdict is Verdict.NO_DATA else {}
    sign = -1 if asked.way is Way.FALL or (asked.way is Way.EITHER and found.score < 0) else 1
    limit = found.expected + sign * asked.score * found.spread
    return Check(**about, verdict=verdict, observed=figure.value, limit=limit, basis=basis, evidence=evidence)


DETECTOR = Anomaly()
