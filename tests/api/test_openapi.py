"""The API description: valid, complete, without guesses, and the one that is committed."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from openapi_spec_validator import OpenAPIV31SpecValidator

from tenants.management.commands import openapi
from tests.api.access.routes import api_routes
from tests.api.validating import document, resolved, templated, validator

METHODS = ("get", "post", "put", "patch", "delete")
# POSTs that only read what a query string could not hold: nothing is written, so they need no key.
READING_POSTS = {
    "cost-sheets/preview",
    "dashboards/read",
    "diagnostics",
    "fee-changes:preview",
    "formulas/preview",
    "fx-changes:preview",
    "price-wars",
    "rule-verifications",
    "stores/{store_id}/targets/validate",
    "uploads:preview",
}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation as (path, method, description)."""
    for path, methods in document()["paths"].items():
        for method in METHODS:
            if method in methods:
                yield path, method, methods[method]


def schemas(node: Any) -> Iterator[dict[str, Any]]:
    """Every object anywhere in the document, schemas among them."""
    if isinstance(node, dict):
        yield node
        for each in node.values():
            yield from schemas(each)
    elif isinstance(node, list):
        for each in node:
            yield from schemas(each)


def test_it_is_valid_openapi_3_1() -> None:
    """The document is OpenAPI 3.1, by the specification's own rules."""
    assert document()["openapi"].startswith("3.1")
    assert [error.message for error in OpenAPIV31SpecValidator(document()).iter_errors()] == []


def test_the_generator_has_no_doubts() -> None:
    """spectacular --fail-on-warn --validate: nothing was guessed."""
    openapi.description()
    assert not GENERATOR_STATS


def test_the_committed_file_is_fresh() -> None:
    """docs/openapi.yaml is what the code describes; if not: python manage.py openapi."""
    # In a process of its own: tests define errors too, and their codes are not the product's.
    root = openapi.FILE.parents[1]
    command = [sys.executable, "manage.py", "openapi", "--check"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_route_is_described_and_nothing_else() -> None:
    """Routes and paths are the same set, with the same methods."""
    served = {
        (templated(route.route), method.lower())
        for route in api_routes()
        for method in route.view.capabilities
    }
    assert {(path, method) for path, method, _ in operations()} == served


def test_operation_ids_are_unique_and_snake_case() -> None:
    """Generated clients name their functions by them."""
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(ids) == len(set(ids))
    assert [name for name in ids if not re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", name)] == []


def test_operations_are_explained() -> None:
    """Each says in words what it does, belongs to a group, and names its ways to authenticate."""
    for path, method, operation in operations():
        assert operation.get("description"), (path, method)
        assert 0 < len(operation.get("summary", "")) <= 200, (path, method, operation.get("summary"))
        assert operation.get("tags"), (path, method)
        assert {next(iter(way)) for way in operation["security"]} == {
            "apiKey",
            "accessToken",
            "sessionToken",
            "sessionCookie",
        }


def test_no_money_or_other_number_is_a_float() -> None:
    """JSON numbers are whole; amounts and rates are decimal strings."""
    floats = [node for node in schemas(document()) if node.get("type") == "number"]
    assert floats == []


def test_enumerations_are_named() -> None:
    """An enumeration has a name of its own, so that clients generate one type for it, not one per use."""
    unnamed = [
        (path, parameter["name"])
        for path, _, operation in operations()
        for parameter in map(resolved, operation.get("parameters", ()))
        if "enum" in parameter["schema"] and parameter["in"] == "path"
    ]
    assert unnamed == []
    doubtful = [name for name in document()["components"]["schemas"] if re.search(r"[0-9a-f]{3}Enum$", name)]
    assert doubtful == []


def test_paths_and_members_are_spelt_alike() -> None:
    """Paths are kebab-case (and `:batch`-like actions), JSON members snake_case."""
    for path, _, _ in operations():
        for part in path.split("/"):
            assert re.fullmatch(r"(\{\w+\}|[a-z0-9-]*)(:[a-z]+)?", part), path
    for node in schemas(document()["components"]["schemas"]):
        properties = node.get("properties")
        for name in properties if isinstance(properties, dict) else ():
            assert re.fullmatch(r"[a-z][a-z0-9_]*", name), name


@pytest.mark.parametrize("status", ["401", "403", "429"])
def test_refusals_are_described_as_problems(status: str) -> None:
    """Any operation may refuse; it then answers a problem."""
    for path, method, operation in operations():
        content = resolved(operation["responses"][status])["content"]
        assert content["application/problem+json"]["schema"]["$ref"].endswith("/Problem"), (path, method)


def _keyless(path: str) -> bool:
    """Does the view of a path say that its POST needs no key?"""
    view = next(route.view for route in api_routes() if templated(route.route) == path)
    return "POST" not in view.idempotent_methods


def test_posts_take_an_idempotency_key_and_patches_if_match() -> None:
    """What the edge demands is demanded in the description; POSTs without a key are the agreed ones, which
    read and write nothing."""
    keyless = set()
    for path, method, operation in operations():
        parameters = [resolved(each) for each in operation["parameters"]]
        demanded = {each["name"] for each in parameters if each.get("required")}
        if method == "post" and _keyless(path):
            keyless.add(path)
            assert operation["responses"].keys() & {"201", "202", "204"} == set(), path
        assert ("Idempotency-Key" in demanded) == (method == "post" and path not in keyless), path
        assert ("If-Match" in demanded) >= (method in ("patch", "put")), path
    assert {path.removeprefix("/api/v1/clients/{client}/") for path in keyless} == READING_POSTS


def test_the_document_is_served(client: Any) -> None:
    """/api/schema answers the document without a login, in YAML and in JSON."""
    assert client.get("/api/schema").content == openapi.description()
    assert client.get("/api/schema?format=json").json()["paths"].keys() == document()["paths"].keys()


def test_the_readers_need_no_other_server(client: Any) -> None:
    """Swagger UI and Redoc load nothing from elsewhere."""
    for path in ("/api/docs", "/api/redoc"):
        page = client.get(path)
        assert page.status_code == 200
        assert not re.search(rb'(src|href)="(https?:)?//', page.content)


def examples() -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Every example of a body: whose it is, the schema it stands for, its value."""
    for path, method, operation in operations():
        bodies = [("request", operation.get("requestBody", {}))]
        bodies += [(status, resolved(each)) for status, each in operation["responses"].items()]
        for whose, body in bodies:
            for content in body.get("content", {}).values():
                for example in content.get("examples", {}).values():
                    yield f"{method} {path} {whose}", content["schema"], example["value"]


def test_examples_are_what_they_exemplify() -> None:
    """An example that its own schema refuses would mislead; there are some."""
    found = list(examples())
    assert len(found) > 15
    for whose, schema, value in found:
        if "$ref" in schema:
            faults = [error.message for error in validator(schema["$ref"]).iter_errors(value)]
            assert faults == [], whose
