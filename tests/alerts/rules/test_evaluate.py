"""Looking for real: alerts open and end, late data keep them, a bad rule stops no other, news wakes rules."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from alerts.detectors import DETECTORS
from alerts.detectors.base import Reads, Scope
from alerts.models import Alert, AlertRule, AlertRuleTurn
from alerts.selectors.backtest import try_rule
from alerts.selectors.rules import get_rule_row, to_view
from alerts.services.evaluate import BROKEN, MOST_FAILURES, evaluate, follow_news
from alerts.services.rules import (
    NobodyReachable,
    RuleInput,
    activate,
    create_rule,
    deactivate,
    install_defaults,
    save_version,
)
from alerts.types import Verdict
from config.lib import clock
from connectors.facts.inventory import InventoryDay
from connectors.facts.orders import OrderLine
from connectors.selectors.stores import list_stores
from kpis.services.rollup import recompute_days
from tenants.ledger.models import OutboxEvent
from tests.alerts.detectors.test_parameters import NEEDED
from tests.alerts.rules.shop import AT, TODAY, Shop, make_shop

HOUR = timedelta(hours=1)


def in_force(key: str, detector: str, **parameters: Any) -> int:
    """A rule that counts; returns its id."""
    said = RuleInput(title=key, parameters=parameters)
    row = create_rule(key=key, detector=detector, said=said)
    return int(activate(key=key, version=row["version"])["id"])


def alerts() -> list[tuple[str, str]]:
    """Subjects with their states."""
    return list(Alert.objects.order_by("id").values_list("subject", "state"))


def told() -> list[str]:
    """What people are to be told, in order."""
    events = OutboxEvent.objects.filter(type="alerts.notice_due").order_by("id")
    return [event.payload["notice"] for event in events]


def test_an_empty_shelf_is_told_until_it_is_filled_and_late_data_change_nothing(shop: Shop) -> None:
    """Breach, then a day without data (the alert stays, nobody hears anything), then stock: resolved."""
    in_force("empty", "stock_zero")
    assert evaluate() == 1
    assert alerts() == []
    shop.hold("MUG", TODAY, 0)
    with clock.frozen(AT + HOUR):
        shop.know(AT + HOUR)
        assert evaluate() == 1
    assert alerts() == [("sku:MUG", "firing")]
    InventoryDay.objects.filter(store_id=shop.id).delete()
    with clock.frozen(AT + 60 * HOUR):
        assert evaluate() == 1
    assert alerts() == [("sku:MUG", "firing")], "what cannot be seen is not gone"
    assert "resolved" not in told()
    with clock.frozen(AT + 61 * HOUR):
        shop.know(AT + 61 * HOUR)
        shop.hold("MUG", (AT + 61 * HOUR).date(), 50)
        evaluate()
    assert alerts() == [("sku:MUG", "resolved")]
    assert (told()[0], told()[-1]) == ("fired", "resolved")


def test_a_rule_looks_when_its_turn_has_come(shop: Shop) -> None:
    """Not again before its cadence is over; one that is not in force never."""
    in_force("empty", "stock_zero")
    create_rule(key="draft", detector="stock_zero", said=RuleInput(title="draft", parameters={}))
    assert [evaluate(at=AT), evaluate(at=AT + HOUR / 2), evaluate(at=AT + HOUR)] == [1, 0, 1]


def test_a_bad_rule_stops_no_other_and_becomes_an_alert_itself(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five failures, each later than the last, then it is broken and told; the other looks every time."""
    bad, good = in_force("bad", "bad_reviews"), in_force("good", "stock_zero")
    detector = DETECTORS.get("bad_reviews")

    def fail(self: object, scope: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(type(detector), "gather", fail)
        at, waits = AT, []
        for n in range(MOST_FAILURES):
            assert Alert.objects.count() == 0
            assert evaluate(at=at) == 2
            turn = AlertRuleTurn.objects.get(rule_id=bad)
            assert turn.failures == n + 1
            waits.append(turn.next_check_at - at)
            assert AlertRuleTurn.objects.get(rule_id=good).last_checked_at == at
            at = max(turn.next_check_at, at + HOUR)
    assert waits == sorted(set(waits))
    assert turn.broken_at is not None
    assert turn.problem == "ZeroDivisionError: unexpected"
    (alert,) = Alert.objects.all()
    assert (alert.subject, alert.state, alert.severity) == (BROKEN, "firing", "critical")
    assert evaluate([bad], at) == 1
    assert alerts() == [(BROKEN, "resolved")]
    assert AlertRuleTurn.objects.get(rule_id=bad).failures == 0


def test_news_wakes_those_who_listen_and_a_burst_wakes_them_once(shop: Shop) -> None:
    """A moved price is no news to a rule of stock; of three events within a minute one look comes of it,
    and another when the minute is over."""
    other = make_shop(name="JP")
    stock, price = in_force("stock", "stock_zero"), in_force("price", "price_drop")
    said = RuleInput(title="elsewhere", parameters={}, store_ids=[other.id])
    row = create_rule(key="elsewhere", detector="stock_zero", said=said)
    activate(key="elsewhere", version=row["version"])
    news = {"id": 1, "type": "kpis.measures_changed", "store_ids": [shop.id]}
    assert follow_news([news, {**news, "id": 2}]) == 1
    turns = {turn.rule_id: turn for turn in AlertRuleTurn.objects.all()}
    assert turns[stock].last_checked_at == AT
    assert turns[price].last_checked_at is None
    assert turns[row["id"]].last_checked_at is None
    with clock.frozen(AT + timedelta(seconds=20)):
        assert follow_news([{**news, "id": 3}]) == 0
    assert AlertRuleTurn.objects.get(rule_id=stock).next_check_at == AT + timedelta(minutes=1)
    assert follow_news([{"id": 4, "type": "pricing.price_moved", "store_id": shop.id}]) == 1


def test_a_trial_counts_what_was_planted(db: None, shop: Shop) -> None:
    """Three times without stock (one of them three days long) in 90 days, one before them: it fires three
    times, and nothing is written."""
    InventoryDay.objects.filter(
        store_id=shop.id, snapshot_on__in=[TODAY - timedelta(days=n) for n in (5, 40, 41, 42, 70, 100)]
    ).update(fulfillable=0)
    row = create_rule(key="empty", detector="stock_zero", said=RuleInput(title="empty", parameters={}))
    trial = try_rule(to_view(row), AT)
    assert trial.text == "It would have fired 3 times in 90 days."
    assert [
        (each.fired_at.date(), each.resolved_at and each.resolved_at.date()) for each in trial.episodes
    ] == [
        (TODAY - timedelta(days=5), TODAY - timedelta(days=4)),
        (TODAY - timedelta(days=42), TODAY - timedelta(days=39)),
        (TODAY - timedelta(days=70), TODAY - timedelta(days=69)),
    ]
    assert (trial.checks, trial.notices) == (90, 8), "three begin and end, two days are repeated"
    assert not Alert.objects.exists()
    twice = RuleInput(title="empty", parameters={}, policy={"breaches": 2, "of_checks": 2})
    patient = save_version(key="empty", said=twice, version=row["version"])
    assert try_rule(to_view(patient), AT).fired == 1


@pytest.mark.parametrize("key", [key for key, each in DETECTORS.all().items() if each.can_look_back])
def test_history_is_what_a_look_at_that_instant_would_have_seen(shop: Shop, key: str) -> None:
    """Reading a span at once and looking at each of its days says the same, subject by subject."""
    shop.hold("MUG", TODAY - timedelta(days=3), 0)
    detector = DETECTORS.get(key)
    needed = {"kpi": "orders"} if key == "kpi_change" else NEEDED.get(key, {})
    parameters = detector.read(needed)
    stores = tuple(list_stores())
    instants = [AT - timedelta(days=n) for n in (6, 5, 3, 2)]
    history = detector.history(Scope(parameters, stores, instants[-1]), instants)
    for (at, inputs), expected_at in zip(history, instants, strict=True):
        assert at == expected_at
        single = detector.check(Scope(parameters, stores, at, Reads()))
        replayed = detector.decide(inputs, parameters)
        assert [(c.subject, c.verdict, c.observed) for c in replayed] == [
            (c.subject, c.verdict, c.observed) for c in single
        ]


def test_the_library_is_installed_once_and_what_must_be_heard_waits_for_a_hearer(shop: Shop) -> None:
    """Nobody is a member yet: three required rules wait, and cannot be forced; nothing comes twice."""
    first = install_defaults()
    assert set(first.waiting) == {"connection-lost", "data-late", "account-performance"}
    assert set(install_defaults().present) == {*first.active, *first.waiting}
    row = get_rule_row("data-late")
    with pytest.raises(NobodyReachable):
        activate(key="data-late", version=row["version"])
    assert get_rule_row("data-late") == row
    assert evaluate() == len(first.active)
    assert not AlertRuleTurn.objects.filter(failures__gt=0).exists()


def test_a_rule_taken_out_of_force_ends_its_alerts(shop: Shop) -> None:
    """Who was told that it fires is told that it ended; the rule does not look any more."""
    shop.hold("MUG", TODAY, 0)
    in_force("empty", "stock_zero")
    evaluate()
    row = get_rule_row("empty")
    with clock.frozen(AT + HOUR):
        deactivate(key="empty", reason="A sale is over.", version=row["version"])
        assert evaluate() == 0
    assert alerts() == [("sku:MUG", "resolved")]
    assert told() == ["fired", "resolved"]
    assert not AlertRule.objects.get().is_active


def test_kpi_rules_judge_real_sums_over_the_last_final_window(shop: Shop) -> None:
    """One order a day, seven in the window that ended two days ago; a day without any; then a late feed."""
    days = [TODAY - timedelta(days=n) for n in range(45)]
    missing = TODAY - timedelta(days=2)
    recompute_days(days=[(shop.id, day) for day in days])
    limit = {"kpi": "orders", "against": "absolute", "limit": "7", "side": "below"}
    asked: dict[str, dict[str, Any]] = {
        "kpi_threshold": limit,
        "kpi_change": {"kpi": "orders", "share": "0.1"},
        "anomaly": {"kpi": "orders", "weeks": 5},
    }

    def look(at: datetime) -> dict[str, tuple[Verdict, str]]:
        found = {}
        for key, document in asked.items():
            detector = DETECTORS.get(key)
            scope = Scope(detector.read(document), tuple(list_stores()), at)
            (check,) = detector.check(scope)
            found[key] = (check.verdict, str(check.observed))
        return found

    assert look(AT) == {
        "kpi_threshold": (Verdict.CLEAR, "7"),
        "kpi_change": (Verdict.CLEAR, "0"),
        "anomaly": (Verdict.CLEAR, "1"),
    }
    OrderLine.objects.filter(business_on=missing).delete()
    recompute_days(days=[(shop.id, missing)])
    found = look(AT)
    assert {key: verdict for key, (verdict, _) in found.items()} == dict.fromkeys(asked, Verdict.BREACH)
    assert (found["kpi_threshold"][1], found["anomaly"][1]) == ("6", "0")
    with clock.frozen(AT + timedelta(days=9)):
        late = look(AT + timedelta(days=9))
    assert {verdict for verdict, _ in late.values()} == {Verdict.NO_DATA}
