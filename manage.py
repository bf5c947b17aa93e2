#!/usr/bin/env python
"""The command line. Commands that need servers find the embedded ones started where none are configured."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import django
from django.core.management import execute_from_command_line

from config import embedded
from config.env import ConfigurationError

_SERVERLESS = frozenset(
    {
        "check",
        "collectstatic",
        "compilemessages",
        "embedded",
        "explain_cases",
        "help",
        "makemessages",
        "makemigrations",
        "openapi",
        "spectacular",
        "version",
    }
)


def main() -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "help")
    try:
        if command not in _SERVERLESS and "--help" not in sys.argv:
            _load_while_servers_start()
        execute_from_command_line(sys.argv)
    except (ConfigurationError, embedded.EmbeddedError) as error:
        sys.exit(f"error: {error}")


def _load_while_servers_start() -> None:
    """Either takes seconds, and neither needs the other."""
    with ThreadPoolExecutor(max_workers=1) as other:
        starting = other.submit(embedded.ensure_started)
        django.setup()
        starting.result()


if __name__ == "__main__":
    main()
