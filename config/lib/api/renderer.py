"""How values become JSON and back: exact decimals as text, instants in UTC with Z, floats nowhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO, Any

import orjson
from django.utils.functional import Promise
from django.utils.translation import gettext
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from config.lib.money import Money

_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
_CONTAINERS = frozenset({dict, list, tuple})


def dumps(value: Any) -> bytes:
    """Return `value` as JSON.

    Decimals become plain text ("12.30", never "1E+2"), aware datetimes RFC 3339 in UTC with a Z, dates
    ISO 8601, money {"amount", "currency"}, dataclasses objects. A float, a naive datetime, a `Secret` and
    anything else unknown is a `TypeError`.
    """
    refuse_floats(value)
    try:
        return orjson.dumps(value, default=_default, option=_OPTIONS)
    except orjson.JSONEncodeError as error:
        raise error.__cause__ if isinstance(error.__cause__, TypeError) else error from None


def _default(value: Any) -> Any:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise TypeError(f"{value} is no number that JSON could hold")
        return format(value, "f")
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("a naive datetime names no instant")
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Money):
        return value.to_json()
    if isinstance(value, Promise):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        refuse_floats(fields)
        return fields
    if isinstance(value, Mapping):
        plain = dict(value)
        refuse_floats(plain)
        return plain
    raise TypeError(f"{type(value).__name__} has no JSON form")


def refuse_floats(value: Any) -> None:
    """Raise `TypeError` if a float is anywhere in nested dicts, lists and tuples.

    Sets of types are compared first, so that rows of plain values cost one C loop each.
    """
    if isinstance(value, float):
        raise TypeError("a float is not exact: use Decimal (or text)")
    if isinstance(value, dict):
        items: Any = value.values()
    elif isinstance(value, list | tuple):
        items = value
    else:
        return
    kinds = set(map(type, items))
    if float in kinds:
        raise TypeError("a float is not exact: use Decimal (or text)")
    if kinds.isdisjoint(_CONTAINERS) and not any(issubclass(kind, dict | list | tuple) for kind in kinds):
        return
    for item in items:
        refuse_floats(item)


class ORJSONRenderer(BaseRenderer):
    """Renders answers with `dumps`."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the body; nothing at all for None."""
        return b"" if data is None else dumps(data)


class ORJSONParser(BaseParser):
    """Reads JSON bodies; a number with a decimal point is refused, amounts are written as text."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the body's value; `ParseError` says where it is malformed."""
        try:
            value = orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            told = gettext("The body is no JSON: {fault} at line {line}, column {column}.")
            raise ParseError(told.format(fault=error.msg, line=error.lineno, column=error.colno)) from error
        try:
            refuse_floats(value)
        except TypeError as error:
            raise ParseError('Write decimal numbers as text, for example "12.30".') from error
        return value
