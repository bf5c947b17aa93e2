"""Saving formulas: nothing unsound gets in, nothing is overwritten, definitions do not change every week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from config.lib import clock
from config.lib.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed, gettext_noop
from kpis.catalog import CATALOG, MEASURES
from kpis.engine.definitions import KPI, Names
from kpis.engine.formula.check import check
from kpis.engine.formula.graph import find_cycle
from kpis.engine.formula.kpi import FormulaText, make_formula
from kpis.engine.formula.parser import parse
from kpis.engine.formula.scope import Scope
from kpis.engine.formula.syntax import Fault, Node, names_in
from kpis.engine.validate import KEY
from kpis.models.formulas import Formula
from kpis.models.targets import Target
from kpis.selectors.definitions import get_formula, list_definitions, list_formulas, scope_without
from kpis.types import Direction, FormulaView, LineRole, Unit
from tenants import audit
from tenants.context import current_actor, require_client

# "Evaluate each quarter, not each month" (product owner's document S3, pitfall 10).
QUARTER = timedelta(days=91)


class FormulaInUse(Conflict):
    """Others stand on the formula; it cannot be taken away under them."""

    code = "formula_in_use"
    title = gettext_noop("The formula is in use")
    permanent = True


@dataclass(frozen=True, slots=True)
class FormulaDraft:
    """A formula as somebody proposes it. `names` holds the languages zh, en, ja, es; en must be there."""

    names: Mapping[str, str]
    unit: Unit
    direction: Direction
    expression: str
    note: str
    override_reason: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """What a look at a text found: its tree where it has one, and everything wrong with it."""

    node: Node | None
    faults: tuple[Fault, ...]
    depends_on: tuple[str, ...]


def examine(*, key: str, expression: str, unit: Unit) -> Examined:
    """Read and check a formula of `key` ("" for one without a name yet) without saving it."""
    node, faults = parse(expression)
    if node is None:
        return Examined(None, tuple(faults), ())
    definitions = list_definitions()
    names = names_in(node)
    faults = check(node, Scope(MEASURES, definitions), unit)
    cycle = _cycle(key, names)
    if cycle:
        faults = [
            Fault(
                "cycle",
                node.at,
                f"The formula would stand on itself: {' → '.join(cycle)}",
                "Take one of these names out.",
            ),
            *(fault for fault in faults if fault.code != "unknown_name"),
        ]
    return Examined(node, tuple(faults), tuple(sorted(names)))


def save_formula(*, key: str, draft: FormulaDraft, version: int) -> FormulaView:
    """Record a formula as the version after `version` (0: there was none).

    `Invalid` with everything that is wrong at once, `PreconditionFailed` when somebody else was faster. A
    change within a quarter of the version before needs a reason (K8); the former version can still be
    computed beside it.
    """
    with transaction.atomic():
        _lock()
        before = _find(key)
        if (before.version if before else 0) != version:
            raise PreconditionFailed
        faults = [*_form_faults(key, draft, before), *_text_faults(key, draft)]
        if faults:
            raise Invalid("The formula cannot be used.", errors=faults)
        _record(key, draft, version + 1, is_archived=False)
        after = get_formula(key)
        audit.record("formula.saved", target=("formula", key), before=_audited(before), after=_audited(after))
    return after


def archive_formula(*, key: str, version: int) -> FormulaView:
    """Take a formula out of use; its versions stay. `FormulaInUse` names what stands on it."""
    with transaction.atomic():
        _lock()
        before = get_formula(key)
        if before.is_archived:
            raise NotFound(f"there is no formula {key!r}", remedy="See the list of formulas.")
        if before.version != version:
            raise PreconditionFailed
        users = _users(key)
        if users:
            raise FormulaInUse(f"{key} is used by {', '.join(users)}.", remedy="Take it out of them first.")
        draft = FormulaDraft(before.names, before.unit, before.direction, before.expression, before.note)
        _record(key, draft, version + 1, is_archived=True)
        after = get_formula(key)
        audit.record(
            "formula.archived", target=("formula", key), before=_audited(before), after=_audited(after)
        )
    return after


def draft_kpi(*, key: str, node: Node, unit: Unit, expression: str) -> KPI:
    """Make a KPI of a tree that `examine` found sound, for a preview."""
    written = FormulaText(key, Names(key, key, key, key), unit, Direction.WATCH, expression, 0, "")
    return make_formula(written, node, scope_without(key))


def fault_detail(fault: Fault, expression: str) -> str:
    """Say a fault with its place for a person: line and column from 1."""
    line = expression.count("\n", 0, fault.at.start) + 1
    column = fault.at.start - (expression.rfind("\n", 0, fault.at.start) + 1) + 1
    return f"Line {line}, column {column}: {fault.message}. {fault.remedy}"


def _text_faults(key: str, draft: FormulaDraft) -> list[FieldError]:
    found = examine(key=key, expression=draft.expression, unit=draft.unit)
    return [
        FieldError("/expression", fault_detail(fault, draft.expression), fault.code) for fault in found.faults
    ]


def _form_faults(key: str, draft: FormulaDraft, before: FormulaView | None) -> Sequence[FieldError]:
    faults = []
    if not KEY.fullmatch(key):
        faults.append(
            FieldError("", "A key is 3 to 48 small letters, digits and _.", "invalid_key", parameter="key")
        )
    if key in CATALOG or key in MEASURES:
        faults.append(FieldError("", "The catalogue has this key already.", "taken", parameter="key"))
    if not draft.names.get("en", "").strip():
        faults.append(FieldError("/names/en", "An English name is required.", "required"))
    if draft.direction in {Direction.RANGE, Direction.ABS} and draft.unit is Unit.MONEY:
        faults.append(FieldError("/direction", "Money has no band; use up, down or watch.", "direction"))
    changes = before is not None and not before.is_archived and before.expression != draft.expression
    if (
        changes
        and before
        and clock.now() - before.recorded_at < QUARTER
        and not draft.override_reason.strip()
    ):
        faults.append(
            FieldError(
                "/override_reason",
                f"The formula was changed on {before.recorded_at.date()}; within a quarter a change needs a "
                "reason, because figures before and after cannot be compared.",
                "changed_too_soon",
            )
        )
    return faults


def _cycle(key: str, names: frozenset[str]) -> tuple[str, ...]:
    edges = {view.key: _names(view.expression) for view in list_formulas()}
    return find_cycle(key, {**edges, key: names}) if key else ()


def _names(expression: str) -> frozenset[str]:
    node, _ = parse(expression)
    return names_in(node) if node else frozenset()


def _users(key: str) -> list[str]:
    formulas = [view.key for view in list_formulas() if key in _names(view.expression)]
    newest = (
        Target.objects.filter(kpi=key).order_by("store_id", "-effective_on", "-version").distinct("store_id")
    )
    stores = [f"the scorecard of store {row.store_id}" for row in newest if row.role != LineRole.OFF]
    return [*formulas, *stores]


def _find(key: str) -> FormulaView | None:
    try:
        return get_formula(key)
    except NotFound:
        return None


def _record(key: str, draft: FormulaDraft, version: int, *, is_archived: bool) -> None:
    english = draft.names["en"].strip()
    Formula.objects.create(
        key=key,
        version=version,
        names={code: draft.names.get(code, "").strip() or english for code in ("zh", "en", "ja", "es")},
        unit=draft.unit,
        direction=draft.direction,
        expression=draft.expression.strip(),
        note=draft.note.strip(),
        override_reason=draft.override_reason.strip(),
        is_archived=is_archived,
        recorded_at=clock.now(),
        recorded_by=current_actor().label,
    )


def _lock() -> None:
    """One change of the client's formulas at a time, so that two of them cannot close a cycle together."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"kpis.formulas:{require_client().id}"]
        )


def _audited(view: FormulaView | None) -> dict[str, Any] | None:
    if view is None:
        return None
    return {
        "version": view.version,
        "expression": view.expression,
        "unit": view.unit.value,
        "direction": view.direction.value,
        "is_archived": view.is_archived,
        "override_reason": view.override_reason,
    }
