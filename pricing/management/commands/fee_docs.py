"""Write docs/fees.md from the fee parameters, or check that it is what they would write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pricing.fees.document import render_document

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "fees.md"


class Command(BaseCommand):
    """`manage.py fee_docs` writes, `manage.py fee_docs --check` fails when the file is out of date."""

    help = "Write docs/fees.md from the fee parameters."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check."""
        parser.add_argument("--check", action="store_true", help="Write nothing; fail if out of date.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or compare."""
        text = render_document()
        if not options["check"]:
            DOCUMENT.write_text(text, encoding="utf-8")
            self.stdout.write(f"{DOCUMENT.name} written")
        elif not DOCUMENT.exists() or DOCUMENT.read_text(encoding="utf-8") != text:
            raise CommandError("docs/fees.md is out of date: run `python manage.py fee_docs`")
