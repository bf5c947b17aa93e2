"""How the demo shows a scorecard: a table a person can read in a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

_HEAD = ("KPI", "value", "target", "status", "on last week", "as of")
_MARKS = {
    "ok": "ok",
    "warn": "WARN",
    "bad": "BAD",
    "no_target": "-",
    "insufficient_data": "not enough data",
    "unavailable": "no stream yet",
}


def scorecard_table(card: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of one scorecard: its title, its KPIs, its score."""
    stores = ", ".join(store["name"] for store in card["stores"])
    period = card["period"]
    yield f"{stores}: week {period['id']} ({period['start']} to {period['end']}), {card['currency']}"
    rows = [_row(line) for line in card["kpis"]]
    widths = [max(_width(cell) for cell in column) for column in zip(_HEAD, *rows, strict=True)]
    yield "  " + _joined(_HEAD, widths)
    yield "  " + "  ".join("-" * width for width in widths)
    for row in rows:
        yield "  " + _joined(row, widths)
    yield f"  final score {_score(card, '')}; so far {_score(card, 'provisional_')}"


def _score(card: dict[str, Any], kind: str) -> str:
    value, share = card[f"{kind}score"], _percent(Decimal(card[f"{kind}share_with_data"]))
    if value is None:
        return "none yet"
    status = _MARKS[card[f"{kind}status"]]
    return f"{Decimal(value).quantize(Decimal('0.1'))} of 100 ({status}), resting on {share} of the weight"


def _row(line: dict[str, Any]) -> tuple[str, ...]:
    return (
        line["name"],
        _value(line["value"], line["unit"]) if line["value"] is not None else line["why_missing"] or "-",
        _goal(line["target"], line["unit"]),
        _status(line),
        _change(line["change"], line["unit"]),
        (line["data_as_of"] or "-")[:16].replace("T", " "),
    )


def _status(line: dict[str, Any]) -> str:
    if line["provisional_status"] is not None:
        return f"{line['provisional_status']} so far"
    mark = _MARKS[line["status"]]
    reason = line["status_reason"]
    return f"{mark} ({reason})" if reason and line["status"] == "insufficient_data" else mark


def _value(value: Any, unit: str) -> str:
    if isinstance(value, dict):
        return f"{Decimal(value['amount']):,} {value['currency']}"
    number = Decimal(value)
    if unit == "fraction":
        return _percent(number)
    if unit == "count":
        return f"{number:,.0f}"
    return f"{number:,.2f}"


def _goal(goal: Any, unit: str) -> str:
    if goal is None:
        return "-"
    if isinstance(goal, dict):
        return " to ".join(_value(goal[end], unit) for end in ("low", "high") if goal[end] is not None)
    return _value(goal, unit)


def _change(change: dict[str, Any] | None, unit: str) -> str:
    if change is None or change["why_missing"] or change["absolute"] is None:
        return "-"
    if unit == "fraction":
        return f"{Decimal(change['absolute']) * 100:+.1f} pp"
    return "-" if change["relative"] is None else f"{Decimal(change['relative']) * 100:+.1f} %"


def _percent(number: Decimal) -> str:
    return f"{number * 100:.1f} %"


def _joined(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True))


def _width(text: str) -> int:
    """Columns a terminal needs; East Asian letters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "FW" else 1 for letter in text)
