"""`manage.py embedded start|stop|status`: the servers of a machine that has none."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management import BaseCommand, CommandParser

from config.embedded.command import ACTIONS, run


class Command(BaseCommand):
    """Starts, stops or describes the embedded PostgreSQL and Redis."""

    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """One of the actions."""
        parser.add_argument("action", choices=ACTIONS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; exit code 1 when it could not be done."""
        code = run(options["action"])
        if code:
            sys.exit(code)
