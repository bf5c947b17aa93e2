"""Answer a file of worked cases with the product's own decompositions, so that anybody can check them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.lib.case_files import read_json
from kpis.engine.decompose.cases import explain


class Command(BaseCommand):
    """`manage.py explain_cases FILE` prints the cases of FILE with their results, as JSON."""

    help = (
        "Read cases (lmdi, shapley_product, margin_walk, aggregation, pvm, mix_rate) from a JSON file and"
        " print them with their results."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file."""
        parser.add_argument("file", help="A JSON file; - reads the standard input.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer all cases, or name every problem and fail."""
        told = explain(read_json(options["file"]))
        for name in told.passed_over:
            self.stderr.write(f"passed over: {name} is not a decomposition")
        if told.problems:
            raise CommandError("\n".join(told.problems))
        self.stdout.write(json.dumps(_echo(told.answers), indent=1, ensure_ascii=False))


def _echo(value: Any) -> Any:
    """Inputs as they were written: what was read as a decimal is a JSON number again."""
    if isinstance(value, dict):
        return {key: _echo(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_echo(each) for each in value]
    return float(value) if isinstance(value, Decimal) else value
