"""Kept answers are never stale and never another client's: whatever changes is part of the question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from config.lib import clock
from config.lib.calendars import Period
from connectors import models as c
from connectors.selectors.prepared import fetch_prepared
from connectors.services.dirty import DirtyMark, mark_dirty_days
from connectors.types import Family, FreshnessState
from kpis.catalog import CATALOG
from kpis.models import Target
from kpis.models.acknowledgements import Acknowledgement
from kpis.selectors import answer, readings, scorecards
from kpis.selectors.scorecards import get_scorecard
from kpis.services.baselines import enter_baseline
from kpis.services.formulas import FormulaDraft, archive_formula, save_formula
from kpis.services.rollup import roll_up
from kpis.services.targets import TargetDraft, apply_template, set_target
from kpis.types import Direction, LineRole, Unit
from tenants.context import use_public, use_tenant
from tenants.models import FXRate
from tenants.types import ClientRef
from tests.kpis.shops import WEEK, cover, line, make_shops
from tests.kpis.world import FIRST, World

Body = dict[str, Any]


@pytest.fixture(autouse=True)
def _forgetful() -> Iterator[None]:
    """Nothing is kept from one test to the next."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    answer.remembered.cache_clear()
    readings.forget()


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
    "acknowledgement": lambda store_id: Acknowledgement.objects.create(
        store_id=store_id,
        kpi="acos",
        target_version=1,
        runbook_version=0,
        user_id=1,
        person="Li",
        acknowledged_at=datetime(2026, 9, 1, tzinfo=UTC),
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
        _forget()
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
                _forget()
                assert kept == _card(store_id)
            seen.add((kept["period"]["is_over"], line(kept, "acos")["status_reason"]))
    assert seen >= {(False, "period_incomplete"), (True, "stale")}


def _formula(expression: str, version: int, direction: Direction = Direction.UP) -> None:
    draft = FormulaDraft({"en": "Own"}, Unit.COUNT, direction, expression, "test", "a test")
    save_formula(key="own_count", draft=draft, version=version)


def _target_on_formula(store_id: int) -> None:
    draft = TargetDraft(
        LineRole.CORE, Decimal(10), {"target": Decimal(5)}, FIRST, "Li", "test", date(2026, 12, 31)
    )
    enter_baseline(store_id=store_id, kpi="own_count", value=Decimal(5), source="test")
    set_target(store_id=store_id, kpi="own_count", draft=draft, version=0)


def test_a_formula_is_judged_like_any_kpi(shops: World, acme: ClientRef) -> None:
    """A target on a formula gives a line with a verdict, a weight in the score and an explanation."""
    store_id = shops.stores["US"]
    with use_tenant(acme):
        _formula("2 * units", 0)
        assert "own_count" in {row["key"] for row in _card(store_id)["kpis"]}, "without a plan all are there"
        _target_on_formula(store_id)
        card = get_scorecard(Period.parse(WEEK), store_ids=[store_id], explain=True)
        (own,) = card["kpis"]
        units = get_scorecard(Period.parse("2026-08"), store_ids=[store_id])["kpis"]
    assert [row["key"] for row in units] == ["own_count"]
    assert own["name"] == "Own"
    assert own["status"] == "ok"
    assert own["score"] == "1.2000"
    assert own["explain"]["formula"] == "2 * units"
    assert int(own["value"]) == 2 * int(own["explain"]["measures"]["units"])
    assert card["score"] == "120.00"


@pytest.mark.parametrize("change", ["expression", "direction", "archived"])
def test_a_changed_formula_shows_at_once(shops: World, acme: ClientRef, change: str) -> None:
    """A kept answer rests on the versions of the formulas; a reader of before still gets that of before."""
    store_id = shops.stores["US"]
    with use_tenant(acme):
        _formula("2 * units", 0)
        if change != "archived":
            _target_on_formula(store_id)
        before = _card(store_id)
        then = clock.now()
        with clock.frozen(then + timedelta(minutes=5)):
            if change == "expression":
                _formula("3 * units", 1)
            elif change == "direction":
                _formula("2 * units", 1, Direction.DOWN)
            else:
                archive_formula(key="own_count", version=1)
            after = _card(store_id)
            assert len(_statements(store_id)) == 1
            past = get_scorecard(Period.parse(WEEK), store_ids=[store_id], as_known_at=then, explain=True)
            _forget()
            assert after == _card(store_id) != before
    of_then = line(past, "own_count")
    assert of_then["explain"]["formula"] == "2 * units"
    assert of_then["direction"] == "up"


def test_days_and_rolling_windows_are_kept_until_a_roll_up(shops: World, acme: ClientRef) -> None:
    """One statement too while nothing changes; after a roll-up their sums are read anew."""
    store_id = shops.stores["US"]
    with use_tenant(acme):
        for period in (Period.parse("2026-07-28"), Period.rolling(date(2026, 8, 2), 7)):
            _forget()
            first = get_scorecard(period, store_ids=[store_id])
            with CaptureQueriesContext(connection) as found:
                assert get_scorecard(period, store_ids=[store_id]) == first
            assert len(found) == 1
            _sell_more(store_id)
            second = get_scorecard(period, store_ids=[store_id])
            assert int(line(second, "units")["value"]) > int(line(first, "units")["value"])
        week = get_scorecard(Period.parse(WEEK), store_ids=[store_id])
        rolling = get_scorecard(Period.rolling(date(2026, 8, 2), 7), store_ids=[store_id])
    assert (week["period"]["start"], week["period"]["end"]) == ("2026-07-27", "2026-08-02")
    without_trailing = {"net_sales", "units", "orders", "acos", "gross_margin_pct", "sessions"}
    for key in without_trailing:
        assert line(week, key)["value"] == line(rolling, key)["value"]


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
        "formulas": "[1]",
        "shares": ((question.stores[0].id, "acos", Decimal(50)),),
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


def _statements(store_id: int) -> list[str]:
    """The statements of one card."""
    with CaptureQueriesContext(connection) as found:
        _card(store_id)
    return [query["sql"] for query in found.captured_queries]


# What is read anew after a change, by a word of the statement that reads it.
REREAD = {
    "sales": "totals::text",
    "target": "json_build_array",
    "template": "json_build_array",
    "acknowledgement": "json_build_array",
    "coverage": "last_problem",
    "doubt": "last_problem",
    "name": "last_problem",
    "time zone": "last_problem",
}


@pytest.mark.parametrize("change", CHANGES)
def test_only_what_changed_is_read_anew(shops: World, acme: ClientRef, change: str) -> None:
    """One statement while nothing changes, and one more for the part that did."""
    store_id = shops.stores["US"]
    with use_tenant(acme):
        apply_template(store_id=store_id, template="us_fba_mature", effective_on=FIRST, owner="Li")
        _card(store_id)
        assert len(_statements(store_id)) == 1
        CHANGES[change](store_id)
        _look, *reread = _statements(store_id)
        assert [REREAD[change] in statement for statement in reread] == [True]
        assert len(_statements(store_id)) == 1


def test_a_row_changed_twice_in_one_transaction_is_seen_twice(shops: World, acme: ClientRef) -> None:
    """Both writes have the same transaction; the place of the row tells them apart."""
    store_id = shops.stores["US"]
    names = []
    with use_tenant(acme):
        for name in ("One", "Two", "Three"):
            c.Store.objects.filter(pk=store_id).update(name=name)
            names.append(_card(store_id)["stores"][0]["name"])
    assert names == ["One", "Two", "Three"]


def test_what_was_rolled_back_is_not_remembered(shops: World, acme: ClientRef) -> None:
    """A reader within a transaction that fails leaves nothing behind for the next one."""
    store_id = shops.stores["US"]
    with use_tenant(acme):
        before = _card(store_id)
        for name in ("One", "Two"):
            with transaction.atomic():
                c.Store.objects.filter(pk=store_id).update(name=name)
                assert _card(store_id)["stores"][0]["name"] == name
                transaction.set_rollback(True)
            assert _card(store_id) == before


def test_a_store_that_opens_or_closes_changes_the_board(shops: World, acme: ClientRef) -> None:
    """Without named stores the card is about all active ones of this moment."""
    with use_tenant(acme):
        seen = []
        for is_active in (True, False, True):
            c.Store.objects.filter(pk=shops.stores["MX"]).update(is_active=is_active)
            seen.append([store["market"] for store in get_scorecard(Period.parse(WEEK))["stores"]])
    assert [("MX" in markets, "US" in markets) for markets in seen] == [
        (True, True), (False, True), (True, True)
    ]  # fmt: skip


@pytest.mark.parametrize(("pooler", "prepared"), [("none", True), ("transaction", False)])
def test_prepared_only_without_a_pooler(
    shops: World, acme: ClientRef, monkeypatch: pytest.MonkeyPatch, pooler: str, prepared: bool
) -> None:
    """Each client has a plan of its own; behind a pooler the next statement may meet another server."""
    monkeypatch.setattr(settings, "DATABASE_POOLER", pooler)
    with use_tenant(acme):
        # A plan of another test is of no account here: the text holds a mark.
        for _ in range(3):
            rows = fetch_prepared("select %(mark)s::text", {"mark": "x"})
        assert rows == [("x",)]
        with connection.cursor() as cursor:
            cursor.execute("select statement from pg_prepared_statements where statement like '%::text'")
            found = [row[0] for row in cursor.fetchall()]
    assert found == (["/* t_1 */ select $1::text"] if prepared else [])


def test_the_memory_drops_what_was_not_asked_for_longest() -> None:
    """It never holds more than it may."""
    memory: readings.Memory[str] = readings.Memory(2)
    read: list[str] = []

    def recall(about: str) -> None:
        def fetch() -> tuple[str | None, str]:
            read.append(about)
            return "1", about

        memory.recall(about, "1", fetch)

    for about in "abacba":
        recall(about)
    assert len(memory) == 2
    assert "".join(read) == "abcba"
