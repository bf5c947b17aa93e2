"""Brings the translation catalogues in line with the source, or checks that they are."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import translations


class Command(BaseCommand):
    """`manage.py translations` updates and compiles, `manage.py translations --check` compares."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check."""
        parser.add_argument("--check", action="store_true", help="fail unless everything is translated")

    def handle(self, *args: Any, **options: Any) -> None:
        """Update or compare; what is missing is listed, language by language."""
        if not options["check"]:
            for locale, missing in translations.update().items():
                self.stdout.write(f"{locale}: {missing} to translate")
            return
        faults = [f"{locale}: {text}" for locale in translations.LOCALES for text in _faults(locale)]
        if faults:
            raise CommandError("run: python manage.py translations, and translate:\n  " + "\n  ".join(faults))
        self.stdout.write("everything is translated")


def _faults(locale: str) -> list[str]:
    stale = [] if translations.is_compiled(locale) else ["the compiled catalogue is stale"]
    return stale + translations.untranslated(locale)
