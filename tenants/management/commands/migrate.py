"""`manage.py migrate`: public by Django, then every client by replay; one query when nothing is pending."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db.migrations.autodetector import MigrationAutodetector

from tenants.services import schema


class Command(BaseCommand):
    """Bring the public schema, the template and all clients to the state of this release."""

    help = "Migrates the public schema, then every client's schema. Safe to repeat and to interrupt."
    requires_system_checks = []
    autodetector = MigrationAutodetector

    def add_arguments(self, parser: CommandParser) -> None:
        """`--check` only asks; the other options are accepted for Django's own callers."""
        parser.add_argument("--check", action="store_true", dest="check_unapplied")
        parser.add_argument("--batch", type=int, default=schema.BATCH, help="schemas per transaction")
        parser.add_argument("--database", default=schema.OWNER, help="ignored: the owner migrates")
        parser.add_argument("--noinput", "--no-input", action="store_false", dest="interactive")
        parser.add_argument("--run-syncdb", action="store_true", help="ignored")

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate what is behind."""
        wanted = schema.target()
        if schema.is_current(wanted):
            self._say(options, "Nothing to migrate.")
            return
        if options["check_unapplied"]:
            raise CommandError("there are migrations to apply", returncode=1)
        with schema.exclusive():
            schema.ensure_roles()
            command = DjangoMigrate()
            command.stdout, command.stderr = self.stdout, self.stderr
            command.execute(**_for_django(options))
            schema.finish_public(wanted)
            statements = schema.record_template(wanted)
            self._say(options, f"Template: {statements} statements recorded.")
            done = 0
            for count in schema.upgrade_clients(wanted, batch=options["batch"]):
                done += count
                self._say(options, f"Clients: {done} migrated.")

    def _say(self, options: dict[str, Any], text: str) -> None:
        if options["verbosity"] > 0:
            self.stdout.write(text)


def _for_django(options: dict[str, Any]) -> dict[str, Any]:
    return {
        "app_label": None,
        "migration_name": None,
        "interactive": False,
        "database": schema.OWNER,
        "fake": False,
        "fake_initial": False,
        "plan": False,
        "check_unapplied": False,
        "run_syncdb": False,
        "prune": False,
        "verbosity": options["verbosity"],
        "force_color": False,
        "no_color": False,
        "skip_checks": True,
        "traceback": False,
    }
