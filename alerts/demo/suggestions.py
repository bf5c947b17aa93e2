"""How the demo shows suggested prices: a line for each, as the product words it, and how they were proved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alerts.demo.prices import Priced

_SHOWN = 10
_Row = tuple[dict[str, Any], dict[str, Any]]


def suggestions(client: str, priced: Priced) -> Iterator[str]:
    """Yield ten suggestions, one that was refused, one that was blocked for stale data, and the proof."""
    found = priced.of("suggest")
    yield f"\nSuggested prices of {client} (nothing is written to a platform): {_counts(priced)}"
    for row in _varied(found)[:_SHOWN]:
        yield f"  {_line(row)}"
    for row in priced.of("refused")[:1]:
        yield f"  {_line(row)} [{_reference(row)}]"
    stale = [row for row in priced.of("blocked") if _codes(row) & {"stale_data"}]
    for row in stale[:1]:
        yield f"  {_line(row)}"
    yield from _proof(priced.rules)


def _counts(priced: Priced) -> str:
    outcomes = ("suggest", "hold", "refused", "blocked", "failed")
    counts = {outcome: len(priced.of(outcome)) for outcome in outcomes}
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)


def _varied(rows: list[_Row]) -> list[_Row]:
    """Turn about by store and by why, so that the first ten show what there is."""
    piles: dict[tuple[int, str], list[_Row]] = {}
    for store, item in rows:
        piles.setdefault((store["id"], item["reasons"][0]["code"]), []).append((store, item))
    longest = max((len(pile) for pile in piles.values()), default=0)
    return [pile[place] for place in range(longest) for pile in piles.values() if place < len(pile)]


def _line(row: _Row) -> str:
    store, item = row
    return f"{store['name']:<16} {item['sku']:<10} {item['headline']}"


def _codes(row: _Row) -> set[str]:
    return {reason["code"] for reason in row[1]["reasons"]}


def _reference(row: _Row) -> str:
    return next((why["values"]["reference"] for why in row[1]["reasons"] if "reference" in why["values"]), "")


def _proof(rules: dict[str, Any]) -> Iterator[str]:
    seen = rules["activation"]["verification"]
    museum, proof = seen["museum"], seen["proof"]
    yield f'  Rule set "{rules["name"]}", version {rules["active_version"]}:'
    yield f"    museum of disasters: {museum['score']} of {museum['of']} survived"
    yield f"    floor {proof['status']}: {proof['because']}"
