"""Write the reference part of docs/pricing-rules.md from the tables of the rule language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from pricing.rules.guide import MARK, reference

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "pricing-rules.md"


class Command(BaseCommand):
    """`manage.py rule_docs` replaces what follows the mark and keeps what is written by hand."""

    help = "Write the reference of the rule language into docs/pricing-rules.md."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Write."""
        by_hand = DOCUMENT.read_text(encoding="utf-8").split(MARK)[0]
        DOCUMENT.write_text(by_hand + reference(), encoding="utf-8")
        self.stdout.write(f"{DOCUMENT.name} written")
