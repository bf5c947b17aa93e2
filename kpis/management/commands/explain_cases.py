"""Answer a file of worked cases with the product's own decompositions, so that anybody can check them."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

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
        told = explain(_read(options["file"]))
        for name in told.passed_over:
            self.stderr.write(f"passed over: {name} is not a decomposition")
        if told.problems:
            raise CommandError("\n".join(told.problems))
        self.stdout.write(json.dumps(_echo(told.answers), indent=1, ensure_ascii=False))


def _read(name: str) -> Any:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
        return json.loads(
            text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_without_doubles
        )
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise CommandError(f"{name} is not JSON: {error}") from error


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not a number")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        doubled = next(key for n, (key, _) in enumerate(pairs) if key in dict(pairs[:n]))
        raise ValueError(f"the key {doubled!r} is there twice")
    return found


def _echo(value: Any) -> Any:
    """Inputs as they were written: what was read as a decimal is a JSON number again."""
    if isinstance(value, dict):
        return {key: _echo(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_echo(each) for each in value]
    return float(value) if isinstance(value, Decimal) else value
