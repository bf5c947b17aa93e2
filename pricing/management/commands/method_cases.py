"""Answer a file of worked pricing methods with the product's own functions, to be checked by hand."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.lib.case_files import read_json
from pricing.management.methods import METHODS, answer


class Command(BaseCommand):
    """`manage.py method_cases FILE` prints the cases of FILE with their results, as JSON."""

    help = f"Read cases ({', '.join(METHODS)}) from a JSON file and print them with their results."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file."""
        parser.add_argument("file", help="A JSON file with a section per method; - reads the standard input.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer all cases, or name every problem and fail."""
        told = answer(read_json(options["file"]))
        for name in told.passed_over:
            self.stderr.write(f"passed over: {name} is not a method of pricing")
        if told.problems:
            raise CommandError("\n".join(told.problems))
        self.stdout.write(json.dumps(_plain(told.answers), indent=1, ensure_ascii=False))


def _plain(value: Any) -> Any:
    """As JSON has it: what is a decimal becomes a number."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return float(value) if isinstance(value, Decimal) else value
