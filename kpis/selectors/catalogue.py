"""What KPIs and templates say of themselves, in the reader's language, as JSON that is ready to send."""

from __future__ import annotations

from typing import Any

from kpis.catalog import ALL_KPIS, CATALOG, MEASURES
from kpis.catalog.templates import TEMPLATES, ScorecardTemplate, TemplateLine
from kpis.engine.definitions import KPI
from kpis.selectors.definitions import get_definition as find_kpi
from kpis.selectors.definitions import list_formula_kpis
from kpis.selectors.lines import goal_json, text

Row = dict[str, Any]


def list_definitions(language: str) -> list[Row]:
    """Return every KPI: the catalogue's and the client's own formulas."""
    return [
        *(_definition(kpi, language) for kpi in ALL_KPIS),
        *(_definition(kpi, language) for kpi in list_formula_kpis()),
    ]


def get_definition(key: str, language: str) -> Row:
    """Return one KPI; `NotFound` for an unknown key."""
    return _definition(find_kpi(key), language)


def list_measures() -> list[Row]:
    """Return every measure that formulas may name beside the KPIs."""
    return [
        {"key": m.key, "meaning": m.meaning, "unit": m.unit.value, "basis": m.basis.value}
        for m in MEASURES.values()
    ]


def list_templates(language: str) -> list[Row]:
    """Return every scorecard template with its lines."""
    return [_template(template, language) for template in TEMPLATES.values()]


def _definition(kpi: KPI, language: str) -> Row:
    return {
        "key": kpi.key,
        "name": kpi.names.in_language(language),
        "family": kpi.family,
        "kind": kpi.kind,
        "formula": kpi.formula,
        "unit": kpi.unit.value,
        "direction": kpi.direction.value,
        "basis": kpi.basis.value,
        "settles_after_days": kpi.settles_after_days,
        "needs": [list(group) for group in kpi.needs],
        "measures": [
            {"key": key, "meaning": MEASURES[key].meaning, "basis": MEASURES[key].basis.value}
            for key in sorted(kpi.measures)
        ],
        "minimum_sample": {"of": str(kpi.min_sample.of), "least": kpi.min_sample.least}
        if kpi.min_sample
        else None,
        "needs_costs": bool(kpi.needs_costs),
        "is_hard_gate": kpi.hard_gate,
        "source": kpi.source,
        "is_available": True,
        "why_unavailable": None,
    }


def _template(template: ScorecardTemplate, language: str) -> Row:
    return {
        "key": template.key,
        "version": template.version,
        "market": template.market,
        "model": template.model,
        "stage": template.stage,
        "title": template.title,
        "source": template.source,
        "kpis": [_line(line, language) for line in template.lines],
    }


def _line(line: TemplateLine, language: str) -> Row:
    known = CATALOG[line.kpi]
    return {
        "kpi": line.kpi,
        "name": known.names.in_language(language),
        "role": line.role.value,
        "weight": text(line.weight),
        **goal_json(line.goal),
        "source": line.source,
        "is_available": not line.unavailable,
        "why_unavailable": line.unavailable or None,
    }
