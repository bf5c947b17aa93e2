"""Proving that actions work: the automatic estimate after the agreed weeks, and the verdict it allows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from config.lib import clock
from config.lib.calendars import Period, PeriodKind
from config.lib.errors import Invalid
from connectors.selectors.stores import get_store
from kpis.engine.action_states import ActionState, EffectDirection
from kpis.engine.coverage import Span, final_on
from kpis.engine.effect import Doubt, Effect, estimate
from kpis.selectors.actions import get_action, list_measurable
from kpis.selectors.definitions import get_definition
from kpis.selectors.lines import Row, instant
from kpis.selectors.panels import is_known_by_sku, make_panel
from kpis.services.actions import measured_weeks, note_effect, verify_action
from kpis.services.issues import StepNotAllowed
from tenants.context import require_client

WEEKS_BEFORE = 12
# What time alone can mend: with these doubts an action stays unverified and is looked at again.
_PASSING = frozenset({Doubt.NOT_FINAL})


def measure_effect(*, action_id: int) -> Row:
    """Estimate what a finished action did and verify it, or keep the estimate while its data is not final.

    `StepNotAllowed` before the action is done and its weeks are over; `Invalid` for SKUs with a KPI not
    known by SKU.
    """
    action = get_action(action_id)
    if action["state"] != ActionState.DONE.value:
        raise StepNotAllowed(f"the effect of an action that is {action['state']} is not measured")
    if _today(action) < action["measure_from"]:
        raise StepNotAllowed(f"the effect can be measured from {action['measure_from']} on")
    kpi = get_definition(action["kpi"])
    if action["skus"] and not is_known_by_sku(kpi):
        raise Invalid(f"{kpi.key} is not known by SKU")
    after = measured_weeks(action["done_on"], action["after_weeks"])
    before = _weeks_before(action)
    size = action["expected_size"]
    found = estimate(
        make_panel(action, kpi, before, after),
        expected=None if size is None else float(size),
        is_up_good=action["direction"] == EffectDirection.UP.value,
        is_final=_today(action) >= final_on(kpi, Span(after[-1].start, after[-1].end)),
    )
    effect = _told(found, before, after)
    if _PASSING & set(found.doubts):
        return note_effect(action_id=action_id, version=action["version"], effect=effect)
    return verify_action(
        action_id=action_id,
        version=action["version"],
        verdict=found.verdict.value,
        effect=effect,
        note=", ".join(doubt.value for doubt in found.doubts),
    )


def measure_due_effects() -> list[int]:
    """Measure every finished action whose weeks are over; returns their ids."""
    measured = []
    for action_id in list_measurable(clock.now().date()):
        action = get_action(action_id)
        if _today(action) >= action["measure_from"]:
            measure_effect(action_id=action_id)
            measured.append(action_id)
    return measured


def _weeks_before(action: Row) -> list[Period]:
    weeks = [Period.containing(action["done_on"], PeriodKind.WEEK, require_client().week_start).previous()]
    while len(weeks) < WEEKS_BEFORE:
        weeks.insert(0, weeks[0].previous())
    return weeks


def _today(action: Row) -> date:
    return clock.today(get_store(action["store_ids"][0]).time_zone)


def _told(found: Effect, before: list[Period], after: list[Period]) -> dict[str, Any]:
    """The estimate as JSON, numbers as text."""
    return {
        "verdict": found.verdict.value,
        "doubts": [doubt.value for doubt in found.doubts],
        "estimate": _text(found.estimate),
        "low": _text(found.low),
        "high": _text(found.high),
        "p": _text(found.p),
        "p_before": _text(found.p_before),
        "p_trend": _text(found.p_trend),
        "controls": found.controls,
        "method": found.method,
        "before": [before[0].id, before[-1].id],
        "after": [after[0].id, after[-1].id],
        "measured_at": instant(clock.now()),
    }


def _text(value: float | None) -> str | None:
    return None if value is None else format(Decimal(repr(round(value, 6))), "f")
