"""By a group robot of WeCom (企业微信): developer.work.weixin.qq.com/document/path/91770.

Markdown of at most 4,096 bytes; 20 messages a minute for each robot.
"""

from __future__ import annotations

import orjson

from alerts.channels.base import Channel, Envelope, Field, cut, post
from alerts.channels.robots import receipt_of
from alerts.types import Message, Receipt

ORIGIN = "https://qyapi.weixin.qq.com"
_LARGEST = 4096
_BUSY = (45009, 45033, -1)
_DEAD = (93000, 93004, 93008, 40001)


class Wecom(Channel):
    """The robot is called by its key alone, which therefore is the secret."""

    kind = "wecom"
    title = "企业微信"
    most = 4
    secrets = {"key": Field(r"[A-Za-z0-9-]{20,80}", "the key at the end of the robot's address")}

    def send(self, message: Message, envelope: Envelope) -> Receipt:
        """Post the message as Markdown."""
        lines = [f"**{message.subject}**", message.text]
        if message.link and message.link not in message.text:
            lines.append(message.link)
        content = cut("\n".join(lines), _LARGEST)
        body = orjson.dumps({"msgtype": "markdown", "markdown": {"content": content}})
        url = f"{ORIGIN}/cgi-bin/webhook/send?key={envelope.secrets['key'].reveal()}"
        return receipt_of(post(envelope, url, body), envelope, codes=("errcode",), busy=_BUSY, dead=_DEAD)


WECOM = Wecom()
