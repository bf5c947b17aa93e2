"""What a scorecard says, worked out from everything it depends on and nothing else.

`Question` holds all that is read for a scorecard; `work_out` makes the answer of it without any look at a
database, a clock or a client. So an answer may be kept by its question: what is found again is what would be
worked out anew, whoever asks. A client's figures are part of its question, so no other client's answer fits.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

import orjson

from config.lib.calendars import Period, PeriodKind
from connectors.types import StoreRef, StreamFreshness
from kpis.catalog import CATALOG, MEASURES
from kpis.engine.coverage import Evidence, Span
from kpis.engine.definitions import KPI
from kpis.engine.formula.kpi import UserFormula
from kpis.engine.score import ScorecardScore, Scored, weighted
from kpis.engine.totals import StoreTotals, Window
from kpis.selectors.definitions import read_formulas
from kpis.selectors.lines import Asked, ComparedPeriod, Frame, Row, build_line, text
from kpis.selectors.measures import Kept, Sums, read_kept_totals
from kpis.selectors.plans import PlanLine, catalogue_order, read_plan
from kpis.selectors.slices import Shares
from kpis.types import Goal, LineRole, TargetView

_TREND = {
    PeriodKind.DAY: "dod",
    PeriodKind.WEEK: "wow",
    PeriodKind.MONTH: "mom",
    PeriodKind.QUARTER: "qoq",
    PeriodKind.ROLLING: "pop",
}
_FAST = 1  # zlib's level: a tenth of the size for a twentieth of the work of an answer
_CORE_FIRST = {LineRole.CORE: 0, LineRole.AUXILIARY: 1}


@dataclass(frozen=True, slots=True)
class Question:
    """Everything a scorecard depends on.

    `periods` are the one asked for, the one before and the same a year ago, then those before the second one
    that the trend shows, the latest first; `days` is the day on each store's clock at `moment`, which matters
    in no other way and is no part of the question's identity. `plan`, `formulas` and `kept` are as they were
    read from the database (empty `kept`: the sums come separately). `shares`: only what somebody answers
    for, with their part of its weight.
    """

    periods: tuple[Period, ...]
    stores: tuple[StoreRef, ...]
    days: tuple[date, ...]
    moment: datetime = field(compare=False)
    reporting: str
    freshness: tuple[StreamFreshness, ...]
    plan: str
    formulas: str
    kept: Kept
    language: str
    explain: bool
    shares: Shares | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A scorecard as JSON: everything but its KPIs, and the KPIs, these compressed."""

    head: bytes
    packed: bytes

    @property
    def kpis(self) -> bytes:
        """The KPIs as a JSON array."""
        return zlib.decompress(self.packed)


@lru_cache(maxsize=1024)
def remembered(question: Question) -> Answer:
    """The answer to a question with kept totals; some 5 kB each beside what the question shares with others,
    the least recently asked are dropped."""
    return work_out(question, read_kept_totals(question.kept, question.periods))


def work_out(question: Question, sums: Sums) -> Answer:
    """Judge the sums of the periods."""
    frame, rows, scored = judge_lines(question, sums)
    head = {
        "period": show_period(question.periods, is_over=frame.now.evidence.is_over),
        "stores": [_store(store) for store in question.stores],
        "currency": frame.currency,
        "exchange": _exchange(question.stores, frame),
        **show_scores(scored),
    }
    return Answer(orjson.dumps(head), zlib.compress(orjson.dumps(rows), _FAST))


def judge_lines(question: Question, sums: Sums) -> tuple[Frame, list[Row], list[Scored]]:
    """Return what all lines share, the lines, and what each adds to the score."""
    frame = _frame(question, sums, question.stores)
    plan, own = read_plan(question.plan, question.formulas), read_formulas(question.formulas)
    asked = _asked(plan, question, own)
    narrowed: dict[frozenset[int] | None, Frame] = {None: frame}
    for stores in {each.stores for each in asked.values()} - {None}:
        chosen = [store for store in question.stores if stores is not None and store.id in stores]
        narrowed[stores] = _frame(question, sums, chosen)
    rows, scored = _lines(asked, narrowed, own)
    return frame, rows, scored


def show_scores(scored: Sequence[Scored]) -> Row:
    """The score of some lines, by final verdicts and by provisional ones too."""
    return {
        **_score(weighted(scored)),
        **_provisional_score(weighted(scored, provisional=True)),
    }


def currency_of(stores: Sequence[StoreRef], reporting: str) -> tuple[str, bool]:
    """What money is shown in and whether that is the reporting currency: one native currency stays."""
    currencies = {store.currency for store in stores}
    return (currencies.pop(), False) if len(currencies) == 1 else (reporting, True)


def make_window(
    stores: Mapping[int, StoreTotals],
    span: Span,
    last_day: date,
    *,
    in_reporting: bool,
    is_domestic: bool = False,
) -> Window:
    """Return the totals with the number of the span's days that have passed by `last_day` (at least 1)."""
    days = (min(span.end, last_day) - span.start).days + 1
    return Window(MEASURES, stores, max(days, 1), in_reporting, is_domestic)


def _frame(question: Question, all_sums: Sums, stores: Sequence[StoreRef]) -> Frame:
    """The frame of lines about some of the question's stores."""
    periods, ids = question.periods, {store.id for store in stores}
    sums = [{key: totals for key, totals in found.items() if key in ids} for found in all_sums]
    currency, in_reporting = currency_of(stores, question.reporting)
    domestic = all(store.currency == question.reporting for store in stores)
    today = max(question.days, default=periods[0].end)
    freshness = {(item.store_id, item.stream): item for item in question.freshness}
    now, before, long_ago, *earlier = (
        ComparedPeriod(
            make_window(found, span, today, in_reporting=in_reporting, is_domestic=domestic),
            Evidence(stores, span, freshness, question.moment),
        )
        for found, span in zip(sums, (Span(p.start, p.end) for p in periods), strict=True)
    )
    return Frame(
        stores=stores,
        currency=currency,
        trend_kind=_TREND[periods[0].kind],
        now=now,
        previous=before,
        year_ago=long_ago,
        language=question.language,
        explain=question.explain,
        trend=_trend(periods, now, before, earlier),
    )


def _trend(
    periods: Sequence[Period], now: ComparedPeriod, before: ComparedPeriod, earlier: Sequence[ComparedPeriod]
) -> tuple[tuple[str, ComparedPeriod], ...]:
    """The periods of the trend with their ids, oldest first and led by the one before them; empty where none
    was asked for."""
    if not earlier:
        return ()
    ids = [period.id for period in (periods[0], periods[1], *periods[3:])]
    return tuple(zip(reversed(ids), reversed((now, before, *earlier)), strict=True))


def _lines(
    asked: Mapping[str, Asked], frames: Mapping[frozenset[int] | None, Frame], own: Mapping[str, UserFormula]
) -> tuple[list[Row], list[Scored]]:
    built = []
    for key, wanted in asked.items():
        kpi: KPI = CATALOG.get(key) or own[key]
        built.append(build_line(kpi, wanted, frames[wanted.stores]))
    return [row for row, _ in built], [scored for _, scored in built]


def _asked(plan: Sequence[PlanLine], question: Question, own: Mapping[str, UserFormula]) -> dict[str, Asked]:
    """What to show, core KPIs first; without any plan every KPI there is, unweighted and without targets.

    A person without any line of a plan is asked nothing.
    """
    ids, shares = {store.id for store in question.stores}, question.shares
    lines = [line for line in plan if line.target.store_id in ids]
    if shares is not None:
        return _ranked(_shared(lines, shares, len(ids)))
    if not lines:
        every: tuple[KPI, ...] = (*CATALOG.values(), *own.values())
        return {kpi.key: Asked(None, None, Goal(kpi.direction), "", None) for kpi in every}
    by_kpi: dict[str, list[PlanLine]] = {}
    for line in lines:
        by_kpi.setdefault(line.target.kpi, []).append(line)
    return _ranked({key: _merge(found, len(ids)) for key, found in by_kpi.items()})


def _ranked(merged: Mapping[str, Asked]) -> dict[str, Asked]:
    ranked = sorted(
        merged,
        key=lambda key: (_CORE_FIRST[merged[key].role or LineRole.AUXILIARY], *catalogue_order(key)),
    )
    return {key: merged[key] for key in ranked}


def _shared(lines: Sequence[PlanLine], shares: Shares, stores: int) -> dict[str, Asked]:
    """What somebody answers for: each KPI over the stores where they do, its weight by their share of it."""
    share_of = {(store_id, kpi): share for store_id, kpi, share in shares}
    by_kpi: dict[str, list[PlanLine]] = {}
    for line in lines:
        if (line.target.store_id, line.target.kpi) in share_of:
            by_kpi.setdefault(line.target.kpi, []).append(line)
    found = {}
    for key, held in by_kpi.items():
        parts = (line.target.weight * share_of[line.target.store_id, key] / 100 for line in held)
        found[key] = replace(
            _merge(held, len(held)),
            weight=sum(parts, Decimal(0)) / stores,
            stores=frozenset(line.target.store_id for line in held),
        )
    return found


def _merge(lines: Sequence[PlanLine], stores: int) -> Asked:
    """One line for several stores: the mean weight, and the target only where all have the same."""
    targets: list[TargetView] = [line.target for line in lines]
    first = targets[0]
    same = len(targets) == stores and all(target.goal == first.goal for target in targets)
    owners = {target.owner for target in targets}
    is_core = any(target.role is LineRole.CORE for target in targets)
    return Asked(
        role=LineRole.CORE if is_core else LineRole.AUXILIARY,
        weight=sum((target.weight for target in targets), Decimal(0)) / stores,
        goal=first.goal if same else Goal(first.goal.direction),
        owner=owners.pop() if len(owners) == 1 else "",
        baseline=lines[0].baseline if stores == 1 else None,
        targets_differ=not same,
        acknowledged_at=_acknowledged_at(targets),
    )


def _acknowledged_at(targets: Sequence[TargetView]) -> datetime | None:
    """When the last of the stores' targets was taken note of; None while one of them was not."""
    noted = [target.acknowledged_at for target in targets if target.acknowledged_at is not None]
    return max(noted) if len(noted) == len(targets) else None


def show_period(periods: Sequence[Period], *, is_over: bool) -> Row:
    """The first period with the two that it is compared with."""
    period, previous, year_ago = periods[:3]
    return {
        "id": period.id,
        "kind": period.kind.value,
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
        "week_start": period.week_start,
        "previous": _span(previous),
        "year_ago": _span(year_ago),
        "is_over": is_over,
    }


def _span(span: Period) -> Row:
    return {"start": span.start.isoformat(), "end": span.end.isoformat()}


def _store(store: StoreRef) -> Row:
    return {
        "id": store.id,
        "name": store.name,
        "platform": store.platform,
        "market": store.market,
        "currency": store.currency,
        "time_zone": store.time_zone,
    }


def _exchange(stores: Sequence[StoreRef], frame: Frame) -> list[Row]:
    """Where converted amounts come from: one entry per store whose money was converted."""
    if not frame.now.window.in_reporting:
        return []
    return [
        {
            "store": store.id,
            "from": store.currency,
            "to": frame.currency,
            "source": "ecb",
            "method": "each day's amount by the last reference rate published on or before it",
            "first_rate_on": totals.first_rate_on.isoformat() if totals.first_rate_on else None,
            "last_rate_on": totals.last_rate_on.isoformat() if totals.last_rate_on else None,
        }
        for store in stores
        if store.currency != frame.currency and (totals := frame.now.window.stores.get(store.id)) is not None
    ]


def _score(score: ScorecardScore) -> Row:
    return {
        "score": text(score.score, 2),
        "share_with_data": text(score.share_with_data, 4),
        "status": score.status.value,
        "is_gated": score.gated,
    }


def _provisional_score(score: ScorecardScore) -> Row:
    return {
        "provisional_score": text(score.score, 2),
        "provisional_share_with_data": text(score.share_with_data, 4),
        "provisional_status": score.status.value,
    }
