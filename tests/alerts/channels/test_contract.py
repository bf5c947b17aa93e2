"""What every channel promises: how it succeeds, errors by class, a pause when asked, no secret told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from alerts.channels import CHANNELS
from alerts.channels.base import DeliveryRefused
from alerts.channels.dingtalk import sign as dingtalk_sign
from alerts.channels.feishu import sign as feishu_sign
from alerts.channels.webhook import new_signing_secret, signature_headers
from alerts.engine.render import group
from alerts.engine.templates import LANGUAGES
from alerts.types import DeliveryFault, Receipt
from config.lib.outbound import Outbound
from config.lib.redact import Secret
from tests.alerts.channels.letters import AT, KINDS, MESSAGE, SECRET, Kind
from tests.alerts.channels.mailbox import Mailbox
from tests.alerts.engine.test_render import FACTS
from tests.support.receiver import Receiver

KIND = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@pytest.fixture(scope="module")
def listening() -> Iterator[Receiver]:
    """One receiver for all tests of the file."""
    found = Receiver()
    yield found
    found.close()


@pytest.fixture
def receiver(listening: Receiver) -> Receiver:
    """The receiver, with nothing in it."""
    listening.seen.clear()
    listening.answer()
    return listening


def send(kind: Kind, receiver: Receiver, **changes: Any) -> Receipt:
    """Send the message by a kind to the receiver."""
    return CHANNELS.get(kind.name).send(MESSAGE, kind.envelope(receiver.origin, **changes))


def refusal(kind: Kind, receiver: Receiver, **changes: Any) -> DeliveryRefused:
    """What sending is refused with."""
    with pytest.raises(DeliveryRefused) as caught:
        send(kind, receiver, **changes)
    return caught.value


def test_every_kind_is_tested() -> None:
    """A new kind needs a line in the tests; its key is its own name, and its set-up here is a valid one."""
    assert {kind.name for kind in KINDS} | {"email"} == set(CHANNELS.keys())
    for kind in KINDS:
        spec = CHANNELS.get(kind.name)
        assert spec.kind == kind.name
        assert spec.faults(kind.config, kind.secrets) == []


@KIND
def test_success(kind: Kind, receiver: Receiver) -> None:
    """One POST of JSON to the channel's origin that carries the message, and a receipt with a reference."""
    receiver.answer(*kind.yes)
    receipt = send(kind, receiver)
    assert receipt.reference
    (call,) = receiver.seen
    assert (call.method, call.headers["host"].partition(":")[0]) == ("POST", "127.0.0.1")
    body = json.dumps(json.loads(call.body), ensure_ascii=False)
    for part in ("ACoS too high", "41.2%", MESSAGE.link):
        assert part in body


@KIND
def test_refused_for_good(kind: Kind, receiver: Receiver) -> None:
    """A channel that is gone or whose secret is wrong breaks; no retry would help."""
    receiver.answer(*kind.no)
    error = refusal(kind, receiver)
    assert (error.permanent, error.breaks) == (True, True)
    assert error.fault in (DeliveryFault.UNAUTHORISED, DeliveryFault.GONE)


@KIND
def test_a_bad_message_breaks_nothing(kind: Kind, receiver: Receiver) -> None:
    """A message that the receiver cannot read is given up; the channel stays in use."""
    receiver.answer(*kind.bad)
    error = refusal(kind, receiver)
    assert (error.permanent, error.breaks, error.fault) == (True, False, DeliveryFault.REFUSED)


@KIND
@pytest.mark.parametrize("status", [500, 502, 503, 408])
def test_a_failure_of_the_receiver_passes(kind: Kind, status: int, receiver: Receiver) -> None:
    """Statuses that speak of the moment are tried again."""
    receiver.answer(status, b"<html>")
    error = refusal(kind, receiver)
    assert (error.permanent, error.fault) == (False, DeliveryFault.UNAVAILABLE)


@KIND
def test_too_many(kind: Kind, receiver: Receiver) -> None:
    """Being asked to slow down is transient, with the pause that was asked for or the platform's own."""
    receiver.answer(*kind.busy, {"Retry-After": "17"})
    error = refusal(kind, receiver)
    assert (error.permanent, error.fault) == (False, DeliveryFault.RATE_LIMITED)
    assert error.retry_after == (17.0 if kind.busy[0] == 429 else 600.0 if kind.name == "dingtalk" else 60.0)


@KIND
def test_silence(kind: Kind, receiver: Receiver) -> None:
    """No answer within the time is a transient fault of its own."""
    receiver.stall(1.0)
    error = refusal(kind, receiver, seconds=0.15)
    assert (error.permanent, error.fault) == (False, DeliveryFault.TIMEOUT)


@KIND
def test_nobody_listens(kind: Kind) -> None:
    """A closed port is unreachable, and tried again."""
    closed = Receiver()
    closed.close()
    error = refusal(kind, closed)
    assert (error.permanent, error.fault) == (False, DeliveryFault.UNREACHABLE)


@KIND
@pytest.mark.parametrize("answer", ["yes", "no", "busy", "bad"])
def test_no_secret_is_told(kind: Kind, answer: str, receiver: Receiver) -> None:
    """A receiver that echoes what it was sent finds no way into the log: nothing there is secret."""
    status, body = getattr(kind, answer)
    echo = " ".join(kind.secrets.values()).encode()
    receiver.answer(
        status, body[:-1] + b',"echo":"' + echo + b'"}' if body.endswith(b"}") else body + b" " + echo
    )
    try:
        told = repr(send(kind, receiver))
    except DeliveryRefused as error:
        told = f"{error} {error.detail} {error!r} {error.__cause__!r}"
    for secret in kind.secrets.values():
        assert secret not in told
    assert repr(kind.envelope(receiver.origin)).count("***") == len(kind.secrets)


@KIND
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_largest_group_fits(kind: Kind, language: str, receiver: Receiver) -> None:
    """As many long notices as the kind takes at once: the link of each arrives."""
    receiver.answer(*kind.yes)
    most = CHANNELS.get(kind.name).most
    long = replace(FACTS, title="标题" * 80, subject="sku:" + "长" * 80, basis="依据" * 200, store="店" * 60)
    parts = [
        replace(long, alert_id=n, link=f"https://agency.example/alerts/{n}") for n in range(100, 100 + most)
    ]
    CHANNELS.get(kind.name).send(group(parts, language), kind.envelope(receiver.origin))
    body = json.dumps(json.loads(receiver.seen[0].body), ensure_ascii=False)
    for part in parts:
        assert part.link in body


@KIND
def test_a_set_up_is_checked(kind: Kind) -> None:
    """Missing, unknown and malformed fields are each named, and no value is quoted."""
    spec = CHANNELS.get(kind.name)
    assert {fault.code for fault in spec.faults({}, {})} == {"required"}
    odd = spec.faults({**kind.config, "more": "x"}, dict.fromkeys(kind.secrets, "hunter2\n"))
    assert {fault.code for fault in odd} == {"unknown_member", "form"}
    assert "hunter2" not in repr(odd)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://localhost/",
        "https://a.example:22/",
    ],
)
def test_a_webhook_into_the_inside_is_refused_when_it_is_set_up(url: str) -> None:
    """Before anything is stored; and what the name leads to is looked at again with every sending."""
    faults = CHANNELS.get("webhook").faults({"url": url}, {"signing_secret": SECRET})
    assert [fault.pointer for fault in faults] == ["/config/url"]
    envelope = KINDS[0].envelope("", outbound=Outbound(resolver=lambda host, port: ["10.0.0.1"]))
    with pytest.raises(DeliveryRefused) as caught:
        CHANNELS.get("webhook").send(MESSAGE, envelope)
    assert (caught.value.fault, caught.value.breaks) == (DeliveryFault.BLOCKED_ADDRESS, True)


def test_the_signature_is_that_of_the_specification() -> None:
    """The example of the Standard Webhooks specification, byte for byte."""
    headers = signature_headers(
        "msg_loFOjxBNrRLzqYUf",
        datetime.fromtimestamp(1731705121, UTC),
        b'{"event_type":"ping","data":{"success":true}}',
        [Secret("whsec_plJ3nmyCDGBKInavdOK15jsl")],
    )
    assert headers == {
        "webhook-id": "msg_loFOjxBNrRLzqYUf",
        "webhook-timestamp": "1731705121",
        "webhook-signature": "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
    }


def verify(secret: str, headers: dict[str, str], body: bytes, now: datetime) -> bool:
    """A receiver's check, written from the specification: any signature fits, not older than five minutes."""
    stamp = headers["webhook-timestamp"]
    if abs(int(stamp) - now.timestamp()) > 300:
        return False
    signed = b".".join([headers["webhook-id"].encode(), stamp.encode(), body])
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(f"v1,{wanted}", each) for each in headers["webhook-signature"].split(" "))


def test_a_webhook_can_be_checked_through_a_rotation(receiver: Receiver) -> None:
    """Both secrets verify while two sign; a third, a changed body, another id or an old instant do not."""
    old = new_signing_secret()
    send(KINDS[0], receiver, formers=(Secret(old),))
    (call,) = receiver.seen
    headers = dict(call.headers)
    assert verify(SECRET, headers, call.body, AT)
    assert verify(old, headers, call.body, AT)
    assert not verify(new_signing_secret(), headers, call.body, AT)
    assert not verify(SECRET, headers, call.body + b" ", AT)
    assert not verify(SECRET, {**headers, "webhook-id": "msg_2"}, call.body, AT)
    assert not verify(SECRET, headers, call.body, datetime.fromtimestamp(AT.timestamp() + 301, UTC))
    sent = json.loads(call.body)
    assert (sent["type"], sent["timestamp"]) == ("alert.fired", "2026-11-21T08:29:00+00:00")
    assert (sent["data"]["alert_id"], sent["data"]["observed"]) == (7, "0.412")


def test_the_robots_sign_as_their_platforms_say(receiver: Receiver) -> None:
    """DingTalk: HMAC by the secret, in the address. Feishu: HMAC of nothing by both, in the body."""
    by_name = {kind.name: kind for kind in KINDS}
    receiver.answer(200, b'{"errcode":0,"code":0}')
    send(by_name["dingtalk"], receiver)
    send(by_name["feishu"], receiver)
    ding, feishu = receiver.seen
    query = {name: values[0] for name, values in parse_qs(urlsplit(ding.path).query).items()}
    stamp, secret = str(int(AT.timestamp() * 1000)), by_name["dingtalk"].secrets["signing_secret"]
    assert query["timestamp"] == stamp
    assert query["sign"] == dingtalk_sign(stamp, secret)
    expected = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    assert base64.b64decode(query["sign"]) == expected
    body = json.loads(feishu.body)
    key = f"{body['timestamp']}\n{by_name['feishu'].secrets['signing_secret']}".encode()
    assert base64.b64decode(body["sign"]) == hmac.new(key, digestmod=hashlib.sha256).digest()
    assert body["sign"] == feishu_sign(body["timestamp"], by_name["feishu"].secrets["signing_secret"])


def test_line_drops_repetitions_itself(receiver: Receiver) -> None:
    """The same message carries the same retry key, another one another; 409 of an accepted one is success."""
    line = next(kind for kind in KINDS if kind.name == "line")
    receiver.answer(409, b'{"message":"accepted already"}', {"X-Line-Accepted-Request-Id": "r-1"})
    assert send(line, receiver).reference == "r-1"
    send(line, receiver)
    send(line, receiver, message_id="msg_1_8")
    first, again, other = (call.headers["x-line-retry-key"] for call in receiver.seen)
    assert first == again != other
    receiver.answer(429, b'{"message":"You have reached your monthly limit."}')
    assert refusal(line, receiver).breaks


def test_slack_mentions_nobody(receiver: Receiver) -> None:
    """What others wrote cannot call a whole channel."""
    slack = next(kind for kind in KINDS if kind.name == "slack")
    message = replace(MESSAGE, text="<!channel> & <@U1>")
    CHANNELS.get("slack").send(message, slack.envelope(receiver.origin))
    assert (
        "&lt;!channel&gt; &amp; &lt;@U1&gt;" in json.loads(receiver.seen[0].body)["blocks"][0]["text"]["text"]
    )


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """A mail server that the deployment is set up with."""
    box = Mailbox()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", box.port, 0.5
    yield box
    box.close()


MAIL = Kind("email", "", {"to": "ops@acme.example, boss@acme.example"}, {})


def mail(**changes: Any) -> Receipt:
    """Send the message by mail."""
    return CHANNELS.get("email").send(MESSAGE, MAIL.envelope("", **changes))


def test_mail_carries_both_forms_and_its_id(mailbox: Mailbox) -> None:
    """Text and HTML, marked as automatic, under the same Message-ID at every attempt, to whom it is for."""
    assert mail().reference == mail().reference == "<msg_1_7@localhost>"
    first = mailbox.letters[0]
    for part in (
        "Message-ID: <msg_1_7@localhost>",
        "Auto-Submitted: auto-generated",
        "To: ops@acme.example, boss@acme.example",
        "text/plain",
        "text/html",
    ):
        assert part in first
    mail(to="one@acme.example")
    assert "To: one@acme.example" in mailbox.letters[2]


@pytest.mark.parametrize(
    ("recipient", "data", "permanent", "breaks"),
    [
        (b"550 no such user", b"250 ok", True, True),
        (b"450 try later", b"250 ok", False, False),
        (b"250 ok", b"554 spam", True, False),
        (b"250 ok", b"452 full", False, False),
    ],
)
def test_mail_errors_by_class(
    mailbox: Mailbox, recipient: bytes, data: bytes, permanent: bool, breaks: bool
) -> None:
    """RFC 5321: 4yz passes, 5yz does not; of the latter only a missing mailbox breaks the channel."""
    mailbox.recipient_answer, mailbox.data_answer = recipient, data
    with pytest.raises(DeliveryRefused) as caught:
        mail()
    assert (caught.value.permanent, caught.value.breaks) == (permanent, breaks)
    assert mailbox.letters == []


def test_a_mail_server_that_is_silent_or_gone(mailbox: Mailbox) -> None:
    """Both are transient: the deployment's server is not the channel's fault."""
    mailbox.pause = 1.0
    with pytest.raises(DeliveryRefused) as caught:
        mail()
    assert (caught.value.fault, caught.value.permanent) == (DeliveryFault.TIMEOUT, False)
    mailbox.close()
    with pytest.raises(DeliveryRefused) as caught:
        mail()
    assert (caught.value.fault, caught.value.permanent) == (DeliveryFault.UNREACHABLE, False)
