"""Write docs/kpis.md from the definitions, or check that it is what they would write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kpis.selectors.document import render_document

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "kpis.md"


class Command(BaseCommand):
    """`manage.py kpi_docs` writes, `manage.py kpi_docs --check` fails when the file is out of date."""

    help = "Write docs/kpis.md from the KPI definitions."
    requires_system_checks = ["kpis"]

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
            raise CommandError("docs/kpis.md is out of date: run `python manage.py kpi_docs`")
