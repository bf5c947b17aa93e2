"""Every KPI that a client has: the catalogue's, and the formulas of its own."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

import orjson

from config.lib.errors import NotFound
from connectors.selectors.prepared import fetch_prepared
from connectors.selectors.versions import rows_version
from kpis.catalog import CATALOG, MEASURES
from kpis.engine.definitions import KPI, Names
from kpis.engine.formula.graph import in_order
from kpis.engine.formula.kpi import FormulaText, UserFormula, make_formula
from kpis.engine.formula.parser import parse
from kpis.engine.formula.scope import Scope
from kpis.engine.formula.syntax import names_in
from kpis.models.formulas import Formula
from kpis.types import Direction, FormulaView, Unit

# SQL of a text that differs whenever a formula is saved or archived; "" while there was never one.
FORMULAS_VERSION = f"(select coalesce({rows_version('f')}, '') from kpis_formula f)"  # noqa: S608 - our own

# SQL of the latest version of every formula as known at the instant `at`; one text, parsed only when new.
FORMULAS_TEXT = """
(select json_agg(json_build_array(
          f.key, f.names, f.unit, f.direction, f.expression, f.version, f.note) order by f.key)::text
 from (select distinct on (key) * from kpis_formula
       where %(at)s::timestamptz is null or recorded_at <= %(at)s::timestamptz
       order by key, version desc) f
 where not f.is_archived)"""


def find_formula_text(*, as_known_at: datetime | None = None) -> str:
    """Return the formulas in use (at an instant) as text for `read_formulas`; the same are the same text."""
    ((text,),) = fetch_prepared(f"select {FORMULAS_TEXT}", {"at": as_known_at})
    return sys.intern(text or "[]")


@lru_cache(maxsize=256)
def read_formulas(text: str) -> Mapping[str, UserFormula]:
    """Return the KPIs of a text of `find_formula_text` by key."""
    return _compile(
        tuple(
            FormulaText(key, Names(**names), Unit(unit), Direction(direction), expression, version, note)
            for key, names, unit, direction, expression, version, note in orjson.loads(text)
        )
    )


def find_direction(kpi: str, formulas: Mapping[str, UserFormula]) -> Direction | None:
    """Return which way is good for a KPI: of the catalogue, or one of these formulas."""
    known = CATALOG.get(kpi) or formulas.get(kpi)
    return None if known is None else known.direction


def list_definitions() -> dict[str, KPI]:
    """Return every KPI of the client by key: the catalogue in its order, then the client's formulas."""
    return {**CATALOG, **_compile(tuple(_written(view) for view in list_formulas()))}


def list_formula_kpis() -> list[UserFormula]:
    """Return the client's formulas in use as KPIs, by key."""
    return list(_compile(tuple(_written(view) for view in list_formulas())).values())


def find_definition(key: str) -> KPI | None:
    """Return a KPI of the catalogue or of the client; None when there is none of this key."""
    return CATALOG.get(key) or list_definitions().get(key)


def get_definition(key: str) -> KPI:
    """Return a KPI of the catalogue or of the client; `NotFound` for an unknown key."""
    found = find_definition(key)
    if found is None:
        raise NotFound(f"there is no KPI {key!r}", remedy="See the list of KPIs.")
    return found


def list_formulas() -> list[FormulaView]:
    """Return the latest version of every formula in use, by key."""
    newest = Formula.objects.order_by("key", "-version").distinct("key")
    return [_view(row) for row in newest if not row.is_archived]


def get_formula(key: str) -> FormulaView:
    """Return the latest version of a formula, archived or not; `NotFound` when there never was one."""
    row = Formula.objects.filter(key=key).order_by("-version").first()
    if row is None:
        raise NotFound(f"there is no formula {key!r}", remedy="See the list of formulas.")
    return _view(row)


def list_formula_versions(key: str) -> list[FormulaView]:
    """Return every version of a formula, the latest first; `NotFound` when there never was one."""
    rows = [_view(row) for row in Formula.objects.filter(key=key).order_by("-version")]
    if not rows:
        raise NotFound(f"there is no formula {key!r}", remedy="See the list of formulas.")
    return rows


def get_formula_version(key: str, version: int) -> UserFormula:
    """Return one version of a formula as a KPI, its parts as they are now; `NotFound` when there is none."""
    row = Formula.objects.filter(key=key, version=version).first()
    if row is None:
        raise NotFound(f"formula {key!r} has no version {version}")
    return compile_text(_written(_view(row)), scope_without(key))


def scope_without(key: str) -> Scope:
    """Return what a formula of this key may mention: everything but itself."""
    return Scope(MEASURES, {name: kpi for name, kpi in list_definitions().items() if name != key})


def compile_text(written: FormulaText, scope: Scope) -> UserFormula:
    """Make a KPI of a text that was checked before; `ValueError` when it is no formula after all."""
    node, faults = parse(written.expression)
    if node is None:
        raise ValueError(f"formula {written.key}: {faults[0].message}")
    return make_formula(written, node, scope)


# A formula is compiled once per process and version, whoever asks; the texts are all that it depends on.
@lru_cache(maxsize=256)
def _compile(texts: tuple[FormulaText, ...]) -> Mapping[str, UserFormula]:
    by_key = {text.key: text for text in texts}
    nodes = {key: parse(text.expression)[0] for key, text in by_key.items()}
    edges = {key: names_in(node) if node else frozenset[str]() for key, node in nodes.items()}
    known: dict[str, KPI] = dict(CATALOG)
    made: dict[str, UserFormula] = {}
    for key in in_order(edges):
        made[key] = compile_text(by_key[key], Scope(MEASURES, dict(known)))
        known[key] = made[key]
    return {key: made[key] for key in by_key if key in made}


def _written(view: FormulaView) -> FormulaText:
    return FormulaText(
        view.key, Names(**view.names), view.unit, view.direction, view.expression, view.version, view.note
    )


def _view(row: Formula) -> FormulaView:
    return FormulaView(
        key=row.key,
        version=row.version,
        names=row.names,
        unit=Unit(row.unit),
        direction=Direction(row.direction),
        expression=row.expression,
        note=row.note,
        override_reason=row.override_reason,
        is_archived=row.is_archived,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
    )
