"""Calls to addresses that people give: nothing inside can be reached, and what is sent arrives as it is."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from config.lib.addresses import is_outside, literal
from config.lib.errors import AppError
from config.lib.http import Unreachable
from config.lib.outbound import AddressRefused, NoAnswerInTime, Outbound
from tests.support.receiver import Receiver

PUBLIC = "93.184.215.14"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on every address of this machine, that counts connections and bytes."""
    found = Receiver()
    yield found
    found.close()


def spellings(address: str) -> list[str]:
    """How an IPv4 address can be written so that some reader still finds it."""
    a, b, c, d = (int(part) for part in address.split("."))
    n = int(ipaddress.IPv4Address(address))
    mapped = f"{a:02x}{b:02x}:{c:02x}{d:02x}"
    full_width = "".join(chr(ord(char) + 0xFEE0) if char.isdigit() else "。" for char in address)
    return [
        address,
        f"{address}.",
        f"{n}",
        f"0x{n:x}",
        f"0x{n:X}".upper(),
        f"0{n:o}",
        f"{a}.{n & 0xFFFFFF}",
        f"{a}.{b}.{n & 0xFFFF}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}",
        f"0{a:o}.{b}.0x{c:x}.{d}",
        f"{a:03d}.{b:03d}.{c:03d}.{d:03d}",
        f"{a + 256}.{b}.{c}.{d}",
        full_width,
        f"[::ffff:{address}]",
        f"[::ffff:{mapped}]",
        f"[0:0:0:0:0:ffff:{mapped}]",
        f"[::{address}]",
        f"[::ffff:0:{address}]",
        f"[64:ff9b::{address}]",
        f"[2002:{mapped}::1]",
        f"%{ord(address[0]):02x}{address[1:]}",
        f"user@{address}",
        f"{PUBLIC}@{address}",
    ]


NAMES = ("localhost", "localhost.localdomain", "127.0.0.1.nip.example", "inside.example", "ip6-localhost")
LITERALS = (
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::1%25lo]",
    "[fe80::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
)
INSIDE = ("127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.5", "172.16.0.1", "192.168.1.1", "169.254.169.254")
ODD = (
    "https://{host}:{port}\\@public.example/",
    "https://public.example\\@{host}:{port}/",
    "https://public.example@{host}:{port}/",
    "https://{host}:{port}#@public.example/",
    "https://public.example:{port}@{host}:{port}/",
    "https:{host}:{port}/",
    "https:///{host}:{port}/",
    "//{host}:{port}/",
    "http://{host}:{port}/",
    "HTTP://{host}:{port}/",
    "gopher://{host}:{port}/_GET",
    "ftp://{host}:{port}/",
    "file:///etc/passwd",
    " https://{host}:{port}/",
    "https://{host}\t:{port}/",
    "https://{host}\r\n:{port}/",
    "https://{host}:{port}/ HTTP/1.1\r\nX: y",
    "https://public.example,{host}:{port}/",
    "https://[::1]{host}:{port}/",
    "https://{host}:0{port}/",
    "https://{host}:{port}:443/",
)  # fmt: skip


def corpus(port: int) -> list[str]:
    """Every payload, aimed at a port on which somebody listens."""
    hosts = [form for address in INSIDE for form in spellings(address)] + list(NAMES) + list(LITERALS)
    plain = [f"{scheme}://{host}:{port}/hook" for host in hosts for scheme in ("https", "http")]
    return plain + [odd.format(host="127.0.0.1", port=port) for odd in ODD]


def lying(host: str, port: int) -> Sequence[str]:
    """A resolver for whom every name leads inside, as those do whose owner is the attacker."""
    return ["::1"] if host.startswith("ip6") else ["127.0.0.1"]


def test_no_payload_reaches_a_listener(receiver: Receiver) -> None:
    """Over 300 spellings of addresses inside, port and plain HTTP allowed: not one connection is made."""
    guarded = Outbound(
        schemes=frozenset({"https", "http"}), ports=frozenset({receiver.port}), resolver=lying, seconds=2
    )
    payloads = corpus(receiver.port)
    assert len(set(payloads)) >= 300
    for url in payloads:
        with pytest.raises(AddressRefused):
            guarded.post(url, body=b"secret", headers={})
    time.sleep(0.05)
    assert (receiver.connections, receiver.seen) == (0, [])


def test_the_same_payloads_get_through_without_the_guard(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with the check of addresses switched off, the corpus does reach the listener."""
    monkeypatch.setattr("config.lib.outbound._require_outside", lambda addresses: None)
    naive = Outbound(
        schemes=frozenset({"http"}), ports=frozenset({receiver.port}), resolver=lying, seconds=0.3
    )
    for host in ("127.0.0.1", "127.1.2.3", "0.0.0.0", "inside.example", "[::ffff:127.0.0.1]"):
        naive.post(f"http://{host}:{receiver.port}/hook", body=b"{}", headers={})
    assert receiver.connections == 5


def test_a_name_that_changes_its_mind_is_asked_once(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: public at the first look-up, inside at the second, which never happens."""
    answers = [[PUBLIC], ["127.0.0.1"]]
    asked: list[str] = []
    reached: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers[min(len(asked), 2) - 1]

    def connect(self: Any, host: str, port: int, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        reached.append(host)
        raise httpcore.ConnectError("no way out of a test")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    guarded = Outbound(ports=frozenset({receiver.port}), resolver=rebinding)
    with pytest.raises(Unreachable):
        guarded.post(f"https://rebind.example:{receiver.port}/", body=b"", headers={})
    assert (asked, reached) == (["rebind.example"], [PUBLIC])


@pytest.mark.parametrize("second", ["127.0.0.1", "169.254.169.254", "::1", "10.1.1.1"])
def test_one_address_inside_is_enough(second: str) -> None:
    """A name with a public and an inner address is refused, in whichever order they come."""
    for found in ([PUBLIC, second], [second, PUBLIC]):
        guarded = Outbound(resolver=lambda host, port, found=found: found)  # type: ignore[misc]
        with pytest.raises(AddressRefused):
            guarded.post("https://both.example/", body=b"", headers={})


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        (PUBLIC, True),
        ("1.1.1.1", True),
        ("2606:4700:4700::1111", True),
        ("100.100.100.200", False),
        ("168.63.129.16", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("192.88.99.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("2001:0:7f00:1::", False),
        ("fec0::1", False),
        ("ff0e::1", False),
    ],
)
def test_what_lies_outside(text: str, outside: bool) -> None:
    """Public unicast addresses only; none that carries an IPv4 address inside, and no cloud's own host."""
    assert is_outside(ipaddress.ip_address(text)) is outside


def test_names_are_not_numbers() -> None:
    """A host is one plain address or a name with a dot whose last label is no number."""
    assert literal("hooks.example.com") is None
    assert literal("xn--bcher-kva.example") is None
    assert str(literal(PUBLIC)) == PUBLIC
    for text in ("1.2.3", "0x7f.1", "example.1", "a..b", "-a.example", "intranet", "::1%eth0", "a.0x"):
        with pytest.raises(ValueError):
            literal(text)


def test_only_https_on_its_ports() -> None:
    """As it is set up in production."""
    guarded = Outbound(resolver=lambda host, port: [PUBLIC])
    guarded.check("https://hooks.example.com/a?b=c")
    guarded.check("https://hooks.example.com:8443/")
    for url in (
        "http://hooks.example.com/",
        "https://hooks.example.com:22/",
        "https://hooks.example.com:6379/",
    ):
        with pytest.raises(AddressRefused):
            guarded.check(url)


def test_a_stand_in_is_reached_only_when_named(receiver: Receiver) -> None:
    """The setting of tests and the demo maps one origin; its path, query and body arrive, others do not."""
    origin = "https://hooks.example.com"
    opened = Outbound(endpoints={origin: receiver.origin}, resolver=lying)
    answer = opened.post(f"{origin}/a/b?c=d", body=b'{"x":1}', headers={"content-type": "application/json"})
    assert (answer.status, answer.body) == (200, b"ok")
    (call,) = receiver.seen
    assert (call.method, call.path, call.body) == ("POST", "/a/b?c=d", b'{"x":1}')
    assert "cookie" not in call.headers
    with pytest.raises(AddressRefused):
        opened.post("https://other.example.com/", body=b"", headers={})
    assert receiver.connections == 1


def test_redirects_end_the_call(receiver: Receiver) -> None:
    """A 302 to the inside is an answer like any other; nobody goes there."""
    receiver.answer(302, b"", {"Location": f"http://127.0.0.1:{receiver.port}/inside"})
    opened = Outbound(endpoints={"https://a.example": receiver.origin})
    assert opened.post("https://a.example/hook", body=b"", headers={}).status == 302
    assert [call.path for call in receiver.seen] == ["/hook"]


def test_an_answer_is_cut_at_its_size_and_time(receiver: Receiver) -> None:
    """A megabyte is read up to the limit; a receiver that trickles or is silent is left at the deadline."""
    receiver.answer(200, b"x" * 1_000_000)
    opened = Outbound(endpoints={"https://a.example": receiver.origin}, seconds=0.4, largest_answer=1000)
    assert len(opened.post("https://a.example/", body=b"", headers={}).body) == 1000
    receiver.stall(3)
    started = time.monotonic()
    with pytest.raises(NoAnswerInTime):
        opened.post("https://a.example/", body=b"", headers={})
    assert time.monotonic() - started < 1.5


def test_a_slow_resolver_is_left_behind() -> None:
    """The time of a call includes the look-up of its name."""
    release = threading.Event()
    guarded = Outbound(resolver=lambda host, port: [PUBLIC] if release.wait(5) else [], seconds=0.2)
    with pytest.raises(NoAnswerInTime):
        guarded.post("https://slow.example/", body=b"", headers={})
    release.set()


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\x00b"])
def test_headers_cannot_be_split(receiver: Receiver, value: str) -> None:
    """A header with a line break is not sent."""
    opened = Outbound(endpoints={"https://a.example": receiver.origin})
    with pytest.raises(AppError):
        opened.post("https://a.example/", body=b"", headers={"x-given": value})
    assert receiver.seen == []


def test_the_certificate_is_that_of_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connected to the pinned address, SNI, certificate and Host are those of the name that was given."""
    trust, server = _certificate(tmp_path, "hooks.example.com")
    received = Receiver(server)
    monkeypatch.setattr("config.lib.outbound._require_outside", lambda addresses: None)
    opened = Outbound(resolver=lying, ports=frozenset({received.port}), trust=trust, seconds=3)
    answer = opened.post(f"https://hooks.example.com:{received.port}/x", body=b"{}", headers={})
    assert answer.status == 200
    assert received.seen[0].headers["host"] == f"hooks.example.com:{received.port}"
    assert received.server_names == ["hooks.example.com"]
    with pytest.raises(Unreachable):
        opened.post(f"https://other.example.com:{received.port}/x", body=b"{}", headers={})
    assert len(received.seen) == 1
    received.close()


def _certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a client trusts, and what a server of this name shows."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    at = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(at - dt.timedelta(days=1))
        .not_valid_after(at + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    (folder / "cert.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    trust = ssl.create_default_context(cadata=pem.decode())
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return trust, server
