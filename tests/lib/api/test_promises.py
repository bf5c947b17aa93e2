"""The gate on the API description: what grows passes, what takes away or newly demands is named."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from config.lib.api.promises import broken, promises

Change = Callable[[dict[str, Any]], object]
DOCUMENT: dict[str, Any] = {
    "paths": {
        "/things": {
            "get": {
                "operationId": "list_things",
                "security": [{"apiKey": []}, {"session": []}],
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer"}},
                    {"$ref": "#/components/parameters/State"},
                ],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
                            }
                        }
                    },
                    "404": {},
                },
            },
            "post": {
                "operationId": "make_thing",
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ThingRequest"}}}
                },
                "responses": {"201": {}},
            },
        }
    },
    "components": {
        "parameters": {
            "State": {"name": "state", "in": "query", "schema": {"$ref": "#/components/schemas/State"}}
        },
        "schemas": {
            "State": {"type": "string", "enum": ["open", "shut"]},
            "Thing": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "integer"},
                    "state": {"allOf": [{"$ref": "#/components/schemas/State"}]},
                    "parent": {"$ref": "#/components/schemas/Thing"},
                    "prices": {"type": "object", "additionalProperties": {"type": "string"}},
                },
            },
            "ThingRequest": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string"}, "size": {"type": "integer"}},
            },
        },
    },
}


def changed(change: Change) -> list[str]:
    """What a change of the document breaks."""
    after = deepcopy(DOCUMENT)
    change(after)
    return broken(promises(DOCUMENT), promises(after))


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A component of a document."""
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


def operation(document: dict[str, Any], method: str) -> dict[str, Any]:
    """An operation of a document."""
    found: dict[str, Any] = document["paths"]["/things"][method]
    return found


BREAKING: dict[str, tuple[Change, str]] = {
    "a path goes": (lambda d: d["paths"].pop("/things"), "gone: list_things: GET /things"),
    "a method goes": (lambda d: d["paths"]["/things"].pop("post"), "gone: make_thing: POST /things"),
    "a function of generated clients is renamed": (
        lambda d: operation(d, "get").update(operationId="all_things"),
        "gone: list_things: GET /things",
    ),
    "a way to log in goes": (
        lambda d: operation(d, "get")["security"].pop(),
        "gone: list_things accepts: session",
    ),
    "a parameter goes": (
        lambda d: operation(d, "get")["parameters"].pop(0),
        "gone: list_things query limit: integer",
    ),
    "a parameter becomes required": (
        lambda d: operation(d, "get")["parameters"][0].update(required=True),
        "newly demanded: list_things needs query limit",
    ),
    "a new parameter is required": (
        lambda d: operation(d, "get")["parameters"].append(
            {"name": "day", "in": "query", "required": True, "schema": {"type": "string"}}
        ),
        "newly demanded: list_things needs query day",
    ),
    "a body becomes required": (
        lambda d: operation(d, "post")["requestBody"].update(required=True),
        "newly demanded: make_thing needs body",
    ),
    "a member sent becomes required": (
        lambda d: schema(d, "ThingRequest")["required"].append("size"),
        "newly demanded: ThingRequest sent needs size",
    ),
    "a member sent is refused": (
        lambda d: schema(d, "ThingRequest")["properties"].pop("size"),
        "gone: ThingRequest sent.size: integer",
    ),
    "a value is no longer accepted": (
        lambda d: schema(d, "State")["enum"].remove("shut"),
        "gone: State sent = shut",
    ),
    "a status of success goes": (
        lambda d: operation(d, "post").update(responses={"202": {}}),
        "gone: make_thing answers: 201",
    ),
    "a member of answers goes": (
        lambda d: schema(d, "Thing")["properties"].pop("parent"),
        "gone: Thing.parent: Thing",
    ),
    "a member of answers may be missing": (
        lambda d: schema(d, "Thing")["required"].remove("id"),
        "gone: Thing always id",
    ),
    "a member changes its type": (
        lambda d: schema(d, "Thing")["properties"]["id"].update(type="string"),
        "gone: Thing.id: integer",
    ),
    "a member may be null": (
        lambda d: schema(d, "Thing")["properties"]["id"].update(type=["integer", "null"]),
        "gone: Thing.id: integer",
    ),
    "the values of a mapping change": (
        lambda d: schema(d, "Thing")["properties"]["prices"].update(additionalProperties={"type": "integer"}),
        "gone: Thing.prices{}: string",
    ),
}
GROWING: dict[str, Change] = {
    "nothing": lambda d: None,
    "a new path": lambda d: d["paths"].update({"/others": {"get": {"operationId": "o", "responses": {}}}}),
    "a new way to log in": lambda d: operation(d, "get")["security"].append({"token": []}),
    "a new optional parameter": lambda d: operation(d, "get")["parameters"].append(
        {"name": "day", "in": "query", "schema": {"type": "string"}}
    ),
    "a new optional member with demands of its own": lambda d: schema(d, "ThingRequest")["properties"].update(
        box={"type": "object", "required": ["width"], "properties": {"width": {"type": "integer"}}}
    ),
    "a demand falls away": lambda d: schema(d, "ThingRequest").update(required=[]),
    "a new member of answers": lambda d: schema(d, "Thing")["properties"].update(new={"type": "string"}),
    "a member of answers is always there": lambda d: schema(d, "Thing")["required"].append("state"),
    "a new value": lambda d: schema(d, "State")["enum"].append("lost"),
    "another problem": lambda d: operation(d, "get")["responses"].update({"409": {}}),
    "other words": lambda d: schema(d, "Thing").update(description="Other words."),
}


@pytest.mark.parametrize(("change", "fault"), BREAKING.values(), ids=BREAKING)
def test_what_breaks_callers_is_named(change: Change, fault: str) -> None:
    """The promise or the demand stands in the report."""
    assert fault in changed(change)


@pytest.mark.parametrize("change", GROWING.values(), ids=GROWING)
def test_what_only_grows_passes(change: Change) -> None:
    """Old callers notice nothing."""
    assert changed(change) == []
