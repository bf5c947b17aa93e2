"""A KPI beyond a limit: absolute, against its target or baseline, per store or per SKU, or too many SKUs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from alerts.detectors.base import Detector, Scope
from alerts.engine.parameters import choice, decimal, integer, word, words
from alerts.engine.saying import in_unit, say
from alerts.engine.threshold import HELD, Limit, Side, absolute, judge_all, limits_of, relative
from alerts.types import Check, Verdict
from config.lib.calendars import business_day
from config.lib.errors import FieldError, Invalid, gettext_noop
from kpis.selectors.definitions import find_definition
from kpis.selectors.figures import Figure, list_figures, list_past_figures, list_sku_figures
from kpis.selectors.plans import PlanLine, list_plan_lines
from kpis.types import Direction, Goal


class Entity(StrEnum):
    """What a limit is applied to."""

    STORE = "store"
    SKU = "sku"
    SKU_COUNT = "sku_count"


class Against(StrEnum):
    """What a KPI is held against."""

    ABSOLUTE = "absolute"
    TARGET = "target"
    WARNING = "warning"
    BASELINE = "baseline"


class SideAsked(StrEnum):
    """On which side of the limit the KPI is wrong; AUTO: on the bad side of its own direction."""

    AUTO = "auto"
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a rule may set."""

    kpi: str = word("The key of a KPI.", required=True)
    entity: Entity = choice("Judge the store, each SKU, or how many SKUs are beyond the limit.", Entity.STORE)
    against: Against = choice("What the KPI is held against.", Against.TARGET)
    side: SideAsked = choice("On which side of the limit it is wrong.", SideAsked.AUTO)
    limit: Decimal | None = decimal(
        "Absolute: the limit in the KPI's unit. Otherwise how far beyond the reference, as a share.", None
    )
    clear_limit: Decimal | None = decimal(
        "The limit inside which it is right again; the limit if none.", None
    )
    window_days: int = integer("How many days are judged together.", 7, low=1, high=92)
    count: int = integer(
        "Entity sku_count: so many SKUs beyond the limit are allowed.", 0, low=0, high=10_000
    )
    skus: tuple[str, ...] = words("Only these SKUs; all if empty.")

    def faults(self) -> list[tuple[str, str]]:
        """What only several parameters together show."""
        found = []
        if self.against is Against.ABSOLUTE and self.limit is None:
            found.append(("limit", "An absolute limit must be given."))
        is_reversed = {SideAsked.ABOVE: 1, SideAsked.BELOW: -1}.get(self.side, 0)
        if self.limit is not None and self.clear_limit is not None:
            apart = self.clear_limit - self.limit
            beyond = apart * is_reversed > 0 if self.against is Against.ABSOLUTE else apart > 0
            if beyond:
                found.append(("clear_limit", "Must not lie beyond the limit."))
        if self.entity is not Entity.STORE and self.against is Against.BASELINE:
            found.append(("against", "Baselines are of stores, not of SKUs."))
        return found


@dataclass(frozen=True, slots=True)
class Judged:
    """A figure with what it may be held against; `lot` names the store whose SKUs are counted together."""

    figure: Figure
    goal: Goal | None = None
    baseline: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """The figures of a round."""

    figures: tuple[Judged, ...]


class KpiThreshold(Detector[Parameters, Inputs]):
    """See the module."""

    key = "kpi_threshold"
    title = gettext_noop("KPI beyond a limit")
    meaning = gettext_noop("A KPI is beyond an absolute limit, its target or its baseline.")
    parameters = Parameters
    cadence = timedelta(hours=6)
    listens = frozenset({"kpis.measures_changed"})
    can_look_back = True

    def rests_on(self, subject: str, parameters: Parameters) -> Sequence[Sequence[str]]:
        """The streams that the KPI is judged by."""
        kpi = find_definition(parameters.kpi)
        return () if kpi is None else kpi.needs

    def gather(self, scope: Scope[Parameters]) -> Inputs:
        """One statement for the sums of all stores, one for freshness, one for targets and baselines."""
        asked = scope.parameters
        if asked.entity is not Entity.STORE:
            about = ("sku_figures", asked.kpi, asked.window_days, scope.store_ids, scope.at)
            found = scope.reads.once(
                about,
                lambda: list_sku_figures(asked.kpi, scope.stores, scope.at, days=asked.window_days) or [],
            )
            figures = [each for each in found if not asked.skus or each.sku in asked.skus]
        else:
            about = ("figures", asked.kpi, asked.window_days, scope.store_ids, scope.at)
            rows = scope.reads.once(
                about, lambda: list_figures(asked.kpi, scope.stores, scope.at, days=asked.window_days)
            )
            figures = [row[0] for row in rows]
        return Inputs(_with_references(scope, figures))

    def decide(self, inputs: Inputs, parameters: Parameters) -> list[Check]:
        """Judge each figure, or count the SKUs beyond the limit."""
        checks = [_check(each, parameters) for each in inputs.figures]
        return _count(checks, parameters) if parameters.entity is Entity.SKU_COUNT else checks

    def history(
        self, scope: Scope[Parameters], instants: Sequence[datetime]
    ) -> Iterator[tuple[datetime, Inputs]]:
        """All instants by one statement, on figures as they are known today; SKUs instant by instant."""
        asked = scope.parameters
        if asked.entity is not Entity.STORE:
            yield from super().history(scope, instants)
            return
        rounds = list_past_figures(asked.kpi, scope.stores, instants, days=asked.window_days)
        for at, rows in zip(instants, rounds, strict=True):
            then = Scope(asked, scope.stores, at, scope.reads)
            yield at, Inputs(_with_references(then, [row[0] for row in rows]))

    def refuse_parameters(self, parameters: Parameters) -> None:
        """Refuse an unknown KPI, and a limit without a side for one that has no bad side."""
        kpi = find_definition(parameters.kpi)
        if kpi is None:
            raise _wrong("kpi", f"There is no KPI {parameters.kpi!r}.", "choice")
        is_plain = parameters.against in (Against.ABSOLUTE, Against.BASELINE)
        if is_plain and parameters.side is SideAsked.AUTO and _bad_side(kpi.direction) is None:
            raise _wrong("side", f"{kpi.key} has no bad side of its own: say above or below.", "required")


def _wrong(name: str, detail: str, code: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(f"/parameters/{name}", detail, code)])


def _with_references(scope: Scope[Parameters], figures: Sequence[Figure]) -> tuple[Judged, ...]:
    if scope.parameters.against is Against.ABSOLUTE:
        return tuple(Judged(figure) for figure in figures)
    day = min((business_day(scope.at, store.time_zone) for store in scope.stores), default=scope.at.date())
    lines: list[PlanLine] = scope.reads.once(
        ("plan", scope.store_ids, day), lambda: list_plan_lines(scope.store_ids, day)
    )
    known: dict[tuple[int, str], PlanLine] = {(each.target.store_id, each.target.kpi): each for each in lines}
    found = []
    for figure in figures:
        line = known.get((figure.store_id, figure.kpi))
        base = line.baseline if line else None
        fits = base is not None and base.currency in ("", figure.currency)
        found.append(
            Judged(
                figure,
                line.target.goal if line else None,
                base.value if base is not None and fits else None,
            )
        )
    return tuple(found)


def _check(judged: Judged, asked: Parameters) -> Check:
    figure = judged.figure
    subject = f"sku:{figure.sku}" if figure.sku else f"kpi:{figure.kpi}"
    limits, reference = _limits(judged, asked)
    about: dict[str, Any] = {
        "subject": subject,
        "store_id": figure.store_id,
        "unit": figure.currency or figure.unit.value,
        "as_of": figure.data_as_of,
    }
    if figure.why_not is not None or figure.value is None:
        basis, evidence = say(
            gettext_noop("{kpi} of {start} to {end} cannot be judged: {reason}."),
            kpi=figure.kpi,
            start=figure.start,
            end=figure.end,
            reason=figure.why_not.value if figure.why_not else "no_data",
        )
        return Check(
            **about,
            verdict=Verdict.NO_DATA,
            observed=figure.value,
            limit=None,
            basis=basis,
            evidence=evidence,
        )
    if not limits:
        basis, evidence = say(
            gettext_noop("{kpi} has no {against} to be held against."),
            kpi=figure.kpi,
            against=asked.against.value,
        )
        return Check(
            **about,
            verdict=Verdict.NO_DATA,
            observed=figure.value,
            limit=None,
            basis=basis,
            evidence=evidence,
        )
    verdict, limit = judge_all(figure.value, limits)
    basis, evidence = say(
        gettext_noop("{kpi} of {start} to {end} is {value}; wrong {side} {limit} ({against} {reference})."),
        kpi=figure.kpi,
        start=figure.start,
        end=figure.end,
        value=in_unit(figure.value, figure.unit, figure.currency),
        side=limit.side.value,
        limit=in_unit(limit.breach, figure.unit, figure.currency),
        against=asked.against.value,
        reference=in_unit(reference, figure.unit, figure.currency),
    )
    evidence["clear_limit"] = in_unit(limit.clear, figure.unit, figure.currency)
    evidence |= {"sample": str(figure.sample)} if figure.sample is not None else {}
    evidence |= {"held": HELD} if verdict is Verdict.NO_DATA else {}
    return Check(
        **about, verdict=verdict, observed=figure.value, limit=limit.breach, basis=basis, evidence=evidence
    )


def _limits(judged: Judged, asked: Parameters) -> tuple[list[Limit], Decimal | None]:
    """The limits in the KPI's unit, and what they were made of."""
    side = _side(asked.side, judged.figure.direction)
    share = asked.limit or Decimal(0)
    if asked.against is Against.ABSOLUTE:
        if side is None or asked.limit is None:
            return [], None
        return [absolute(side, asked.limit, asked.clear_limit)], asked.limit
    if asked.against is Against.BASELINE:
        base = _scaled(judged, asked.window_days)
        if side is None or base is None:
            return [], base
        return [relative(side, base, share, asked.clear_limit)], base
    if judged.goal is None:
        return [], None
    is_warning = asked.against is Against.WARNING
    goal = judged.goal
    limits = limits_of(goal, is_warning=is_warning, share=share, clear_share=asked.clear_limit)
    if asked.side is not SideAsked.AUTO:
        limits = [limit for limit in limits if limit.side == asked.side.value]
    return limits, goal.warn if is_warning else goal.target


def _scaled(judged: Judged, days: int) -> Decimal | None:
    """A baseline is the median of whole weeks; what grows with time is held against its part of a week."""
    if judged.baseline is None or not judged.figure.is_flow:
        return judged.baseline
    return judged.baseline * days / 7


def _side(asked: SideAsked, direction: Direction) -> Side | None:
    return _bad_side(direction) if asked is SideAsked.AUTO else Side(asked.value)


def _bad_side(direction: Direction) -> Side | None:
    return {Direction.UP: Side.BELOW, Direction.DOWN: Side.ABOVE}.get(direction)


def _count(checks: Sequence[Check], asked: Parameters) -> list[Check]:
    """One check per store: how many of its SKUs are beyond the limit."""
    counted = []
    for store_id in dict.fromkeys(each.store_id for each in checks):
        own = [each for each in checks if each.store_id == store_id]
        beyond = sorted(each.subject.removeprefix("sku:") for each in own if each.verdict is Verdict.BREACH)
        judged = [each for each in own if each.verdict is not Verdict.NO_DATA or "held" in each.evidence]
        verdict = Verdict.BREACH if len(beyond) > asked.count else Verdict.CLEAR
        if verdict is Verdict.CLEAR and len(judged) < len(own):
            # A SKU that cannot be judged might be the one too many: nothing is claimed.
            unknown = len(own) - len(judged)
            verdict = Verdict.CLEAR if len(beyond) + unknown <= asked.count else Verdict.NO_DATA
        basis, evidence = say(
            gettext_noop("{beyond} of {judged} SKUs have {kpi} beyond its limit; {count} are allowed."),
            beyond=len(beyond),
            judged=len(judged),
            kpi=asked.kpi,
            count=asked.count,
        )
        evidence["skus"] = ", ".join(beyond[:20])
        counted.append(
            Check(
                subject=f"kpi:{asked.kpi}",
                verdict=verdict,
                store_id=store_id,
                observed=Decimal(len(beyond)),
                limit=Decimal(asked.count),
                unit="count",
                basis=basis,
                as_of=min((each.as_of for each in own if each.as_of is not None), default=None),
                evidence=evidence,
            )
        )
    return counted


DETECTOR = KpiThreshold()
