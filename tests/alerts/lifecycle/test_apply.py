"""Transitions on real rows: what is told is emitted once, workers do not double it, gone subjects end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

from django.db import connections

from alerts.models import Alert, AlertStep
from alerts.services.transitions import apply, close_rule, pass_time
from alerts.types import AlertState, Notice, Policy, Severity
from tenants.context import use_tenant
from tenants.ledger.models import OutboxEvent
from tenants.types import ClientRef
from tests.alerts.lifecycle.making import NOW, breach, clear, no_data, rule

HOUR = timedelta(hours=1)


def told() -> list[tuple[int, str, int]]:
    """What was emitted for delivery, in order."""
    events = OutboxEvent.objects.filter(type="alerts.notice_due").order_by("id")
    return [(e.payload["alert_id"], e.payload["notice"], e.payload["sequence"]) for e in events]


def test_a_breach_is_told_once_and_its_end_too(in_acme: ClientRef) -> None:
    """Fired and resolved, numbered; checks in between and the same check again change nothing."""
    (alert_id,) = apply(rule(), [breach()], NOW)
    assert apply(rule(), [breach()], NOW) == []
    assert apply(rule(), [breach(observed="0.5")], NOW + HOUR) == []
    assert apply(rule(), [clear()], NOW) == [], "an older check is late news"
    assert apply(rule(), [clear(observed="0.2")], NOW + 2 * HOUR) == [alert_id]
    assert told() == [(alert_id, Notice.FIRED, 1), (alert_id, Notice.RESOLVED, 2)]
    row = Alert.objects.get()
    assert (row.state, str(row.observed), row.fired_at, row.due_at) == ("resolved", "0.200000", NOW, None)
    assert row.resolved_at == NOW + 2 * HOUR
    steps = AlertStep.objects.order_by("id").values_list("before", "after", "notice", "sequence")
    assert list(steps) == [("", "firing", "fired", 1), ("firing", "resolved", "resolved", 2)]


def test_missing_data_keep_the_state_and_its_figures(in_acme: ClientRef) -> None:
    """NO_DATA neither opens nor ends an alert, and overwrites no figure with its own emptiness."""
    assert apply(rule(), [no_data()], NOW) == []
    assert not Alert.objects.exists()
    apply(rule(), [breach()], NOW + HOUR)
    assert apply(rule(), [no_data(observed="0")], NOW + 2 * HOUR) == []
    row = Alert.objects.get()
    assert (row.state, str(row.observed), row.is_blind) == ("firing", "0.420000", True)


def test_what_is_gone_ends_after_as_many_looks_as_a_recovery(in_acme: ClientRef) -> None:
    """A subject that the detector no longer returns counts as clear; another store's are left alone."""
    policy = Policy(clear_checks=2)
    apply(rule(policy), [breach("sku:A"), breach("sku:B"), breach("sku:C", store_id=2)], NOW)
    assert apply(rule(policy), [breach("sku:B")], NOW + HOUR, store_ids=[1]) == []
    (gone,) = apply(rule(policy), [breach("sku:B")], NOW + 2 * HOUR, store_ids=[1])
    row = Alert.objects.get(pk=gone)
    assert (row.subject, row.state, row.resolved_why) == (
        "sku:A",
        "resolved",
        "It is no longer there to be checked.",
    )
    assert (gone, "resolved", 2) in told()
    assert Alert.objects.filter(state="firing").count() == 2


def test_a_return_after_the_hold_is_another_alert(in_acme: ClientRef) -> None:
    """Within the hold the same row comes back and is held; later a new row fires, the old one stays."""
    policy = Policy(flap_hold_minutes=60)
    (first,) = apply(rule(policy), [breach()], NOW)
    apply(rule(policy), [clear()], NOW + HOUR)
    assert apply(rule(policy), [breach()], NOW + 1.5 * HOUR) == [first]
    assert len(told()) == 2
    assert pass_time(NOW + 1.9 * HOUR) == []
    assert pass_time(NOW + 2 * HOUR) == [first]
    assert pass_time(NOW + 2 * HOUR) == []
    assert told()[2:] == [(first, "fired", 3)]
    apply(rule(policy), [clear()], NOW + 3 * HOUR)
    (second,) = apply(rule(policy), [breach()], NOW + 5 * HOUR)
    assert second != first
    assert told()[3:] == [(first, "resolved", 4), (second, "fired", 1)]
    former = Alert.objects.get(pk=first)
    assert (former.state, former.is_current) == ("resolved", False)


def test_the_clock_fires_repeats_and_escalates(in_acme: ClientRef) -> None:
    """A pending period ends, nobody acknowledges, the alert goes up and is repeated: each once."""
    policy = Policy(pending_minutes=30, repeat_hours=6)
    (alert_id,) = apply(rule(policy, severity=Severity.CRITICAL), [breach()], NOW)
    assert told() == []
    for hours in (0.25, 0.5, 0.5, 4, 4.5, 4.5, 8.5, 20):
        pass_time(NOW + hours * HOUR)
    assert [notice for _, notice, _ in told()] == ["fired", "escalated", "escalated", "still_firing"]
    assert Alert.objects.get(pk=alert_id).level == 3


def test_a_rule_that_goes_takes_its_alerts_along(in_acme: ClientRef) -> None:
    """Whoever was told hears that it ended and why; another rule's alerts stay."""
    (mine,) = apply(rule(), [breach()], NOW)
    (other,) = apply(rule(rule_id=8), [breach()], NOW)
    assert close_rule(7, reason="The rule was switched off.", at=NOW + HOUR) == [mine]
    assert Alert.objects.get(pk=mine).resolved_why == "The rule was switched off."
    assert Alert.objects.get(pk=other).state == AlertState.FIRING
    assert told()[-1] == (mine, "resolved", 2)


def test_what_data_stop_is_inhibited_and_told_afterwards(in_acme: ClientRef) -> None:
    """Stale data mute the store's KPI alerts, not another store's; what still fires is told once it ends."""
    stale = rule(rule_id=9, detector="stale_data")
    (cause,) = apply(stale, [breach("stream:orders", store_id=1)], NOW)
    (muted, loud) = apply(rule(), [breach(), breach(store_id=2)], NOW + HOUR)
    assert [alert_id for alert_id, _, _ in told()] == [cause, loud]
    assert Alert.objects.get(pk=muted).muted_by == f"alert:{cause}"
    apply(stale, [clear("stream:orders", store_id=1)], NOW + 2 * HOUR)
    assert pass_time(NOW + 2 * HOUR) == [muted]
    assert told()[-1] == (muted, "fired", 1)


def test_two_workers_make_one_transition(committed_db: None, acme: ClientRef) -> None:
    """Two evaluations and two clocks at the same moment: one row, one notice of each kind."""
    policy = Policy(repeat_hours=1)

    def at_once(work: list[Callable[[], object]]) -> None:
        gate = threading.Barrier(len(work))

        def run(one: Callable[[], object]) -> None:
            with use_tenant(acme):
                gate.wait()
                one()
            connections.close_all()

        threads = [threading.Thread(target=run, args=(one,)) for one in work]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    at_once([lambda: apply(rule(policy), [breach()], NOW)] * 3)
    at_once([lambda: pass_time(NOW + HOUR)] * 3)
    with use_tenant(acme):
        assert [(notice, number) for _, notice, number in told()] == [("fired", 1), ("still_firing", 2)]
        assert Alert.objects.count() == 1
