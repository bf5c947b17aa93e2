"""`manage.py verify_audit`: recomputes the audit chains and names the first entry that was tampered with."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.lib.errors import NotFound
from tenants.context import PROVIDER, use_public, use_tenant
from tenants.selectors.active import get_client_ref, list_client_refs
from tenants.services.evidence import verify_chain


class Command(BaseCommand):
    """Verify the provider's chain and every client's, or one client's."""

    help = "Verifies the audit chains; exits with 1 and the first bad entry when one does not hold."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--client` limits the check to one client."""
        parser.add_argument("--client", metavar="SLUG", help="only this client")

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify and report a line per chain."""
        with use_public():
            slug = options["client"]
            try:
                ledgers = [get_client_ref(slug)] if slug else [PROVIDER, *list_client_refs()]
            except NotFound as error:
                raise CommandError(error.detail) from error
        bad = 0
        for ledger in ledgers:
            with use_tenant(ledger):
                verdict = verify_chain()
            name = ledger.slug or "provider"
            if verdict.is_sound:
                self.stdout.write(f"{name}: {verdict.entries} entries, {verdict.anchors} anchors, sound")
            else:
                bad += 1
                self.stderr.write(f"{name}: first bad entry {verdict.first_bad}: {verdict.reason}")
        if bad:
            raise CommandError(f"{bad} of {len(ledgers)} audit chains do not hold", returncode=1)
