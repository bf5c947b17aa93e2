"""By a group robot of Feishu (飞书) or Lark, signed: open.feishu.cn, client-docs/bot-v3/add-custom-bot.

The signature is HMAC-SHA256 of nothing by "timestamp\\nsecret", in base64, beside the seconds of now, which
have to be right within an hour; 100 messages a minute and five a second for each robot.
"""

from __future__ import annotations

import base64
import hmac

import orjson

from alerts.channels.base import Channel, Envelope, Field, cut, post
from alerts.channels.robots import receipt_of
from alerts.types import Message, Receipt

ORIGINS = {"feishu": "https://open.feishu.cn", "lark": "https://open.larksuite.com"}
_LARGEST = 18_000
_BUSY = (11232, 11233, 11247)
_DEAD = (19001, 19021, 19022, 19024)


class Feishu(Channel):
    """The robot's token and its signing secret, and which of the two clouds it lives in."""

    kind = "feishu"
    title = "飞书"
    config = {"region": Field(r"feishu|lark", "feishu or lark", is_required=False, default="feishu")}
    secrets = {
        "token": Field(r"[A-Za-z0-9-]{20,80}", "what follows /hook/ in the robot's address"),
        "signing_secret": Field(r"[A-Za-z0-9]{10,80}", "the robot's signing secret"),
    }

    def send(self, message: Message, envelope: Envelope) -> Receipt:
        """Post the message as a rich text with its link."""
        stamp = str(int(envelope.at.timestamp()))
        content: list[list[dict[str, str]]] = [[{"tag": "text", "text": cut(message.text, _LARGEST)}]]
        if message.link:
            content.append([{"tag": "a", "text": message.link, "href": message.link}])
        language = {"zh-Hans": "zh_cn", "ja": "ja_jp"}.get(envelope.language, "en_us")
        body = orjson.dumps(
            {
                "timestamp": stamp,
                "sign": sign(stamp, envelope.secrets["signing_secret"].reveal()),
                "msg_type": "post",
                "content": {"post": {language: {"title": message.subject, "content": content}}},
            }
        )
        origin = ORIGINS[envelope.config.get("region") or "feishu"]
        url = f"{origin}/open-apis/bot/v2/hook/{envelope.secrets['token'].reveal()}"
        answer = post(envelope, url, body)
        return receipt_of(answer, envelope, codes=("code", "StatusCode"), busy=_BUSY, dead=_DEAD)


def sign(stamp: str, secret: str) -> str:
    """The signature of an instant in seconds."""
    return base64.b64encode(hmac.digest(f"{stamp}\n{secret}".encode(), b"", "sha256")).decode()


FEISHU = Feishu()
