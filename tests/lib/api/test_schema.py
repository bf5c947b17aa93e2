"""The description of the API: problems everywhere, named enumerations, page envelopes, valid OpenAPI 3.1."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest
from django.urls import path
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings
from drf_spectacular.utils import extend_schema
from openapi_spec_validator import OpenAPIV31SpecValidator
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.lib.api.money import DecimalString, MoneyField
from config.lib.api.query import PageQuery, SortField
from config.lib.api.schema import EnumField, page_of, problems
from config.lib.errors import error_classes


class Colour(StrEnum):
    """What colour it has."""

    RED = "red"
    GREEN = "green"


class _ThingQuery(PageQuery):
    sort = SortField({"name": "name"})


class ThingSerializer(serializers.Serializer[Any]):
    """A thing that is sold."""

    colour = EnumField(Colour)
    price = MoneyField()
    cost = MoneyField(allow_null=True)
    share = DecimalString()


class _Things(APIView):
    @extend_schema(
        operation_id="thing_list", parameters=[_ThingQuery], responses={200: page_of(ThingSerializer)}
    )
    def get(self, request: Request) -> Response:
        """List the things."""
        return Response()

    @extend_schema(
        operation_id="thing_create",
        request=ThingSerializer,
        responses={201: ThingSerializer, **problems(404, 409)},
    )
    def post(self, request: Request) -> Response:
        """Make a thing."""
        return Response()


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The description of two operations, generated as the product's is."""
    GENERATOR_STATS.reset()
    patches = {
        "OAS_VERSION": "3.1.1",
        "COMPONENT_SPLIT_REQUEST": True,
        "APPEND_COMPONENTS": {},
        "SECURITY": [],
        "POSTPROCESSING_HOOKS": [
            "drf_spectacular.hooks.postprocess_schema_enums",
            "config.lib.api.schema.add_problems",
        ],
    }
    with patched_settings(patches):
        patterns = [path("api/v1/clients/<slug:client>/things", _Things.as_view())]
        generator = SchemaGenerator(patterns=patterns)  # type: ignore[no-untyped-call]
        found: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    assert not GENERATOR_STATS
    return found


def test_the_description_is_valid_openapi(schema: dict[str, Any]) -> None:
    """The validator of the specification finds nothing, and the generator warned of nothing."""
    OpenAPIV31SpecValidator(schema).validate()


def test_every_operation_tells_its_problems(schema: dict[str, Any]) -> None:
    """Those of every endpoint, of its parameters and of its body; all are Problem."""
    operations = schema["paths"]["/api/v1/clients/{client}/things"]
    always = {"401", "403", "406", "429", "500", "503"}
    assert set(operations["get"]["responses"]) == always | {"200", "400", "404"}
    assert set(operations["post"]["responses"]) == always | {"201", "400", "404", "409", "413", "415", "422"}
    for operation in operations.values():
        for status, response in operation["responses"].items():
            if status >= "400":
                assert response["content"] == {
                    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                }
                assert response["description"]


def test_every_code_is_listed(schema: dict[str, Any]) -> None:
    """Programs can find all codes in one place; the list is open to new ones."""
    problem = schema["components"]["schemas"]["Problem"]
    assert problem["properties"]["code"]["x-extensible-enum"] == list(error_classes())
    for code, cls in error_classes().items():
        assert f"| `{code}` | {cls.status} |" in problem["description"]
    assert problem["properties"]["errors"]["items"] == {"$ref": "#/components/schemas/ProblemError"}


def test_money_enumerations_and_pages_have_names(schema: dict[str, Any]) -> None:
    """Components that generated clients can use: Money, Colour, ThingPage."""
    components = schema["components"]["schemas"]
    assert components["Colour"]["enum"] == ["red", "green"]
    assert components["Money"]["required"] == ["amount", "currency"]
    thing = components["Thing"]["properties"]
    assert thing["price"] == {"$ref": "#/components/schemas/Money"}
    assert thing["colour"] == {"$ref": "#/components/schemas/Colour"}
    assert thing["share"]["type"] == "string"
    page = components["ThingPage"]["properties"]
    assert page["data"] == {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
    assert "number" not in repr(schema)


def test_query_parameters_are_described(schema: dict[str, Any]) -> None:
    """Each with its limits and a word about it."""
    listed = schema["paths"]["/api/v1/clients/{client}/things"]["get"]["parameters"]
    query = {each["name"]: each for each in listed if each["in"] == "query"}
    assert set(query) == {"limit", "cursor", "count", "sort"}
    assert query["limit"]["schema"]["maximum"] == 200
    assert all(each["description"] for each in query.values())


def test_enumerations_are_read_as_members() -> None:
    """In and out by value; anything else is a fault."""
    field = EnumField(Colour)
    assert field.to_internal_value("red") is Colour.RED
    assert field.to_representation(Colour.GREEN) == field.to_representation("green") == "green"
    with pytest.raises(serializers.ValidationError):
        field.to_internal_value("blue")
