#!/usr/bin/env python
"""The command line. Commands that need servers find the embedded ones started where none are configured."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

from config import embedded
from config.env import ConfigurationError

_SERVERLESS = frozenset(
    {
        "check",
        "collectstatic",
        "compilemessages",
        "embedded",
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
            embedded.ensure_started()
        execute_from_command_line(sys.argv)
    except (ConfigurationError, embedded.EmbeddedError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
