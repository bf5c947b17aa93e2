"""`manage.py serve`: migrate, then run API, worker and beat together until Ctrl-C."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser, call_command

from config import embedded
from config.processes import Interrupted, ProcessFailed, Supervisor
from config.serving import PortTaken, processes


class Command(BaseCommand):
    """Starts everything a product needs on one machine, and stops all that it started."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen, and whether to migrate first."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-migrate", action="store_true", help="the database is up to date")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to stop; a process that ends by itself ends the others, with exit code 1."""
        embedded.ensure_started()
        try:
            if not options["no_migrate"]:
                call_command("migrate", verbosity=0)
            with Supervisor(settings.VAR_DIR / "log", echo=sys.stdout) as supervisor, supervisor.signals():
                for process in processes(host=options["host"], port=options["port"]):
                    supervisor.start(process)
                supervisor.wait_ready()
                self._announce(f"http://{options['host']}:{options['port']}")
                supervisor.run()
        except Interrupted:
            return
        except (PortTaken, ProcessFailed) as error:
            raise CommandError(str(error)) from error
        finally:
            embedded.stop_started()

    def _announce(self, url: str) -> None:
        self.stdout.write(
            f"ready: {url}/api/docs (try), {url}/api/redoc (read), {url}/readyz. Ctrl-C stops all."
        )
