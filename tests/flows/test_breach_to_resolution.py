"""From a breach to its proof: one message, an action, a recovery, one resolve, and the work is verified.

News goes the way it goes in production: an event, the jobs that `config.pipeline` starts for it, a signed
webhook to a receiver. Only time is the test's own, and jobs run here instead of in a worker.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from alerts.models import Alert, AlertWork, Delivery
from alerts.services.channels import create_channel
from alerts.services.rules import install_defaults
from alerts.services.transitions import pass_time
from alerts.services.work import verify_work
from config.lib import clock
from config.lib.clock import FrozenClock
from kpis.engine.action_states import ActionState
from kpis.models import Action
from kpis.services.actions import step_action
from tenants import outbox
from tenants.context import use_tenant
from tenants.ledger.models import Job
from tenants.tasking import run_job_now
from tenants.types import ClientRef, JobState
from tests.alerts.rules.shop import AT, Shop, make_shop
from tests.support.receiver import Receiver

HOUR = timedelta(hours=1)
ORIGIN = "https://hooks.example.com"
LATE = "Data are late"
RULES = ("out-of-stock", "data-late", "connection-lost")


@pytest.fixture
def time() -> Iterator[FrozenClock]:
    """The product's clock stands until the test moves it."""
    with clock.frozen(AT) as frozen:
        yield frozen


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """The client's own program, which hears of alerts."""
    found = Receiver()
    settings.PLATFORM_ENDPOINTS = {ORIGIN: found.origin}
    yield found
    found.close()


@pytest.fixture
def shop(db: None, acme: ClientRef, time: FrozenClock, receiver: Receiver) -> Iterator[Shop]:
    """A shop of acme that sells two MUGs a day, three rules of the library, and a webhook that hears all."""
    with ExitStack() as stack:
        stack.enter_context(use_tenant(acme))
        made = make_shop()
        create_channel(kind="webhook", name="hook", config={"url": f"{ORIGIN}/in"}, secrets={})
        assert install_defaults(keys=RULES).active == RULES
        look()
        assert (Alert.objects.count(), receiver.seen) == (0, []), "nothing is wrong to begin with"
        yield made


def work_through() -> None:
    """Dispatch the news and do every job that follows from it, and from that."""
    for _ in range(10):
        outbox.dispatch()
        waiting = list(Job.objects.filter(state=JobState.QUEUED.value).order_by("id"))
        for job in waiting:
            view = run_job_now(job.pk, sleep=lambda seconds: None)
            assert view.state is JobState.SUCCEEDED, (view.kind, view.problem)
        if not waiting:
            return
    raise AssertionError("the news never ends")


def look(*types: str) -> None:
    """Let all rules look, as after these news."""
    for each in types or ("kpis.measures_changed", "connectors.attention_needed"):
        outbox.emit(each, {"store_ids": [], "days": []})
    work_through()


def heard(receiver: Receiver) -> list[dict[str, Any]]:
    """What the client's program took in, each message once by its id."""
    ids = [call.headers["webhook-id"] for call in receiver.seen]
    assert len(set(ids)) == len(ids), "the same message came twice"
    return [json.loads(call.body) for call in receiver.seen]


def test_a_breach_is_told_once_worked_on_and_proved_to_be_over(
    shop: Shop, time: FrozenClock, receiver: Receiver
) -> None:
    """The shelf empties: one message and one action, however often rules look. It is filled again: one
    message, and the work is verified by the figure before and after."""
    time.tick(HOUR)
    shop.know(clock.now())
    shop.hold("MUG", clock.now().date(), 0)
    look()
    for _ in range(3):
        # Within the hours in which a critical alert has to be acknowledged before it goes a level up.
        time.tick(HOUR)
        shop.know(clock.now())
        look()
    assert [(each["type"], each["data"]["about"]) for each in heard(receiver)] == [("alert.fired", "sku:MUG")]
    (fired,) = heard(receiver)
    alert = Alert.objects.get()
    assert (alert.state, alert.rule_key) == ("firing", "out-of-stock")
    assert (fired["data"]["alert_id"], Decimal(fired["data"]["observed"])) == (alert.pk, Decimal(0))

    action = Action.objects.get()
    assert (alert.action_id, action.kpi, action.skus) == (action.pk, "stockout_rate", ["MUG"])
    for to in (ActionState.ACCEPTED, ActionState.DONE):
        action.refresh_from_db()
        step_action(action_id=action.pk, version=action.version, to=to, note="Sent 50 from the other shelf.")
    work_through()
    assert AlertWork.objects.get().state == "open", "done is not yet over: the figure has to say so"

    time.tick(2 * HOUR)
    shop.know(clock.now())
    shop.hold("MUG", clock.now().date(), 50)
    look()
    time.tick(72 * HOUR)
    shop.know(clock.now())
    shop.hold("MUG", clock.now().date(), 44)
    look()
    assert verify_work() == []
    assert [each["type"] for each in heard(receiver)] == ["alert.fired", "alert.resolved"]
    alert.refresh_from_db()
    assert (alert.state, alert.sequence) == ("resolved", 2)
    work = AlertWork.objects.get()
    assert (work.state, work.value_before, work.value_after) == ("recovered", Decimal(0), Decimal(50))
    assert work.note.startswith("recovered after the action was done")
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert Action.objects.count() == 1


def test_a_stalled_feed_is_told_as_such_and_nothing_else(
    shop: Shop, time: FrozenClock, receiver: Receiver
) -> None:
    """The last snapshot shows an empty shelf, but nothing has come for two days: only the freshness alerts
    fire. When the feed is back they end, and now the shelf is told."""
    time.tick(48 * HOUR)
    shop.hold("MUG", clock.now().date(), 0)
    for _ in range(3):
        look()
        time.tick(2 * HOUR)
    late = heard(receiver)
    assert {each["data"]["rule"] for each in late} == {LATE}
    assert set(Counter(each["data"]["about"] for each in late).values()) == {1}
    assert {each["type"] for each in late} == {"alert.fired"}
    assert set(Alert.objects.values_list("rule_key", "state")) == {("data-late", "firing")}
    assert not Action.objects.exists()

    shop.know(clock.now())
    look()
    pass_time(clock.now())
    work_through()
    later = heard(receiver)[len(late) :]
    ended = [each["data"]["about"] for each in later if each["type"] == "alert.resolved"]
    assert sorted(ended) == sorted(each["data"]["about"] for each in late)
    (told,) = (each["data"] for each in later if each["type"] != "alert.resolved")
    assert told["about"] == "sku:MUG"
