"""By an incoming webhook of Slack: docs.slack.dev/messaging/sending-messages-using-incoming-webhooks.

One message a second for each webhook; its answers are words.
"""

from __future__ import annotations

import orjson

from alerts.channels.base import Channel, Envelope, Field, excerpt, post, require_success
from alerts.types import Message, Receipt

ORIGIN = "https://hooks.slack.com"
_LARGEST = 2900


class Slack(Channel):
    """What follows the origin in the webhook's address is its secret."""

    kind = "slack"
    title = "Slack"
    most = 7
    secrets = {
        "path": Field(r"/services/[A-Za-z0-9]+/[A-Za-z0-9]+/[A-Za-z0-9]+", "the address from /services/ on")
    }

    def send(self, message: Message, envelope: Envelope) -> Receipt:
        """Post the message as a section, with a plain text for notifications."""
        text = f"*{escape(message.subject)}*\n{escape(message.text)}"
        if message.link:
            text = f"{text[: _LARGEST - len(message.link) - 3]}\n<{message.link}>"
        blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": text[:_LARGEST]}}]
        body = orjson.dumps({"text": escape(message.subject), "blocks": blocks})
        answer = post(envelope, ORIGIN + envelope.secrets["path"].reveal(), body)
        require_success(answer, envelope)
        return Receipt(envelope.message_id, excerpt(answer, envelope))


def escape(text: str) -> str:
    """A text in which nothing mentions a person or makes a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


SLACK = Slack()
