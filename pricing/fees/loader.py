"""Reads the files of dated parameters strictly: what is unknown, doubled or out of order is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from config.lib.dated import BadDefinition, Dated, NotInForce, check_keys, load_yaml, read_dated
from pricing.fees.units import Unit, get_unit, read_value
from pricing.fees.values import FeeValue, describe
from pricing.types import Confidence

DATA = Path(__file__).parent / "data"
STALE_AFTER = timedelta(days=180)
WEAK = frozenset({Confidence.C, Confidence.M, Confidence.X})
_KEY = re.compile(r"(us|jp|mx)(\.[a-z0-9_]+)+")
_REQUIRED = ("description", "unit", "reference", "confidence", "checked_on", "values")
_OPTIONAL = ("note", "start_is_assumed")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One fee, tax or duty with its values over time.

    A value of None was in force but is not known: it must be asked for. `start_is_assumed`: the first day is
    a placeholder, the value may have held earlier or begun later.
    """

    key: str
    market: str
    platform: str
    topic: str
    description: str
    unit: Unit
    reference: str
    confidence: Confidence
    checked_on: date
    values: Dated[FeeValue | None]
    note: str = ""
    start_is_assumed: bool = False

    def at(self, on: date) -> FeeValue | None:
        """Return the value in force on a day, None where it is not known; `NotInForce` outside its days."""
        return self.values.at(on)

    def since(self, on: date) -> date:
        """Return the first day of the value in force on a day; `NotInForce` outside its days."""
        self.values.at(on)
        return max(day for day in self.values.since if day <= on)

    def next_change(self, on: date) -> tuple[date, FeeValue | None] | None:
        """Return the first later day on which another value begins, with that value."""
        later = [(d, v) for d, v in zip(self.values.since, self.values.values, strict=True) if d > on]
        return later[0] if later else None

    def text(self, value: FeeValue | None) -> str:
        """Return a value of this parameter as a person reads it."""
        return describe(value, is_share=self.unit.is_share)

    def warnings(self, on: date) -> tuple[str, ...]:
        """Say what makes the parameter weak on a day, as stable codes."""
        found = []
        if self.confidence in WEAK:
            found.append("low_confidence")
        if on - self.checked_on > STALE_AFTER:
            found.append("not_checked_lately")
        if self.start_is_assumed:
            found.append("start_assumed")
        try:
            if self.at(on) is None:
                found.append("not_found")
        except NotInForce:
            found.append("not_in_force")
        return tuple(found)


def load_all(folder: Path = DATA) -> dict[str, Parameter]:
    """Read every file below `folder` (market/topic.yaml), sorted by path; `BadDefinition` names the place."""
    found: dict[str, Parameter] = {}
    for path in sorted(folder.glob("*/*.yaml")):
        for parameter in load_file(
            path.read_text(encoding="utf-8"), market=path.parent.name, topic=path.stem
        ):
            if parameter.key in found:
                raise BadDefinition(f"{path.parent.name}/{path.name}: {parameter.key} stands in two files")
            found[parameter.key] = parameter
    return found


def load_file(text: str, *, market: str, topic: str) -> list[Parameter]:
    """Read one file; `market` and `topic` are those of its path and must agree with what it says."""
    where = f"{market}/{topic}.yaml"
    found = load_yaml(text)
    check_keys(found, required=("market", "topic", "platform", "parameters"), where=where)
    if (found["market"], found["topic"]) != (market.upper(), topic):
        raise BadDefinition(f"{where}: market and topic must be those of the path")
    if not isinstance(found["parameters"], dict) or not found["parameters"]:
        raise BadDefinition(f"{where}: there are no parameters")
    return [
        _parameter(key, raw, market=market.upper(), platform=str(found["platform"]), topic=topic, where=where)
        for key, raw in found["parameters"].items()
    ]


def _parameter(key: Any, raw: Any, *, market: str, platform: str, topic: str, where: str) -> Parameter:
    place = f"{where}, {key}"
    if not isinstance(key, str) or not _KEY.fullmatch(key) or not key.startswith(f"{market.lower()}."):
        raise BadDefinition(f"{place}: a key is like {market.lower()}.amazon.referral.beauty")
    if not isinstance(raw, dict):
        raise BadDefinition(f"{place}: a parameter is a mapping")
    check_keys(raw, required=_REQUIRED, optional=_OPTIONAL, where=place)
    for name in ("description", "reference"):
        if not isinstance(raw[name], str) or not raw[name].strip():
            raise BadDefinition(f"{place}: {name} is empty")
    if raw["confidence"] not in tuple(Confidence):
        raise BadDefinition(f"{place}: there is no confidence {raw['confidence']!r}")
    if type(raw["checked_on"]) is not date:
        raise BadDefinition(f"{place}: checked_on is a date")
    if not isinstance(raw.get("start_is_assumed", False), bool):
        raise BadDefinition(f"{place}: start_is_assumed is true or false")
    unit = get_unit(str(raw["unit"]), place)
    return Parameter(
        key=key,
        market=market,
        platform=platform,
        topic=topic,
        description=raw["description"],
        unit=unit,
        reference=raw["reference"],
        confidence=Confidence(raw["confidence"]),
        checked_on=raw["checked_on"],
        values=read_dated(raw["values"], lambda value: read_value(unit, value, place), place),
        note=str(raw.get("note", "")),
        start_is_assumed=raw.get("start_is_assumed", False),
    )
