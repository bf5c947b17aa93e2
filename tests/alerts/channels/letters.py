"""What the channels' tests send: a message, how each kind is set up, and what its receiver says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from alerts.channels.base import Envelope
from alerts.types import Message, Notice, Severity
from config.lib.outbound import Outbound
from config.lib.redact import Secret

AT = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

MESSAGE = Message(
    subject="[Critical] Acme, Tokyo: ACoS too high has fired",
    text="Now: 41.2%\nTarget or limit: 25%",
    html="<p>Now: 41.2%</p>",
    link="https://agency.example/alerts/7",
    severity=Severity.CRITICAL,
    notice=Notice.FIRED,
    alert_id=7,
    data={"sequence": 1, "occurred_at": "2026-11-21T08:29:00+00:00", "observed": "0.412"},
)


@dataclass(frozen=True)
class Kind:
    """How a kind is set up, whom it calls, and how its receiver says yes, no, and not now.

    `yes`, `no` and `busy` are statuses and bodies; `no` breaks the channel.
    """

    name: str
    origin: str
    config: Mapping[str, str]
    secrets: Mapping[str, str]
    yes: tuple[int, bytes] = (200, b"ok")
    no: tuple[int, bytes] = (404, b"no_service")
    busy: tuple[int, bytes] = (429, b"rate_limited")
    bad: tuple[int, bytes] = (400, b"invalid_payload")
    extra: Mapping[str, Any] = field(default_factory=dict)

    def envelope(self, stand_in: str, **changes: Any) -> Envelope:
        """What is needed to send by it to a receiver of the test."""
        given = {
            "config": self.config,
            "secrets": {name: Secret(value) for name, value in self.secrets.items()},
            "message_id": "msg_1_7",
            "at": AT,
            "outbound": Outbound(endpoints={self.origin: stand_in}, seconds=changes.pop("seconds", 3.0)),
            **changes,
        }
        return Envelope(**given)


KINDS = (
    Kind(
        "webhook",
        "https://hooks.example.com",
        {"url": "https://hooks.example.com/in?a=b"},
        {"signing_secret": SECRET},
    ),
    Kind(
        "wecom",
        "https://qyapi.weixin.qq.com",
        {},
        {"key": "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa"},
        yes=(200, b'{"errcode":0,"errmsg":"ok"}'),
        no=(200, b'{"errcode":93000,"errmsg":"invalid webhook url"}'),
        busy=(200, b'{"errcode":45009,"errmsg":"api freq out of limit"}'),
        bad=(200, b'{"errcode":40058,"errmsg":"markdown.content exceed max length"}'),
    ),
    Kind(
        "dingtalk",
        "https://oapi.dingtalk.com",
        {},
        {"access_token": "a" * 64, "signing_secret": "SEC" + "b" * 61},
        yes=(200, b'{"errcode":0,"errmsg":"ok"}'),
        no=(200, b'{"errcode":310000,"errmsg":"sign not match"}'),
        busy=(200, b'{"errcode":130101,"errmsg":"send too fast"}'),
        bad=(200, b'{"errcode":400105,"errmsg":"unsupported msgtype"}'),
    ),
    Kind(
        "feishu",
        "https://open.feishu.cn",
        {},
        {"token": "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "signing_secret": "c" * 22},
        yes=(200, b'{"code":0,"data":{},"msg":"success"}'),
        no=(200, b'{"code":19021,"msg":"sign match fail or timestamp is not within one hour"}'),
        busy=(200, b'{"code":11232,"msg":"frequency limited"}'),
        bad=(400, b'{"code":9499,"msg":"Bad Request"}'),
    ),
    Kind(
        "line",
        "https://api.line.me",
        {"to": "U" + "0" * 32},
        {"access_token": "d" * 170},
        yes=(200, b'{"sentMessages":[{"id":"461230966842064897"}]}'),
        no=(401, b'{"message":"Authentication failed"}'),
        busy=(429, b'{"message":"The API rate limit has been exceeded. Try again later."}'),
        bad=(400, b'{"message":"The request body has 1 error(s)"}'),
    ),
    Kind(
        "slack",
        "https://hooks.slack.com",
        {},
        {"path": "/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"},
    ),
)
