"""`manage.py feed`: serve the clients' live feeds as Server-Sent Events, from a process of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandParser

from config import embedded


class Command(BaseCommand):
    """Serves `/api/v1/clients/{client}/feed/events` with streams that stay open; a proxy sends them here."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8001)

    def handle(self, *args: Any, **options: Any) -> None:
        """Become the server: one process, one event loop; it ends by the usual signals."""
        embedded.ensure_started()
        granian = str(Path(sys.executable).with_name("granian"))
        where = ["--host", options["host"], "--port", str(options["port"])]
        command = [granian, "--interface", "asgi", *where, "--workers", "1", "--no-ws"]
        os.execv(granian, [*command, "alerts.live.serve:application"])  # noqa: S606 - our own program
