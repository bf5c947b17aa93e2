"""Which targets, weights and baselines are in force for a store on a day."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson

from config.lib.errors import NotFound
from connectors.selectors.prepared import fetch_prepared
from connectors.selectors.versions import among, rows_version
from kpis.catalog import CATALOG
from kpis.catalog.templates import TEMPLATES, ScorecardTemplate
from kpis.models import Baseline, ScorecardPlan, Target
from kpis.selectors.definitions import (
    FORMULAS_TEXT,
    FORMULAS_VERSION,
    find_definition,
    find_direction,
    find_formula_text,
    read_formulas,
)
from kpis.types import BaselineView, Direction, Goal, LineRole, PlanView, TargetView


def plan_version(stores: str) -> str:
    """SQL of a text that differs whenever what is in force on the day `on` does, or a formula.

    `stores` is what follows `in` (connectors.selectors.versions.among).
    """
    return f"""
(select coalesce({rows_version("t")}, '') from kpis_target t
 where t.store_id in {stores} and t.effective_on <= %(on)s::date)
|| ' ' || (select coalesce({rows_version("b")}, '') from kpis_baseline b
           where b.store_id in {stores})
|| ' ' || (select coalesce({rows_version("k")}, '') from kpis_acknowledgement k
           where k.store_id in {stores})
|| ' ' || {FORMULAS_VERSION}"""  # noqa: S608 - our own


def _in_force(stores: str) -> str:
    """SQL of the rows in force with the frozen baselines, and of the formulas; the highest version of the
    latest date counts.

    For the past, only what had been recorded by then. A text holds all rows: parsed only when new.
    """
    return f"""
select ({plan_version(stores)})::text, json_agg(json_build_array(
         t.store_id, t.kpi, t.role, t.weight::text, t.target::text, t.warn::text, t.target_low::text,
         t.target_high::text, t.warn_low::text, t.warn_high::text, t.effective_on, t.version, t.owner,
         t.deadline_on, t.source, t.recorded_at, b.value::text, b.currency, b.method, b.n, b.window_start_on,
         b.window_end_on, b.frozen_at, k.noted_at) order by t.store_id, t.kpi)::text,
       {FORMULAS_TEXT}
from (select distinct on (store_id, kpi) * from kpis_target
      where store_id in {stores} and effective_on <= %(on)s::date
        and (%(at)s::timestamptz is null or recorded_at <= %(at)s::timestamptz)
      order by store_id, kpi, effective_on desc, version desc) t
left join kpis_baseline b on b.store_id = t.store_id and b.kpi = t.kpi
  and (%(at)s::timestamptz is null or b.frozen_at <= %(at)s::timestamptz)
left join (select store_id, kpi, target_version, max(acknowledged_at) as noted_at from kpis_acknowledgement
           where store_id in {stores}
             and (%(at)s::timestamptz is null or acknowledged_at <= %(at)s::timestamptz)
           group by store_id, kpi, target_version) k
  on k.store_id = t.store_id and k.kpi = t.kpi and k.target_version = t.version
where t.role <> 'off'"""  # noqa: S608 - our own


_ORDER = {key: n for n, key in enumerate(CATALOG)}


# The lines of a plan, and the formulas of the client, whose directions matter to it.
PlanTexts = tuple[str, str]


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A target in force with the baseline frozen for it, if there was enough history."""

    target: TargetView
    baseline: BaselineView | None


def list_plan_lines(
    store_ids: Sequence[int], on: date, *, as_known_at: datetime | None = None
) -> list[PlanLine]:
    """Return the lines in force on `on`, in the order of the catalogue; lines taken off are left out."""
    _, texts = find_versioned_plan(store_ids, on, as_known_at=as_known_at)
    return list(read_plan(*texts))


def find_versioned_plan(
    store_ids: Sequence[int], on: date, *, as_known_at: datetime | None = None
) -> tuple[str, PlanTexts]:
    """Return the version (see `plan_version`) of the lines in force on `on` and the client's formulas, and
    both as texts for `read_plan`.

    The same text is one object: a plan serves many weeks.
    """
    if not store_ids:
        return "", ("[]", find_formula_text(as_known_at=as_known_at))
    stores, parameters = among(store_ids)
    ((version, text, formulas),) = fetch_prepared(
        _in_force(stores), {**parameters, "on": on, "at": as_known_at}
    )
    return version, (sys.intern(text or "[]"), sys.intern(formulas or "[]"))


@lru_cache(maxsize=256)
def read_plan(text: str, formulas: str) -> tuple[PlanLine, ...]:
    """Return the lines of texts of `find_versioned_plan`, in the order of the catalogue, formulas last."""
    own = read_formulas(formulas)
    lines = [
        _line(row, direction)
        for row in orjson.loads(text)
        if (direction := find_direction(row[1], own)) is not None
    ]
    return tuple(sorted(lines, key=lambda line: (line.target.store_id, *catalogue_order(line.target.kpi))))


def catalogue_order(kpi: str) -> tuple[int, str]:
    """Return what KPIs sort by: their place in the catalogue, formulas behind it by key."""
    return _ORDER.get(kpi, len(_ORDER)), kpi


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
    """Return which way is good for a KPI of the catalogue or a formula; `NotFound` for an unknown key."""
    known = CATALOG.get(kpi) or find_definition(kpi)
    if known is None:
        raise NotFound(f"there is no KPI {kpi!r}")
    return known.direction


def _line(row: Sequence[Any], direction: Direction) -> PlanLine:
    store_id, kpi, role, weight, *bounds = row[:10]
    effective_on, version, owner, deadline_on, source, recorded_at = row[10:16]
    value, currency, method, n, start_on, end_on, frozen_at, noted_at = row[16:]
    target = TargetView(
        store_id,
        kpi,
        LineRole(role),
        Decimal(weight),
        Goal(direction, *(None if bound is None else _plain(Decimal(bound)) for bound in bounds)),
        date.fromisoformat(effective_on),
        version,
        owner,
        None if deadline_on is None else date.fromisoformat(deadline_on),
        source,
        datetime.fromisoformat(recorded_at),
        None if noted_at is None else datetime.fromisoformat(noted_at),
    )
    if value is None:
        return PlanLine(target, None)
    days = date.fromisoformat(start_on), date.fromisoformat(end_on)
    frozen = datetime.fromisoformat(frozen_at)
    return PlanLine(target, BaselineView(store_id, kpi, Decimal(value), currency, method, n, *days, frozen))


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
