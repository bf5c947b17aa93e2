"""Reading messages: in four languages' charsets, forwarded in two ways, and whatever bytes come along."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.engine.mail import MOST_TEXT, Mail, MailUnreadable, decode, read_mail
from tests.alerts.health.mails import WARNING_TEXT, forwarded, make_mail

SENT = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("utf-8", "Su cuenta está en riesgo. ¡Envíe un plan!"),
        ("gb18030", "您的账户可能会被停用，请在48小时内提交行动计划。㐀"),
        ("gb2312", "您的账户可能会被停用，请在小时内提交。"),
        ("shift_jis", "アカウントが停止される可能性があります。ご返信ください。"),
        ("iso-2022-jp", "アカウントが停止されるおそれがあります。"),
        ("euc-jp", "出荷遅延について改善計画を提出してください。"),
        ("windows-1252", "“Late shipments” – respond now…"),
    ],
)
def test_text_and_subject_survive_their_charset(charset: str, text: str) -> None:
    """Body, subject and sender's name are exactly what was written, without a fault."""
    mail = make_mail(text, charset=charset, subject=text, sender="亚马逊 <a@amazon.cn>")
    found = read_mail(bytes(mail))
    assert (found.text, found.subject, found.sender_name) == (text, text, "亚马逊")
    assert found.faults == ()
    assert found.sent_at == SENT


@pytest.mark.parametrize(("real", "declared"), [("gb18030", "iso-8859-15x"), ("cp932", "us-ascii")])
def test_a_wrong_charset_is_guessed(real: str, declared: str) -> None:
    """A charset that does not exist or does not fit does not lose the words."""
    text = "アカウント停止の可能性" if real == "cp932" else "您的店铺存在风险，请尽快处理"
    assert decode(text.encode(real), declared) == (text, True)


def test_a_message_forwarded_as_an_attachment_is_the_original() -> None:
    """Sender, subject and date are the platform's; the forwarder is named apart."""
    found = read_mail(bytes(forwarded(make_mail())))
    assert (found.sender, found.forwarded_by) == ("seller-performance@amazon.com", "li@client.example")
    assert found.subject == "Your account is at risk of deactivation"
    assert found.sent_at == SENT
    assert "72 hours" in found.text


@pytest.mark.parametrize(
    "head",
    [
        "---------- Forwarded message ---------\nFrom: Amazon <seller-performance@amazon.com>\n"
        "Date: Fri\nSubject: At risk",
        "-----邮件原件-----\n发件人: Amazon [mailto:seller-performance@amazon.com]\n主题: At risk",
        "差出人： Amazon <seller-performance@amazon.com>\n件名： At risk",
        "De: Amazon <seller-performance@amazon.com>\nAsunto: At risk",
    ],
)
def test_a_quoted_forward_tells_sender_and_subject_but_no_date(head: str) -> None:
    """Labels of mail programs in four languages; that the date is the forwarding's is said."""
    mail = make_mail(f"Please look.\n\n{head}\n\n{WARNING_TEXT}", sender="li@client.example", subject="FW")
    found = read_mail(bytes(mail))
    assert (found.sender, found.subject) == ("seller-performance@amazon.com", "At risk")
    assert found.forwarded_by == "li@client.example"
    assert any("date of the forwarding" in each for each in found.faults)


def test_attachments_are_hashed_and_a_page_loses_its_scripts() -> None:
    """The hash is that of the decoded bytes, a path in a name is cut, script text is no text."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["Date"] = "a@amazon.com", "Fri, 20 Nov 2026 09:00:00 +0000"
    mail.set_content("<script>steal()</script><p>Respond &amp; act</p><style>x</style>", subtype="html")
    data = b"MZ\x90\x00 not run"
    mail.add_attachment(data, maintype="application", subtype="x-msdownload", filename="..\\..\\证据.exe")
    found = read_mail(bytes(mail))
    assert found.text == "Respond & act"
    (file,) = found.attachments
    assert (file.name, file.size) == ("证据.exe", len(data))
    assert file.sha256 == hashlib.sha256(data).hexdigest()


def test_authentication_is_told_as_a_claim() -> None:
    """What the header says is repeated as a claim of a server; without it nothing is claimed."""
    mail = make_mail()
    assert "no Authentication-Results" in read_mail(bytes(mail)).authenticated_by
    mail["Authentication-Results"] = "mx.example.net; spf=pass x; dkim=fail header.d=evil; dmarc=none"
    told = read_mail(bytes(mail)).authenticated_by
    assert told.startswith("mx.example.net claims spf=pass, dkim=fail, dmarc=none")
    assert "not verified" in told


def test_bombs_are_refused() -> None:
    """Too large, nested without end, and nothing at all."""
    nest = b"From: a@b\n"
    for number in range(400):
        nest += b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (number, number)
    for raw in (nest, b"From: a@b\n\n" + b"x" * (9 * 2**20), b"", b"\n\n", b"\x00\x01\x02"):
        with pytest.raises(MailUnreadable):
            read_mail(raw)
    long = read_mail(bytes(make_mail("word " * 40_000)))
    assert len(long.text) == MOST_TEXT


SEEDS = [bytes(make_mail()), bytes(forwarded(make_mail("您的账户", charset="gb18030")))]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 60))
def test_damaged_messages_are_read_or_refused_and_nothing_else(seed: int, count: int) -> None:
    """Bytes changed, dropped, doubled or swapped: a Mail whose values can be stored, or MailUnreadable."""
    rng = random.Random(seed)
    raw = bytearray(rng.choice(SEEDS))
    for _ in range(count):
        place = rng.randrange(len(raw))
        match rng.randrange(4):
            case 0:
                raw[place] = rng.randrange(256)
            case 1:
                del raw[place : place + rng.randrange(1, 30)]
            case 2:
                raw[place:place] = raw[place : place + rng.randrange(1, 60)]
            case _:
                raw[place:place] = rng.choice(
                    [b"\n", b"=?gb2312?B?", b"\r\n\r\n", b"boundary=", b"\xff", b"\x00"]
                )
        if not raw:
            break
    _read(bytes(raw))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    """The same of bytes that never were a message, with and without a header before them."""
    _read(raw)
    _read(b"From: x\nSubject: " + raw)
    _read(b"From: x\nContent-Type: text/html; charset=" + raw)


def _read(raw: bytes) -> None:
    try:
        found = read_mail(raw)
    except MailUnreadable:
        return
    assert isinstance(found, Mail)
    texts = (found.sender, found.sender_name, found.subject, found.message_id, found.text, *found.faults)
    for text in (*texts, found.authenticated_by, *(each.name for each in found.attachments)):
        assert "\x00" not in text
        text.encode()
