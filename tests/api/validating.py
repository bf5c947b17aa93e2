"""A test client that checks every answer against the API description, so that the two cannot drift apart.

Use the fixtures of tests/api/conftest.py; all API tests, of every app, go through this client.
"""

from __future__ import annotations

import functools
import re
from typing import Any
from uuid import uuid4

import orjson
from django.urls import Resolver404, resolve
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from rest_framework.test import APIClient

API = "/api/v1/"
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@functools.cache
def document() -> dict[str, Any]:
    """The API description as the generator makes it now."""
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    loaded: dict[str, Any] = orjson.loads(OpenApiJsonRenderer().render(schema, renderer_context={}))
    return loaded


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """What a node of the document says, behind its reference if it is one."""
    while "$ref" in node:
        found: Any = document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


@functools.cache
def _registry() -> Registry[Any]:
    registry: Registry[Any] = Registry()
    described: Registry[Any] = registry.with_resource("urn:api", DRAFT202012.create_resource(document()))
    return described


@functools.cache
def validator(pointer: str) -> Draft202012Validator:
    """A validator of the schema at this place of the document, `#/…`."""
    return Draft202012Validator(
        {"$ref": f"urn:api{pointer}"},
        registry=_registry(),
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


def templated(route: str) -> str:
    """Django's route as OpenAPI writes it: clients/<slug:client> is clients/{client}."""
    return "/" + _PARAMETER.sub(r"{\1}", route)


def check(url: str, method: str, response: Any, *, is_sparse: bool = False) -> None:
    """Assert that a response is one that the description promises; of sparse rows members may be missing."""
    try:
        path = templated(resolve(url).route)
    except Resolver404:
        return
    if not path.startswith(API):
        return
    operations = document()["paths"].get(path)
    assert operations is not None, f"{path} is not described"
    if response.status_code == 405 or method == "OPTIONS":
        return
    operation = operations.get(method.lower() if method != "HEAD" else "get")
    assert operation is not None, f"{method} {path} is not described"
    name = operation["operationId"]
    responses = operation["responses"]
    status = str(response.status_code)
    assert status in responses, f"{name} may not answer {status}: {response.content!r}"
    described = resolved(responses[status])
    assert response.has_header("X-Request-ID")
    if response.status_code >= 500:
        return
    assert response.has_header("RateLimit"), f"{name} tells no limits"
    assert response.has_header("RateLimit-Policy")
    if response.status_code in (204, 304) or method == "HEAD":
        assert response.content == b""
        return
    media = response["Content-Type"].partition(";")[0]
    content = described.get("content", {})
    assert media in content, f"{name} {response.status_code} answers {media}, described are {list(content)}"
    if not media.endswith("json"):
        return
    place = responses[status].get("$ref", "").removeprefix("#") or "/paths/{}/{}/responses/{}".format(
        path.replace("/", "~1").replace("{", "%7B").replace("}", "%7D"), method.lower(), status
    )
    pointer = f"{place}/content/{media.replace('/', '~1').replace('+', '%2B')}/schema"
    body = orjson.loads(response.content)
    faults = [
        f"{error.json_path}: {error.message}"
        for error in validator(f"#{pointer}").iter_errors(body)
        if not (is_sparse and error.validator == "required" and error.json_path.startswith("$.data["))
    ]
    assert not faults, f"{name} {response.status_code}: " + "; ".join(faults)
    _refuse_floats(body, name)


def _refuse_floats(value: Any, name: str) -> None:
    assert not isinstance(value, float), f"{name} answers a float: {value!r}"
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _refuse_floats(each, name)


class ValidatingClient(APIClient):
    """Django's test client with JSON bodies, an Idempotency-Key on every POST, and checked answers."""

    def post(  # type: ignore[override]
        self, path: str, data: Any = None, format: str | None = "json", **extra: Any
    ) -> Any:
        """POST with a new Idempotency-Key, unless the test gives its own (or None for none)."""
        headers = {"Idempotency-Key": str(uuid4()), **(extra.pop("headers", None) or {})}
        sent = {name: value for name, value in headers.items() if value is not None}
        return super().post(path, data, format=format, headers=sent, **extra)

    def request(self, **request: Any) -> Any:
        """Send, then check the answer."""
        response = super().request(**request)
        is_sparse = "fields=" in request.get("QUERY_STRING", "")
        check(request["PATH_INFO"], request.get("REQUEST_METHOD", "GET"), response, is_sparse=is_sparse)
        return response
