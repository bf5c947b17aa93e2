"""Write the reference of datasets in docs/uploads-reference.md, or check that it is what would be written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors.selectors.upload_document import render_document

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "uploads-reference.md"


class Command(BaseCommand):
    """`manage.py upload_docs` writes, `manage.py upload_docs --check` fails when the file is out of date."""

    help = "Write docs/uploads-reference.md from the datasets and profiles."
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
            raise CommandError(f"docs/{DOCUMENT.name} is out of date: run `python manage.py upload_docs`")
