"""From a notice to the receiver: written before it is sent, sent at least once, given up out loud."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from alerts.models import Attention, Channel, Delivery
from alerts.selectors.channels import reachable_recipients
from alerts.services import send
from alerts.services.channels import create_channel, rotate_secret, try_channel, update_channel
from alerts.services.deliver import deliver, deliver_all
from alerts.services.deliver_digest import deliver_digest
from alerts.services.preferences import set_preference
from alerts.services.replay import DeliveryUnderWay, replay, restart_forgotten
from alerts.services.send import DeliveryPutOff, send_delivery
from alerts.services.tell_owner import tell_channel_broke
from alerts.services.transitions import apply
from alerts.types import Severity
from config.lib.clock import FrozenClock
from config.lib.errors import Conflict, Invalid, NotFound
from tenants.ledger.models import Job
from tenants.types import ClientRef, Role
from tests.alerts.delivery.conftest import ORIGIN
from tests.alerts.lifecycle.making import NOW, breach, clear, rule
from tests.factories.people import make_member
from tests.support.receiver import Answer, Receiver


def webhook(**changes: Any) -> int:
    """A shared webhook; returns its id."""
    given = {"kind": "webhook", "name": "hook", "config": {"url": f"{ORIGIN}/in"}, "secrets": {}, **changes}
    return create_channel(**given)[0]


def row_of(channel_id: int) -> Delivery:
    """The one delivery by a channel."""
    return Delivery.objects.get(channel_id=channel_id)


def test_rows_and_jobs_come_before_anything_is_sent(fired: int, receiver: Receiver) -> None:
    """A row and a job for each way; nothing has left. Hearing it again, or late, changes nothing."""
    hook = webhook()
    assert len(deliver(fired, "fired", 1)) == 2
    assert {(row.channel_id, row.state) for row in Delivery.objects.all()} == {
        (0, "queued"),
        (hook, "queued"),
    }
    jobs = Job.objects.filter(kind="alerts.send_delivery")
    assert {job.key for job in jobs} == {f"delivery:{row.pk}" for row in Delivery.objects.all()}
    assert (receiver.connections, len(mail.outbox)) == (0, 0)
    assert deliver(fired, "fired", 1) == []
    assert deliver_all([{"alert_id": fired, "notice": "fired", "sequence": 1}] * 3) == 0
    assert (Delivery.objects.count(), jobs.count()) == (2, 2)
    with pytest.raises(NotFound):
        deliver(fired, "fired", 9)


def test_each_is_sent_once(fired: int, receiver: Receiver, manager: int) -> None:
    """The mail goes to who answers for the client, the hook gets the event; a second job sends nothing."""
    hook = webhook()
    ids = deliver(fired, "fired", 1)
    assert [send_delivery(each) for each in ids] == ["sent", "sent"]
    assert [send_delivery(each) for each in ids] == ["sent", "sent"]
    (letter,) = mail.outbox
    assert letter.to == ["manager@acme.example"]
    (call,) = receiver.seen
    body = json.loads(call.body)
    assert (body["type"], body["data"]["alert_id"], body["data"]["observed"]) == (
        "alert.fired",
        fired,
        "0.42",
    )
    row = row_of(hook)
    assert (row.attempts, row.error, row.answer) == (1, "", "ok")
    assert row.reference == call.headers["webhook-id"]
    channel = Channel.objects.get(pk=hook)
    assert channel.verified_at is not None
    assert bytes(channel.secrets or b"").find(b"whsec_") == -1


def test_a_failure_of_the_moment_is_tried_again_under_the_same_id(
    fired: int, receiver: Receiver, now: FrozenClock
) -> None:
    """503 twice, then 200: three attempts, one webhook-id, a pause as asked or within full jitter."""
    hook = webhook()
    deliver(fired, "fired", 1)
    receiver.answer(503, b"later", {"Retry-After": "7"})
    with pytest.raises(DeliveryPutOff) as caught:
        send_delivery(row_of(hook).pk)
    assert caught.value.retry_after == 7.0
    row = row_of(hook)
    assert (row.state, row.attempts, row.error) == ("queued", 1, "unavailable")
    assert row.next_at == NOW + timedelta(seconds=7)
    receiver.answer(503)
    with pytest.raises(DeliveryPutOff) as caught:
        send_delivery(row.pk)
    assert 0 <= caught.value.retry_after <= 20
    receiver.answer()
    assert send_delivery(row.pk) == "sent"
    assert len({call.headers["webhook-id"] for call in receiver.seen}) == 1
    assert len(receiver.seen) == 3


def test_what_never_works_is_given_up_and_can_be_replayed(fired: int, receiver: Receiver) -> None:
    """The eighth failure makes a dead letter; a replay sends it under its id, but not while it is queued."""
    hook = webhook()
    deliver(fired, "fired", 1)
    row_id = row_of(hook).pk
    with pytest.raises(DeliveryUnderWay):
        replay(row_id)
    receiver.answer(500)
    for _ in range(send.MOST_ATTEMPTS - 1):
        with pytest.raises(DeliveryPutOff):
            send_delivery(row_id)
    assert send_delivery(row_id) == "dead"
    assert Channel.objects.get(pk=hook).failures == 1
    receiver.answer()
    replay(row_id)
    row = row_of(hook)
    assert (row.state, row.attempts, row.replays) == ("queued", 0, 1)
    assert send_delivery(row_id) == "sent"
    assert len({call.headers["webhook-id"] for call in receiver.seen}) == 1
    assert Channel.objects.get(pk=hook).failures == 0


def test_a_refusal_for_good_breaks_the_channel_and_tells_its_owner(
    fired: int, receiver: Receiver, manager: int
) -> None:
    """410: off at once, further notices are not sent by it, the owner gets a mail, a test brings it back."""
    hook = webhook()
    Channel.objects.filter(pk=hook).update(owner_id=manager)
    receiver.answer(410, b"gone")
    deliver(fired, "fired", 1)
    assert send_delivery(row_of(hook).pk) == "failed"
    channel = Channel.objects.get(pk=hook)
    assert (channel.state, channel.version) == ("broken", 2)
    assert "410" in channel.state_reason
    job = Job.objects.get(kind="alerts.tell_channel_broke")
    assert tell_channel_broke(job.payload["channel_id"]) == 1
    (letter,) = mail.outbox
    assert letter.to == ["manager@acme.example"]
    assert "hook" in letter.subject
    apply(rule(), [clear(store_id=None)], NOW + timedelta(hours=1))
    deliver(fired, "resolved", 2)
    assert Delivery.objects.filter(channel_id=hook).count() == 1
    assert not try_channel(hook).is_delivered
    receiver.answer()
    assert try_channel(hook).is_delivered
    assert Channel.objects.get(pk=hook).state == "active"
    assert tell_channel_broke(hook) == 0


def test_a_bad_message_breaks_nothing_until_the_fifth(fired: int, receiver: Receiver) -> None:
    """A 400 gives up the message alone; five in a row break the channel."""
    hook = webhook()
    receiver.answer(400, b"what?")
    deliver(fired, "fired", 1)
    row = row_of(hook)
    states = []
    for _ in range(5):
        assert send_delivery(row.pk) == "failed"
        states.append(Channel.objects.get(pk=hook).state)
        replay(row.pk)
    assert states == ["active"] * 4 + ["broken"]
    assert send_delivery(row.pk) == "failed"
    assert row_of(hook).error == "channel_off"


def test_what_is_due_together_goes_out_as_one_message(
    now: FrozenClock, manager: int, receiver: Receiver
) -> None:
    """Three notices: one mail with all three, one Slack message, but three webhooks, each with its own id."""
    webhook()
    slack = create_channel(
        kind="slack", name="team", config={}, secrets={"path": "/services/T0/B0/X0"}, language="zh-Hans"
    )[0]
    alerts = apply(rule(), [breach(f"kpi:{n}", store_id=None) for n in range(3)], NOW)
    assert deliver_all([{"alert_id": each, "notice": "fired", "sequence": 1} for each in alerts]) == 9
    for row_id in Delivery.objects.order_by("-id").values_list("id", flat=True):
        assert send_delivery(row_id) == "sent"
    assert len(mail.outbox) == 1
    assert "3 notices" in mail.outbox[0].subject
    assert all(f"kpi:{n}" in mail.outbox[0].body for n in range(3))
    hooks = [call for call in receiver.seen if call.path == "/in"]
    chats = [call for call in receiver.seen if call.path.startswith("/services/")]
    assert (len(hooks), len({call.headers["webhook-id"] for call in hooks}), len(chats)) == (3, 3, 1)
    assert "3 条通知" in json.loads(chats[0].body)["text"]
    batches = Delivery.objects.filter(channel_id=slack).values_list("batch", flat=True)
    assert len(set(batches)) == 1


def test_a_batch_is_the_same_at_every_attempt(now: FrozenClock, manager: int, receiver: Receiver) -> None:
    """What falls due after the first attempt waits for a message of its own."""
    slack = create_channel(kind="slack", name="team", config={}, secrets={"path": "/services/T0/B0/X0"})[0]
    first, second, third = apply(rule(), [breach(f"kpi:{n}", store_id=None) for n in range(3)], NOW)
    deliver_all([{"alert_id": each, "notice": "fired", "sequence": 1} for each in (first, second)])
    rows = Delivery.objects.filter(channel_id=slack).order_by("id")
    receiver.answer(500)
    with pytest.raises(DeliveryPutOff):
        send_delivery(rows[0].pk)
    deliver(third, "fired", 1)
    receiver.answer()
    assert send_delivery(rows[1].pk) == "sent"
    assert [row.state for row in rows] == ["sent", "sent", "queued"]
    texts = [json.loads(call.body)["blocks"][0]["text"]["text"] for call in receiver.seen]
    assert texts[0] == texts[1]
    assert "kpi:2" not in texts[1]


def test_a_worker_that_died_loses_its_claim(fired: int, receiver: Receiver) -> None:
    """While one holds a delivery nobody else sends it; when the claim has run out, another does."""
    hook = webhook()
    deliver(fired, "fired", 1)
    row = row_of(hook)
    taken = send.claim(row.pk)
    assert isinstance(taken, send.Batch)
    assert send_delivery(row.pk) == "held"
    assert receiver.seen == []
    with connection.cursor() as cursor:
        cursor.execute("update alerts_delivery set claimed_until = clock_timestamp() - interval '1 second'")
    assert send_delivery(row.pk) == "sent"
    # The dead one comes back to life after all: it has nothing to say any more.
    assert send._note(taken, {"state": "dead"}) is False
    assert row_of(hook).state == "sent"


def test_our_own_fault_is_an_attempt_like_any_other(
    fired: int, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug in a channel is told to the worker and leaves the delivery to be tried again, not held."""
    hook = webhook()
    deliver(fired, "fired", 1)

    def broken(*args: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(send, "post_message", broken)
    with pytest.raises(ZeroDivisionError):
        send_delivery(row_of(hook).pk)
    row = row_of(hook)
    assert (row.state, row.attempts, row.answer, row.claimed_until) == (
        "queued",
        1,
        "ZeroDivisionError",
        None,
    )


def test_nothing_queued_is_forgotten(fired: int, receiver: Receiver) -> None:
    """With the jobs gone, as after a lost ledger, the sweep starts them anew; those that have one keep it."""
    webhook()
    deliver(fired, "fired", 1)
    assert restart_forgotten() == 2
    assert Job.objects.filter(kind="alerts.send_delivery").count() == 2
    Job.objects.filter(kind="alerts.send_delivery").delete()
    assert restart_forgotten() == 2
    assert Job.objects.filter(kind="alerts.send_delivery").count() == 2
    for row in Delivery.objects.all():
        send_delivery(row.pk)
    assert restart_forgotten() == 0


def test_whoever_heard_of_it_hears_that_it_is_over(fired: int, in_acme: ClientRef, now: FrozenClock) -> None:
    """Even somebody who is not on duty any more; with nobody at all, the log says so."""
    deliver(fired, "fired", 1)
    (row,) = Delivery.objects.all()
    send_delivery(row.pk)
    boss = make_member(in_acme, Role.OWNER)[0]
    set_preference(
        user_id=row.recipient_id,
        check=lambda version: None,
        by_mail=True,
        channel_ids=[],
        language="",
        min_severity="critical",
    )
    apply(rule(), [clear(store_id=None)], NOW + timedelta(hours=1))
    deliver(fired, "resolved", 2)
    told = Delivery.objects.filter(notice="resolved").values_list("recipient_id", flat=True)
    assert set(told) == {row.recipient_id, boss}


def test_a_notice_that_nobody_can_be_told_is_a_dead_letter(in_acme: ClientRef, now: FrozenClock) -> None:
    """Nothing is lost without a trace: the row is there, given up, and cannot be replayed to nobody."""
    (alert_id,) = apply(rule(), [breach(store_id=None)], NOW)
    assert reachable_recipients(rule()) == 0
    (row_id,) = deliver(alert_id, "fired", 1)
    row = Delivery.objects.get(pk=row_id)
    assert (row.state, row.error) == ("dead", "nobody")
    with pytest.raises(Conflict):
        replay(row_id)


def test_quiet_hours_and_digests_are_kept(fired: int, manager: int, now: FrozenClock) -> None:
    """A digest reader gets no single notices, but one message of all at its time, once."""
    Attention.objects.create(user_id=manager, time_zone="UTC", digest="daily", changed_at=NOW)
    assert deliver(fired, "fired", 1) == []
    since, until = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    assert deliver_digest(user_id=manager, since=since, until=until) == 1
    assert deliver_digest(user_id=manager, since=since, until=until) == 0
    (row,) = Delivery.objects.all()
    assert send_delivery(row.pk) == "sent"
    assert len(mail.outbox) == 1


def test_reachable_by_severity_store_and_state(in_acme: ClientRef, manager: int, now: FrozenClock) -> None:
    """A rule counts the ways its notices go out by; each wish and switch that closes one counts (L10)."""
    warning = rule(severity=Severity.WARNING)
    assert reachable_recipients(warning) == 1
    hook = webhook(min_severity="critical")
    assert reachable_recipients(warning) == 1
    assert reachable_recipients(rule(severity=Severity.CRITICAL)) == 2
    update_channel(channel_id=hook, check=lambda version: None, changes={"state": "disabled"})
    assert reachable_recipients(rule(severity=Severity.CRITICAL)) == 1
    own = create_channel(
        kind="slack", name="me", config={}, secrets={"path": "/services/T0/B0/X0"}, user_id=manager
    )[0]
    wish: dict[str, Any] = {"user_id": manager, "check": lambda version: None, "language": "ja"}
    set_preference(**wish, by_mail=False, channel_ids=[own], min_severity="info")
    assert reachable_recipients(warning) == 1
    set_preference(**wish, by_mail=False, channel_ids=[own], min_severity="critical")
    assert reachable_recipients(warning) == 0
    for bad in ({"by_mail": False, "channel_ids": []}, {"by_mail": True, "channel_ids": [hook]}):
        with pytest.raises(Invalid):
            set_preference(**wish, **bad, min_severity="info")  # type: ignore[arg-type]


def test_a_rotated_secret_signs_beside_the_new_one_for_its_time(
    fired: int, receiver: Receiver, now: FrozenClock
) -> None:
    """Two signatures within the overlap, one after it; neither secret is kept in plain text."""
    hook = webhook()
    secret = rotate_secret(channel_id=hook, overlap_hours=2)
    deliver(fired, "fired", 1)
    row = row_of(hook)
    send_delivery(row.pk)
    now.tick(timedelta(hours=3))
    replay(row.pk)
    send_delivery(row.pk)
    first, second = (call.headers["webhook-signature"].split(" ") for call in receiver.seen)
    assert (len(first), len(second)) == (2, 1)
    stored = Channel.objects.get(pk=hook)
    for blob in (stored.secrets, stored.former_secret):
        assert secret.reveal().encode() not in bytes(blob or b"")


def test_secrets_moved_to_another_row_do_not_open(fired: int, receiver: Receiver) -> None:
    """A sealed secret copied from one channel to another breaks that one instead of being used."""
    hook, other = webhook(), webhook(name="other", min_severity="critical")
    Channel.objects.filter(pk=hook).update(secrets=Channel.objects.get(pk=other).secrets)
    deliver(fired, "fired", 1)
    assert send_delivery(row_of(hook).pk) == "failed"
    assert receiver.seen == []
    assert row_of(hook).error == "unauthorised"


def test_the_answer_is_kept_without_secrets(fired: int, receiver: Receiver) -> None:
    """A receiver that sends the signature's secret back finds it masked in the log."""
    hook, _ = create_channel(
        kind="webhook",
        name="hook",
        config={"url": f"{ORIGIN}/in"},
        secrets={"signing_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
    )
    receiver.answer_by(lambda call: Answer(422, b"bad secret whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    deliver(fired, "fired", 1)
    send_delivery(row_of(hook).pk)
    row = row_of(hook)
    assert (row.state, row.answer.count("***")) == ("failed", 1)
    assert "MfKQ9r8" not in row.answer
