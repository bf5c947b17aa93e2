"""What the robots of Chinese chats share: they answer 200, and a code of their own says what happened."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from alerts.channels.base import DeliveryRefused, Envelope, excerpt, json_of, require_success
from alerts.types import DeliveryFault, Receipt
from config.lib.http import HTTPAnswer


def receipt_of(
    answer: HTTPAnswer,
    envelope: Envelope,
    *,
    codes: tuple[str, ...],
    busy: Collection[int],
    dead: Collection[int],
    pause: float = 60.0,
) -> Receipt:
    """The receipt of an answer whose code, under one of `codes`, is 0; else what the code means.

    `busy`: come again after `pause` seconds. `dead`: the robot is gone or its secret is wrong. Any other code
    speaks of the message.
    """
    body = json_of(answer)
    code = _code(body, codes)
    if code == 0:
        require_success(answer, envelope)
        return Receipt(envelope.message_id, excerpt(answer, envelope))
    if code in busy:
        raise DeliveryRefused(DeliveryFault.RATE_LIMITED, f"The robot is busy ({code}).", retry_after=pause)
    if code in dead:
        told = f"The robot refused the channel ({code}): {excerpt(answer, envelope)}"
        raise DeliveryRefused(DeliveryFault.UNAUTHORISED, told, breaks=True)
    require_success(answer, envelope)
    if code is None:
        raise DeliveryRefused(DeliveryFault.UNAVAILABLE, "The answer is none of a robot.")
    told = f"The robot refused the message ({code}): {excerpt(answer, envelope)}"
    raise DeliveryRefused(DeliveryFault.REFUSED, told, permanent=True)


def _code(body: dict[str, Any], names: tuple[str, ...]) -> int | None:
    for name in names:
        if isinstance(body.get(name), int):
            return int(body[name])
    return None
