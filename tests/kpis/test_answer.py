"""Kept answers are never stale and never another client's: whatever changes is part of the question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from config.lib import clock
from config.lib.calendars import Period
from connectors import models as c
from connectors.services.dirty import DirtyMark, mark_dirty_days
from connectors.types import Family, FreshnessState
from kpis.catalog import CATALOG
from kpis.models import Target
from kpis.selectors import answer, scorecards
from kpis.selectors.scorecards import get_scorecard
from kpis.services.rollup import roll_up
from kpis.services.targets import apply_template
from tenants.context import use_public, use_tenant
from tenants.models import FXRate
from tenants.types import ClientRef
from tests.kpis.shops import WEEK, cover, line, make_shops
from tests.kpis.world import FIRST, World

Body = dict[str, Any]


@pytest.fixture(autouse=True)
def _forgetful() -> Iterator[None]:
    """Nothing is kept from one test to the next."""
    answer.remembered.cache_clear()
    yield
    answer.remembered.cache_clear()


def _card(store_id: int, language: str = "en") -> Body:
    body = get_scorecard(Period.parse(WEEK), store_ids=[store_id], language=language)
    return {key: value for key, value in body.items() if key != "generated_at"}


def _sell_more(store_id: int) -> None:
    day = date(2026, 7, 28)
    for row in c.OrderLine.objects.filter(store_id=store_id, business_on=day):
        row.quantity += 5
        row.is_replacement, row.status = False, "shipped"
        row.save()
    mark_dirty_days([DirtyMark(store_id, day, Family.ORDERS)])
    assert roll_up().opened


def _retarget(store_id: int) -> None:
    assert Target.objects.filter(store_id=store_id, kpi="acos").update(
        target=Decimal("0.00000001"), warn=None
    )


CHANGES: dict[str, Callable[[int], object]] = {
    "sales": _sell_more,
    "target": _retarget,
    "template": lambda store_id: Target.objects.filter(store_id=store_id, kpi="roas").update(role="off"),
    "coverage": lambda store_id: cover(store_id, date(2026, 7, 30)),
    "doubt": lambda store_id: c.StreamCursor.objects.filter(store_id=store_id).update(
        suspect_empty_since=datetime(2026, 9, 30, tzinfo=UTC)
    ),
    "name": lambda store_id: c.Store.objects.filter(pk=store_id).update(name="Another"),
    "time zone": lambda store_id: c.Store.objects.filter(pk=store_id).update(time_zone="Asia/Tokyo"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_shows_at_once(shops: World, acme: ClientRef, change: str) -> None:
    """The answer after a change differs, and equals the one worked out with nothing kept."""
    store_id = shops.stores["US"]
    with use_tenant(acme):
        apply_template(store_id=store_id, template="us_fba_mature", effective_on=FIRST, owner="Li")
        before = _card(store_id)
        assert _card(store_id) == before
        assert answer.remembered.cache_info().hits == 1
        CHANGES[change](store_id)
        after = _card(store_id)
        answer.remembered.cache_clear()
        assert after == _card(store_id) != before


def test_time_alone_changes_answers(shops: World, acme: ClientRef) -> None:
    """Feeds grow stale and weeks end without any write; within the same day and state nothing does."""
    store_id = shops.stores["US"]
    with use_tenant(acme):
        apply_template(store_id=store_id, template="us_fba_mature", effective_on=FIRST, owner="Li")
        cover(store_id, date(2026, 7, 31))
        seen = set()
        for at in ("2026-08-02T12:00", "2026-08-03T06:00", "2026-08-03T08:00", "2026-08-09T08:00"):
            with clock.frozen(datetime.fromisoformat(at).replace(tzinfo=UTC)):
                kept = _card(store_id)
                answer.remembered.cache_clear()
                assert kept == _card(store_id)
            seen.add((kept["period"]["is_over"], line(kept, "acos")["status_reason"]))
    assert seen >= {(False, "period_incomplete"), (True, "stale")}


def test_languages_do_not_mix(shops: World, acme: ClientRef) -> None:
    """The same question in another language is another question."""
    with use_tenant(acme):
        names = {code: line(_card(shops.stores["US"], code), "units")["name"] for code in ("en", "ja", "es")}
    assert names == {code: CATALOG["units"].names.in_language(code) for code in names}


def test_another_clients_answer_never_fits(shops: World, acme: ClientRef, globex: ClientRef) -> None:
    """Stores with the same ids, the same week: each client gets what its own rows say."""
    with use_public():
        FXRate.objects.all().delete()
    others = make_shops(globex)
    with use_tenant(globex):
        _sell_more(others.stores["US"])
    bodies: dict[str, Body] = {}
    for turn in range(2):
        for client, world in ((acme, shops), (globex, others)):
            with use_tenant(client):
                body = _card(world.stores["US"])
            assert bodies.setdefault(client.slug, body) == body, turn
    sold = {slug: line(body, "units")["value"] for slug, body in bodies.items()}
    assert int(sold["globex"]) > int(sold["acme"])


def test_everything_that_is_read_is_part_of_the_question(
    shops: World, acme: ClientRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Questions that differ in anything but the instant are two; that acts through days and states."""
    asked: list[answer.Question] = []
    kept = answer.remembered

    def listen(question: answer.Question) -> answer.Answer:
        asked.append(question)
        return kept(question)

    monkeypatch.setattr(scorecards, "remembered", listen)
    with use_tenant(acme):
        _card(shops.stores["US"])
    (question,) = asked
    other: dict[str, Any] = {
        "periods": question.periods[::-1],
        "stores": (replace(question.stores[0], name="x"),),
        "days": (date(2020, 1, 1),),
        "reporting": "EUR",
        "freshness": (replace(question.freshness[0], state=FreshnessState.STALE), *question.freshness[1:]),
        "plan": "[1]",
        "kept": question.kept[:1],
        "language": "ja",
        "explain": True,
    }
    assert set(other) == {each.name for each in fields(question)} - {"moment"}
    for name, value in other.items():
        assert replace(question, **{name: value}) != question, name
    later = replace(question, moment=question.moment.replace(microsecond=1))
    assert kept(later) is kept(question)


def test_a_reader_cannot_spoil_what_is_kept(shops: World, acme: ClientRef) -> None:
    """Every answer is a copy of its own."""
    with use_tenant(acme):
        first = _card(shops.stores["US"])
        first["kpis"][0]["value"] = first["stores"][0]["name"] = "spoiled"
        again = _card(shops.stores["US"])
    assert "spoiled" not in str(again)
