"""Reads a forwarded message of anybody's making: never runs, opens or trusts anything in it.

Mails lie about their charset, nest without end and break every rule of RFC 5322, so each part is read by
itself, what cannot be read says so, and only size and nesting can make the whole be refused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from html.parser import HTMLParser

MOST_BYTES = 8 * 2**20
MOST_PARTS = 200
MOST_NESTING = 50
MOST_TEXT = 20_000
_MOST_HEADER = 500
# What senders call by the narrow name is written in the wide one: the vendors' supersets read both.
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "iso-8859-1": "cp1252",
}
# Tried in turn when the declared charset does not fit; Japanese first, for GB 18030 reads nearly any bytes.
_GUESSES = ("utf-8", "iso2022_jp_ext", "cp932", "gb18030")
_FORWARDED = re.compile(
    r"^[>\s*]*(?P<name>from|sent|date|subject|de|enviado(?: el)?|fecha|asunto|发件人|发送时间|日期|主题"
    r"|差出人|送信日時|日時|件名)\s*\*?\s*[:：]\s*\*?\s*(?P<value>.+)$",
    re.IGNORECASE | re.MULTILINE,
)
_FROM = frozenset({"from", "de", "发件人", "差出人"})
_SUBJECT = frozenset({"subject", "asunto", "主题", "件名"})


class MailUnreadable(ValueError):
    """The bytes are no message that can be read safely; the text says why."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message: what it calls itself, and the hash of its bytes. It was never opened."""

    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Mail:
    """What was read of a message. `sent_at` None: no date that can be read.

    `faults` says what could not be read. `authenticated_by` is what the last receiving server claims to have
    checked; it is a claim in the text of the message and was not verified here.
    """

    sender: str
    sender_name: str
    forwarded_by: str
    subject: str
    message_id: str
    sent_at: datetime | None
    text: str
    attachments: tuple[Attachment, ...]
    authenticated_by: str
    faults: tuple[str, ...]


def read_mail(raw: bytes) -> Mail:
    """Read a raw RFC 822 message; `MailUnreadable` if it is empty, too big, or nested beyond reason."""
    if not raw.strip():
        raise MailUnreadable("The message is empty.")
    if len(raw) > MOST_BYTES:
        raise MailUnreadable(f"The message is larger than {MOST_BYTES // 2**20} MB.")
    # Counted before parsing: the parser works through every level again for each level inside.
    if len(re.findall(rb"boundary\s*=", raw, re.IGNORECASE)) > MOST_NESTING:
        raise MailUnreadable(f"The message has more than {MOST_NESTING} nested parts.")
    try:
        outer = message_from_bytes(raw, policy=policy.compat32)
    except RecursionError as error:
        raise MailUnreadable("The message is nested too deeply.") from error
    faults: list[str] = []
    if not outer.keys():
        raise MailUnreadable("This is no message: it has no header.")
    inner = _original(outer)
    text, attachments = _content(outer, faults)
    name, sender = _address(inner, faults)
    subject = _header(inner, "Subject", faults)
    forwarder = _address(outer, faults)[1] if inner is not outer else ""
    quoted = _quoted(text) if inner is outer else {}
    if quoted.get("from"):
        forwarder, (name, sender) = sender, _split(quoted["from"])
        subject = quoted.get("subject", subject)
        faults.append("The original is quoted: its date was not read, the date of the forwarding counts.")
    sent = _date(inner)
    if sent is None:
        faults.append("The message has no date that can be read.")
    return Mail(
        sender=sender.lower(),
        sender_name=name,
        forwarded_by=forwarder.lower(),
        subject=subject,
        message_id=_header(inner, "Message-ID", faults),
        sent_at=sent,
        text=text[:MOST_TEXT],
        attachments=tuple(attachments),
        authenticated_by=_claims(inner),
        faults=tuple(dict.fromkeys(faults)),
    )


def decode(data: bytes, charset: str | None) -> tuple[str, bool]:
    """Bytes as text, by the declared charset or the likeliest; False if some of it had to be replaced."""
    declared = (charset or "").strip().strip("\"'").lower()
    for candidate in (_WIDER.get(declared, declared), *_GUESSES):
        try:
            return data.decode(candidate), True
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return data.decode("utf-8", "replace"), False


def _original(message: Message) -> Message:
    """The message that was forwarded as an attachment, if one was; else the message itself."""
    for _ in range(5):
        found = next((part for part in _parts(message) if part.get_content_type() == "message/rfc822"), None)
        payload = found.get_payload() if found is not None else None
        if not isinstance(payload, list) or not payload or not isinstance(payload[0], Message):
            return message
        message = payload[0]
    return message


def _parts(message: Message) -> Iterator[Message]:
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            return
        yield part


def _content(message: Message, faults: list[str]) -> tuple[str, list[Attachment]]:
    plain: list[str] = []
    rich: list[str] = []
    files: list[Attachment] = []
    for number, part in enumerate(_parts(message), 1):
        if number == MOST_PARTS:
            faults.append(f"Only the first {MOST_PARTS} parts were read.")
        if part.is_multipart():
            continue
        data = _bytes(part)
        name = part.get_filename()
        disposition = str(part.get("Content-Disposition") or "").strip().lower()
        media_type = part.get_content_type()
        is_text = media_type in ("text/plain", "text/html")
        if not is_text or name or disposition.startswith("attachment"):
            files.append(_attachment(name, media_type, data, faults))
            continue
        text, is_whole = decode(data, part.get_content_charset())
        if not is_whole:
            faults.append("Some of the text is in no charset that is known.")
        (plain if media_type == "text/plain" else rich).append(text)
    told = "\n".join(plain).strip() or "\n".join(_stripped(text) for text in rich)
    # A zero byte cannot be stored, and nobody means one.
    return re.sub(r"[^\S\n]+", " ", told.replace("\x00", "")).strip(), files


def _bytes(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError):
        payload = None
    return payload if isinstance(payload, bytes) else b""


def _attachment(name: object, media_type: str, data: bytes, faults: list[str]) -> Attachment:
    told = _decoded(str(name), faults) if name else ""
    plain = "".join(char for char in told.rpartition("/")[2].rpartition("\\")[2] if char.isprintable())
    return Attachment(plain[:200], media_type[:100], len(data), hashlib.sha256(data).hexdigest())


def _header(message: Message, name: str, faults: list[str]) -> str:
    value = message.get(name)
    return "" if value is None else _decoded(str(value), faults)


def _decoded(value: str, faults: list[str]) -> str:
    try:
        pieces = decode_header(value[: _MOST_HEADER * 4])
    except (HeaderParseError, ValueError, LookupError):
        faults.append("A header is encoded in a way that cannot be read.")
        pieces = [(value, None)]
    told = "".join(
        piece if isinstance(piece, str) else decode(piece, charset)[0] for piece, charset in pieces
    )
    clean = told.encode("utf-8", "replace").decode()
    return " ".join("".join(c if c.isprintable() else " " for c in clean).split())[:_MOST_HEADER]


def _address(message: Message, faults: list[str]) -> tuple[str, str]:
    return _split(_header(message, "From", faults))


def _split(value: str) -> tuple[str, str]:
    """Name and address; Outlook's `Name [mailto:a@b]` is read too."""
    name, address = parseaddr(value.replace("[mailto:", "<").replace("]", ">"))
    return name[:200], address[:254] if "@" in address else ""


def _date(message: Message) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(message.get("Date") or ""))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _quoted(text: str) -> dict[str, str]:
    """Sender and subject of a message quoted below a forwarding, by the labels of mail programs."""
    found: dict[str, str] = {}
    for match in _FORWARDED.finditer(text):
        name = match["name"].lower()
        key = "from" if name in _FROM else "subject" if name in _SUBJECT else ""
        if key == "from" and "@" not in match["value"]:
            continue
        if key and key not in found:
            found[key] = match["value"].strip()[:_MOST_HEADER]
    return found


def _claims(message: Message) -> str:
    """What the top Authentication-Results header says (RFC 8601); the text says that it is a claim."""
    value = message.get("Authentication-Results")
    if value is None:
        return "Nothing: the message carries no Authentication-Results."
    told = " ".join(str(value).split())
    server = told.split(";")[0].strip()[:100]
    checks = re.findall(r"\b(spf|dkim|dmarc)\s*=\s*([a-z]{1,12})", told, re.IGNORECASE)
    listed = ", ".join(f"{method.lower()}={result.lower()}" for method, result in checks[:6]) or "no result"
    shown = "".join(char for char in server if char.isprintable()).encode("utf-8", "replace").decode()
    return f"{shown} claims {listed}; read from the message, not verified here."


class _Text(HTMLParser):
    """The words of a page without its scripts and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Skip what is not shown; a block begins a line."""
        self._hidden += tag in ("script", "style", "head")
        if tag in ("p", "br", "div", "tr", "li", "h1", "h2", "h3"):
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End of what is not shown."""
        if tag in ("script", "style", "head"):
            self._hidden = max(0, self._hidden - 1)

    def handle_data(self, data: str) -> None:
        """Keep shown words."""
        if not self._hidden:
            self.words.append(data)


def _stripped(page: str) -> str:
    reader = _Text()
    try:
        reader.feed(page[: MOST_TEXT * 20])
    except (AssertionError, ValueError):
        # The library's reader gives up on some broken declarations; what it read so far still counts.
        return "".join(reader.words)
    return "".join(reader.words)
