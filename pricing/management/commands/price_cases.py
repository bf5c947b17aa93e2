"""Answer a file of price cases with the product's own solver, so that anybody can check it by hand."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.lib.case_files import read_json
from pricing.engine.answers import answer
from pricing.engine.cases import BadCases, read_cases


class Command(BaseCommand):
    """`manage.py price_cases FILE` prints floors, targets and dead zones of the cases of FILE, as JSON."""

    help = (
        "Read price cases (docs/pricing-engine.md) from a JSON file and print for each its floor, target"
        " price, lines and dead zones, or why it is infeasible."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file."""
        parser.add_argument("file", help="A JSON file with a list of cases; - reads the standard input.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer all cases, or name every problem and fail."""
        try:
            cases = read_cases(read_json(options["file"]))
        except BadCases as problem:
            raise CommandError("\n".join(problem.problems)) from problem
        self.stdout.write(json.dumps([answer(case) for case in cases], indent=1, ensure_ascii=False))
