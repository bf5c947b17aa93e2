"""Every channel a notice can go out by; a new one is a file here and a line below."""

from __future__ import annotations

from alerts.channels.base import Channel
from config.lib.registry import Registry

CHANNELS: Registry[Channel] = Registry(
    "channel kind",
    Channel,  # type: ignore[type-abstract]
    {
        "email": "alerts.channels.email.EMAIL",
        "webhook": "alerts.channels.webhook.WEBHOOK",
        "wecom": "alerts.channels.wecom.WECOM",
        "dingtalk": "alerts.channels.dingtalk.DINGTALK",
        "feishu": "alerts.channels.feishu.FEISHU",
        "line": "alerts.channels.line.LINE",
        "slack": "alerts.channels.slack.SLACK",
    },
)
