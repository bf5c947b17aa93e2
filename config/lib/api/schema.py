"""How the API describes itself: problem responses, named enumerations and page envelopes in OpenAPI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from drf_spectacular.drainage import warn
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import (
    Direction,
    OpenApiResponse,
    inline_serializer,
)
from rest_framework import serializers

from config.lib.api.problem import CONTENT_TYPE
from config.lib.errors import AppError, error_classes

E = TypeVar("E", bound=StrEnum)

_METHODS = ("get", "put", "post", "delete", "patch", "head")
_PROBLEM = {"$ref": "#/components/schemas/Problem"}
#: What any endpoint behind authentication may answer, declared or not.
_EVERYWHERE = (401, 403, 406, 429, 500, 503)


_TEXT = {"type": "string"}
_PROBLEM_ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "One thing wrong with one value of a request.",
    "properties": {
        "pointer": {**_TEXT, "description": "JSON pointer (RFC 6901) into the request's body."},
        "parameter": {**_TEXT, "description": "Name of the query or path parameter instead."},
        "detail": {**_TEXT, "description": "For a person, in their language."},
        "code": {**_TEXT, "description": "For programs; stable."},
    },
    "required": ["detail", "code"],
}
_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": (
        "An error by RFC 9457. Programs go by `code`; new codes may come, then `status` tells the kind. The "
        "other texts are for people and are translated."
    ),
    "properties": {
        "type": {**_TEXT, "format": "uri-reference", "description": "/problems/<code>, which explains it."},
        "title": {**_TEXT, "description": "What kind of problem it is."},
        "status": {"type": "integer", "description": "The HTTP status, again."},
        "code": {**_TEXT, "description": "Stable code of the problem."},
        "detail": {**_TEXT, "description": "What happened this time."},
        "remedy": {**_TEXT, "description": "What to do about it; may be empty."},
        "instance": {**_TEXT, "description": "urn:request:<id>; quote it when you ask us."},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemError"}},
    },
    "required": ["type", "title", "status", "code", "detail", "remedy", "instance", "errors"],
}


class PageInfoSerializer(serializers.Serializer[Any]):
    """Where a page stands in its list."""

    next = serializers.CharField(allow_null=True, help_text="Cursor of the next page, null on the last.")
    prev = serializers.CharField(allow_null=True, help_text="Cursor of the page before, null on the first.")
    limit = serializers.IntegerField(help_text="The most rows the page may have.")
    count = serializers.IntegerField(required=False, help_text="Rows of the whole list, with count=exact.")


def problems(*statuses: int) -> dict[Any, OpenApiResponse]:
    """Return problem responses for `extend_schema(responses={200: …, **problems(404, 409)})`."""
    return {
        (status, CONTENT_TYPE): OpenApiResponse(_PROBLEM, description=_description(status))
        for status in statuses
    }


@cache
def page_of(row: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """Return the envelope of a paged list of `row`, for `extend_schema(responses={200: page_of(Row)})`.

    Its component is named after the row's: `StoreSerializer` gives `StorePage`.
    """
    name = row.__name__.removesuffix("Serializer")
    envelope: serializers.Serializer[Any] = inline_serializer(
        name=f"{name}Page", fields={"data": row(many=True), "page": PageInfoSerializer()}
    )
    return envelope


_ENUMS: dict[str, type[StrEnum]] = {}


class EnumField(serializers.ChoiceField):
    """A value of a `StrEnum`, read as its member; in OpenAPI a component named after the class."""

    def __init__(self, enum: type[StrEnum], **kwargs: Any) -> None:
        self.enum = enum
        super().__init__(choices=[member.value for member in enum], **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """Read a value as a member of the enumeration."""
        return self.enum(super().to_internal_value(data))

    def to_representation(self, value: Any) -> str:
        """Write a member as its value."""
        return str(self.enum(value).value)


class EnumFieldSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Describes `EnumField`."""

    target_class = "config.lib.api.schema.EnumField"

    def get_name(self) -> str:
        """Return the component's name; two enumerations of one name would pass for each other."""
        enum = self.target.enum
        if _ENUMS.setdefault(enum.__name__, enum) is not enum:
            one, other = _ENUMS[enum.__name__].__module__, enum.__module__
            warn(f"{enum.__name__} of {one} and of {other} would be one component")
        return str(enum.__name__)

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        """Return the enumeration with its meaning."""
        enum = self.target.enum
        return {
            "type": "string",
            "enum": [member.value for member in enum],
            "description": (enum.__doc__ or "").strip(),
        }


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Describe what every operation may answer besides its own, and list every problem code.

    A postprocessing hook of spectacular. Responses that a view declares itself stay as they are.
    """
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas["ProblemError"] = deepcopy(_PROBLEM_ERROR_SCHEMA)
    schemas["Problem"] = problem = deepcopy(_PROBLEM_SCHEMA)
    codes = error_classes()
    problem["properties"]["code"]["x-extensible-enum"] = list(codes)
    problem["description"] = _explain(problem["description"], codes)
    for path, operation in _operations(result):
        for status in _statuses(path, operation):
            operation["responses"].setdefault(
                str(status),
                {"description": _description(status), "content": {CONTENT_TYPE: {"schema": _PROBLEM}}},
            )
        operation["responses"] = dict(sorted(operation["responses"].items()))
    return result


def _operations(result: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in result.get("paths", {}).items():
        for method, operation in methods.items():
            if method in _METHODS:
                yield path, operation


def _statuses(path: str, operation: Mapping[str, Any]) -> list[int]:
    statuses = list(_EVERYWHERE)
    places = {parameter.get("in") for parameter in operation.get("parameters", ())}
    if "query" in places or "requestBody" in operation:
        statuses.append(400)
    if "{" in path:
        statuses.append(404)
    if "requestBody" in operation:
        statuses += [413, 415, 422]
    return statuses


def _by_status(status: int) -> type[AppError] | None:
    return next((found for found in AppError.__subclasses__() if found.status == status), None)


def _description(status: int) -> str:
    found = _by_status(status)
    return f"{found.title}." if found else "A problem."


def _explain(text: str, codes: Mapping[str, type[AppError]]) -> str:
    rows = "\n".join(f"| `{code}` | {found.status} | {found.title} |" for code, found in codes.items())
    return f"{text}\n\n| code | status | meaning |\n|---|---|---|\n{rows}"
