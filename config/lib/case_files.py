"""Reads the JSON files that people check the engine with by hand."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError


def read_json(name: str) -> Any:
    """The decoded file (- is the standard input); numbers with a point become `Decimal`.

    CommandError for what cannot be read, is not JSON, or names a key twice.
    """
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
