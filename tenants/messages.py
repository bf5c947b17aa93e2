"""How Celery is told that there is work: signed messages, sent after commit, by the task's registered name.

A message is a hint. It names the client as an argument (never as a header, which may get lost) and carries a
signature over name and arguments, so that nobody who can write to the broker can choose another client.
"""

from __future__ import annotations

import json
from typing import Any

from celery import Task, current_app
from django.core.signing import BadSignature, Signer
from django.db import transaction
from kombu.exceptions import OperationalError

from config.lib.errors import Denied, gettext_noop
from config.lib.logging import get_logger
from tenants.registry import UnknownTask

_log = get_logger(__name__)


class MessageRefused(Denied):
    """A task message without a client, or with a signature that does not fit."""

    code = "message_refused"
    title = gettext_noop("The task message is not ours")


def get_task(name: str) -> Task[Any, Any]:
    """The registered Celery task; `UnknownTask` when there is none of this name."""
    task: Task[Any, Any] | None = current_app.tasks.get(name)
    if task is None:
        raise UnknownTask(f"no task is called {name!r}")
    return task


def sign(name: str, arguments: dict[str, Any]) -> str:
    """The signature of a message."""
    text = json.dumps([name, arguments], sort_keys=True, separators=(",", ":"))
    return Signer(salt="tenants.messages").signature(text)


def verify(name: str, arguments: dict[str, Any], signature: object) -> None:
    """Raise `MessageRefused` unless the message is ours and names a client."""
    if not isinstance(arguments.get("tenant_id"), int):
        raise MessageRefused(f"{name} was called without a client")
    text = json.dumps([name, arguments], sort_keys=True, separators=(",", ":"))
    try:
        Signer(salt="tenants.messages").unsign(f"{text}:{signature}")
    except BadSignature as error:
        raise MessageRefused(f"{name} was called with a signature that does not fit") from error


def send_after_commit(name: str, arguments: dict[str, Any], *, delay: float = 0.0) -> None:
    """Send the message when the transaction commits (at once where there is none).

    `delay` lets it arrive that many seconds later; for a minute at most, because a message that waits in a
    worker is lost with it.
    """
    get_task(name)
    message = {**arguments, "signature": sign(name, arguments)}
    transaction.on_commit(lambda: _send(name, message, delay))


def _send(name: str, message: dict[str, Any], delay: float) -> None:
    try:
        get_task(name).apply_async(kwargs=message, retry=False, countdown=delay)
    except OperationalError as error:
        # The broker is away. The database knows of the work, and the reconciler will say so again.
        _log.warning("message not sent", task=name, error=type(error).__name__)
