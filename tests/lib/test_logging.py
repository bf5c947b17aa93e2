"""Logging: one JSON line per event, with the request's fields and without secrets."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import structlog
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils.log import log_response

from config.lib import clock
from config.lib import logging as kernel_logging

CANARY = "cAnArY0123456789abcdef"


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    """Leave the logging of the other tests as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_our_events_and_those_of_libraries_look_alike(capsys: pytest.CaptureFixture[str]) -> None:
    """Both are one JSON object with time, level, logger and the bound fields."""
    kernel_logging.configure("INFO", json=True)
    with (
        clock.frozen(datetime(2026, 11, 21, 12, tzinfo=UTC)),
        kernel_logging.log_fields(request_id="r1", client="acme"),
    ):
        kernel_logging.get_logger("ours").info("synced", rows=3)
        logging.getLogger("theirs").warning("slow %s", "query")
    logging.getLogger("theirs").info("outside")
    ours, theirs, outside = _lines(capsys)
    common = {"at": "2026-11-21T12:00:00.000Z", "request_id": "r1", "client": "acme"}
    assert ours == {**common, "event": "synced", "rows": 3, "level": "info", "logger": "ours"}
    assert theirs == {**common, "event": "slow query", "level": "warning", "logger": "theirs"}
    assert "request_id" not in outside


def test_no_secret_reaches_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Not by field, not in the text, not in extras, not in a traceback."""
    kernel_logging.configure("INFO", json=True)
    logger = kernel_logging.get_logger("ours")
    logger.info("got", refresh_token=CANARY, nested={"password": CANARY})
    logging.getLogger("theirs").info("header Bearer %s", CANARY, extra={"client_secret": CANARY})
    try:
        raise ValueError(f"bad token={CANARY}")
    except ValueError:
        logger.exception("failed")
        logging.getLogger("theirs").exception("failed too")
    text = capsys.readouterr().err
    assert CANARY not in text
    assert text.count("Traceback") == 2


def test_a_line_of_django_tells_no_query_string(capsys: pytest.CaptureFixture[str]) -> None:
    """ "Internal Server Error" comes with the request, whose text is its whole address."""
    kernel_logging.configure("INFO", json=True)
    request = RequestFactory().get("/api/v1/me", {"search": "ada@example.com"})
    log_response(
        "%s: %s", "Internal Server Error", request.path, request=request, response=HttpResponse(status=500)
    )
    (line,) = _lines(capsys)
    assert line["event"] == "Internal Server Error: /api/v1/me"
    assert line["status_code"] == 500
    assert "ada" not in str(line)


def test_levels_are_obeyed_and_configuring_twice_does_not_double(capsys: pytest.CaptureFixture[str]) -> None:
    """A second call replaces the first, and what is below the level is dropped."""
    kernel_logging.configure("INFO", json=True)
    kernel_logging.configure("WARNING", json=True)
    kernel_logging.get_logger("ours").info("quiet")
    kernel_logging.get_logger("ours").warning("loud")
    assert [line["event"] for line in _lines(capsys)] == ["loud"]


def test_the_console_format_masks_too(capsys: pytest.CaptureFixture[str]) -> None:
    """The format for people is redacted as well."""
    kernel_logging.configure("INFO", json=False)
    kernel_logging.get_logger("ours").info("got", token=CANARY, n=1)
    text = capsys.readouterr().err
    assert CANARY not in text
    assert "n=1" in text
