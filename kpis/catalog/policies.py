"""What platforms demand of sellers: the packs of `kpis/templates/policies`, read strictly and dated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from config.lib.dated import BadDefinition, check_keys, load_yaml
from kpis.catalog import CATALOG
from kpis.engine.plan_rules import PlatformLimit

FOLDER = Path(__file__).resolve().parent.parent / "templates" / "policies"

_COMPARATORS = {"<": (False, True), "<=": (False, False), ">": (True, True), ">=": (True, False)}


@dataclass(frozen=True, slots=True)
class Policy:
    """One demand of a platform. `kpi` "" has no KPI of ours; `valid_from` None: the source does not say.

    The limit holds over each of `window_days`; below `least_sample` the platform does not judge.
    `confidence` is that of the reference (A: official, B: trade press, C: doubtful, M: from memory).
    """

    platform: str
    serves: str
    kpi: str
    metric: str
    comparator: str
    value: Decimal
    window_days: tuple[int, ...]
    least_sample: int | None
    consequence: str
    confidence: str
    source: str
    valid_from: date | None
    read_on: date

    @property
    def limit(self) -> PlatformLimit:
        """The demand as the rules about plans read it."""
        is_floor, is_strict = _COMPARATORS[self.comparator]
        return PlatformLimit(
            self.kpi, self.platform, self.metric, self.value, is_floor, is_strict, self.consequence
        )


def read_policies(name: str, text: str) -> tuple[Policy, ...]:
    """Read one pack; `BadDefinition` names the place of the first fault."""
    found = load_yaml(text)
    check_keys(found, required=("platform", "serves", "read_on", "limits"), where=name)
    return tuple(_read(f"{name}: limit {n}", raw, found) for n, raw in enumerate(found["limits"], 1))


def list_policies(platform: str, on: date) -> list[Policy]:
    """Return what a platform (by its connector's key) demands on a day, the latest figure of each metric."""
    latest: dict[tuple[str, str], Policy] = {}
    for policy in POLICIES:
        if policy.serves != platform or (policy.valid_from is not None and policy.valid_from > on):
            continue
        key = (policy.kpi, policy.metric)
        known = latest.get(key)
        if known is None or (policy.valid_from or date.min) >= (known.valid_from or date.min):
            latest[key] = policy
    return list(latest.values())


def _read(where: str, raw: Mapping[str, Any], pack: Mapping[str, Any]) -> Policy:
    check_keys(
        raw,
        required=(
            "kpi",
            "metric",
            "comparator",
            "value",
            "window_days",
            "least_sample",
            "consequence",
            "confidence",
            "source",
            "valid_from",
        ),
        where=where,
    )
    if raw["kpi"] and raw["kpi"] not in CATALOG:
        raise BadDefinition(f"{where}: there is no such KPI")
    if raw["comparator"] not in _COMPARATORS:
        raise BadDefinition(f"{where}: the comparator is one of {', '.join(_COMPARATORS)}")
    return Policy(
        platform=str(pack["platform"]),
        serves=str(pack["serves"]),
        kpi=str(raw["kpi"]),
        metric=str(raw["metric"]),
        comparator=str(raw["comparator"]),
        value=raw["value"],
        window_days=tuple(int(days) for days in raw["window_days"]),
        least_sample=None if raw["least_sample"] is None else int(raw["least_sample"]),
        consequence=str(raw["consequence"]),
        confidence=str(raw["confidence"]),
        source=str(raw["source"]),
        valid_from=raw["valid_from"],
        read_on=pack["read_on"],
    )


def _read_all() -> tuple[Policy, ...]:
    return tuple(
        policy
        for path in sorted(FOLDER.glob("*.yaml"))
        for policy in read_policies(path.stem, path.read_text(encoding="utf-8"))
    )


POLICIES: tuple[Policy, ...] = _read_all()
