"""A KPI that moved too much against the days before, a year ago, or its baseline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from alerts.detectors.base import Detector, Scope
from alerts.engine.parameters import choice, decimal, integer, word
from alerts.engine.saying import in_unit, percent, say
from alerts.engine.threshold import HELD, Limit, Side
from alerts.types import Check, Verdict
from config.lib.calendars import business_day
from config.lib.errors import FieldError, Invalid, gettext_noop
from kpis.selectors.definitions import find_definition
from kpis.selectors.figures import Figure, list_figures, list_past_figures
from kpis.selectors.plans import list_plan_lines
from kpis.types import Direction


class Reference(StrEnum):
    """What a KPI is compared with."""

    PREVIOUS = "previous"
    YEAR_AGO = "year_ago"
    BASELINE = "baseline"


class Move(StrEnum):
    """Which move is wrong; WORSE: the one against the KPI's own direction."""

    WORSE = "worse"
    RISE = "rise"
    FALL = "fall"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a rule may set."""

    kpi: str = word("The key of a KPI.", required=True)
    against: Reference = choice("What it is compared with.", Reference.PREVIOUS)
    move: Move = choice("Which move is wrong.", Move.WORSE)
    share: Decimal = decimal("A change by more than this share is wrong.", "0.2", low="0.001", high=1000)
    clear_share: Decimal | None = decimal("Inside this share it is right again.", None, low=0, high=1000)
    window_days: int = integer("How many days are compared.", 7, low=1, high=92)
    least: Decimal = decimal("Nothing is said while the reference is smaller than this.", 0, low=0)

    def faults(self) -> list[tuple[str, str]]:
        """What only several parameters together show."""
        if self.clear_share is not None and self.clear_share > self.share:
            return [("clear_share", "Must not lie beyond the share.")]
        return []


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure and its reference; `reference` None where there is none that may be compared."""

    figure: Figure
    reference: Decimal | None
    start: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """The comparisons of a round."""

    compared: tuple[Compared, ...]


class KpiChange(Detector[Parameters, Inputs]):
    """See the module."""

    key = "kpi_change"
    title = gettext_noop("KPI moved")
    meaning = gettext_noop("A KPI rose or fell by more than a share against an earlier time.")
    parameters = Parameters
    cadence = timedelta(hours=6)
    listens = frozenset({"kpis.measures_changed"})
    can_look_back = True

    def gather(self, scope: Scope[Parameters]) -> Inputs:
        """One statement for the sums of all stores and both windows."""
        asked = scope.parameters
        back = _back(asked)
        about = ("figures", asked.kpi, asked.window_days, back, scope.store_ids, scope.at)
        rows = scope.reads.once(
            about,
            lambda: list_figures(asked.kpi, scope.stores, scope.at, days=asked.window_days, back=back),
        )
        return Inputs(_compared(scope, rows))

    def decide(self, inputs: Inputs, parameters: Parameters) -> list[Check]:
        """Judge the relative change of each store."""
        return [_check(each, parameters) for each in inputs.compared]

    def history(
        self, scope: Scope[Parameters], instants: Sequence[datetime]
    ) -> Iterator[tuple[datetime, Inputs]]:
        """All instants by one statement, on figures as they are known today."""
        asked = scope.parameters
        rounds = list_past_figures(
            asked.kpi, scope.stores, instants, days=asked.window_days, back=_back(asked)
        )
        for at, rows in zip(instants, rounds, strict=True):
            yield at, Inputs(_compared(Scope(asked, scope.stores, at, scope.reads), rows))

    def refuse_parameters(self, parameters: Parameters) -> None:
        """Refuse an unknown KPI, and `worse` for one without a direction."""
        kpi = find_definition(parameters.kpi)
        if kpi is None:
            detail, name = f"There is no KPI {parameters.kpi!r}.", "kpi"
        elif parameters.move is Move.WORSE and kpi.direction not in (Direction.UP, Direction.DOWN):
            detail, name = f"{kpi.key} has no direction: say rise, fall or either.", "move"
        else:
            return
        raise Invalid(detail, errors=[FieldError(f"/parameters/{name}", detail, "choice")])


def _back(asked: Parameters) -> tuple[int, ...]:
    """How many days earlier the windows end that are needed; a year ago weekdays face weekdays."""
    earlier = {Reference.PREVIOUS: (asked.window_days,), Reference.YEAR_AGO: (364,)}
    return (0, *earlier.get(asked.against, ()))


def _compared(scope: Scope[Parameters], rows: Sequence[Sequence[Figure]]) -> tuple[Compared, ...]:
    if scope.parameters.against is not Reference.BASELINE:
        return tuple(
            Compared(now, before.value if before.why_not is None else None, before.start.isoformat())
            for now, before in rows
        )
    day = min((business_day(scope.at, store.time_zone) for store in scope.stores), default=scope.at.date())
    lines = scope.reads.once(("plan", scope.store_ids, day), lambda: list_plan_lines(scope.store_ids, day))
    bases = {(each.target.store_id, each.target.kpi): each.baseline for each in lines}
    found = []
    for (now,) in rows:
        base = bases.get((now.store_id, now.kpi))
        if base is None or base.currency not in ("", now.currency):
            found.append(Compared(now, None, ""))
            continue
        # A baseline is the median of whole weeks.
        value = base.value * scope.parameters.window_days / 7 if now.is_flow else base.value
        found.append(Compared(now, value, base.window_start_on.isoformat()))
    return tuple(found)


def _check(each: Compared, asked: Parameters) -> Check:
    figure = each.figure
    about: dict[str, Any] = {
        "subject": f"kpi:{figure.kpi}",
        "store_id": figure.store_id,
        "unit": "fraction",
        "as_of": figure.data_as_of,
    }
    value, reference = figure.value, each.reference
    if figure.why_not is not None or value is None or reference is None or reference <= 0:
        reason = figure.why_not.value if figure.why_not else "no_reference"
        basis, evidence = say(
            gettext_noop("{kpi} of {start} to {end} cannot be compared: {reason}."),
            kpi=figure.kpi,
            start=figure.start,
            end=figure.end,
            reason=reason,
        )
        return Check(
            **about, verdict=Verdict.NO_DATA, observed=None, limit=asked.share, basis=basis, evidence=evidence
        )
    change = value / reference - 1
    verdict, limit = _judge(change, figure, asked)
    basis, evidence = say(
        gettext_noop("{kpi} of {start} to {end} is {value}, {change} against {reference} ({against})."),
        kpi=figure.kpi,
        start=figure.start,
        end=figure.end,
        value=in_unit(value, figure.unit, figure.currency),
        change=f"{'+' if change > 0 else ''}{percent(change)}",
        reference=in_unit(reference, figure.unit, figure.currency),
        against=asked.against.value,
    )
    evidence["reference_start"] = each.start
    if reference < asked.least:
        verdict = Verdict.NO_DATA
        evidence["held"] = "reference_too_small"
    elif verdict is Verdict.NO_DATA:
        evidence["held"] = HELD
    return Check(**about, verdict=verdict, observed=change, limit=limit, basis=basis, evidence=evidence)


def _judge(change: Decimal, figure: Figure, asked: Parameters) -> tuple[Verdict, Decimal]:
    clear = asked.share if asked.clear_share is None else asked.clear_share
    move = asked.move
    if move is Move.WORSE:
        move = Move.FALL if figure.direction is Direction.UP else Move.RISE
    if move is Move.EITHER:
        verdict = Limit(Side.ABOVE, asked.share, clear).judge(abs(change))
        return verdict, asked.share.copy_sign(change)
    if move is Move.FALL:
        return Limit(Side.BELOW, -asked.share, -clear).judge(change), -asked.share
    return Limit(Side.ABOVE, asked.share, clear).judge(change), asked.share


DETECTOR = KpiChange()
