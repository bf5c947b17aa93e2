"""How the process logs: one structured line per event, JSON or for a console, secrets masked."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog
from structlog.types import Processor

from config.lib import clock
from config.lib.redact import redact_processor


def _timestamp(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event["at"] = clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return event


def _without_request(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop the request that Django hangs on its lines: its text holds the query string."""
    event.pop("request", None)
    return event


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        _timestamp,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]


def configure(level: str = "INFO", json: bool = True) -> None:
    """Send everything, our events and those of libraries, to standard error in one format.

    May be called again; the former handlers are replaced. Redaction is the last step before rendering, after
    exceptions have become text.
    """
    renderer: Processor = (
        structlog.processors.JSONRenderer(sort_keys=True)
        if json
        # The traceback is text already (it had to be redacted), so the console must not format it again.
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_shared(), _without_request],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redact_processor,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Their INFO lines hold full URLs; our own client reports each call without its query.
    for noisy in ("httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module (`get_logger(__name__)`)."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


@contextmanager
def log_fields(**fields: object) -> Iterator[None]:
    """Put fields (request_id, client, task …) on every line logged inside, then restore what was there."""
    with structlog.contextvars.bound_contextvars(**fields):
        yield
