"""Stores, markets, brands or people beside each other: one reading, one score and short lines per group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from config.lib.calendars import Period
from connectors.selectors.stores import list_brands
from connectors.types import StoreRef
from kpis.selectors.answer import Question, judge_lines, show_period, show_scores
from kpis.selectors.assignments import list_assignments
from kpis.selectors.lines import Row, instant
from kpis.selectors.scorecards import list_compared, read_question, read_sums
from kpis.selectors.slices import Shares, Slice

# What a short line says; the rest is in the group's own scorecard.
_SHORT = (
    *("key", "name", "unit", "role", "value", "why_missing", "currency", "target", "warn", "status"),
    *("status_reason", "provisional_status", "change", "weight", "score", "coverage", "is_final"),
)


class GroupBy(StrEnum):
    """What the groups are."""

    STORE = "store"
    MARKET = "market"
    BRAND = "brand"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class _Group:
    key: str
    name: str
    stores: tuple[StoreRef, ...]
    shares: Shares | None = None


def compare_groups(
    period: Period,
    by: GroupBy,
    *,
    within: Slice,
    kpis: Sequence[str] = (),
    as_known_at: datetime | None = None,
    language: str = "en",
) -> Row:
    """Return a score and short lines for every group of the stores of a slice, all from one reading.

    `kpis` limits the lines. Stores without a brand, and KPIs that no named person answers for, are the group
    with the key "". Groups are in the order of their keys, stores in the order of their ids.
    """
    question = read_question(list_compared(period), within, as_known_at=as_known_at, language=language)
    sums = read_sums(question, as_known_at)
    rows = []
    for group in _groups(question, by, as_known_at):
        part = replace(question, stores=group.stores, shares=group.shares)
        found, lines, scored = judge_lines(part, sums)
        rows.append(
            {
                "key": group.key,
                "name": group.name,
                "stores": [store.id for store in group.stores],
                "currency": found.currency,
                **show_scores(scored),
                "kpis": [
                    {name: line.get(name) for name in _SHORT}
                    for line in lines
                    if not kpis or line["key"] in kpis
                ],
            }
        )
    return {
        "by": by.value,
        "period": show_period(question.periods, is_over=_is_over(question)),
        "as_known_at": instant(as_known_at),
        "generated_at": instant(question.moment),
        "groups": rows,
    }


def _is_over(question: Question) -> bool:
    return all(day > question.periods[0].end for day in question.days)


def _groups(question: Question, by: GroupBy, as_known_at: datetime | None) -> list[_Group]:
    stores = question.stores
    if by is GroupBy.STORE:
        return [_Group(str(store.id), store.name, (store,)) for store in stores]
    if by is GroupBy.PERSON:
        return _people(question, as_known_at)
    brands = list_brands() if by is GroupBy.BRAND else {}
    labels = {store.id: brands.get(store.id, "") if by is GroupBy.BRAND else store.market for store in stores}
    return [
        _Group(label, label, tuple(store for store in stores if labels[store.id] == label))
        for label in _ordered(labels.values())
    ]


def _people(question: Question, as_known_at: datetime | None) -> list[_Group]:
    names: dict[str, str] = {}
    held: dict[str, list[tuple[int, str, Decimal]]] = {}
    assigned = list_assignments(
        question.periods[0].end, store_ids=[store.id for store in question.stores], as_known_at=as_known_at
    )
    for view in assigned:
        key = "" if view.user_id is None else str(view.user_id)
        names[key] = view.person if key else ""
        held.setdefault(key, []).append((view.store_id, view.kpi, view.share))
    groups = []
    for key in _ordered(held):
        theirs = {store_id for store_id, _, _ in held[key]}
        stores = tuple(store for store in question.stores if store.id in theirs)
        groups.append(_Group(key, names[key], stores, tuple(held[key])))
    return groups


def _ordered(keys: Iterable[str]) -> list[str]:
    """Each key once; the group without one stands last."""
    return sorted(set(keys), key=lambda key: (not key, key))
