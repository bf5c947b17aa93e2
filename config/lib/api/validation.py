"""Which values of a request were wrong: REST framework's nested error details as a flat list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework.exceptions import ErrorDetail
from rest_framework.settings import api_settings

from config.lib.errors import FieldError


def pointer_to(*parts: str | int) -> str:
    """Return the JSON pointer (RFC 6901) to a place in a body: `pointer_to("lines", 0)` is "/lines/0"."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def body_errors(detail: Any) -> list[FieldError]:
    """Flatten the detail of a `ValidationError` about a body; nested serializers keep their place."""
    return [
        FieldError(pointer=pointer_to(*place), detail=str(fault), code=_code(fault))
        for place, fault in _walk(detail, ())
    ]


def query_errors(detail: Any) -> list[FieldError]:
    """Flatten the detail of a `ValidationError` about query parameters: the parameter is named instead."""
    return [
        FieldError(pointer="", parameter=str(place[0]) if place else "", detail=str(fault), code=_code(fault))
        for place, fault in _walk(detail, ())
    ]


def _code(fault: Any) -> str:
    return fault.code if isinstance(fault, ErrorDetail) and fault.code else "invalid"


def _walk(detail: Any, place: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], Any]]:
    if isinstance(detail, Mapping):
        found = []
        for key, item in detail.items():
            is_whole = key == api_settings.NON_FIELD_ERRORS_KEY
            found += _walk(item, place if is_whole else (*place, key))
        return found
    if isinstance(detail, Sequence) and not isinstance(detail, str):
        found = []
        for index, item in enumerate(detail):
            # A list of texts says several things about one value; a list of mappings has one per item.
            is_item = isinstance(item, Mapping | list)
            found += _walk(item, (*place, index) if is_item else place)
        return found
    return [(place, detail)]
