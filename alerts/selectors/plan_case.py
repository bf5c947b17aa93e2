"""Gathers what our records tell of a warning: figures, causes, actions, each with its source and hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from alerts.engine.health import WarningKind
from alerts.engine.performance import KIND_OF_KPI
from alerts.engine.poa import ActionFact, CauseFact, FigureFact, Item, PlanCase, PlanLanguage, digest
from alerts.selectors.health import get_warning
from config.lib.calendars import Period, PeriodKind, business_day
from connectors.selectors.stores import get_store
from connectors.types import StoreRef
from kpis.selectors.actions import actions_query, get_action
from kpis.selectors.attribution.tell import get_attributions
from kpis.selectors.definitions import get_definition
from kpis.selectors.policies import list_store_policies
from kpis.types import Unit
from tenants.context import require_client

Row = dict[str, Any]
# An action finished longer before the warning was none against what it is about.
_DONE_WITHIN = timedelta(days=60)
_MOST_OBSERVATIONS = 3
#: Which causes of the checklist can explain a kind of warning; of the other kinds our figures tell nothing.
CAUSES_OF_KIND: Mapping[WarningKind, frozenset[str]] = {
    WarningKind.LATE_SHIPMENT: frozenset({"logistics", "stock_out"}),
    WarningKind.TRACKING: frozenset({"logistics"}),
    WarningKind.CANCELLATIONS: frozenset({"stock_out"}),
    WarningKind.ORDER_DEFECTS: frozenset({"refunds", "logistics", "listing_edit"}),
    WarningKind.LISTING_REMOVED: frozenset({"listing_edit"}),
    WarningKind.POLICY_VIOLATION: frozenset({"listing_edit"}),
    WarningKind.ACCOUNT_AT_RISK: frozenset({"logistics", "stock_out", "refunds"}),
    WarningKind.SUSPENSION: frozenset({"logistics", "stock_out", "refunds"}),
}
#: A threat to the account as a whole may come from any figure by which the platform judges it.
_OF_THE_ACCOUNT = frozenset({WarningKind.ACCOUNT_AT_RISK, WarningKind.SUSPENSION})


class _Folder:
    """Numbers the evidence as it is found."""

    def __init__(self) -> None:
        self.items: list[Item] = []

    def add(self, what: str, source: str, sha256: str) -> str:
        """Put a piece of evidence in and return the number it is cited by."""
        name = f"e{len(self.items) + 1}"
        self.items.append(Item(name, what, source, sha256))
        return name


def gather_case(
    warning_id: int, language: PlanLanguage, *, action_ids: Sequence[int] = ()
) -> tuple[PlanCase, tuple[Item, ...]]:
    """Return the case of a warning and the evidence it was made from.

    `action_ids` adds actions that a person says belong to it, beside those on the figures it is about.
    `NotFound` for an unknown warning or action.
    """
    warning = get_warning(warning_id)
    store = get_store(warning["store_id"])
    kind = WarningKind(warning["kind"])
    received_on = business_day(warning["received_at"], store.time_zone)
    path = f"/api/v1/clients/{require_client().slug}"
    folder = _Folder()
    cited = _warning(folder, warning, path)
    figures, watched = _figures(folder, store, kind, received_on, language, path)
    case = PlanCase(
        kind=kind,
        title=warning["title"],
        store=f"{store.name} ({store.platform}, {store.market})",
        reference=warning["reference"],
        received_on=received_on,
        deadline_at=warning["deadline_at"],
        warning_evidence=cited,
        figures=figures,
        causes=_causes(folder, store, kind, received_on, language, path),
        actions=_actions(folder, store, kind, received_on, action_ids, path),
        watched=watched,
    )
    return case, tuple(folder.items)


def _warning(folder: _Folder, warning: Row, path: str) -> str:
    source = f"{path}/health-warnings/{warning['id']}"
    if warning["original_sha256"]:
        cited = folder.add("the platform's message", f"{source}/original", warning["original_sha256"])
    else:
        kept = {name: warning[name] for name in ("kind", "title", "reference", "received_at", "fields")}
        cited = folder.add("the warning as it was entered", source, digest(kept))
    for each in warning["fields"].get("attachments", ()):
        name = each["name"] or each["media_type"]
        folder.add(f"attachment {name}", f"{source}/original", each["sha256"])
    return cited


def _figures(
    folder: _Folder, store: StoreRef, kind: WarningKind, on: date, language: PlanLanguage, path: str
) -> tuple[list[FigureFact], list[FigureFact]]:
    """The figures of the kind of warning in the platform's own windows, and those that have a limit."""
    figures, watched = [], []
    for row in list_store_policies(store, on):
        if not _is_about(row["kpi"], kind):
            continue
        facts = [
            _figure(folder, row, each["value"], on, each["days"], language, path)
            for each in row["windows"]
            if each["value"] is not None
        ]
        figures += facts
        watched += facts[-1:]
    return figures, watched


def _is_about(kpi: str | None, kind: WarningKind) -> bool:
    known = KIND_OF_KPI.get(kpi or "")
    return known is not None and (known is kind or kind in _OF_THE_ACCOUNT)


def _figure(
    folder: _Folder, row: Row, value: str, on: date, days: int, language: PlanLanguage, path: str
) -> FigureFact:
    first, last = on - timedelta(days=days), on - timedelta(days=1)
    kpi = row["kpi"]
    shown = {"kpi": kpi, "value": value, "first": first.isoformat(), "last": last.isoformat()}
    source = f"{path}/kpis/{kpi}/series?from={first}&to={last}&grain=day"
    cited = folder.add(f"{kpi} from {first} to {last}", source, digest({**shown, "limit": row["limit"]}))
    limit = f"{row['comparator']} {_shown(kpi, row['limit'])}"
    return FigureFact(_name(kpi, language), _shown(kpi, value), limit, first, last, cited)


def _name(kpi: str, language: PlanLanguage) -> str:
    return get_definition(kpi).names.in_language(language.value)


def _shown(kpi: str, value: str) -> str:
    """A figure as a person writes it: shares in per cent with two decimals, everything else as it is."""
    if get_definition(kpi).unit is not Unit.FRACTION:
        return value
    return f"{(Decimal(value) * 100).quantize(Decimal('0.01'))} %"


def _causes(
    folder: _Folder, store: StoreRef, kind: WarningKind, on: date, language: PlanLanguage, path: str
) -> list[CauseFact]:
    """What the checklist of causes found likely or possible in the last full week before the warning."""
    wanted = CAUSES_OF_KIND.get(kind)
    if not wanted:
        return []
    week = Period.containing(on, PeriodKind.WEEK, require_client().week_start).previous()
    found = get_attributions("net_sales", week, None, [store.id], path=path)
    causes = []
    for cause in found["stores"][0]["causes"]:
        if cause["cause"] not in wanted or cause["verdict"] not in ("likely", "possible"):
            continue
        source = f"{path}/attributions?kpi=net_sales&period={week.id}&store={store.id}"
        cited = folder.add(f"checklist of causes, {cause['cause']}, {week.id}", source, digest(cause))
        seen = tuple(_observation(each, language) for each in cause["evidence"][:_MOST_OBSERVATIONS])
        causes.append(CauseFact(cause["cause"], cause["verdict"] == "likely", seen, cited))
    return causes


def _observation(each: Mapping[str, Any], language: PlanLanguage) -> str:
    sku = f" ({each['sku']})" if each["sku"] else ""
    name = each["figure"].replace("_", " ")
    note = f", {each['note']}" if each["note"] else ""
    values = [str(each[side]) for side in ("before", "after") if each[side] is not None]
    return f"{name}{sku} {' → '.join(values)}{note}".strip()


def _actions(
    folder: _Folder, store: StoreRef, kind: WarningKind, on: date, action_ids: Sequence[int], path: str
) -> list[ActionFact]:
    """Actions on the figures of the warning, finished not long before it or promised, and those named."""
    rows = {
        row["id"]: row
        for row in actions_query(store_id=store.id).order_by("id")
        if _is_about(row["kpi"], kind)
    }
    rows |= {action_id: get_action(action_id) for action_id in action_ids}
    found = []
    for row in sorted(rows.values(), key=lambda each: int(each["id"])):
        is_named = row["id"] in action_ids
        is_late = row["done_on"] is not None and row["done_on"] < on - _DONE_WITHIN
        if row["state"] == "cancelled" or (is_late and not is_named):
            continue
        kept = {name: row[name] for name in ("id", "title", "owner", "state", "due_on", "done_on")}
        cited = folder.add(f"action {row['id']}", f"{path}/actions/{row['id']}", digest(kept))
        found.append(ActionFact(row["title"], row["owner"], row["done_on"], row["due_on"], cited))
    return found
