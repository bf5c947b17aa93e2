"""`manage.py create_owner`: the first person, who owns the deployment and may create clients."""

from __future__ import annotations

from getpass import getpass
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from config.lib.errors import AppError
from tenants.services.people import create_owner, name_provider


class Command(BaseCommand):
    """Makes an owner, and names the agency; run again, it resets the password."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Who it is; the password is asked for unless a file holds it."""
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", default="")
        parser.add_argument("--agency", default="", help="name of the agency, to set it")
        parser.add_argument("--currency", default="USD", help="the agency's reporting currency")
        parser.add_argument("--password-file", default="", help="a file with the password; else it is asked")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the owner."""
        path = options["password_file"]
        if path:
            with open(path, encoding="utf-8") as file:
                password = file.read().strip()
        else:
            password = getpass("Password (12 characters at least): ")
        try:
            create_owner(email=options["email"], name=options["name"], password=password)
            if options["agency"]:
                name_provider(name=options["agency"], reporting_currency=options["currency"])
        except AppError as error:
            details = "; ".join(fault.detail for fault in error.errors)
            raise CommandError(f"{error.detail} {details}".strip()) from error
        self.stdout.write(f"{options['email']} owns this deployment.")
