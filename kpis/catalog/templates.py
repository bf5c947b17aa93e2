"""The scorecard templates of `kpis/templates/*.yaml`, read strictly: no unknown keys or bad numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from config.lib.dated import BadDefinition, check_keys, load_yaml
from kpis.catalog import CATALOG
from kpis.types import Direction, Goal, LineRole

FOLDER = Path(__file__).resolve().parent.parent / "templates"

_BOUNDS = ("target", "warn", "target_low", "target_high", "warn_low", "warn_high")


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """One KPI of a template. `unavailable` says why it has no data yet ("" where it has)."""

    kpi: str
    role: LineRole
    weight: Decimal
    goal: Goal
    source: str
    unavailable: str = ""


@dataclass(frozen=True, slots=True)
class ScorecardTemplate:
    """Which KPIs matter for a market, a model and a stage, how much, and what is good there."""

    key: str
    version: int
    market: str
    model: str
    stage: str
    title: str
    source: str
    lines: tuple[TemplateLine, ...]
    platform: str = ""

    @property
    def models(self) -> tuple[str, ...]:
        """The models of fulfilment it serves; the file separates them by ";"."""
        return tuple(self.model.split(";"))

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platforms it is made for, where it is not for any."""
        return tuple(filter(None, self.platform.split(";")))

    @property
    def core(self) -> tuple[str, ...]:
        """The keys of its core KPIs."""
        return tuple(line.kpi for line in self.lines if line.role is LineRole.CORE)


def read_template(key: str, text: str) -> ScorecardTemplate:
    """Read one YAML file; `BadDefinition` names the place of the first fault of form."""
    found = load_yaml(text)
    check_keys(
        found,
        required=("version", "market", "model", "stage", "title", "source", "kpis"),
        optional=("platform",),
        where=key,
    )
    return ScorecardTemplate(
        key=key,
        version=int(found["version"]),
        market=str(found["market"]),
        model=str(found["model"]),
        stage=str(found["stage"]),
        title=str(found["title"]),
        source=str(found["source"]),
        lines=tuple(_read_line(f"{key}: {kpi}", kpi, raw) for kpi, raw in found["kpis"].items()),
        platform=str(found.get("platform", "")),
    )


def _read_line(where: str, kpi: str, raw: Mapping[str, Any]) -> TemplateLine:
    check_keys(raw, required=("role", "weight", "source"), optional=(*_BOUNDS, "unavailable"), where=where)
    known = CATALOG.get(kpi)
    if known is None:
        raise BadDefinition(f"{where}: there is no such KPI")
    return TemplateLine(
        kpi=kpi,
        role=LineRole(raw["role"]),
        weight=Decimal(raw["weight"]),
        goal=_read_goal(known.direction, raw),
        source=str(raw["source"]),
        unavailable=str(raw.get("unavailable", "")),
    )


def _read_goal(direction: Direction, raw: Mapping[str, Any]) -> Goal:
    return Goal(direction, **{bound: raw[bound] for bound in _BOUNDS if bound in raw})


def _read_all() -> dict[str, ScorecardTemplate]:
    return {
        path.stem: read_template(path.stem, path.read_text(encoding="utf-8"))
        for path in sorted(FOLDER.glob("*.yaml"))
    }


TEMPLATES: Mapping[str, ScorecardTemplate] = _read_all()


def choose_template(market: str, model: str, stage: str, platform: str = "") -> ScorecardTemplate | None:
    """Return the template for a store; None where there is none.

    One made for the store's platform goes before a general one, and the stage asked for before the mature
    one, which stands in where a market and model have none of the stage.
    """
    fitting = [
        template
        for template in TEMPLATES.values()
        if template.market == market
        and model in template.models
        and (not template.platforms or platform in template.platforms)
    ]
    for wanted in dict.fromkeys((stage, "mature")):
        of_stage = [template for template in fitting if template.stage == wanted]
        if of_stage:
            return max(of_stage, key=lambda template: (bool(template.platforms), template.version))
    return None
