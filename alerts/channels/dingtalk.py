"""By a group robot of DingTalk (钉钉), signed: open.dingtalk.com/document/orgapp/custom-robot-access.

The signature is HMAC-SHA256 of "timestamp\\nsecret" by the secret, in base64, beside the milliseconds of now;
20 messages a minute for each robot, then ten minutes of silence.
"""

from __future__ import annotations

import base64
import hmac
from urllib.parse import urlencode

import orjson

from alerts.channels.base import Channel, Envelope, Field, cut, post
from alerts.channels.robots import receipt_of
from alerts.types import Message, Receipt

ORIGIN = "https://oapi.dingtalk.com"
_LARGEST = 18_000
_BUSY = (130101, 130103, 410100, -1)
_DEAD = (300001, 300005, 310000, 400101, 400102)
_PAUSE_SECONDS = 600.0


class Dingtalk(Channel):
    """The robot's token and its signing secret."""

    kind = "dingtalk"
    title = "钉钉"
    secrets = {
        "access_token": Field(r"[A-Za-z0-9]{32,128}", "the access_token of the robot's address"),
        "signing_secret": Field(r"SEC[A-Za-z0-9]{16,128}", "the robot's signing secret, SEC…"),
    }

    def send(self, message: Message, envelope: Envelope) -> Receipt:
        """Post the message as Markdown."""
        lines = [f"### {message.subject}", "", *message.text.split("\n")]
        if message.link and message.link not in message.text:
            lines.append(message.link)
        text = cut("  \n".join(lines), _LARGEST)
        body = orjson.dumps(
            {"msgtype": "markdown", "markdown": {"title": cut(message.subject, 200), "text": text}}
        )
        stamp = str(int(envelope.at.timestamp() * 1000))
        query = {
            "access_token": envelope.secrets["access_token"].reveal(),
            "timestamp": stamp,
            "sign": sign(stamp, envelope.secrets["signing_secret"].reveal()),
        }
        answer = post(envelope, f"{ORIGIN}/robot/send?{urlencode(query)}", body)
        return receipt_of(answer, envelope, codes=("errcode",), busy=_BUSY, dead=_DEAD, pause=_PAUSE_SECONDS)


def sign(stamp: str, secret: str) -> str:
    """The signature of an instant in milliseconds."""
    return base64.b64encode(hmac.digest(secret.encode(), f"{stamp}\n{secret}".encode(), "sha256")).decode()


DINGTALK = Dingtalk()
