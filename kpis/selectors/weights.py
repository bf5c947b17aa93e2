"""How weights came to be, what the score hangs on, and what it would be under the former ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max

from config.lib.calendars import Period
from connectors.types import StoreRef
from kpis.engine.change_guard import QUARTER
from kpis.engine.score import ScorecardScore, Scored, attainment, weighted
from kpis.engine.sensitivity import Swing, swings
from kpis.engine.status import judge
from kpis.models import Target
from kpis.selectors.definitions import list_definitions
from kpis.selectors.plans import list_targets
from kpis.selectors.scorecards import get_scorecard
from kpis.selectors.series import list_values
from kpis.types import LineRole, Status, TargetView

_JUDGED = frozenset({Status.OK.value, Status.WARN.value, Status.BAD.value})


@dataclass(frozen=True, slots=True)
class ParallelScore:
    """A period's score under the plan in force and under the one before its last change (K8).

    `changed_on` is that change's first day; the parallel run lasts until `until`. The figures are the same,
    only weights, roles and goals differ.
    """

    changed_on: date
    until: date
    present: ScorecardScore
    former: ScorecardScore
    changed: tuple[str, ...]


def plan_version(store_id: int) -> int:
    """Return a number that rises with every change of any target of a store."""
    latest = Target.objects.filter(store_id=store_id).values("kpi").annotate(latest=Max("version"))
    return sum(row["latest"] for row in latest)


def list_target_versions(store_id: int, kpi: str) -> list[dict[str, Any]]:
    """Return every version of a store's target as recorded, the latest first."""
    rows = Target.objects.filter(store_id=store_id, kpi=kpi).order_by("-version").values()
    return [dict(row) for row in rows]


def list_swings(store: StoreRef, period: Period) -> list[Swing]:
    """Return how much a store's score of a period hangs on each weight, the strongest first."""
    return swings(_scored(store, period, list_targets(store.id, period.end)))


def find_parallel_score(store: StoreRef, period: Period) -> ParallelScore | None:
    """Return a period's score under the present and the former plan; None where no change is younger than a
    quarter at the period's end.
    """
    changed_on = _last_change(store.id, period.end)
    if changed_on is None or period.end > changed_on + QUARTER:
        return None
    present = list_targets(store.id, period.end)
    former = list_targets(store.id, changed_on - timedelta(days=1))
    return ParallelScore(
        changed_on,
        changed_on + QUARTER,
        weighted(list(_scored(store, period, present).values()), provisional=True),
        weighted(list(_scored(store, period, former).values()), provisional=True),
        tuple(sorted(_changed(present, former))),
    )


def parallel_score(store: StoreRef, period: Period) -> Decimal | None:
    """Return the score under the former weights alone; None where nothing runs in parallel or is known."""
    found = find_parallel_score(store, period)
    return None if found is None else found.former.score


def _last_change(store_id: int, on: date) -> date | None:
    """The first day of the last change of a plan; None where there was no plan before."""
    days = (
        Target.objects.filter(store_id=store_id, effective_on__lte=on)
        .order_by("-effective_on")
        .values_list("effective_on", flat=True)
        .distinct()
    )
    present = list_targets(store_id, on)
    for day in days:
        former = list_targets(store_id, day - timedelta(days=1))
        if not former:
            return None
        if _changed(present, former):
            return day
    return None


def _changed(present: Sequence[TargetView], former: Sequence[TargetView]) -> set[str]:
    now, then = ({t.kpi: (t.role, t.weight, t.goal) for t in lines} for lines in (present, former))
    return {kpi for kpi in now.keys() | then.keys() if now.get(kpi) != then.get(kpi)}


def _scored(store: StoreRef, period: Period, lines: Sequence[TargetView]) -> dict[str, Scored]:
    """The lines with their scores of a period, whether final or not; a verdict that the scorecard withholds
    (too small a sample, costs unknown) is withheld here too."""
    rows = {row["key"]: row for row in get_scorecard(period, store_ids=[store.id])["kpis"]}
    definitions = list_definitions()
    found: dict[str, Scored] = {}
    for line in lines:
        kpi = definitions.get(line.kpi)
        if kpi is None or line.role is LineRole.OFF:
            continue
        row = rows.get(line.kpi)
        if row is not None and not {row["status"], row["provisional_status"]} & (
            _JUDGED | {Status.NO_TARGET.value}
        ):
            found[line.kpi] = Scored(line.weight, None, Status.INSUFFICIENT_DATA, kpi.hard_gate)
            continue
        value = list_values(kpi, [store], [period])[0].value if row is None else _number(row["value"])
        score = None if value is None else attainment(value, line.goal)
        status = Status.INSUFFICIENT_DATA if value is None else judge(value, line.goal)
        found[line.kpi] = Scored(line.weight, score, status, kpi.hard_gate)
    return found


def _number(shown: Any) -> Decimal | None:
    if shown is None:
        return None
    return Decimal(shown["amount"] if isinstance(shown, dict) else shown)
