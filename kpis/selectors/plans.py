"""Which targets, weights and baselines are in force for a store on a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from config.lib.errors import NotFound
from kpis.catalog import CATALOG
from kpis.catalog.pending import PENDING
from kpis.catalog.templates import TEMPLATES, ScorecardTemplate
from kpis.models import Baseline, ScorecardPlan, Target
from kpis.types import BaselineView, Direction, Goal, LineRole, PlanView, TargetView

_COLUMNS = (
    "t.store_id, t.kpi, t.role, t.weight, t.target, t.warn, t.target_low, t.target_high, t.warn_low,"
    " t.warn_high, t.effective_on, t.version, t.owner, t.deadline_on, t.source, t.recorded_at"
)
_NAMES = [name.strip().removeprefix("t.") for name in _COLUMNS.split(",")]

# The row in force and the frozen baseline in one statement; the highest version of the latest date counts.
# For the past, only what had been recorded by then.
_IN_FORCE = f"""
select distinct on (t.store_id, t.kpi) {_COLUMNS}, b.value, b.currency, b.method, b.n,
       b.window_start_on, b.window_end_on, b.frozen_at
from kpis_target t
left join kpis_baseline b on b.store_id = t.store_id and b.kpi = t.kpi
  and (%(at)s::timestamptz is null or b.frozen_at <= %(at)s)
where t.store_id = any(%(stores)s::bigint[]) and t.effective_on <= %(on)s
  and (%(at)s::timestamptz is null or t.recorded_at <= %(at)s)
order by t.store_id, t.kpi, t.effective_on desc, t.version desc"""  # noqa: S608 - a constant column list


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A target in force with the baseline frozen for it, if there was enough history."""

    target: TargetView
    baseline: BaselineView | None


def list_plan_lines(
    store_ids: Sequence[int], on: date, *, as_known_at: datetime | None = None
) -> list[PlanLine]:
    """Return the lines in force on `on`, in the order of the catalogue; lines taken off are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_IN_FORCE, {"stores": list(store_ids), "on": on, "at": as_known_at})
        lines = [_line(row) for row in cursor.fetchall()]
    order = {key: n for n, key in enumerate((*CATALOG, *PENDING))}
    kept = [line for line in lines if line.target.role is not LineRole.OFF and line.target.kpi in order]
    return sorted(kept, key=lambda line: (line.target.store_id, order[line.target.kpi]))


def list_targets(store_id: int, on: date) -> list[TargetView]:
    """Return the targets of one store in force on `on`."""
    return [line.target for line in list_plan_lines([store_id], on)]


def find_target(store_id: int, kpi: str) -> TargetView | None:
    """Return the most recently recorded target of a KPI, in force already or only later."""
    row = Target.objects.filter(store_id=store_id, kpi=kpi).order_by("-version").values().first()
    return None if row is None else _view(dict(row))


def get_target(store_id: int, kpi: str) -> TargetView:
    """Return the most recently recorded target of a KPI; `NotFound` when none was ever set."""
    found = find_target(store_id, kpi)
    if found is None:
        raise NotFound(f"store {store_id} has no target for {kpi}")
    return found


def find_plan(store_id: int, on: date) -> PlanView | None:
    """Return the template that was last applied to the store, as of `on`."""
    row = (
        ScorecardPlan.objects.filter(store_id=store_id, effective_on__lte=on)
        .order_by("-effective_on", "-id")
        .values_list("store_id", "template", "template_version", "effective_on", "recorded_at")
        .first()
    )
    return None if row is None else PlanView(*row)


def list_baselined(store_id: int) -> set[str]:
    """Return the KPIs of a store whose baseline is frozen."""
    return set(Baseline.objects.filter(store_id=store_id).values_list("kpi", flat=True))


def get_template(key: str) -> ScorecardTemplate:
    """Return a template; `NotFound` names the known ones."""
    if key not in TEMPLATES:
        raise NotFound(f"there is no template {key!r}", remedy=f"Known: {', '.join(TEMPLATES)}.")
    return TEMPLATES[key]


def direction_of(kpi: str) -> Direction:
    """Return which way is good for a KPI, connected or pending; `NotFound` for an unknown key."""
    known = CATALOG.get(kpi) or PENDING.get(kpi)
    if known is None:
        raise NotFound(f"there is no KPI {kpi!r}")
    return known.direction


def _line(row: tuple[Any, ...]) -> PlanLine:
    target = _view(dict(zip(_NAMES, row, strict=False)))
    value, currency, method, n, start_on, end_on, frozen_at = row[len(_NAMES) :]
    if value is None:
        return PlanLine(target, None)
    return PlanLine(
        target,
        BaselineView(target.store_id, target.kpi, value, currency, method, n, start_on, end_on, frozen_at),
    )


def _view(row: dict[str, Any]) -> TargetView:
    return TargetView(
        store_id=row["store_id"],
        kpi=row["kpi"],
        role=LineRole(row["role"]),
        weight=row["weight"],
        goal=Goal(
            direction_of(row["kpi"]),
            *(
                _plain(row[name])
                for name in ("target", "warn", "target_low", "target_high", "warn_low", "warn_high")
            ),
        ),
        effective_on=row["effective_on"],
        version=row["version"],
        owner=row["owner"],
        deadline_on=row["deadline_on"],
        source=row["source"],
        recorded_at=row["recorded_at"],
    )


def _plain(value: Decimal | None) -> Decimal | None:
    """The number without the column's trailing zeros ("0.25", not "0.25000000")."""
    if value is None:
        return None
    short = value.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral_value() else short
