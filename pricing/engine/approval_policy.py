"""A store's approval policy as a value and as the JSON in which it is kept and sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal
from typing import Any

from pricing.engine.approval import DEFAULT_RANGES, Level, Range
from pricing.engine.windows import Window


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything that rules the approval of a store's prices.

    With `four_eyes` nobody signs last for a price of their own. An approved price is due `execution_hours`
    after the approval, checked four hours later, and given up after `execution_days`. Without a `window` the
    client has no deadline but the suggestion's own.
    """

    ranges: tuple[Range, ...] = DEFAULT_RANGES
    four_eyes: bool = True
    execution_hours: int = 24
    execution_days: int = 7
    window: Window | None = field(default=None)


_LIMITS = ("largest_change", "least_margin", "largest_unit_value", "largest_month_value")


def dump(policy: Policy) -> dict[str, Any]:
    """Return a policy as JSON values: numbers as text, times as HH:MM."""
    return {
        "ranges": [
            {
                "level": each.level.value,
                **{name: _text(getattr(each, name)) for name in _LIMITS},
                "needs_target": each.needs_target,
                "second": None if each.second is None else each.second.value,
            }
            for each in policy.ranges
        ],
        "four_eyes": policy.four_eyes,
        "execution_hours": policy.execution_hours,
        "execution_days": policy.execution_days,
        "window": None if policy.window is None else _dump_window(policy.window),
    }


def load(document: Mapping[str, Any]) -> Policy:
    """Return the policy that `dump` wrote."""
    window = document["window"]
    return Policy(
        ranges=tuple(
            Range(
                level=Level(each["level"]),
                **{name: None if each[name] is None else Decimal(each[name]) for name in _LIMITS},
                needs_target=each["needs_target"],
                second=None if each["second"] is None else Level(each["second"]),
            )
            for each in document["ranges"]
        ),
        four_eyes=document["four_eyes"],
        execution_hours=document["execution_hours"],
        execution_days=document["execution_days"],
        window=None if window is None else _load_window(window),
    )


def _dump_window(window: Window) -> dict[str, Any]:
    return {
        "time_zone": window.time_zone,
        "weekdays": list(window.weekdays),
        "opens": window.opens.strftime("%H:%M"),
        "closes": window.closes.strftime("%H:%M"),
        "deadline_hours": window.deadline_hours,
        "reminder_hours": list(window.reminder_hours),
    }


def _load_window(window: Mapping[str, Any]) -> Window:
    return Window(
        time_zone=window["time_zone"],
        weekdays=tuple(window["weekdays"]),
        opens=time.fromisoformat(window["opens"]),
        closes=time.fromisoformat(window["closes"]),
        deadline_hours=window["deadline_hours"],
        reminder_hours=tuple(window["reminder_hours"]),
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")
