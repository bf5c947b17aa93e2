"""Where Amazon's own material is found, and how its models judge what we send."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from connectors.engine.protocol import Request

NO_SAMPLES = "VENDOR_SAMPLES names no folder of third-party samples"


def samples(*parts: str) -> Path:
    """A file or folder of the samples; the test is skipped, or fails where they are required."""
    root = os.environ.get("VENDOR_SAMPLES", "")
    path = Path(root, *parts)
    if root and path.exists():
        return path
    reason = NO_SAMPLES if not root else f"the samples have no {'/'.join(parts)}"
    if os.environ.get("VENDOR_REQUIRED") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@cache
def model(name: str) -> dict[str, Any]:
    """One of Amazon's Swagger models."""
    found: dict[str, Any] = json.loads(samples("amazon-spapi", "models", f"{name}.json").read_text())
    return found


def static_examples(name: str, path_part: str) -> Iterator[tuple[str, Any]]:
    """Every static sandbox answer of a model's operations with status 2xx: (where, body)."""

    def walk(node: Any, where: str) -> Iterator[tuple[str, Any]]:
        if isinstance(node, dict):
            sandbox = node.get("x-amzn-api-sandbox")
            for number, case in enumerate((sandbox or {}).get("static", [])):
                yield f"{where}#{number}", case["response"]
            for key, value in node.items():
                if key != "x-amzn-api-sandbox":
                    yield from walk(value, f"{where}/{key}")

    for path, operations in model(name)["paths"].items():
        if path_part in path:
            for method in ("get", "post"):
                for status, answer in operations.get(method, {}).get("responses", {}).items():
                    if status.startswith("2"):
                        yield from walk(answer, f"{method} {path} {status}")


def cassette(name: str) -> list[dict[str, Any]]:
    """The recorded exchanges of a VCR cassette: method, uri, status, headers (lower case), body."""
    file = samples("amazon-spapi", "recorded-http-peddler", f"{name}.yml")
    exchanges = []
    for record in yaml.safe_load(file.read_text())["http_interactions"]:
        response = record["response"]
        body = response["body"]
        data = base64.b64decode(body["base64_string"]) if "base64_string" in body else body["string"].encode()
        exchanges.append(
            {
                "method": record["request"]["method"],
                "uri": record["request"]["uri"],
                "status": response["status"]["code"],
                "headers": {key.lower(): values[0] for key, values in response["headers"].items()},
                "body": data,
            }
        )
    return exchanges


def check_request(request: Request, method: str, path: str, models: Mapping[str, str]) -> None:
    """Judge a request by the Swagger operation of its id: method, path, parameters, enumerations, body.

    `models` maps operation ids to the model that has them.
    """
    name = models[request.operation]
    where, operation = _operation(model(name), request.operation)
    assert f"{method} {path}" == where, f"{request.operation}: {method} {path} is not {where}"
    parameters = {(item["in"], item["name"]): item for item in operation.get("parameters", [])}
    for (place, key), item in parameters.items():
        given: Mapping[str, Any] = {"path": request.path, "query": request.query}.get(place, {})
        if place == "body":
            assert request.json is not None
            schema = {**item["schema"], "definitions": model(name)["definitions"]}
            jsonschema.Draft4Validator(schema).validate(request.json)
        elif item.get("required"):
            assert key in given, f"{request.operation} lacks {place} parameter {key}"
    for key, text in request.query.items():
        assert ("query", key) in parameters, f"{request.operation} has no parameter {key}"
        _check_value(request.operation, parameters["query", key], text)
    for key in request.path:
        assert ("path", key) in parameters, f"{request.operation} has no path parameter {key}"


def _operation(swagger: Mapping[str, Any], operation_id: str) -> tuple[str, dict[str, Any]]:
    for path, operations in swagger["paths"].items():
        for method in ("get", "post", "put", "patch", "delete"):
            if operations.get(method, {}).get("operationId") == operation_id:
                return f"{method.upper()} {path}", operations[method]
    raise AssertionError(f"no operation {operation_id}")


def _check_value(operation: str, parameter: Mapping[str, Any], text: str) -> None:
    name = f"{operation}.{parameter['name']}"
    kind = parameter["type"]
    if kind == "array":
        values = text.split(",")
        assert len(values) <= parameter.get("maxItems", len(values)), f"{name} has too many items"
        allowed = parameter["items"].get("enum")
    else:
        values, allowed = [text], parameter.get("enum")
    for value in values:
        assert allowed is None or value in allowed, f"{name}: {value!r} is not one of {allowed}"
        if parameter.get("format") == "date-time":
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value) or datetime.fromisoformat(value), (
                name
            )
        if kind == "integer":
            assert parameter.get("minimum", 0) <= int(value) <= parameter.get("maximum", 100), name
        if kind == "boolean":
            assert value in ("true", "false"), name
